//! Long base64 data: a token inside it occurs by chance, and data that begins like a file is not a
//! key.

use std::ops::Range;

use crate::randomness::is_random;
use crate::shape::is_name;

/// Random text this close to a token belongs to the same data.
const BESIDE: usize = 24;
/// Lines of base64 as PEM (RFC 7468), MIME (RFC 2045), SSH (RFC 4716) and OpenPGP break them.
const WIDTHS: [usize; 5] = [60, 64, 70, 72, 76];

pub(crate) const fn is_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Whether a token is only a stretch of longer data in base64, where every short prefix turns up
/// now and then.
pub(crate) fn is_inside(text: &str, token: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    // Some rules include the text before and after a token in their match.
    let is_edge = |at: &usize| is_of_base64(bytes[*at]);
    let (Some(start), Some(last)) = (token.clone().find(is_edge), token.clone().rfind(is_edge))
    else {
        return false;
    };
    let token = start..last + 1;
    if !bytes[token.clone()]
        .iter()
        .all(|&byte| is_of_base64(byte) || byte == b'=')
    {
        return false;
    }
    let before = &text[run_before(bytes, token.start)..token.start];
    let behind = &text[token.end..run_behind(bytes, token.end)];
    let is_data = |beside: &str| beside.len() >= BESIDE && is_random(beside) && !is_name(beside);
    is_data(before)
        || is_data(behind)
        || is_line_of_data(text, token.start - before.len()..token.end + behind.len())
}

fn run_before(bytes: &[u8], end: usize) -> usize {
    let start = bytes[..end]
        .iter()
        .rposition(|&byte| !is_of_base64(byte))
        .map_or(0, |at| at + 1);
    // The letter of an escaped line break belongs to no run.
    start + usize::from(start > 0 && start < end && &bytes[start - 1..=start] == b"\\n")
}

fn run_behind(bytes: &[u8], start: usize) -> usize {
    bytes[start..]
        .iter()
        .position(|&byte| !is_of_base64(byte))
        .map_or(bytes.len(), |at| start + at)
}

/// Whether a run is a line of base64 that goes on from the line before it, or that the line behind
/// it goes on from.
fn is_line_of_data(text: &str, run: Range<usize>) -> bool {
    let bytes = text.as_bytes();
    // Tokens have a length of their own, and many a dash or an underscore.
    let is_full = |line: Range<usize>| {
        WIDTHS.contains(&line.len())
            && !text[line.clone()].contains(['-', '_'])
            && is_random(&text[line])
    };
    let before = break_before(bytes, run.start).map(|end| run_before(bytes, end)..end);
    if before.is_some_and(|line| line.len() >= run.len() && is_full(line)) {
        return true;
    }
    let behind = break_behind(bytes, run.end).map(|start| start..run_behind(bytes, start));
    is_full(run.clone()) && behind.is_some_and(|line| line.len() == run.len() && is_full(line))
}

/// Where the line before this place ends: a line break, one that JSON or an environment escaped, or
/// a blank that was put for one.
fn break_before(bytes: &[u8], at: usize) -> Option<usize> {
    [&b"\\n"[..], b"\r\n", b"\n", b" "]
        .iter()
        .find(|gap| bytes[..at].ends_with(gap))
        .map(|gap| at - gap.len())
}

fn break_behind(bytes: &[u8], at: usize) -> Option<usize> {
    [&b"\\n"[..], b"\r\n", b"\n", b" "]
        .iter()
        .find(|gap| bytes[at..].starts_with(gap))
        .map(|gap| at + gap.len())
}

/// Whether bytes are a file or a message rather than a key: they begin as compressed data and
/// pictures do, or hold a stretch that can be read. A key of 32 bytes has twelve readable ones in a
/// row once in some ten thousand.
pub(crate) fn is_file(bytes: &[u8]) -> bool {
    // gzip (RFC 1952), zlib at its levels (RFC 1950), Zstandard (RFC 8878), ZIP, PNG, JPEG, GIF,
    // PDF, WOFF, WebAssembly.
    #[rustfmt::skip]
    const HEADS: &[&[u8]] = &[
        b"\x1f\x8b\x08", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8",
        b"%PDF", b"wOF", b"\0asm",
    ];
    const READABLE: usize = 12;
    HEADS.iter().any(|head| bytes.starts_with(head))
        || bytes
            .split(|byte| !(byte.is_ascii_graphic() || *byte == b' '))
            .any(|stretch| stretch.len() >= READABLE)
}

#[cfg(test)]
mod tests {
    use super::{is_file, is_inside};

    const DATA: &str = "kX9mQ2vL7pR4tY8cLw3nB6hJ5gF1dS0aZu7Ei2Oo4Wq9sD3fG6hJ8kL1zX5c7bNm";

    #[test]
    fn tells_a_token_from_a_stretch_of_data() {
        let token = "sk4f9Zq";
        for (text, expected) in [
            (format!("{DATA}/{token}"), true),
            (format!("{token}+{DATA}"), true),
            (format!("{DATA}\n{token}"), true),
            (format!("{DATA}\\n{token}"), true),
            (format!("{DATA} {token}"), true),
            (token.to_owned(), false),
            (format!("key={token}"), false),
            (format!("{DATA}.{token}"), false),
            (format!("{DATA}:{token}"), false),
            (format!("https://orders.internal/api/items/{token}"), false),
            (format!("orders-production-service-worker-{token}"), false),
        ] {
            let at = text.find(token).unwrap_or_default();
            assert_eq!(
                is_inside(&text, &(at..at + token.len())),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn knows_files_by_their_beginning() {
        for bytes in [
            &b"\x1f\x8b\x08\0\x01\x02"[..],
            b"\x78\x9c\xab\x56",
            b"\x89PNG\r\n",
            b"\n\x0eorders.v1.proto\x12\x06",
        ] {
            assert!(is_file(bytes), "{bytes:02x?}");
        }
        assert!(!is_file(b"\x8f\x11\xa0\x07short\xff\xfe\x03"));
    }
}
