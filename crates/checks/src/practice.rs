//! The numbered Lambda security practices that checks belong to: twelve well-known ones, and one
//! for everything else.

/// The practices, in the order of their numbers from 1: the name and the question of each.
pub const PRACTICES: [(&str, &str); 13] = [
    (
        "execution roles",
        "Can a function do no more than it needs, and can nobody else use its role?",
    ),
    (
        "environment encryption",
        "Is the environment encrypted with a key that you control?",
    ),
    (
        "network",
        "Can a function reach, and be reached from, only what it has to?",
    ),
    (
        "function URLs",
        "Does every function URL authenticate its callers?",
    ),
    (
        "resource policies",
        "Can only the intended callers invoke a function or use a layer?",
    ),
    (
        "layers",
        "Does the code of layers come from trusted sources?",
    ),
    ("code signing", "Does a function run only signed code?"),
    ("concurrency", "Can one function use up what others need?"),
    ("failure destinations", "Are failed events kept?"),
    ("runtimes", "Does AWS still patch the runtime?"),
    (
        "secrets",
        "Are secrets kept where only those who need them can read them?",
    ),
    (
        "SnapStart",
        "Is the content of a snapshot safe to be reused?",
    ),
    (
        "other",
        "What else puts a function at risk, or leaves nobody in charge of it?",
    ),
];

/// The name of a practice. Numbers above thirteen are available for custom practices, which have no
/// name here.
pub fn practice(number: u8) -> Option<&'static str> {
    PRACTICES
        .get(usize::from(number).checked_sub(1)?)
        .map(|(name, _)| *name)
}
