//! Names and their values inside a text: fields of JSON, lists of settings, queries, headers, lines
//! of files, options of commands.

mod value;

use std::borrow::Cow;
use std::ops::Range;

use value::{begins_line, closing, value_behind};
pub(crate) use value::{braces, whole, whole_line, without_punctuation};

/// The longest name that is looked at.
const LONGEST_NAME: usize = 64;

/// The most bytes of an unquoted value that are examined; longer secrets are found by their form or
/// not at all.
const LONGEST_VALUE: usize = 512;

/// The longest value between quotes.
const LONGEST_QUOTED: usize = 16 * 1024;

/// The most blanks on either side of the sign between a name and its value.
const MOST_BLANKS: usize = 8;

/// A name and its value, as positions in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
    /// Whether the value is quoted, and may have escapes.
    quoted: bool,
}

impl Part {
    /// The value without the escapes of its quotes and without percent escapes.
    pub(crate) fn value<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let raw = &text[self.value.clone()];
        let unescaped = if self.quoted && raw.contains('\\') {
            Cow::Owned(unescaped(raw))
        } else {
            Cow::Borrowed(raw)
        };
        match unescaped {
            Cow::Borrowed(raw) => crate::decode::percent_decoded(raw),
            Cow::Owned(text) => Cow::Owned(crate::decode::percent_decoded(&text).into_owned()),
        }
    }
}

/// Decodes JSON escapes; unknown ones stay.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('u') => {
                let digits: String = chars.clone().take(4).collect();
                match u32::from_str_radix(&digits, 16)
                    .ok()
                    .filter(|_| digits.len() == 4)
                    .and_then(char::from_u32)
                {
                    Some(c) => {
                        out.push(c);
                        chars.nth(3);
                    }
                    None => out.push('u'),
                }
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// Iterates over the parts of a text.
pub(crate) struct Parts<'t> {
    text: &'t str,
    at: usize,
    /// The name of the array whose next text may stand here.
    array: Option<Range<usize>>,
}

impl<'t> Parts<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            array: None,
        }
    }

    /// Continues after a value. Without this, the next name is searched in the value itself, since
    /// a value can be the name of another value.
    pub(crate) fn pass(&mut self, part: &Part) {
        self.at = self.at.max(part.value.end);
    }

    /// The next text of an array.
    fn element(&mut self) -> Option<Part> {
        let name = self.array.take()?;
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        while bytes
            .get(at)
            .is_some_and(|byte| b"\"', \t\r\n\\".contains(byte))
            && at - self.at < 16
        {
            at += 1;
        }
        let opened = at > self.at
            && matches!(bytes[at - 1], b'"' | b'\'')
            && self.text[self.at..at].contains(',');
        let quote = if opened { bytes[at - 1] } else { return None };
        let end = closing(bytes, at, quote, false)?;
        self.at = end;
        self.array = Some(name.clone());
        Some(Part {
            name,
            value: at..end,
            quoted: true,
        })
    }
}

impl Iterator for Parts<'_> {
    type Item = Part;

    fn next(&mut self) -> Option<Part> {
        if let Some(part) = self.element() {
            return Some(part);
        }
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            let at = self.at
                + bytes[self.at..]
                    .iter()
                    .position(|byte| matches!(byte, b'=' | b':' | b' ' | b'>'))?;
            self.at = at + 1;
            if bytes[at] == b'>' {
                let Some(part) = element_before(self.text, at) else {
                    continue;
                };
                self.at = part.value.start;
                return Some(part);
            }
            // A comparison, which has blanks around it: a password may begin with the same
            // character.
            if bytes.get(at + 1) == Some(&b'=')
                && bytes[at] == b'='
                && at > 0
                && bytes[at - 1] == b' '
            {
                self.at = at + 2;
                continue;
            }
            let Some(name) = name_before(bytes, at) else {
                continue;
            };
            let Some((part, array)) = value_behind(self.text, at, &name) else {
                continue;
            };
            self.at = if array {
                part.value.end
            } else {
                part.value.start
            };
            self.array = array.then_some(name);
            return Some(part);
        }
        None
    }
}

/// An element of XML that holds nothing but text, and whose tag ends here:
/// `<password>kX9…</password>`.
fn element_before(text: &str, at: usize) -> Option<Part> {
    let bytes = text.as_bytes();
    let start = at
        - bytes[..at]
            .iter()
            .rev()
            .take(LONGEST_NAME)
            .take_while(|byte| is_of_name(**byte))
            .count();
    let opens = start < at && start > 0 && bytes[start - 1] == b'<';
    let end = at
        + 1
        + bytes[at + 1..]
            .iter()
            .take(if opens { LONGEST_QUOTED } else { 0 })
            .position(|byte| *byte == b'<')?;
    let closes = text
        .get(end..end + 2 + at - start)
        .is_some_and(|tag| tag.starts_with("</") && tag[2..] == text[start..at]);
    (closes && end > at + 1).then_some(Part {
        name: start..at,
        value: at + 1..end,
        quoted: false,
    })
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || byte >= 0x80
}

/// The name that ends before this place.
fn name_before(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let option = bytes[at] == b' ';
    let mut end = at;
    while !option && end > 0 && bytes[end - 1] == b' ' && at - end < MOST_BLANKS {
        end -= 1;
    }
    let quoted = end > 0 && matches!(bytes[end - 1], b'"' | b'\'');
    if quoted {
        end -= 1;
        if end > 0 && bytes[end - 1] == b'\\' {
            end -= 1;
        }
    }
    let mut start = end;
    while start > 0 && is_of_name(bytes[start - 1]) && end - start <= LONGEST_NAME {
        start -= 1;
    }
    if start == end || end - start > LONGEST_NAME {
        return None;
    }
    let before = start.checked_sub(1).map(|before| bytes[before]);
    match bytes[at] {
        // An option of a command: `--password kX9…`.
        b' ' if quoted || end - start < 4 || !bytes[start..].starts_with(b"--") => None,
        // The default of a variable of a shell: `${DB_PASSWORD:-…}`.
        b':' if start >= 2 && &bytes[start - 2..start] == b"${" => None,
        // Parts of ARNs, times and addresses are not names.
        b':' if !quoted
            && (matches!(before, Some(b':' | b'/')) || bytes.get(at + 1) == Some(&b'/')) =>
        {
            None
        }
        _ => Some(start..end),
    }
}

/// Whether a part may be a sentence about what it names rather than a setting of it:
/// `the password: none of them`.
pub(crate) fn is_prose(text: &str, part: &Part) -> bool {
    let bytes = text.as_bytes();
    let blank = part.value.start > 0 && bytes[part.value.start - 1] == b' ';
    let colon = part.value.start > 1 && bytes[part.value.start - 2] == b':';
    let word = bytes[part.value.clone()]
        .iter()
        .all(|byte| byte.is_ascii_alphabetic() || b"-,.;:!?()".contains(byte));
    // No sentence contains `DB_PASSWORD: none` or `PASSWORD: none`.
    let name = &bytes[part.name.clone()];
    let setting = name.contains(&b'_') || !name.iter().any(u8::is_ascii_lowercase);
    !part.quoted && blank && colon && word && !setting && !begins_line(bytes, part.name.start)
}

#[cfg(test)]
mod tests {
    use super::Parts;

    fn parts(text: &str) -> Vec<(String, String)> {
        let mut parts = Parts::new(text);
        let mut out = Vec::new();
        while let Some(part) = parts.next() {
            out.push((
                text[part.name.clone()].to_owned(),
                part.value(text).into_owned(),
            ));
            parts.pass(&part);
        }
        out
    }

    #[test]
    fn reads_names_and_values_as_people_write_them() {
        for (text, expected) in [
            ("a=1;b=2", &[("a", "1"), ("b", "2")][..]),
            (
                "https://host/p?api_key=k1&x=y#f",
                &[("api_key", "k1"), ("x", "y#f")],
            ),
            (
                "x-honeycomb-team=k1,x-other=k2",
                &[("x-honeycomb-team", "k1"), ("x-other", "k2")],
            ),
            (
                "Authorization=Basic%20YTpi",
                &[("Authorization", "Basic YTpi")],
            ),
            (
                r#"{"a":"b\"c","d":["e","f"],"g":7}"#,
                &[("a", "b\"c"), ("d", "e"), ("d", "f"), ("g", "7")],
            ),
            (r#"{\"a\":\"b\",\"c\": \"d\"}"#, &[("a", "b"), ("c", "d")]),
            (
                "host=db password='a b' user=x",
                &[("host", "db"), ("password", "a b"), ("user", "x")],
            ),
            (
                "Driver={SQL Server};PWD={a;b}",
                &[("Driver", "SQL Server"), ("PWD", "a;b")],
            ),
            (
                "//registry.npmjs.org/:_authToken=k1",
                &[("_authToken", "k1")],
            ),
            ("password=a,b", &[("password", "a,b")]),
            ("run --password k1 --fast", &[("--password", "k1")]),
            (
                "aws_secret_access_key = k1\nregion = x",
                &[("aws_secret_access_key", "k1"), ("region", "x")],
            ),
            (
                "password: k1\nuser: x",
                &[("password", "k1"), ("user", "x")],
            ),
            ("arn:aws:iam::1:role/x", &[("arn", "aws:iam::1:role/x")]),
            ("пароль=k1", &[("пароль", "k1")]),
            ("a == b", &[]),
            ("no parts here", &[]),
        ] {
            let expected: Vec<(String, String)> = expected
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}
