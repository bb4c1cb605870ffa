//! Nothing that a server sends costs more than a bounded amount of memory, text or time.

use std::time::Duration;

use lambdasweep_aws::PacerOptions;
use lambdasweep_model::Outcome;

use crate::server::{Reply, Server, http, options};

fn code(error: &lambdasweep_aws::CallError) -> (Outcome, &str) {
    (error.outcome, error.code.as_deref().unwrap_or_default())
}

/// Announced or not, an answer that has no end is left unread.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_is_not_read() {
    for head in [
        "HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 404 X\r\nx-amzn-errortype: ResourceNotFoundException\r\ntransfer-encoding: chunked\r\n\r\n",
        "HTTP/1.1 500 X\r\ncontent-length: 1073741824\r\n\r\n",
    ] {
        let server = Server::start(options(), move |_, _| Reply::Endless(head)).await;
        let error = server.policy(None).await.unwrap_err();
        assert_eq!(
            code(&error),
            (Outcome::Failed, "AnswerTooLarge"),
            "{head}: {error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_end_are_a_failure() {
    let server = Server::start(options(), |_, _| {
        http(200, &format!("x-long: {}\r\n", "x".repeat(1 << 20)), "{}")
    })
    .await;
    assert_eq!(
        server.policy(None).await.unwrap_err().outcome,
        Outcome::Failed
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_short() {
    let body = format!(r#"{{"message":"{}"}}"#, "\\u001b[31mno ".repeat(10_000));
    let server = Server::start(options(), move |_, _| {
        http(403, "x-amzn-errortype: AccessDeniedException\r\n", &body)
    })
    .await;
    let error = server.policy(None).await.unwrap_err();
    assert_eq!(code(&error), (Outcome::Denied, "AccessDeniedException"));
    assert!(
        error.message.chars().count() <= 501 && !error.message.contains('\u{1b}'),
        "{}",
        error.message
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_asked_for_is_bounded_by_patience() {
    for wait in ["100000", "1e300", "99999999999999999999"] {
        let server = Server::start(
            PacerOptions {
                patience: Duration::from_millis(200),
                ..options()
            },
            move |_, _| {
                http(
                    429,
                    &format!(
                        "x-amzn-errortype: TooManyRequestsException\r\nretry-after: {wait}\r\n"
                    ),
                    r#"{"message":"Rate exceeded"}"#,
                )
            },
        )
        .await;
        let ended = tokio::time::timeout(Duration::from_secs(60), server.policy(None)).await;
        assert_eq!(
            ended.expect("it ends").unwrap_err().outcome,
            Outcome::Throttled,
            "{wait}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_ends_however_slow_its_answer_is() {
    let short = || PacerOptions {
        attempt_timeout: Duration::from_millis(200),
        ..options()
    };
    for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{"] {
        let server = Server::start(short(), move |_, before| {
            if before < 2 {
                Reply::Slow(head.as_bytes().to_vec(), Duration::from_secs(2))
            } else {
                http(200, "", r#"{"Policy":"{}"}"#)
            }
        })
        .await;
        assert_eq!(server.policy(None).await, Ok("{}".to_owned()), "{head}");
        let server = Server::start(short(), move |_, _| {
            Reply::Slow(head.as_bytes().to_vec(), Duration::from_secs(2))
        })
        .await;
        assert_eq!(
            code(&server.policy(None).await.unwrap_err()),
            (Outcome::Failed, "TimedOut"),
            "{head}"
        );
    }
}

/// A call that is throttled while others in its lane are answered is not stuck, and must end all
/// the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_always_throttled_ends_though_others_are_answered() {
    let short = PacerOptions {
        attempt_timeout: Duration::from_millis(100),
        patience: Duration::from_millis(500),
        ..options()
    };
    let server = Server::start(short, |request, _| {
        if request.path.contains("/aliases") {
            http(
                429,
                "x-amzn-errortype: TooManyRequestsException\r\n",
                r#"{"message":"Rate exceeded"}"#,
            )
        } else {
            http(200, "", r#"{"AccountUsage":{}}"#)
        }
    })
    .await;
    let (connection, ends) = (
        server.connection.clone(),
        std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)),
    );
    let end = std::sync::Arc::clone(&ends);
    let others = tokio::spawn(async move {
        const SETTINGS: lambdasweep_aws::Operation =
            lambdasweep_aws::Operation::new("lambda:GetAccountSettings", &crate::server::REMAINDER);
        let caller =
            lambdasweep_aws::Caller::new(connection.pacer(), crate::server::ACCOUNT, "us-east-1");
        let lambda = crate::server::lambda(lambdasweep_aws::AccountSession::own(&connection));
        while !end.load(std::sync::atomic::Ordering::SeqCst) {
            caller
                .call(&SETTINGS, || lambda.get_account_settings().send())
                .await
                .unwrap();
        }
    });
    let ended = tokio::time::timeout(Duration::from_secs(60), server.aliases()).await;
    ends.store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        ended.expect("it ends").1.unwrap_err().outcome,
        Outcome::Throttled
    );
    others.await.unwrap();
}
