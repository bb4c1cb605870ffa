//! A connection that breaks says nothing of the call: every read is made again.

use lambdasweep_model::Outcome;

use crate::server::{Reply, Server, json, options};

/// Wherever the server breaks off. That a kept-alive connection is closed as a request comes in is
/// the first of them.
fn breaks() -> Vec<(&'static str, &'static [u8])> {
    vec![
        ("before the head", b""),
        ("in the status", b"HTTP/1."),
        ("in the head", b"HTTP/1.1 200 OK\r\ncontent-type: application/js"),
        ("after the head", b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n"),
        ("in the body", b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"Alia"),
        ("in a chunk", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n20\r\n{\"Alia"),
        ("between chunks", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\n{\"Alia\r\n"),
        ("where the body has no length", b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"Aliases\":[]"),
        ("with another protocol", b"SSH-2.0-OpenSSH_9.6\r\n"),
        ("with a status line that is none", b"HTTP/1.1 OK 200\r\ncontent-length: 14\r\n\r\n{\"Aliases\":[]}"),
        ("in an error", b"HTTP/1.1 404 X\r\nx-amzn-errortype: ResourceNotFoundException\r\ncontent-length: 40\r\n\r\n{\"Type\":"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_is_tried_again() {
    for (place, bytes) in breaks() {
        let server = Server::start(options(), move |_, before| {
            if before < 2 {
                Reply::Cut(bytes.to_vec())
            } else {
                json(200, r#"{"Aliases":[{"Name":"live"}]}"#)
            }
        })
        .await;
        let (aliases, ended) = server.aliases().await;
        assert_eq!(
            (aliases, ended),
            (vec!["live".to_owned()], Ok(())),
            "{place}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_always_breaks_is_a_failure() {
    for (place, bytes) in breaks() {
        let server = Server::start(options(), move |_, _| Reply::Cut(bytes.to_vec())).await;
        let (aliases, ended) = server.aliases().await;
        let error = ended.unwrap_err();
        assert_eq!(
            (aliases.len(), error.outcome, error.attempts, server.asked()),
            (0, Outcome::Failed, 3, 3),
            "{place}: {error}"
        );
    }
}
