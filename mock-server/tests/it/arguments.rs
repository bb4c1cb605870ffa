//! The program: arguments that are refused, which a sentence quotes without acting on the terminal,
//! and how it starts and ends.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[test]
fn errors_hold_no_escapes_of_the_arguments() {
    let escape = "\u{1b}]0;owned\u{7}\u{202e}";
    for given in [
        vec![escape],
        vec!["--quotas", escape],
        vec!["--port", escape],
        vec!["--generate", escape],
        vec!["--fault", escape],
        vec!["--latency", escape],
        vec!["--host", escape],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_lambdasweep-mock"))
            .args(&given)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{given:?}: {said}"
        );
        assert!(
            said.chars()
                .all(|c| c == '\n' || !lambdasweep_model::acts_on_terminal(c)),
            "{given:?}: {said:?}"
        );
    }
}

/// Tools wait for LocalStack's line on standard output; and a client can end the program.
#[test]
fn the_program_says_where_it_listens_and_that_it_is_ready() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_lambdasweep-mock"))
        .args(["--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut lines = BufReader::new(program.stdout.take().expect("a pipe"))
        .lines()
        .map_while(Result::ok);
    let address = lines
        .next()
        .and_then(|line| line.strip_prefix("listening on http://").map(str::to_owned))
        .expect("where it listens");
    assert_eq!(lines.next().as_deref(), Some("Ready."));
    let body = r#"{"action":"kill"}"#;
    let mut stream = TcpStream::connect(&address).expect("it listens");
    let head = format!(
        "POST /_localstack/health HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}",
        body.len()
    );
    write!(stream, "{head}\r\n\r\n{body}").expect("it is sent");
    assert!(program.wait().expect("it ends").success());
}
