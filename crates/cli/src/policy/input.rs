//! Reads an input, which is one document or JSON lines.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use lambdasweep_policy::wire::Further;
use serde_json::value::RawValue;

/// What was given.
#[derive(Debug)]
pub(crate) struct Input {
    bytes: Vec<u8>,
    batch: bool,
}

/// One input: the whole, or a line of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    bytes: &'a [u8],
    /// The line in a batch, from 1.
    pub(crate) line: Option<usize>,
}

impl Source<'_> {
    pub(crate) fn text(&self) -> Result<&str, (Further, String)> {
        std::str::from_utf8(self.bytes)
            .map_err(|error| (Further::new(), format!("it is not valid UTF-8: {error}")))
    }
}

impl Input {
    /// Reads a file, or standard input for `-`.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let bytes = if file == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .context("cannot read standard input")?;
            bytes
        } else {
            std::fs::read(file).with_context(|| {
                format!(
                    "cannot read {}",
                    lambdasweep_model::printable(&file.display().to_string())
                )
            })?
        };
        Self::of(bytes)
    }

    fn of(mut bytes: Vec<u8>) -> Result<Self> {
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        if bytes.iter().all(u8::is_ascii_whitespace) {
            bail!("the input is empty: give a JSON document, or JSON lines");
        }
        let batch = is_batch(&bytes);
        Ok(Self { bytes, batch })
    }

    /// The inputs, in order; blank lines of a batch are none.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        let whole = (!self.batch).then_some(Source {
            bytes: &self.bytes,
            line: None,
        });
        let lines = self
            .bytes
            .split(|byte| *byte == b'\n')
            .enumerate()
            .filter(|(_, line)| self.batch && !line.iter().all(u8::is_ascii_whitespace));
        whole.into_iter().chain(lines.map(|(index, bytes)| Source {
            bytes,
            line: Some(index + 1),
        }))
    }
}

/// Whether an input is JSON lines: it is not one value as a whole, and either one of its lines is a
/// whole object, or its first line is not merely the beginning of one.
fn is_batch(bytes: &[u8]) -> bool {
    let parse = |bytes| serde_json::from_slice::<&RawValue>(bytes).map(drop);
    let mut lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.iter().all(u8::is_ascii_whitespace));
    let one = lines.clone().nth(1).is_none();
    if one || parse(bytes).is_ok() {
        return false;
    }
    // A document that is laid out over several lines begins with `{`; with a mistake in it, it is
    // still one document.
    let laid_out = lines
        .next()
        .is_some_and(|line| line.trim_ascii_start().starts_with(b"{") && parse(line).is_err());
    !laid_out || lines.any(|line| line.starts_with(b"{") && parse(line).is_ok())
}

#[cfg(test)]
mod tests {
    use super::Input;

    fn lines(text: &str) -> Vec<Option<usize>> {
        Input::of(text.as_bytes().to_vec())
            .expect("an input")
            .sources()
            .map(|source| source.line)
            .collect()
    }

    #[test]
    fn one_document_is_told_from_lines() {
        for one in [
            "{}",
            "{}\n",
            "\u{feff}{\n}\n",
            "{\n  \"Statement\": [\n    {\"Effect\": \"Allow\"}\n  ]\n}\n",
            "{\n  \"Statement\": [\n    {\"Effect\": \"Allow\"},\n    {\"Effect\": \"Deny\"}\n  \n}\n",
            "{\"Version\": \"2012-10-17\" \"Statement\": [\n]}",
            "not JSON",
            "%7B%7D",
            "[1,\n2]",
        ] {
            assert_eq!(lines(one), [None], "{one}");
        }
        assert_eq!(lines("{}\n{}"), [Some(1), Some(2)]);
        assert_eq!(lines("{}\r\n\r\n{}\r\n"), [Some(1), Some(3)]);
        assert_eq!(lines("{\"a\": \n{}\n"), [Some(1), Some(2)]);
        assert_eq!(lines("garbage\nmore garbage\n"), [Some(1), Some(2)]);
        assert_eq!(lines("%7B%7D\n%7B%7D\n"), [Some(1), Some(2)]);
        assert!(Input::of(b" \n\t".to_vec()).is_err());
    }
}
