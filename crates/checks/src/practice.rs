//! The Lambda security practices by which checks are numbered.

/// The practices, in the order of their numbers from 1: what each is called, and what it asks.
pub const PRACTICES: [(&str, &str); 12] = [
    (
        "execution roles",
        "May a function do no more than it needs, and can nobody else use its role?",
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
        "Does every address that calls a function ask who calls?",
    ),
    (
        "resource policies",
        "Can only those invoke a function, or use a layer, who are meant to?",
    ),
    (
        "layers",
        "Does the code of layers come from whom you trust?",
    ),
    (
        "code signing",
        "Does a function run only code that somebody signed?",
    ),
    ("concurrency", "Can one function use up what others need?"),
    ("failure destinations", "Is an event that fails kept?"),
    ("runtimes", "Does AWS still mend the runtime?"),
    (
        "secrets",
        "Are secrets kept where only those who need them can read them?",
    ),
    (
        "SnapStart",
        "Is what a snapshot holds safe to be used many times?",
    ),
];

/// What a practice is called. Numbers above the twelve are free for practices of your own, which
/// have no name here.
pub fn practice(number: u8) -> Option<&'static str> {
    PRACTICES
        .get(usize::from(number).checked_sub(1)?)
        .map(|(name, _)| *name)
}
