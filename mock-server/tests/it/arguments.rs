//! The program: rejected arguments, which the message quotes without characters that act on the
//! terminal, and how the program starts and ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// How long the program may take to print something or to end on a busy machine, so that a test
/// fails instead of waiting forever.
const MOST_PATIENCE: Duration = Duration::from_secs(60);

/// The running program. It is stopped at the end of the test, however the test ends.
struct Program(Child);

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lambdasweep-mock"));
        Self(
            command
                .args(arguments)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap(),
        )
    }

    /// The lines of its standard output as they arrive. A separate thread reads the pipe, since
    /// reading from it cannot be interrupted.
    fn lines(&mut self) -> Receiver<String> {
        let output = BufReader::new(self.0.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            output
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        lines
    }

    /// Waits until it ends.
    fn end(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < MOST_PATIENCE, "the program does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Its standard output and standard error, once it has ended.
    fn said(mut self) -> (String, String) {
        let (mut output, mut errors) = (String::new(), String::new());
        self.0
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut output)
            .unwrap();
        self.0
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut errors)
            .unwrap();
        (output, errors)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // If the test succeeded, the program has already ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

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
        let mut program = Program::start(&given);
        let status = program.end();
        let (output, said) = program.said();
        assert_eq!(
            (status.code(), output.len()),
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

/// Tools wait for LocalStack's line on standard output, and a client can stop the program.
#[test]
fn the_program_says_where_it_listens_and_that_it_is_ready() {
    let mut program = Program::start(&["--port", "0"]);
    let lines = program.lines();
    let line = || lines.recv_timeout(MOST_PATIENCE).expect("a further line");
    let address = line()
        .strip_prefix("listening on http://")
        .map(str::to_owned)
        .expect("where it listens");
    assert_eq!(line(), "Ready.");
    let body = r#"{"action":"kill"}"#;
    let mut stream = TcpStream::connect(&address).expect("it listens");
    let head = format!(
        "POST /_localstack/health HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}",
        body.len()
    );
    write!(stream, "{head}\r\n\r\n{body}").expect("it is sent");
    assert!(program.end().success());
}
