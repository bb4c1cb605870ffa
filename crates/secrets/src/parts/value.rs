//! Where values begin and end.

use std::ops::Range;

use super::{LONGEST_NAME, LONGEST_QUOTED, LONGEST_VALUE, MOST_BLANKS, Part, is_of_name};

/// The value behind this place, and whether it is the first of an array.
pub(super) fn value_behind(text: &str, at: usize, name: &Range<usize>) -> Option<(Part, bool)> {
    let bytes = text.as_bytes();
    let mut start = at + 1;
    if bytes.get(start) == Some(&b'>') {
        start += 1;
    }
    let blanks = |mut start: usize| {
        let from = start;
        while bytes
            .get(start)
            .is_some_and(|byte| matches!(byte, b' ' | b'\t'))
            && start - from < MOST_BLANKS
        {
            start += 1;
        }
        start
    };
    start = blanks(start);
    let array = bytes.get(start) == Some(&b'[')
        && bytes
            .get(start + 1)
            .is_some_and(|byte| matches!(byte, b'"' | b'\'' | b' ' | b'\\' | b'\n'));
    if array {
        start = blanks(start + 1);
        while bytes.get(start) == Some(&b'\n') {
            start = blanks(start + 1);
        }
    }
    let escaped = bytes.get(start) == Some(&b'\\');
    let quote = bytes
        .get(start + usize::from(escaped))
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\''));
    if let Some(quote) = quote {
        let start = start + usize::from(escaped) + 1;
        if let Some(end) = closing(bytes, start, quote, escaped) {
            return (start < end).then_some((
                Part {
                    name: name.clone(),
                    value: start..end,
                    quoted: true,
                },
                array,
            ));
        }
        return None;
    }
    // ODBC writes values that have separators between braces.
    if bytes.get(start) == Some(&b'{') && bytes[at] == b'=' {
        let close = bytes[start..]
            .iter()
            .take(LONGEST_VALUE)
            .position(|byte| *byte == b'}')
            .map(|close| start + close);
        let literal = |close: &usize| {
            text[start..*close].contains(' ')
                || !crate::shape::is_placeholder(&text[start..=*close])
        };
        if let Some(close) = close
            .filter(literal)
            .filter(|close| bytes.get(close + 1).is_none_or(|byte| *byte == b';'))
        {
            return Some((
                Part {
                    name: name.clone(),
                    value: start + 1..close,
                    quoted: false,
                },
                false,
            ));
        }
    }
    let end = plain_end(bytes, start, LONGEST_VALUE);
    let end =
        if end == start && (begins_line(bytes, name.start) || begins_indented(bytes, name.start)) {
            word_end(bytes, start)
        } else {
            end
        };
    // A number or a switch of JSON ends where its object or its array does.
    let json = bytes.get(name.end) == Some(&b'"');
    let open = |byte: u8| bytes[start..end].contains(&byte);
    let end = if json && !open(b'{') && !open(b'[') {
        start
            + text[start..text.floor_char_boundary(end)]
                .trim_end_matches(['}', ']'])
                .len()
    } else {
        end
    };
    let end = text.floor_char_boundary(end);
    (start < end).then_some((
        Part {
            name: name.clone(),
            value: start..end,
            quoted: false,
        },
        false,
    ))
}

/// Where a value without quotes ends, at most so many bytes further.
fn plain_end(bytes: &[u8], start: usize, most: usize) -> usize {
    let mut end = start;
    while let Some(&byte) = bytes.get(end) {
        // What is to be filled in ends with the bracket that it begins with: `<API_KEY>`. Behind a
        // tag of HTML a text goes on.
        let ends = || {
            bytes
                .get(end + 1)
                .is_none_or(|next| next.is_ascii_whitespace() || b"\"',;&\\".contains(next))
        };
        let inner = matches!(byte, b'<' | b'>' | b'\'') && end == start
            || byte == b'>' && bytes[start] == b'<' && ends();
        let comma = byte == b',' && !ends_at_comma(bytes, end);
        if end - start >= most
            || (!inner && !comma && (byte.is_ascii_whitespace() || b"\"',;&<>\\".contains(&byte)))
        {
            break;
        }
        end += 1;
    }
    end
}

/// Whether a name stands where a line begins, as in files of settings.
pub(super) fn begins_line(bytes: &[u8], name: usize) -> bool {
    let before = &bytes[..name];
    before.is_empty() || before.ends_with(b"\n") || before.ends_with(b"export ")
}

/// Whether only blanks and a list marker precede a name on its line, and another line precedes that
/// one: a single sentence is not YAML.
fn begins_indented(bytes: &[u8], name: usize) -> bool {
    let blanks = bytes[..name]
        .iter()
        .rev()
        .take(LONGEST_NAME)
        .take_while(|byte| matches!(byte, b' ' | b'-'))
        .count();
    bytes[..name - blanks].ends_with(b"\n")
}

/// Where the next blank is, or the end.
fn word_end(bytes: &[u8], start: usize) -> usize {
    let most = bytes.len().min(start + LONGEST_VALUE);
    (start..most)
        .find(|&at| bytes[at].is_ascii_whitespace())
        .unwrap_or(most)
}

/// The same part with its value extended to the next blank, if it is the only one on its line: a
/// password may have any character.
pub(crate) fn whole_line(text: &str, part: &Part) -> Option<Part> {
    let bytes = text.as_bytes();
    let set = match bytes.get(part.name.end) {
        Some(b'=') => begins_line(bytes, part.name.start),
        // A line of YAML: `  password: kX9;…`.
        Some(b':') => {
            begins_indented(bytes, part.name.start) && bytes.get(part.name.end + 1) == Some(&b' ')
        }
        _ => false,
    };
    if part.quoted || !set {
        return None;
    }
    let end = text.floor_char_boundary(word_end(bytes, part.value.start));
    (end > part.value.end).then(|| Part {
        value: part.value.start..end,
        ..part.clone()
    })
}

/// The same part without the marks of punctuation that end its value before a blank or the end:
/// `cannot parse KEY=kX9…: …`.
pub(crate) fn without_punctuation(text: &str, part: &Part) -> Option<Part> {
    let raw = &text[part.value.clone()];
    // A bracket that opens in the value closes there too: `${env:API_KEY}`.
    let inner = raw.trim_end_matches(|c| match c {
        ')' => !raw.contains('('),
        ']' => !raw.contains('['),
        '}' => !raw.contains('{'),
        other => matches!(other, ':' | '.' | '!' | '?'),
    });
    let ends = text
        .as_bytes()
        .get(part.value.end)
        .is_none_or(u8::is_ascii_whitespace);
    let value = part.value.start..part.value.start + inner.len();
    (!part.quoted && ends && inner.len() < raw.len() && !inner.is_empty()).then(|| Part {
        value,
        ..part.clone()
    })
}

/// Where the braces close that open before a text, if they do.
pub(crate) fn braces(text: &str, start: usize) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate().skip(start).take(LONGEST_QUOTED) {
        match byte {
            b'{' => open += 1,
            b'}' if open <= 1 => return Some(at + 1),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// Whether a comma ends a value: what follows is a blank, the end, or another name that is set.
fn ends_at_comma(bytes: &[u8], comma: usize) -> bool {
    let behind = &bytes[comma + 1..];
    let name = behind
        .iter()
        .take(LONGEST_NAME)
        .take_while(|byte| is_of_name(**byte))
        .count();
    behind
        .first()
        .is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b',')
        || behind
            .get(name)
            .is_some_and(|byte| name > 0 && matches!(byte, b'=' | b':'))
}

/// Where the quotes close that opened before this place.
pub(super) fn closing(bytes: &[u8], start: usize, quote: u8, escaped: bool) -> Option<usize> {
    let mut at = start;
    while at < bytes.len() && at - start <= LONGEST_QUOTED {
        match bytes[at] {
            b'\\' if escaped && bytes.get(at + 1) == Some(&quote) => return Some(at),
            b'\\' => at += 1,
            byte if byte == quote && !escaped => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where a value really ends that was only looked at in part.
pub(crate) fn whole(text: &str, part: &Part) -> Range<usize> {
    if part.quoted || part.value.len() < LONGEST_VALUE - 4 {
        return part.value.clone();
    }
    part.value.start
        ..text.floor_char_boundary(plain_end(text.as_bytes(), part.value.start, usize::MAX))
}
