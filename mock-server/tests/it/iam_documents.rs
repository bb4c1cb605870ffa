//! Policy documents are accepted and rejected as by IAM, with its messages; of several errors, the
//! one that IAM reports first is returned.
//!
//! Sources: `mock-server/src/services/iam/documents/mod.rs`.

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::json;

use crate::client::Mock;

const ACCOUNT: &str = "111122223333";
const SYNTAX: &str = "Syntax errors in policy.";
const LEGACY: &str = "The policy failed legacy parsing";
const VERSION: &str = "Policy document must be version 2012-10-17 or greater.";
const VENDOR: &str = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
const COLONS: &str = "Actions/Condition can contain only one colon.";
const ACTIONS: &str = "Policy statement must contain actions.";
const RESOURCES: &str = "Policy statement must contain resources.";
const REGEXES: &str = "Resource vendor must be fully qualified and cannot contain regexes.";

/// A document of version 2012-10-17 with these statements.
fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#)
}

/// A document with an Allow statement with further members.
fn allow(members: &str) -> String {
    document(&format!(r#"{{"Effect":"Allow",{members}}}"#))
}

/// An otherwise valid document with this resource.
fn on(resource: &str) -> String {
    allow(&format!(
        r#""Action":"s3:ListBucket","Resource":{resource}"#
    ))
}

/// An otherwise valid document with this condition.
fn when(condition: &str) -> String {
    allow(&format!(
        r#""Action":"s3:ListBucket","Resource":"*","Condition":{condition}"#
    ))
}

/// Creates the managed policy `p`, or returns the error.
fn created(mock: &Mock, document: &str) -> Result<(), String> {
    let answer = mock.iam(
        ACCOUNT,
        "CreatePolicy",
        &[("PolicyName", "p"), ("PolicyDocument", document)],
    );
    if answer.status == 200 {
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/p");
        assert_eq!(
            mock.iam(ACCOUNT, "DeletePolicy", &[("PolicyArn", &arn)])
                .status,
            200
        );
        return Ok(());
    }
    assert_eq!(
        (answer.status, answer.element("Code")),
        (400, Some("MalformedPolicyDocument")),
        "{document}: {}",
        answer.body
    );
    Err(answer
        .element("Message")
        .unwrap_or_default()
        .replace("&quot;", "\"")
        .replace("&amp;", "&"))
}

fn refused(cases: &[(String, &str)]) {
    let mock = Mock::start(Empty);
    for (document, message) in cases {
        assert_eq!(
            created(&mock, document),
            Err((*message).to_owned()),
            "{document}"
        );
    }
}

#[test]
fn what_has_not_the_form_of_a_policy_has_syntax_errors() {
    let right = r#""Effect":"Allow","Action":"s3:ListBucket","Resource":"*""#;
    let cases: Vec<String> = vec![
        "This is not JSON".to_owned(),
        "[]".to_owned(),
        r#"{"Version":"2012-10-17"}"#.to_owned(),
        document("[]"),
        document(r#"["text"]"#),
        document(r#""text""#),
        format!(r#"{{"Version":"2013-10-17","Statement":{{{right}}}}}"#),
        format!(r#"{{"Version":20121017,"Statement":{{{right}}}}}"#),
        format!(r#"{{"Version":"2012-10-17","Statement":{{{right}}},"Comment":"x"}}"#),
        format!(r#"{{"Version":"2012-10-17","Id":["a"],"Statement":{{{right}}}}}"#),
        document(&format!(r#"{{{right},"Comment":"x"}}"#)),
        document(&format!(r#"{{{right},"Sid":{{}}}}"#)),
        document(&format!(r#"{{{right},"NotAction":[]}}"#)),
        document(&format!(r#"{{{right},"NotResource":"*"}}"#)),
        document(&format!(r#"{{{right},"Effect":"Deny"}}"#)),
        document(&format!(r#"{{{right},"Sid":"null","Effect":"Deny"}}"#)),
        document(r#"{"Action":"s3:ListBucket","Resource":"*"}"#),
        document(r#"{"Effect":"Permit","Action":"s3:ListBucket","Resource":"*"}"#),
        document(r#"{"Effect":["Allow"],"Action":"s3:ListBucket","Resource":"*"}"#),
        allow(r#""Action":{},"Resource":"*""#),
        allow(r#""Action":[["s3:ListBucket"]],"Resource":"*""#),
        allow(r#""Action":["s3:ListBucket",1],"Resource":"*""#),
        on(r#"{"a":"*"}"#),
        on(r#"["*",{}]"#),
        when("[]"),
        when(r#""a""#),
        when(r#"{"a":"b"}"#),
        when(r#"{"DateGreaterThan":[]}"#),
        when(r#"{"DateGreaterThan":{"a":{}}}"#),
        when(r#"{"StringResembles":{"a":"1"}}"#),
        when(r#"{"ForAnyValue::StringEqualsIfExists":{"a":"1"}}"#),
        when(r#"[{"StringEquals":{"aws:TagKeys":"a"}}]"#),
    ];
    refused(
        &cases
            .into_iter()
            .map(|case| (case, SYNTAX))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn resources_are_arns_of_a_partition_and_a_service() {
    let not_arn = |name: &str| format!("Resource {name} must be in ARN format or \"*\".");
    let partition = |name: &str, whole: &str| {
        format!("Partition \"{name}\" is not valid for resource \"{whole}\".")
    };
    let path = "IAM resource path must either be \"*\" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, \
                server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.";
    let cases: Vec<(&str, String)> = vec![
        ("bucket", not_arn("bucket")),
        ("", not_arn("")),
        (
            "a:bsdfdsafsad",
            partition("bsdfdsafsad", "arn:bsdfdsafsad:*:*:*:*"),
        ),
        ("a:b:c:d:e:f:g:h", partition("b", "arn:b:c:d:e:f:g:h")),
        ("aws:s3:::bucket", partition("s3", "arn:s3:::bucket:*")),
        (
            "arn:AWS:s3:::bucket",
            partition("AWS", "arn:AWS:s3:::bucket"),
        ),
        ("arn:aws", REGEXES.to_owned()),
        ("arn:aws:*:*:*:*", REGEXES.to_owned()),
        ("arn:aws:s3*:::bucket", REGEXES.to_owned()),
        (
            "arn:aws:iam:us-east-1::user/a",
            "IAM resource arn:aws:iam:us-east-1::user/a cannot contain region information."
                .to_owned(),
        ),
        (
            "arn:aws:s3:us-east-1::bucket",
            "Resource arn:aws:s3:us-east-1::bucket can not contain region information.".to_owned(),
        ),
        ("arn:aws:iam:::bucket", path.to_owned()),
        ("arn:aws:iam::111122223333:root", path.to_owned()),
        ("arn:aws:s3::bucket", LEGACY.to_owned()),
        ("arn:aws::::bucket", LEGACY.to_owned()),
        ("arn:aws::bucket", LEGACY.to_owned()),
    ];
    let cases: Vec<(String, String)> = cases
        .into_iter()
        .map(|(name, message)| (name.to_owned(), message))
        .collect();
    let mock = Mock::start(Empty);
    for (name, message) in cases {
        for members in [
            format!(r#""Action":"s3:ListBucket","Resource":"{name}""#),
            format!(r#""Action":"s3:ListBucket","Resource":["*","{name}"]"#),
            format!(r#""Action":"s3:ListBucket","NotResource":"{name}""#),
        ] {
            assert_eq!(
                created(&mock, &allow(&members)),
                Err(message.clone()),
                "{members}"
            );
        }
    }
}

#[test]
fn actions_have_a_vendor_and_one_colon() {
    let mut cases = Vec::new();
    for (action, message) in [
        ("invalid", VENDOR),
        ("", VENDOR),
        ("s3:List:Bucket", COLONS),
        ("a a:ListBucket", "Vendor a a is not valid"),
        ("s3*:ListBucket", "Vendor s3* is not valid"),
        (":ListBucket", "Vendor  is not valid"),
    ] {
        cases.push((
            allow(&format!(
                r#""Action":["s3:GetObject","{action}"],"Resource":"*""#
            )),
            message,
        ));
        cases.push((
            allow(&format!(r#""NotAction":"{action}","Resource":"*""#)),
            message,
        ));
    }
    refused(&cases);
}

#[test]
fn of_several_faults_the_first_in_iams_order_is_told() {
    let twice = r#"[{"Sid":"a","Effect":"Allow","Action":"s3:ListBucket","Resource":"*"},{"Sid":"a","Effect":"Allow"}]"#;
    let unique = "Statement IDs (SID) in a single policy must be unique.";
    let old = |statement: &str| format!(r#"{{"Version":"2008-10-17","Statement":{statement}}}"#);
    refused(&[
        // The order: syntax, version, principal, errors of the older parser, Sids, actions,
        // resources, vendors, and missing resources.
        (old(r#"{"Effect":"Permit"}"#), SYNTAX),
        (
            r#"{"Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}}"#
                .to_owned(),
            VERSION,
        ),
        (
            old(r#"{"Effect":"denY","Action":"s3:ListBucket","Resource":"*"}"#),
            VERSION,
        ),
        (old(twice), VERSION),
        (
            allow(r#""Principal":"*","Action":"s3:ListBucket","Resource":"*""#),
            "Policy document should not specify a principal.",
        ),
        (
            document(r#"{"Effect":"denY","Action":"s3:ListBucket","Resource":"*"}"#),
            LEGACY,
        ),
        (
            document(r#"{"Effect":"allow","Resource":"arn:aws:s3:us-east-1::bucket"}"#),
            LEGACY,
        ),
        (
            allow(r#""Condition":{"DateGreaterThan":{"a":"soon"}}"#),
            LEGACY,
        ),
        (
            allow(
                r#""Action":"s3:ListBucket","Resource":"bucket","Condition":{"DateGreaterThan":{"a":"soon"}}"#,
            ),
            LEGACY,
        ),
        (allow(r#""Resource":"arn:aws:s3::bucket""#), LEGACY),
        (document(twice), unique),
        (allow(r#""Resource":"bucket""#), ACTIONS),
        (allow(r#""Action":[],"Resource":"*""#), ACTIONS),
        (document(r#"{"Effect":"Deny"}"#), ACTIONS),
        (
            allow(r#""Action":"s:3:ListBucket","Resource":"bucket""#),
            "Resource bucket must be in ARN format or \"*\".",
        ),
        (allow(r#""Action":"invalid""#), VENDOR),
        (allow(r#""Action":"s3:ListBucket""#), RESOURCES),
        (
            allow(r#""Action":"s3:ListBucket","Resource":[]"#),
            RESOURCES,
        ),
    ]);
}

#[test]
fn sids_are_letters_and_digits() {
    let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
    refused(&[(
        allow(r#""Sid":"not this","Action":"s3:ListBucket","Resource":"*""#),
        message,
    )]);
}

#[test]
fn what_iam_takes_is_taken() {
    let mock = Mock::start(Empty);
    for right in [
        on(r#""*""#),
        on(r#"["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*","arn:*:sqs:*:*:q"]"#),
        on(r#""arn:aws:s3:us-west-2:123456789012:accesspoint/a/object/*""#),
        on(r#""arn:aws:iam::*:user/${aws:username}""#),
        on(r#""arn:aws:sqs""#),
        on(r#"["arn:aws:s3:::bucket",null]"#),
        allow(r#""NotAction":["iam:*"],"NotResource":"arn:aws:s3:::bucket""#),
        allow(r#""Action":"*","Resource":"*""#),
        allow(r#""Action":"no-such-service:Thing","Resource":"*""#),
        document(r#"[{"Sid":"","Effect":"Allow","Action":"a:B","Resource":"*"},{"Sid":"","Effect":"Deny","Action":"a:B","Resource":"*"}]"#),
        when(r#"{"Bool":{"aws:SecureTransport":true},"Null":{"aws:TagKeys":"false"}}"#),
        when(
            r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":3600},"DateLessThan":{"aws:CurrentTime":["2016-12-13t2:00:00.593194+10:59","1"]}}"#,
        ),
        when(r#"{"ForAllValues:StringLikeIfExists":{"aws:TagKeys":["a","b"]}}"#),
        r#"{"Version":"2012-10-17","Id":"x","Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}"#.to_owned(),
    ] {
        assert_eq!(created(&mock, &right), Ok(()), "{right}");
    }
}

#[test]
fn inline_policies_may_be_of_the_older_version() {
    let mock = Mock::start(Empty);
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    let made = mock.iam(
        ACCOUNT,
        "CreateRole",
        &[("RoleName", "r"), ("AssumeRolePolicyDocument", trust)],
    );
    assert_eq!(made.status, 200, "{}", made.body);
    let put = |document: &str| {
        mock.iam(
            ACCOUNT,
            "PutRolePolicy",
            &[
                ("RoleName", "r"),
                ("PolicyName", "p"),
                ("PolicyDocument", document),
            ],
        )
    };
    assert_eq!(
        put(r#"{"Statement":{"Effect":"Allow","Action":"s3:ListBucket","Resource":"*"}}"#).status,
        200
    );
    for (document, message) in [
        (allow(r#""Action":"s3:ListBucket""#), RESOURCES),
        ("{".to_owned(), SYNTAX),
    ] {
        let answer = put(&document);
        assert_eq!(
            (answer.element("Code"), answer.element("Message")),
            (Some("MalformedPolicyDocument"), Some(message)),
            "{document}"
        );
    }
    // The previous policy is kept.
    let kept = mock.iam(
        ACCOUNT,
        "GetRolePolicy",
        &[("RoleName", "r"), ("PolicyName", "p")],
    );
    assert!(kept.body.contains("s3%3AListBucket"), "{}", kept.body);
}

#[test]
fn documents_have_a_size_without_their_white_space() {
    let mock = Mock::start(Empty);
    let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    assert_eq!(
        mock.iam(
            ACCOUNT,
            "CreateRole",
            &[("RoleName", "r"), ("AssumeRolePolicyDocument", trust)]
        )
        .status,
        200
    );
    let long = |length: usize| {
        let empty = allow(r#""Action":"s3:","Resource":"*""#).len();
        allow(&format!(
            r#""Action":"s3:{}","Resource":"*""#,
            "x".repeat(length - empty)
        ))
        .replace(',', " ,\n\t ")
    };
    let limit = |answer: crate::client::Answer, message: &str| {
        assert_eq!(
            (
                answer.status,
                answer.element("Code"),
                answer.element("Message")
            ),
            (409, Some("LimitExceeded"), Some(message))
        );
    };
    let create = |name: &str, length| {
        mock.iam(
            ACCOUNT,
            "CreatePolicy",
            &[("PolicyName", name), ("PolicyDocument", &long(length))],
        )
    };
    assert_eq!(create("right", 6_144).status, 200);
    limit(
        create("long", 6_145),
        "Cannot exceed quota for PolicySize: 6144",
    );
    let put = |name: &str, length| {
        mock.iam(
            ACCOUNT,
            "PutRolePolicy",
            &[
                ("RoleName", "r"),
                ("PolicyName", name),
                ("PolicyDocument", &long(length)),
            ],
        )
    };
    assert_eq!(put("a", 6_000).status, 200);
    limit(
        put("b", 4_241),
        "Maximum policy size of 10240 bytes exceeded for role r",
    );
    assert_eq!(put("b", 4_240).status, 200);
    // A policy that replaces another counts once.
    assert_eq!(put("a", 5_999).status, 200);
    let sid = "x".repeat(2_000);
    let trust = format!(
        r#"{{"Statement":{{"Sid":"{sid}","Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"sts:AssumeRole"}}}}"#
    );
    let update = mock.iam(
        ACCOUNT,
        "UpdateAssumeRolePolicy",
        &[("RoleName", "r"), ("PolicyDocument", &trust)],
    );
    limit(update, "Cannot exceed quota for ACLSizePerRole: 2048");
}

#[test]
fn a_null_among_resources_is_passed_over_where_the_policy_counts() {
    let mock = Mock::with(Options {
        enforce_iam: true,
        ..Options::new(Box::new(Empty))
    });
    let trust = json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
    let role = mock.role(
        ACCOUNT,
        "r",
        &trust,
        &json!([{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]),
    );
    let key = mock.credentials(&json!({"role": role}));
    assert_eq!(mock.iam(&key, "ListRoles", &[]).status, 200);
    let deny = document(r#"{"Effect":"Deny","Action":"iam:ListRoles","Resource":["*",null]}"#);
    let put = mock.iam(
        ACCOUNT,
        "PutRolePolicy",
        &[
            ("RoleName", "r"),
            ("PolicyName", "deny"),
            ("PolicyDocument", &deny),
        ],
    );
    assert_eq!(put.status, 200, "{}", put.body);
    let refused = mock.iam(&key, "ListRoles", &[]);
    assert_eq!(
        (refused.status, refused.element("Code")),
        (403, Some("AccessDenied")),
        "{}",
        refused.body
    );
    let asked = [
        ("PolicySourceArn", role.as_str()),
        ("ActionNames.member.1", "iam:ListRoles"),
    ];
    let told = mock.iam(ACCOUNT, "SimulatePrincipalPolicy", &asked);
    assert_eq!(
        told.element("EvalDecision"),
        Some("explicitDeny"),
        "{}",
        told.body
    );
}
