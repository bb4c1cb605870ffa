//! Spelling advice: which known name a word was probably meant for.

/// The longest word that is compared, in bytes: the names that people mistype are shorter.
const LONGEST_WORD: usize = 64;

/// The most edits between a word and what it was meant for. With three, short names turn into each
/// other.
const MOST_EDITS: usize = 2;

/// How many letters a name has to have for each edit.
const LETTERS_AN_EDIT: usize = 3;

/// The known name that a word was probably meant for, if one is near: at most two edits away and
/// one for every three letters. Capitals do not count, and of two equally near names the first in
/// alphabetical order is taken.
pub fn nearest<'n>(word: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if word.len() > LONGEST_WORD {
        return None;
    }
    let word = word.to_ascii_lowercase();
    // A difference in length is that many edits at least, and much quicker to find.
    let similar = known
        .into_iter()
        .filter(|name| name.len().abs_diff(word.len()) <= MOST_EDITS);
    let distances = similar.map(|name| (edits(&word, &name.to_ascii_lowercase()), name));
    distances
        .filter(|(edits, name)| *edits <= MOST_EDITS && *edits * LETTERS_AN_EDIT <= name.len())
        .min()
        .map(|(_, name)| name)
}

/// How many edits lead from one word to another: a letter more, less or exchanged, or two
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
            // One edit in three letters is allowed, two are another word.
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
