//! Requests that the mock must withstand: too large, too slow, too many at once.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use lambdasweep_mock::seed::Empty;
use lambdasweep_mock::{Limits, Options};

use crate::client::Mock;

const KEY: &str = "111122223333";

fn with(limits: Limits) -> Mock {
    Mock::with(Options {
        limits,
        ..Options::new(Box::new(Empty))
    })
}

/// Sends the beginning of a request and leaves the connection open.
fn begin(address: SocketAddr, request: &str, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    stream
}

fn post(length: usize) -> String {
    format!("POST / HTTP/1.1\r\nhost: mock\r\ncontent-length: {length}\r\n\r\n")
}

/// The status of the response; `None` if the connection is closed without one.
fn status(mut stream: TcpStream) -> Option<String> {
    let mut answer = Vec::new();
    // A server that rejects a request before reading all of it may close the connection so that
    // reading fails after the response.
    let _ = stream.read_to_end(&mut answer);
    Some(
        String::from_utf8_lossy(&answer)
            .split(' ')
            .nth(1)?
            .to_owned(),
    )
}

#[test]
fn many_parameters_are_taken_in_or_refused() {
    let mock = Mock::start(Empty);
    let tags = |count: usize| {
        let tags: String = (1..=count)
            .map(|at| format!("&Tags.member.{at}.Key=k{at}&Tags.member.{at}.Value=v"))
            .collect();
        mock.query(KEY, "iam", &format!("Action=TagRole&RoleName=r{tags}"))
    };
    let few = tags(3_000);
    assert_eq!(
        (few.status, few.element("Code")),
        (400, Some("ValidationError")),
        "{}",
        few.body
    );
    let many = tags(100_000);
    assert_eq!(
        (many.status, many.element("Code")),
        (400, Some("MalformedQueryString")),
        "{}",
        many.body
    );
    // The same in the query of a GET, with and without values, and in nested names.
    let get = |query: &str| {
        mock.rest(
            KEY,
            "eu-west-1",
            "lambda",
            "GET",
            &format!("/2015-03-31/functions?{query}"),
            "",
        )
    };
    let many = get(&"a&".repeat(20_000));
    assert_eq!(
        (many.status, many.header("x-amzn-errortype")),
        (400, Some("MalformedQueryString")),
        "{}",
        many.body
    );
    assert_eq!(get(&"Marker=x&".repeat(20_000)).status, 414);
    let nested = mock.query(
        KEY,
        "iam",
        &format!(
            "Action=GetRole&RoleName=r&Tags{}=1",
            ".member.1".repeat(200_000)
        ),
    );
    assert_eq!(
        (nested.status, nested.element("Code")),
        (404, Some("NoSuchEntity")),
        "{}",
        nested.body
    );
    assert_eq!(mock.page("GET", "/_localstack/health").status, 200);
}

#[test]
fn nested_json_is_refused() {
    let mock = Mock::start(Empty);
    for body in [
        "[".repeat(1_000_000),
        "{\"a\":".repeat(200_000),
        format!("{{\"Tags\":{}", "[{\"a\":".repeat(100_000)),
    ] {
        let answer = mock.rest(
            KEY,
            "eu-west-1",
            "lambda",
            "POST",
            "/2015-03-31/functions",
            &body,
        );
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (400, Some("SerializationException")),
            "{}",
            answer.body
        );
        let answer = mock.organizations(KEY, "ListAccounts", &body);
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (400, Some("SerializationException")),
            "{}",
            answer.body
        );
    }
}

#[test]
fn heads_that_are_too_large_are_refused() {
    let mock = Mock::start(Empty);
    for head in [
        "x-padding: y\r\n".repeat(5_000),
        format!("x-padding: {}\r\n", "y".repeat(4 << 20)),
    ] {
        let mut stream = TcpStream::connect(mock.server().address()).unwrap();
        // The mock may close the connection before everything was written.
        let _ = stream.write_all(
            format!("GET /_localstack/health HTTP/1.1\r\nhost: mock\r\n{head}\r\n").as_bytes(),
        );
        let status = status(stream);
        assert!(
            status.is_none() || status.as_deref() == Some("431"),
            "{status:?}"
        );
    }
    assert_eq!(mock.page("GET", "/_localstack/health").status, 200);
}

#[test]
fn bodies_that_never_end_are_given_up() {
    let mock = with(Limits {
        body_time: Duration::from_millis(50),
        head_time: Duration::from_millis(50),
        ..Limits::default()
    });
    let address = mock.server().address();
    assert_eq!(
        status(begin(address, &post(1_000_000), &[b'x'; 1000])).as_deref(),
        Some("408")
    );
    let chunked =
        "POST / HTTP/1.1\r\nhost: mock\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n";
    assert_eq!(status(begin(address, chunked, b"")).as_deref(), Some("408"));
    // The mock does not wait forever for a head either.
    let head = status(begin(address, "POST / HTTP/1.1\r\nhost: mo", b""));
    assert!(head.is_none() || head.as_deref() == Some("408"), "{head:?}");
}

#[test]
fn bodies_that_are_too_large_are_refused_by_what_they_say_and_by_what_they_are() {
    let mock = with(Limits {
        body_bytes: 100_000,
        ..Limits::default()
    });
    let address = mock.server().address();
    assert_eq!(
        status(begin(address, &post(100_001), b"")).as_deref(),
        Some("413")
    );
    let chunk = format!("186a1\r\n{}\r\n", "x".repeat(100_001));
    let chunked =
        format!("POST / HTTP/1.1\r\nhost: mock\r\ntransfer-encoding: chunked\r\n\r\n{chunk}");
    assert_eq!(
        status(begin(address, &chunked, b"")).as_deref(),
        Some("413")
    );
}

/// Incomplete bodies take no more than the limit; small requests are answered meanwhile, and large
/// ones once the incomplete ones are gone.
#[test]
fn half_sent_bodies_hold_a_bounded_space() {
    let mock = with(Limits {
        bytes_in_flight: 1 << 20,
        ..Limits::default()
    });
    let address = mock.server().address();
    let mut half: Vec<TcpStream> = (0..40)
        .map(|_| begin(address, &post(1_000_000), &vec![b'x'; 200_000]))
        .collect();
    // Five of them fit; the others are rejected, one by one.
    let mut refused = 0;
    while refused < 35 {
        refused += half
            .extract_if(.., |stream| {
                stream
                    .set_read_timeout(Some(Duration::from_millis(10)))
                    .unwrap();
                let mut answer = [0; 12];
                let told = stream.read_exact(&mut answer).is_ok();
                assert!(
                    !told || answer.ends_with(b" 503"),
                    "{}",
                    String::from_utf8_lossy(&answer)
                );
                told
            })
            .count();
    }
    assert_eq!(mock.page("GET", "/_localstack/health").status, 200);
    let role = mock.query(KEY, "iam", "Action=GetRole&RoleName=r");
    assert_eq!(
        (role.status, role.element("Code")),
        (404, Some("NoSuchEntity")),
        "{}",
        role.body
    );
    half.iter()
        .for_each(|stream| stream.shutdown(Shutdown::Both).unwrap());
    drop(half);
    let large = format!("{{\"Padding\":\"{}\"}}", "x".repeat(900_000));
    let answered = || mock.organizations(KEY, "ListAccounts", &large).status;
    while answered() == 503 {}
    assert_eq!(answered(), 400, "the account is in no organisation");
}

/// Connections above the limit wait for their turn, and each is answered.
#[test]
fn connections_wait_for_their_turn() {
    let mock = with(Limits {
        connections: 2,
        head_time: Duration::from_millis(100),
        ..Limits::default()
    });
    let address = mock.server().address();
    let _idle: Vec<TcpStream> = (0..20)
        .map(|_| TcpStream::connect(address).unwrap())
        .collect();
    for _ in 0..4 {
        assert_eq!(mock.page("GET", "/_localstack/health").status, 200);
    }
}
