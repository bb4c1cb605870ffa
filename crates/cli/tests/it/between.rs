//! Stands between the program and a mock: sees every call, and may answer it otherwise than the
//! mock does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use serde_json::Value;

use crate::harness::Mock;

/// A call on its way to the mock.
pub(crate) struct Call {
    /// The request line and the headers, a line each.
    head: String,
    body: Vec<u8>,
    mock: SocketAddr,
}

/// What is answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Headers that matter, without the length.
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Call {
    /// Whether the request has a text in its line, its headers or its body: an operation's name, a
    /// path, an account in the credential.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.head.contains(text) || String::from_utf8_lossy(&self.body).contains(text)
    }

    /// Method and path.
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap_or_default()
    }

    /// Whether it is `GetFunction`.
    pub(crate) fn is_get_function(&self) -> bool {
        let mut path = self.line().split(' ').nth(1).unwrap_or_default().split('/');
        self.line().starts_with("GET /2015-03-31/functions/") && path.nth(4).is_none()
    }

    /// What the mock answers.
    pub(crate) fn forward(&self) -> Answer {
        exchange(self.mock, &self.head, &self.body)
    }

    /// What the mock answers, with its JSON changed.
    pub(crate) fn changed(&self, change: impl FnOnce(&mut Value)) -> Answer {
        let mut answer = self.forward();
        if let Ok(mut body) = serde_json::from_str(&answer.body) {
            change(&mut body);
            answer.body = body.to_string();
        }
        answer
    }

    /// Makes another call of the mock, as the root user of an account.
    pub(crate) fn also(
        &self,
        method: &str,
        path: &str,
        account: &str,
        region: &str,
        service: &str,
    ) -> Answer {
        let credential = format!("{account}/20261124/{region}/{service}/aws4_request");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential={credential}, Signature=0\r\n"
        );
        exchange(self.mock, &head, &[])
    }
}

/// Starts it in front of a mock, and gives its address for `--endpoint-url`. It stays as long as
/// the tests run.
pub(crate) fn between(
    mock: &Mock,
    answer: impl Fn(&Call) -> Answer + Send + Sync + 'static,
) -> String {
    let (listener, upstream) = (
        TcpListener::bind("127.0.0.1:0").unwrap(),
        mock.server().address(),
    );
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || serve(client, upstream, &*answer));
        }
    });
    url
}

/// Serves one connection until the client closes it.
fn serve(
    client: TcpStream,
    mock: SocketAddr,
    answer: &(impl Fn(&Call) -> Answer + ?Sized),
) -> std::io::Result<()> {
    let mut requests = BufReader::new(client.try_clone()?);
    let mut client = client;
    while let Some((head, body)) = read_request(&mut requests)? {
        let Answer {
            status,
            headers,
            body,
        } = answer(&Call { head, body, mock });
        write!(
            client,
            "HTTP/1.1 {status} Answer\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
    Ok(())
}

fn read_request(requests: &mut impl BufRead) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if requests.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line == "\r\n" {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(told) = lower.strip_prefix("content-length:") {
            length = told.trim().parse().unwrap_or(0);
        } else if !lower.starts_with("connection:") && !lower.starts_with("host:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    requests.read_exact(&mut body)?;
    Ok(Some((head, body)))
}

fn exchange(mock: SocketAddr, head: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(mock).unwrap();
    write!(
        stream,
        "{head}host: {mock}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let (line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let kept = |line: &&str| {
        ["content-type:", "x-amz"]
            .iter()
            .any(|name| line.to_ascii_lowercase().starts_with(name))
    };
    Answer {
        status: line
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap(),
        headers: headers
            .split("\r\n")
            .filter(kept)
            .map(|line| format!("{line}\r\n"))
            .collect(),
        body: body.to_owned(),
    }
}
