//! How two patterns relate: whether one covers the other, and whether any text matches both. Every
//! answer errs towards *grants more*.

use std::borrow::Cow;

/// Longer pairs of wildcard patterns are taken to overlap without a look, so that no policy takes
/// unbounded time.
const LONGEST: usize = 1 << 16;

/// Whether every text that `narrow` matches is matched by `wide` too. May miss it where
/// `?` and `*` are side by side.
pub(crate) fn covers(wide: &str, narrow: &str) -> bool {
    let (wide, narrow) = (wide.as_bytes(), narrow.as_bytes());
    let (mut at, mut from) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while from < narrow.len() {
        match wide.get(at) {
            Some(b'*') => {
                star = Some((at + 1, from));
                at += 1;
            }
            // The narrow one's `*` stands for any run of characters: only a `*` of the wide one
            // takes it.
            Some(b'?') if narrow[from] != b'*' => {
                (at, from) = (at + 1, from + 1);
                // A character, however many bytes it has.
                while narrow.get(from).is_some_and(|byte| byte & 0xc0 == 0x80) {
                    from += 1;
                }
            }
            Some(&byte) if byte == narrow[from] && byte != b'?' => (at, from) = (at + 1, from + 1),
            _ => match star {
                Some((after, taken)) => {
                    (at, from) = (after, taken + 1);
                    star = Some((after, taken + 1));
                }
                None => return false,
            },
        }
    }
    wide[at..].iter().all(|&byte| byte == b'*')
}

/// Whether some text matches both patterns.
pub(crate) fn overlaps(one: &str, other: &str) -> bool {
    meets(one, other, true)
}

/// Whether a pattern of resources matches some resource of a kind, which is a pattern whose
/// wildcards stand for texts without a colon.
pub(crate) fn reaches(pattern: &str, kind: &str) -> bool {
    meets(pattern, kind, false)
}

fn meets(one: &str, other: &str, over_colons: bool) -> bool {
    if one == "*" {
        return true;
    }
    if !is_pattern(one) {
        return covers(other, one);
    }
    if !is_pattern(other) {
        return covers(one, other);
    }
    let (first, second) = (one.as_bytes(), other.as_bytes());
    if !meet(literal(first.iter()), literal(second.iter()))
        || !meet(literal(first.iter().rev()), literal(second.iter().rev()))
    {
        return false;
    }
    let (ones, others) = (one.chars().count(), other.chars().count());
    if ones.saturating_mul(others) > LONGEST {
        return true;
    }
    if one.is_ascii() && other.is_ascii() && others <= FOUR_WORDS {
        return if others <= WORD {
            both_match::<1>(first, second, over_colons)
        } else if others <= TWO_WORDS {
            both_match::<2>(first, second, over_colons)
        } else {
            both_match::<4>(first, second, over_colons)
        };
    }
    slowly_both_match(
        &one.chars().collect::<Vec<_>>(),
        &other.chars().collect::<Vec<_>>(),
        over_colons,
    )
}

/// How many characters of a pattern fit into a word, beside the place before the first.
const WORD: usize = u64::BITS as usize - 1;
const TWO_WORDS: usize = 2 * u64::BITS as usize - 1;
const FOUR_WORDS: usize = 4 * u64::BITS as usize - 1;

/// Whether some text matches both of two ASCII patterns: [`slowly_both_match`], a row of its table
/// in a few words.
fn both_match<const WORDS: usize>(one: &[u8], other: &[u8], over_colons: bool) -> bool {
    // Of each character, at which places of the second pattern it may stand; and where that has
    // stars.
    let (mut places, mut any, mut stars) = ([[0_u64; WORDS]; 128], [0; WORDS], [0; WORDS]);
    let (mut length, mut last) = (0, 0);
    for &theirs in other {
        // A star beside another adds nothing, and one that stands alone is carried over in one
        // step.
        if theirs == b'*' && last == b'*' {
            continue;
        }
        (length, last) = (length + 1, theirs);
        let (word, bit) = (length / 64, 1 << (length % 64));
        match theirs {
            b'*' => stars[word] |= bit,
            b'?' => any[word] |= bit,
            byte => places[usize::from(byte & 0x7f)][word] |= bit,
        }
    }
    let shifted = |bits: &[u64; WORDS]| {
        let mut out = [0; WORDS];
        for word in 0..WORDS {
            out[word] = bits[word] << 1 | if word == 0 { 0 } else { bits[word - 1] >> 63 };
        }
        out
    };
    // What the star at the beginning of the second pattern reaches by standing for nothing.
    let mut reached = [0; WORDS];
    reached[0] = 1 | stars[0] & 2;
    for &mine in one {
        let mut next = [0; WORDS];
        if mine == b'*' {
            let mut found = false;
            for word in 0..WORDS {
                next[word] = if found {
                    u64::MAX
                } else {
                    reached[word] | reached[word].wrapping_neg()
                };
                found |= reached[word] != 0;
            }
        } else {
            let (diagonal, same) = (shifted(&reached), &places[usize::from(mine & 0x7f)]);
            let taken = over_colons || mine != b':';
            for word in 0..WORDS {
                let matched = if mine == b'?' {
                    u64::MAX
                } else {
                    same[word] | any[word]
                };
                next[word] = diagonal[word] & matched
                    | if taken {
                        stars[word] & reached[word]
                    } else {
                        0
                    };
            }
            let beyond = shifted(&next);
            for word in 0..WORDS {
                next[word] |= stars[word] & beyond[word];
            }
            if next == [0; WORDS] {
                return false;
            }
        }
        reached = next;
    }
    reached[length / 64] >> (length % 64) & 1 == 1
}

/// Whether some text matches both of two patterns.
fn slowly_both_match(one: &[char], other: &[char], over_colons: bool) -> bool {
    // reached[j]: the first i characters of the one and the first j of the other can stand for one
    // text.
    let mut reached = vec![false; other.len() + 1];
    reached[0] = true;
    for j in 1..=other.len() {
        reached[j] = reached[j - 1] && other[j - 1] == '*';
    }
    for &mine in one {
        let mut diagonal = reached[0];
        reached[0] = reached[0] && mine == '*';
        for j in 1..=other.len() {
            let (above, left, theirs) = (reached[j], reached[j - 1], other[j - 1]);
            let same = mine == theirs || mine == '?' || theirs == '?';
            let (my_star, their_star) = (mine == '*', theirs == '*');
            // One star takes the other's character, or stands for nothing.
            let starred = (my_star && (above || left))
                || (their_star && (left || (above && (over_colons || mine != ':'))));
            reached[j] = starred || (same && diagonal);
            diagonal = above;
        }
    }
    reached[other.len()]
}

/// Whether a text holds a wildcard.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// A pattern with a `*` in place of each policy variable, which may stand for anything.
pub(crate) fn widened(pattern: &str) -> Cow<'_, str> {
    if !pattern.contains("${") {
        return Cow::Borrowed(pattern);
    }
    let mut wide = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        wide.push_str(before);
        wide.push('*');
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    wide.push_str(rest);
    Cow::Owned(wide)
}

fn literal<'a>(bytes: impl Iterator<Item = &'a u8>) -> impl Iterator<Item = &'a u8> {
    bytes.take_while(|byte| !matches!(byte, b'*' | b'?'))
}

fn meet<'a>(one: impl Iterator<Item = &'a u8>, other: impl Iterator<Item = &'a u8>) -> bool {
    one.zip(other).all(|(one, other)| one == other)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{covers, meets, overlaps, reaches, slowly_both_match, widened};
    use crate::pattern::glob;

    #[test]
    fn wide_patterns_cover_narrow_ones() {
        for (wide, narrow, expected) in [
            ("*", "s3:*", true),
            ("s3:*", "s3:Get*", true),
            ("s3:Get*", "s3:*", false),
            ("s3:?", "s3:*", false),
            ("s3:*", "s3:?", true),
            ("s3:?", "s3:?", true),
            ("s3:a", "s3:?", false),
            ("a*c", "a*b*c", true),
            ("a*b*c", "a*c", false),
        ] {
            assert_eq!(covers(wide, narrow), expected, "{wide} {narrow}");
        }
    }

    #[test]
    fn patterns_overlap_where_one_text_matches_both() {
        for (one, other, expected) in [
            ("s3:*Object", "s3:Get*", true),
            ("s3:*Object", "s3:Get*Acl", false),
            ("arn:aws:iam::*:role/a*", "arn:aws:iam::1:role/*b", true),
            ("arn:aws:iam::*:role/*", "arn:aws:iam::1:user/*", true),
            ("arn:aws:iam::2:role/*", "arn:aws:iam::1:role/*", false),
            ("a?", "a*", true),
            ("a?", "*aa*", true),
            ("?", "**ab", false),
        ] {
            assert_eq!(overlaps(one, other), expected, "{one} {other}");
            assert_eq!(overlaps(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn a_kind_of_resource_ends_at_a_colon() {
        for (pattern, kind, expected) in [
            ("arn:aws:iam::*:role/*", "arn:aws:iam::1:user/*", false),
            ("arn:aws:iam::*:role/*", "arn:aws:iam::1:role/*", true),
            ("arn:aws:iam::*", "arn:aws:iam::1:user/*", true),
            ("*", "arn:aws:iam::1:user/*", true),
            ("*:user/adm?n", "arn:aws:iam::1:user/*", true),
            ("arn:aws:iam::1:user/team/*", "arn:aws:iam::1:user/*", true),
            (
                "arn:aws:lambda:*:1:function:f",
                "arn:aws:lambda:*:1:function:*",
                true,
            ),
        ] {
            assert_eq!(reaches(pattern, kind), expected, "{pattern} {kind}");
        }
    }

    #[test]
    fn variables_stand_for_anything() {
        assert_eq!(
            widened("arn:aws:s3:::home/${aws:username}/*"),
            "arn:aws:s3:::home/*/*"
        );
        assert_eq!(widened("${a"), "*");
        assert_eq!(widened("plain"), "plain");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

        /// Patterns of each length in words, so that what is carried from one word to the next is
        /// tried.
        #[test]
        fn rows_in_words_are_what_the_table_has(
            one in "[ab:?*]{0,6}(a|b|\\*|[ab:?*]{0,9}){0,30}",
            other in "[ab:?*]{0,6}(a|b|\\*|[ab:?*]{0,9}){0,30}",
            (one_repeated, other_repeated) in (0_usize..4, 0_usize..4),
            over_colons: bool,
        ) {
            let (one, other) = (format!("*{}", one.repeat(one_repeated)), format!("{}*", other.repeat(other_repeated)));
            if one != "*" && one.len() * other.len() <= super::LONGEST {
                let characters = |text: &str| text.chars().collect::<Vec<_>>();
                prop_assert_eq!(meets(&one, &other, over_colons), slowly_both_match(&characters(&one), &characters(&other), over_colons));
            }
        }
    }

    proptest! {
        #[test]
        fn what_matches_both_is_in_the_overlap(one in "[abé?*]{0,6}", other in "[abé?*]{0,6}", text in "[abé]{0,6}") {
            if glob(&one, &text) && glob(&other, &text) {
                prop_assert!(overlaps(&one, &other));
            }
        }

        #[test]
        fn what_the_narrow_one_matches_the_wide_one_matches(wide in "[abé?*]{0,5}", narrow in "[abé?*]{0,5}", text in "[abé]{0,5}") {
            if covers(&wide, &narrow) && glob(&narrow, &text) {
                prop_assert!(glob(&wide, &text));
                prop_assert!(overlaps(&wide, &narrow));
            }
        }
    }
}
