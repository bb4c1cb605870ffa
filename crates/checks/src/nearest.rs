//! Spelling advice.

/// The most similar of some names, where one is similar at all: few letters differ, or words
/// between dashes and underscores are the same.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name: String = name.chars().take(80).collect();
    let words = |text: &str| {
        text.split(['-', '_'])
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mine = words(&name);
    known
        .filter_map(|other| {
            let distance = distance(&name, other);
            let shared = words(other)
                .into_iter()
                .filter(|word| !word.is_empty() && mine.contains(word))
                .count();
            let letters = distance <= 1 + name.chars().count() / 4;
            // Few letters are a slip of the fingers, which is likelier than another name with a
            // word in common.
            let rank = if letters {
                (0, distance, 0)
            } else {
                (1, usize::MAX - shared, distance)
            };
            (letters || shared > 0).then_some((rank, other))
        })
        .min()
        .map(|(_, other)| other)
}

/// The Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut left_above = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (left_above + usize::from(x != *y))
                .min(above + 1)
                .min(row[j] + 1);
            left_above = above;
        }
    }
    row[b.len()]
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
