//! Spelling suggestions.

use lambdasweep_model::edits;

/// The maximum length of a name that is compared, in characters.
const LONGEST_NAME: usize = 80;

/// The most similar of some names, if any is similar: one with nearly the same spelling, else the
/// one that has the most words between dashes and underscores in common.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.collect();
    // A typing error is more likely than another name with a common word.
    lambdasweep_model::nearest(name, known.iter().copied())
        .or_else(|| with_shared_words(name, &known))
}

fn with_shared_words<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let words = |text: &str| {
        text.split(['-', '_'])
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mine = words(&name);
    let shared = |other: &str| {
        let words = words(other).into_iter();
        words
            .filter(|word| !word.is_empty() && mine.contains(word))
            .count()
    };
    let similar = known.iter().filter(|other| shared(other) > 0);
    similar
        .min_by_key(|other| (usize::MAX - shared(other), edits(&name, other), **other))
        .copied()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        let known = [
            "policy-public",
            "runtime-deprecated",
            "env-secret",
            "env-secrets-old",
        ];
        for (asked, near) in [
            ("policy-pubic", Some("policy-public")),
            ("runtimedeprecated", Some("runtime-deprecated")),
            ("runtime-old", Some("runtime-deprecated")),
            ("env-secrets", Some("env-secret")),
            ("mars", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(nearest(asked, known.into_iter()), near, "{asked}");
        }
    }
}
