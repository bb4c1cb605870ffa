//! Spelling suggestions: the known name that was probably meant.

/// The maximum length of a word that is compared, in bytes: names that people mistype are shorter.
const LONGEST_WORD: usize = 64;

/// The maximum number of edits between a word and the name that was meant. With three, short names
/// would match each other.
const MOST_EDITS: usize = 2;

/// How many letters a name must have for each edit.
const LETTERS_AN_EDIT: usize = 3;

/// The known name that was probably meant, if one is near: at most two edits away, and at most one
/// for every three letters. Case is ignored, and of two equally near names the alphabetically first
/// is taken.
pub fn nearest<'n>(word: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let word = word.to_ascii_lowercase();
    // A difference in length needs at least as many edits, and is much faster to compute.
    let similar = known
        .into_iter()
        .filter(|name| name.len().abs_diff(word.len()) <= MOST_EDITS);
    let distances = similar.map(|name| (edits(&word, &name.to_ascii_lowercase()), name));
    distances
        .filter(|(edits, name)| *edits <= MOST_EDITS && *edits * LETTERS_AN_EDIT <= name.len())
        .min()
        .map(|(_, name)| name)
}

/// The number of edits between two words: a letter inserted, deleted or replaced, or two
/// neighbouring letters swapped (optimal string alignment).
pub fn edits(one: &str, other: &str) -> usize {
    strsim::osa_distance(one, other)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_what_was_probably_meant() {
        let regions = ["us-east-1", "us-west-2", "eu-west-1"];
        let members = ["Sid", "Effect", "Principal", "Action", "Resource"];
        for (known, word, expected) in [
            (&regions[..], "us-esat-1", Some("us-east-1")),
            (&regions, "US-EAST-1", Some("us-east-1")),
            (&regions, "mars-north-9", None),
            (&regions, "", None),
            (&members, "Resources", Some("Resource")),
            (&members, "Actoin", Some("Action")),
            // One edit in three letters is allowed; with two it is another word.
            (&members, "Sit", Some("Sid")),
            (&members, "Sat", None),
            (&members, &"a".repeat(100), None),
        ] {
            assert_eq!(nearest(word, known.iter().copied()), expected, "{word}");
        }
    }

    #[test]
    fn the_order_of_the_names_does_not_matter() {
        for known in [["env-a", "env-b"], ["env-b", "env-a"]] {
            assert_eq!(nearest("env-c", known), Some("env-a"));
        }
    }
}
