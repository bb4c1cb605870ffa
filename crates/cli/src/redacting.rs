//! Takes secrets out of what goes to the log and to the terminal, whichever crate says it.

use std::borrow::Cow;
use std::io::{self, Write};

use lambdasweep_secrets::redact;

/// A text without what looks like a secret.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    redact(text)
}

/// A writer of log lines. Each line comes in one piece.
pub(crate) struct Redacting<W>(pub(crate) W);

impl<W: Write> Write for Redacting<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0
            .write_all(log_line(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A line of the log: the SDK describes the credentials that it uses, whose ids and tokens need not
/// look like those of AWS where the endpoint is another.
fn log_line(line: &str) -> Cow<'_, str> {
    let clean = redact(line);
    if KEY_IDS.iter().any(|prefix| clean.contains(prefix)) {
        Cow::Owned(without_key_ids(&clean))
    } else {
        clean
    }
}

/// The prefixes of ids of access keys, long-term and temporary. Source: "IAM identifiers", unique
/// IDs.
const KEY_IDS: [&str; 2] = ["AKIA", "ASIA"];

fn without_key_ids(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for word in line.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let id = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if id.len() >= 12 && KEY_IDS.iter().any(|prefix| id.starts_with(prefix)) {
            out.push_str("[redacted]");
            out.push_str(&word[id.len()..]);
        } else {
            out.push_str(word);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::Redacting;

    #[test]
    fn a_line_keeps_what_is_no_secret() {
        let key = ["ASIA", "0123456789ABCDEF"].concat();
        for (line, expected) in [
            (
                "calls 12, throttled 0\n".to_owned(),
                "calls 12, throttled 0\n".to_owned(),
            ),
            (
                format!("credentials {{ access_key_id: \"{key}\" }}\n"),
                "credentials { access_key_id: \"[redacted]\" }\n".to_owned(),
            ),
            (
                format!("Credential={key}/20261124\n"),
                "Credential=[redacted]\n".to_owned(),
            ),
            ("größe AKIA\n".to_owned(), "größe AKIA\n".to_owned()),
        ] {
            let mut out = Vec::new();
            Redacting(&mut out)
                .write_all(line.as_bytes())
                .expect("it takes everything");
            assert_eq!(String::from_utf8(out).expect("text"), expected);
        }
    }
}
