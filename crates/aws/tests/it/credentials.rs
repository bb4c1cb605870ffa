//! A session that a service ends is followed by another, once for all calls; a clock that is wrong
//! costs nothing.

use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lambdasweep_aws::PacerOptions;
use lambdasweep_model::Outcome;

use crate::server::{Reply, Server, http, json, lambda_error, options};

const POLICY: &str = r#"{"Policy":"{}"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_early_is_renewed_once_for_all_calls() {
    for code in ["ExpiredTokenException", "ExpiredToken"] {
        let server = Server::start(options(), move |request, before| {
            if request.key() == "session0" && before >= 3 {
                lambda_error(403, code)
            } else {
                json(200, POLICY)
            }
        })
        .await;
        let session = server.member().await;
        for _ in 0..3 {
            assert!(server.policy(Some(&session)).await.is_ok());
        }
        let all = futures::future::join_all((0..64).map(|_| server.policy(Some(&session)))).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
        assert_eq!(
            server.assumed.load(Ordering::SeqCst),
            2,
            "one new session for 64 calls"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_renewed_on_any_attempt() {
    let server = Server::start(options(), |request, before| match before {
        0 => lambda_error(500, "ServiceException"),
        _ if request.key() == "session0" => lambda_error(403, "ExpiredTokenException"),
        _ => json(200, POLICY),
    })
    .await;
    let session = server.member().await;
    assert_eq!(server.policy(Some(&session)).await, Ok("{}".to_owned()));
}

/// New sessions do not help where a service refuses all of them: then the calls are denied, and STS
/// is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn renewing_has_an_end() {
    let server = Server::start(options(), |_, _| lambda_error(403, "ExpiredTokenException")).await;
    let session = server.member().await;
    for _ in 0..10 {
        let error = server.policy(Some(&session)).await.unwrap_err();
        assert_eq!(
            (error.outcome, error.code.as_deref()),
            (Outcome::Denied, Some("ExpiredTokenException"))
        );
    }
    assert_eq!(
        server.assumed.load(Ordering::SeqCst),
        3,
        "the first session and two more"
    );
}

/// The only permit of all is held by the call that waits for the new session.
#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_needs_no_permit_of_its_own() {
    let one = PacerOptions {
        max_in_flight: 1,
        ..options()
    };
    let server = Server::start(one, |request, _| {
        if request.key() == "session0" {
            lambda_error(403, "ExpiredTokenException")
        } else {
            json(200, POLICY)
        }
    })
    .await;
    let session = server.member().await;
    assert_eq!(server.policy(Some(&session)).await, Ok("{}".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn own_credentials_that_were_good_are_tried_again() {
    let refused = |before| {
        if before < 2 {
            lambda_error(403, "ExpiredTokenException")
        } else {
            json(200, POLICY)
        }
    };
    let server = Server::start(options(), move |_, before| refused(before)).await;
    assert_eq!(server.policy(None).await, Ok("{}".to_owned()));
}

/// A service whose clock is two hours ahead refuses what is signed by this machine's, and says what
/// time it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_is_corrected() {
    for code in [
        "InvalidSignatureException",
        "RequestTimeTooSkewed",
        "RequestExpired",
        "SignatureDoesNotMatch",
    ] {
        let server = Server::start(options(), move |request, _| {
            let ahead = (SystemTime::now() + Duration::from_secs(7200))
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_secs();
            let date = http_date(ahead);
            let signed = request
                .head
                .to_ascii_lowercase()
                .split("x-amz-date: ")
                .nth(1)
                .unwrap()[..11]
                .to_owned();
            if signed[8..] == format!("t{:02}", ahead / 3600 % 24) {
                http(
                    200,
                    &format!("date: {date}\r\ncontent-type: application/json\r\n"),
                    POLICY,
                )
            } else {
                http(
                    403,
                    &format!("date: {date}\r\nx-amzn-errortype: {code}\r\n"),
                    r#"{"message":"Signature expired"}"#,
                )
            }
        })
        .await;
        assert_eq!(server.policy(None).await, Ok("{}".to_owned()), "{code}");
        assert_eq!(server.asked(), 2, "{code}");
    }
}

fn http_date(seconds: u64) -> String {
    jiff::fmt::rfc2822::DateTimePrinter::new()
        .timestamp_to_rfc9110_string(
            &jiff::Timestamp::from_second(i64::try_from(seconds).unwrap()).unwrap(),
        )
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_silent_is_no_refusal() {
    let short = PacerOptions {
        attempt_timeout: Duration::from_millis(100),
        ..options()
    };
    let server = Server::start(short, |_, _| {
        Reply::Slow(Vec::new(), Duration::from_secs(2))
    })
    .await;
    let session = server.member().await;
    let error = server.policy(Some(&session)).await.unwrap_err();
    assert_eq!(
        (error.outcome, error.code.as_deref()),
        (Outcome::Failed, Some("TimedOut"))
    );
    assert_eq!(server.assumed.load(Ordering::SeqCst), 1);
}
