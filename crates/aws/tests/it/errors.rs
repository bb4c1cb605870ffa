//! "There is none", "denied" and "throttled" are what the service says, in its own form; whatever
//! else says so is a failure.

use lambdasweep_model::Outcome;

use crate::server::{GET_POLICY, Reply, Server, http, json, lambda_error, options};

#[tokio::test(flavor = "multi_thread")]
async fn the_services_own_errors_are_believed_at_once() {
    for (status, code, outcome) in [
        (404, "ResourceNotFoundException", Outcome::NotFound),
        (
            404,
            "ResourceNotFoundException:http://internal.amazon.com/coral/com.amazonaws.lambda/",
            Outcome::NotFound,
        ),
        (403, "AccessDeniedException", Outcome::Denied),
        (403, "SomethingNewException", Outcome::Denied),
        (400, "InvalidParameterValueException", Outcome::Failed),
        // Declared by no operation here: not there is what an operation says is not there.
        (404, "RouteNotFound", Outcome::Failed),
        (404, "NoSuchEntity", Outcome::Failed),
        (404, "PolicyNotFoundException", Outcome::Failed),
    ] {
        let server = Server::start(options(), move |_, _| lambda_error(status, code)).await;
        let error = server.policy(None).await.unwrap_err();
        assert_eq!((error.outcome, server.asked()), (outcome, 1), "{error}");
        assert_eq!(error.code.as_deref(), code.split(':').next());
        assert_eq!(error.message, "said by the service");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_aws_does_not_say_is_a_failure_however_it_looks() {
    const HTML: &str = "<html><head><title>Sign in</title></head></html>";
    for status in [
        201, 202, 203, 204, 205, 206, 207, 300, 301, 302, 304, 307, 400, 401, 403, 404, 407, 410,
        418, 451, 500, 502, 503, 504, 599,
    ] {
        for (headers, body) in [
            (
                "content-type: text/html\r\nlocation: http://portal.example/\r\n",
                HTML,
            ),
            ("", ""),
            ("content-type: application/json\r\n", "{}"),
            (
                "content-type: application/json\r\n",
                r#"{"message":"Not Found"}"#,
            ),
            (
                "content-type: text/html\r\nx-amzn-errortype: ResourceNotFoundException\r\n",
                HTML,
            ),
            (
                "content-type: text/xml\r\n",
                "<ErrorResponse><Error><Code>ResourceNotFoundException</Code></Error></ErrorResponse>",
            ),
        ] {
            let body = if matches!(status, 204 | 304) {
                ""
            } else {
                body
            };
            let server = Server::start(options(), move |_, _| http(status, headers, body)).await;
            let error = server.policy(None).await.unwrap_err();
            let code = format!("HTTP {status}");
            assert_eq!(
                (error.outcome, error.code, error.attempts),
                (Outcome::Failed, Some(code), 3),
                "{headers}{body}"
            );
            assert!(
                error.message.contains("not a response from AWS"),
                "{}",
                error.message
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_what_aws_always_sends_is_a_failure_that_names_it() {
    for (body, why) in [
        ("", "not valid JSON"),
        ("null", "the response is null, not an object"),
        ("{}", "lacks `Policy`"),
        (r#"{"policy":"{}"}"#, "lacks `Policy`"),
        (r#"{"message":"ok"}"#, "lacks `Policy`"),
        (r#"{"Policy":null}"#, "`Policy` is null, not a string"),
        (r#"{"Policy":{}}"#, "`Policy` is an object, not a string"),
        (r#"{"Policy":"{}","Policy":"{}"}"#, "`Policy` appears twice"),
        // Not wanted, but not what the SDK takes either.
        (
            r#"{"Policy":"{}","RevisionId":[1]}"#,
            "`RevisionId` is a list, not a string",
        ),
        (
            r#"{"Policy":"{}","RevisionId":7}"#,
            "`RevisionId` is a number, not a string",
        ),
        ("<html></html>", "not valid JSON"),
    ] {
        let server = Server::start(options(), move |_, _| json(200, body)).await;
        let error = server.policy(None).await.unwrap_err();
        assert_eq!(
            (error.outcome, error.code.as_deref(), error.attempts),
            (Outcome::Failed, Some("MalformedAnswer"), 3),
            "{body}: {error}"
        );
        assert!(
            error.message.contains(why),
            "{} does not say {why}",
            error.message
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_that_passes_changes_nothing() {
    let faults: Vec<fn() -> Reply> = vec![
        || http(404, "content-type: text/html\r\n", "<html/>"),
        || http(403, "", ""),
        || http(204, "", ""),
        || http(302, "location: /\r\n", ""),
        || json(200, "{}"),
        || json(200, "{\"Policy\""),
        || lambda_error(500, "ServiceException"),
        || lambda_error(400, "RequestTimeout"),
        || lambda_error(429, "TooManyRequestsException"),
        || http(429, "content-type: text/html\r\n", "slow down"),
        || lambda_error(403, "ExpiredTokenException"),
        || lambda_error(403, "InvalidSignatureException"),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let server = Server::start(options(), move |_, before| {
            if before == 0 {
                fault()
            } else {
                json(200, r#"{"Policy":"{}"}"#)
            }
        })
        .await;
        assert_eq!(server.policy(None).await, Ok("{}".to_owned()), "{number}");
        assert_eq!(server.asked(), 2, "{number}");
    }
}

/// A reply that looks right to the SDK but came past the check would be believed: it must not be.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_not_checked_is_not_believed() {
    use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
    use lambdasweep_aws::aws_sdk_lambda::operation::get_policy::{GetPolicyError, GetPolicyOutput};
    let server = Server::start(options(), |_, _| json(200, "{}")).await;
    let unchecked = || async {
        Ok::<_, SdkError<GetPolicyError, HttpResponse>>(GetPolicyOutput::builder().build())
    };
    let error = server
        .caller()
        .call(&GET_POLICY, unchecked)
        .await
        .unwrap_err();
    assert_eq!(error.outcome, Outcome::Failed);
}
