//! Sends one call repeatedly over connections that stay open, and prints how many responses came
//! and how long that took.
//!
//! `load ADDRESS sts|lambda CONNECTIONS SECONDS`: `sts` is GetCallerIdentity, `lambda` is
//! GetFunction of the function `f`. Any status other than 200 ends the program. It does as little
//! work as possible, so that the mock is measured and not the client; see `scripts/bench mock`.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, call, connections, seconds] = arguments.as_slice() else {
        return Err("give ADDRESS sts|lambda CONNECTIONS SECONDS".into());
    };
    let request = request(address, call)?;
    let (connections, seconds): (usize, u64) = (connections.parse()?, seconds.parse()?);
    let begun = Instant::now();
    let answered: u64 = std::thread::scope(|scope| {
        let running: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| run(address, &request, begun + Duration::from_secs(seconds))))
            .collect();
        running
            .into_iter()
            .map(|it| it.join().map_err(|_| "a thread has failed")?)
            .sum::<Result<u64, Box<dyn Error + Send + Sync>>>()
    })?;
    println!(
        "{{\"answered\": {answered}, \"seconds\": {}}}",
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

/// A complete request as an SDK sends it.
fn request(address: &str, call: &str) -> Result<Vec<u8>, String> {
    let (method, path, body, kind) = match call {
        "sts" => (
            "POST",
            "/",
            "Action=GetCallerIdentity&Version=2011-06-15",
            "application/x-www-form-urlencoded; charset=utf-8",
        ),
        "lambda" => ("GET", "/2015-03-31/functions/f", "", "application/json"),
        other => return Err(format!("there is no call {other}")),
    };
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=111122223333/20261124/eu-west-1/{call}/aws4_request");
    Ok(format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\naccept-encoding: identity\r\ncontent-type: {kind}\r\nuser-agent: load\r\nx-amz-date: 20261124T000000Z\r\nauthorization: {scope}, SignedHeaders=content-type;host;x-amz-date, Signature={}\r\ncontent-length: {}\r\n\r\n{body}",
        "0".repeat(64),
        body.len()
    )
    .into_bytes())
}

/// Sends calls over one connection until a deadline; returns the number of responses.
fn run(address: &str, request: &[u8], until: Instant) -> Result<u64, Box<dyn Error + Send + Sync>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let (mut buffer, mut answered) = (vec![0; 64 * 1024], 0);
    while Instant::now() < until {
        stream.write_all(request)?;
        let mut filled = 0;
        loop {
            let read = stream.read(buffer.get_mut(filled..).unwrap_or_default())?;
            filled += read;
            let given = buffer.get(..filled).unwrap_or_default();
            if read == 0 {
                return Err("the connection ended, or the answer is too large".into());
            }
            if length(given)?.is_some_and(|length| filled >= length) {
                break;
            }
        }
        answered += 1;
    }
    Ok(answered)
}

/// The total length of a response, once its head has arrived; an error if its status is not 200.
fn length(answer: &[u8]) -> Result<Option<usize>, Box<dyn Error + Send + Sync>> {
    let Some(head) = answer.windows(4).position(|it| it == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(answer.get(..head).unwrap_or_default())?;
    if !text.starts_with("HTTP/1.1 200") {
        return Err(text.to_owned().into());
    }
    let body = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .ok_or("an answer without a length")?;
    Ok(Some(head + 4 + body.parse::<usize>()?))
}
