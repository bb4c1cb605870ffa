//! Encoded bodies: compressed, or in AWS's own chunks.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::model::Service;
use crate::raw::RawRequest;

/// The maximum size of a decompressed body, in bytes. CloudWatch, the only service with compressed
/// requests, accepts 1 MB ("CloudWatch service quotas").
const MOST_INFLATED: u64 = 4 * 1024 * 1024;

/// The decoded body of a request.
///
/// # Errors
/// If it is not encoded as its headers say.
pub(super) fn decoded<'a>(
    service: &Service,
    request: &RawRequest<'a>,
) -> Result<Cow<'a, [u8]>, String> {
    let mut body = Cow::Borrowed(request.body);
    let headers = request
        .headers
        .get_all(http::header::CONTENT_ENCODING)
        .iter();
    let codings: Vec<&str> = headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    // The last encoding was applied last, so it is removed first.
    for coding in codings.iter().rev() {
        body = match *coding {
            "aws-chunked" => dechunked(&body)?.into(),
            // For other services an object was compressed, not the request.
            "gzip" if service.takes_compressed() => inflated(&body)?.into(),
            _ => body,
        };
    }
    Ok(body)
}

/// The data of the chunks, each of which follows a line with its length in hexadecimal digits;
/// signatures and trailers after the last chunk are not checked. Source: "Signature calculations
/// for the authorization header: transferring payload in multiple chunks", S3 API reference.
fn dechunked(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut data = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let end = rest
            .windows(2)
            .position(|it| it == b"\r\n")
            .ok_or("a chunk has no length")?;
        let (line, behind) = rest.split_at(end);
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default();
        let length = std::str::from_utf8(digits).ok();
        let length = length.and_then(|it| usize::from_str_radix(it, 16).ok());
        let length = length.ok_or("the length of a chunk is not a number")?;
        if length == 0 {
            return Ok(data);
        }
        let chunk = behind.get(2..).and_then(|it| it.split_at_checked(length));
        let (chunk, behind) = chunk.ok_or("the body ends within a chunk")?;
        data.extend_from_slice(chunk);
        rest = behind
            .strip_prefix(b"\r\n")
            .ok_or("a chunk is longer than its length")?;
    }
}

fn inflated(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut data = Vec::new();
    let read = MultiGzDecoder::new(body)
        .take(MOST_INFLATED + 1)
        .read_to_end(&mut data);
    read.map_err(|error| format!("it is not compressed: {error}"))?;
    if data.len() as u64 > MOST_INFLATED {
        return Err(format!(
            "it has more than {MOST_INFLATED} bytes when it is not compressed"
        ));
    }
    Ok(data)
}
