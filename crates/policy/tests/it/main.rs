//! Requests are decided, and no text makes the parser fall over.

use lambdasweep_policy::exposure::{Scope, of_document, of_function_url};
use lambdasweep_policy::{Context, Decision, Document, Principal, Request, evaluate};
use proptest::prelude::*;

fn trust(statement: &str) -> Document {
    Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#)).expect("a policy")
}

fn session() -> Principal {
    Principal::Aws {
        account: "111122223333".to_owned(),
        arn: "arn:aws:sts::111122223333:assumed-role/audit/me".to_owned(),
        role_arn: Some("arn:aws:iam::111122223333:role/audit".to_owned()),
    }
}

#[test]
fn trust_policies_let_in_whom_they_name_under_their_conditions() {
    let cases = [
        (r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}"#, Some(0)),
        (r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:*"}"#, Some(0)),
        (r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/audit"},"Action":"sts:AssumeRole"}"#, Some(0)),
        (r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/other"},"Action":"sts:AssumeRole"}"#, None),
        (r#"{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}"#, None),
        (
            r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:externalid":"open sesame"}}}"#,
            Some(0),
        ),
        (
            r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"other"}}}"#,
            None,
        ),
        (
            r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringFancy":{"sts:ExternalId":"open sesame"}}}"#,
            None,
        ),
        (r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:TagSession"}"#, None),
    ];
    let context = Context::default().with("sts:ExternalId", "open sesame");
    for (statement, expected) in cases {
        let request =
            Request { principal: &session(), action: "sts:AssumeRole", resource: "arn:aws:iam::444455556666:role/scan", context: &context };
        let expected = expected.map_or(Decision::ImplicitlyDenied, Decision::Allowed);
        assert_eq!(evaluate(&trust(statement), &request), expected, "{statement}");
    }
}

#[test]
fn a_denial_wins() {
    let policy = trust(r#"[{"Effect":"Allow","Principal":"*","Action":"*"},{"Effect":"Deny","Principal":"*","Action":"sts:Assume*"}]"#);
    let request = Request { principal: &session(), action: "sts:AssumeRole", resource: "r", context: &Context::default() };
    assert_eq!(evaluate(&policy, &request), Decision::ExplicitlyDenied(1));
}

#[test]
fn what_is_no_policy_is_told_where() {
    for (text, place) in [
        ("{", "no JSON"),
        ("[]", "the document"),
        (r#"{"Statement":[{"Action":"a","Effect":"allow"}]}"#, "Statement[0].Effect"),
        (r#"{"Statement":[{"Effect":"Allow","Action":"a"},{"Effect":"Allow"}]}"#, "Statement[1]"),
        (r#"{"Statement":{"Effect":"Allow","Action":"a","Resources":"*"}}"#, "Statement[0].Resources"),
        (r#"{"Statement":{"Effect":"Allow","Action":"a","Principal":"me"}}"#, "Statement[0].Principal"),
    ] {
        let error = Document::parse(text).expect_err(text).to_string();
        assert!(error.contains(place), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_fall_over(text in ".*") {
        let _ = Document::parse(&text);
        let _ = Document::parse_url_encoded(&text);
    }

    /// What lets an outsider in must never be judged as narrower than that.
    #[test]
    fn whoever_gets_in_from_nowhere_is_reported_as_everyone(key in "aws:(SourceIp|PrincipalOrgID|SourceAccount|UserAgent)", operator in "(String|Arn)(Equals|Like|NotLike)(IfExists)?", value in "[a-z0-9:*?-]{0,12}") {
        let policy = trust(&format!(r#"{{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*","Condition":{{"{operator}":{{"{key}":"{value}"}}}}}}"#));
        let context = Context::default();
        let request = Request { principal: &Principal::Anonymous, action: "lambda:InvokeFunction", resource: "f", context: &context };
        let scope = Scope { account: "111122223333", organization: None, partition: "aws" };
        let judged = of_document(&policy, &scope);
        if matches!(evaluate(&policy, &request), Decision::Allowed(_)) {
            prop_assert!(judged[0].exposure.as_str() == "everyone" || judged[0].exposure.as_str() == "unknown");
        }
        let _ = of_function_url(&policy, &scope);
    }
}
