//! As much of HTTP/1.1 as a proxy between the scanner and the mock needs: heads, bodies with a
//! Content-Length, kept-alive connections.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The largest head that is read.
const MOST_HEAD: usize = 256 * 1024;

/// A request of the scanner.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query as they came.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A response, of the mock or made up.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// A connection with what was read of it and not used yet.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    buffer: Vec<u8>,
}

pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }

    /// The bytes to send on; `Content-Length` follows the body.
    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in self.headers.iter().filter(|(name, _)| !is_framing(name)) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", self.body.len()));
        [head.as_bytes(), &self.body].concat()
    }
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body: body.into(),
        }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub(crate) fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The head, with these lines about the body's length.
    pub(crate) fn head(&self, framing: &str) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in self.headers.iter().filter(|(name, _)| !is_framing(name)) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(framing);
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// The whole response.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        // A response without content must not name a length.
        let framing = if self.status == 204 {
            String::new()
        } else {
            format!("content-length: {}\r\n", self.body.len())
        };
        let mut bytes = self.head(&framing);
        if self.status != 204 {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

fn is_framing(name: &str) -> bool {
    ["content-length", "transfer-encoding", "connection"]
        .iter()
        .any(|it| name.eq_ignore_ascii_case(it))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        302 => "Found",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500.. => "Server Error",
        _ => "Status",
    }
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        Self {
            stream,
            buffer: Vec::new(),
        }
    }

    /// The next request; nothing where the client has closed the connection.
    pub(crate) async fn request(&mut self) -> Result<Option<Request>> {
        let Some(head) = self.head().await? else {
            return Ok(None);
        };
        let (first, headers) = parse(&head);
        let mut words = first.split(' ').map(str::to_owned);
        let (method, target) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let body = self.body(&headers).await?;
        Ok(Some(Request {
            method,
            target,
            headers,
            body,
        }))
    }

    /// Sends a request and takes its response.
    pub(crate) async fn exchange(&mut self, request: &Request) -> Result<Answer> {
        self.stream.write_all(&request.bytes()).await?;
        let head = self
            .head()
            .await?
            .ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        let (first, headers) = parse(&head);
        let status = first
            .split(' ')
            .nth(1)
            .and_then(|it| it.parse().ok())
            .ok_or_else(|| Error::from(ErrorKind::InvalidData))?;
        let body = self.body(&headers).await?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    /// Waits for the next bytes of the client, or for its end.
    pub(crate) async fn wait(&mut self) -> Result<()> {
        if self.buffer.is_empty() {
            self.more().await?;
        }
        Ok(())
    }

    async fn head(&mut self) -> Result<Option<String>> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = self.buffer.drain(..end + 4).collect::<Vec<u8>>();
                return Ok(Some(String::from_utf8_lossy(&head).trim_end().to_owned()));
            }
            if self.buffer.len() > MOST_HEAD {
                return Err(Error::from(ErrorKind::InvalidData));
            }
            if self.more().await? == 0 {
                return Ok(None);
            }
        }
    }

    async fn body(&mut self, headers: &[(String, String)]) -> Result<Vec<u8>> {
        let length = header(headers, "content-length")
            .and_then(|it| it.parse::<usize>().ok())
            .unwrap_or(0);
        while self.buffer.len() < length {
            if self.more().await? == 0 {
                return Err(Error::from(ErrorKind::UnexpectedEof));
            }
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn more(&mut self) -> Result<usize> {
        self.buffer.reserve(16 * 1024);
        self.stream.read_buf(&mut self.buffer).await
    }
}

fn parse(head: &str) -> (&str, Vec<(String, String)>) {
    let mut lines = head.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let header = |line: &str| {
        line.split_once(':')
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
    };
    (first, lines.filter_map(header).collect())
}
