//! Whether an upload is a ZIP archive that Lambda accepts. Only its directory is read; no entry is
//! unpacked.
//!
//! Source: "4.3 General Format of a .ZIP file", APPNOTE.TXT of PKWARE.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::invalid;
use crate::call::AwsError;

/// The largest package in a request, in bytes; the size of the request itself was checked before
/// (`wire::check_size`). Source: recorded from AWS.
pub(super) const MOST_ZIPPED: usize = 52_428_800;

/// The maximum unpacked size of a package, in bytes. Source: "Lambda quotas".
pub(super) const MOST_UNZIPPED: u64 = 262_144_000;

const END: &[u8] = b"PK\x05\x06";
const ENTRY: &[u8] = b"PK\x01\x02";
/// Length of the end record without its comment, and the longest comment.
const END_LENGTH: usize = 22;
const LONGEST_COMMENT: usize = u16::MAX as usize;

/// Decodes and checks the package of a function or layer in a request; `zip` is Base64.
///
/// # Errors
/// RequestEntityTooLargeException, as recorded from AWS for functions; else those of
/// [`unzipped_size`].
pub(super) fn uploaded(zip: &str) -> Result<Vec<u8>, AwsError> {
    let bytes = STANDARD.decode(zip).unwrap_or_default();
    if bytes.len() > MOST_ZIPPED {
        let message = format!("Zipped size must be smaller than {MOST_ZIPPED} bytes");
        return Err(AwsError::new("RequestEntityTooLargeException", message)
            .status(413)
            .member("Type", "User"));
    }
    unzipped_size(&bytes)?;
    Ok(bytes)
}

/// The size of an archive's contents, in bytes.
///
/// # Errors
/// InvalidParameterValueException if the bytes are not a ZIP archive, if it is empty, or if its
/// contents are larger than Lambda accepts.
fn unzipped_size(bytes: &[u8]) -> Result<u64, AwsError> {
    let directory = directory(bytes);
    if let Some((_, 0)) = directory {
        // Reported by users for archives of 22 bytes, for functions and layers alike: tobilg/lsh,
        // issue 1; aws/aws-cdk, issue 12536.
        return Err(invalid("Uploaded file must be a non-empty zip"));
    }
    let size = directory
        .and_then(|(mut directory, entries)| {
            let mut size = 0;
            for _ in 0..entries {
                let (entry, rest) = entry(directory)?;
                size += entry;
                directory = rest;
            }
            Some(size)
        })
        .ok_or_else(|| {
            invalid(
                "Could not unzip uploaded file. Please check your file, then try to upload again.",
            )
        })?;
    if size > MOST_UNZIPPED {
        return Err(invalid(format!(
            "Unzipped size must be smaller than {MOST_UNZIPPED} bytes"
        )));
    }
    Ok(size)
}

/// The central directory and its number of entries. Archives with ZIP64 records are larger than
/// Lambda accepts.
fn directory(bytes: &[u8]) -> Option<(&[u8], u16)> {
    let from = bytes.len().saturating_sub(END_LENGTH + LONGEST_COMMENT);
    let ends = (from..(bytes.len() + 1).saturating_sub(END_LENGTH)).rev();
    // The record and its comment end the file; a signature within the comment does not.
    let at = ends.into_iter().find(|at| {
        let comment = short(bytes, at + 20).map(usize::from);
        bytes[*at..].starts_with(END)
            && comment.is_some_and(|comment| at + END_LENGTH + comment == bytes.len())
    })?;
    let (size, offset) = (
        usize::try_from(long(bytes, at + 12)?).ok()?,
        usize::try_from(long(bytes, at + 16)?).ok()?,
    );
    // Other data, such as a loader, may precede the archive; its offsets do not count it.
    let begin = at.checked_sub(size).filter(|begin| offset <= *begin)?;
    Some((&bytes[begin..at], short(bytes, at + 10)?))
}

/// The unpacked size of a directory's first entry, and the entries after it.
fn entry(directory: &[u8]) -> Option<(u64, &[u8])> {
    let lengths = [28, 30, 32]
        .into_iter()
        .map(|at| short(directory, at).map(usize::from))
        .sum::<Option<usize>>()?;
    let rest = directory
        .get(46 + lengths..)
        .filter(|_| directory.starts_with(ENTRY))?;
    Some((u64::from(long(directory, 24)?), rest))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    bytes
        .get(at..at + 2)?
        .try_into()
        .ok()
        .map(u16::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..at + 4)?
        .try_into()
        .ok()
        .map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::unzipped_size;

    /// An archive of one file, `a.txt`, with the text `abc`.
    const ABC: &[u8] = b"PK\x03\x04\x14\0\0\0\0\0\0\0!\0\xc2A$5\x03\0\0\0\x03\0\0\0\x05\0\0\0a.txtabc\
PK\x01\x02\x14\x03\x14\0\0\0\0\0\0\0!\0\xc2A$5\x03\0\0\0\x03\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\x80\x01\0\0\0\0a.txt\
PK\x05\x06\0\0\0\0\x01\0\x01\x003\0\0\0&\0\0\0\0\0";

    #[test]
    fn archives_tell_the_size_of_their_contents() {
        assert_eq!(unzipped_size(ABC).ok(), Some(3));
        // A comment may follow, and may look like an end record.
        let mut commented = ABC.to_vec();
        let at = commented.len() - 2;
        commented[at] = 22;
        commented.extend_from_slice(b"PK\x05\x06ab\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01");
        assert_eq!(unzipped_size(&commented).ok(), Some(3));
        // Other data may precede the archive.
        assert_eq!(unzipped_size(&[b"#!/bin/sh\n", ABC].concat()).ok(), Some(3));
        // An archive without entries is valid, but rejected as empty.
        let empty =
            unzipped_size(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0").expect_err("refused");
        assert_eq!(empty.message, "Uploaded file must be a non-empty zip");
    }

    #[test]
    fn what_is_no_archive_is_refused() {
        let cut = |at: usize| ABC[..at].to_vec();
        let mut fewer = ABC.to_vec();
        let at = fewer.len() - 12;
        fewer[at] = 9;
        let mut beyond = ABC.to_vec();
        let at = beyond.len() - 6;
        beyond[at] = 0xff;
        for bytes in [
            Vec::new(),
            b"not a zip".to_vec(),
            cut(ABC.len() - 1),
            cut(40),
            fewer,
            beyond,
        ] {
            let error = unzipped_size(&bytes).expect_err("refused");
            assert_eq!(
                error.message,
                "Could not unzip uploaded file. Please check your file, then try to upload again.",
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn contents_that_are_too_large_are_refused() {
        let mut large = ABC.to_vec();
        // The directory entry follows the local entry of 38 bytes; its unpacked size is at offset
        // 24.
        large[38 + 24..38 + 28].copy_from_slice(&262_144_001_u32.to_le_bytes());
        assert_eq!(
            unzipped_size(&large).expect_err("too large").message,
            "Unzipped size must be smaller than 262144000 bytes"
        );
    }
}
