//! Any text is read without panics and in bounded time, and what is printed is read again as it
//! was.

use lambdasweep_policy::exposure::{Scope, UrlAuth, doors, of_policy};
use lambdasweep_policy::{
    Document, Level, Parsed, Policies, PolicyKind, Request, evaluate, problems,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write as _;

use crate::arbitrary::{ACCOUNT, ORGANIZATION, TestRequest, asked, document, kind};

const SCOPE: Scope<'_> = Scope {
    account: ACCOUNT,
    organization: Some(ORGANIZATION),
    partition: "aws",
};

/// Does everything with a text that this crate can do.
fn exercise(text: &str, asked: &TestRequest) {
    let lines: Vec<usize> = text.split('\n').map(|line| line.chars().count()).collect();
    let encoded = text.trim_start().starts_with('%');
    for kind in PolicyKind::ALL {
        let parsed = Parsed::of(text, *kind);
        assert!(
            parsed.document.is_some() || parsed.problems.iter().any(|it| it.level == Level::Error),
            "refused without a reason"
        );
        assert_eq!(parsed.document, Document::parse_url_encoded(text).ok());
        for problem in parsed.problems.iter().filter(|_| !encoded) {
            let length = lines.get(problem.line - 1).expect("a line of the text");
            assert!(
                (1..=length + 1).contains(&problem.column),
                "{problem} in a line of {length} characters"
            );
            assert!(
                !problem.to_string().chars().any(char::is_control),
                "{problem}"
            );
        }
    }
    let Ok(document) = Document::parse(text) else {
        return;
    };
    assert_eq!(Document::parse(&document.to_json()).as_ref(), Ok(&document));
    let policies = Policies {
        identity: vec![&document],
        resource: Some(&document),
        ..Policies::default()
    };
    let TestRequest {
        principal,
        action,
        resource,
        context,
    } = asked;
    evaluate(
        &policies,
        &Request {
            principal,
            action,
            resource,
            resource_account: Some(ACCOUNT),
            context,
        },
    );
    of_policy(&document, &SCOPE);
    doors(Some(&document), &SCOPE, Some(UrlAuth::None));
}

/// JSON that uses the words of policies, rightly and wrongly.
fn json_like_a_policy() -> impl Strategy<Value = Value> {
    let words = prop::sample::select(vec![
        "Version",
        "2012-10-17",
        "Id",
        "Statement",
        "Sid",
        "Effect",
        "Allow",
        "Deny",
        "Principal",
        "NotPrincipal",
        "AWS",
        "Service",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "StringLike",
        "ForAnyValue:ArnLikeIfExists",
        "Null",
        "aws:SourceArn",
        "*",
        "**?*",
        "lambda:*",
        "arn:aws:s3:::b/*",
        "arn::::::",
        "${aws:username, 'x'}",
        "${",
        "\u{202e}",
        "\u{0}",
        "ä",
    ]);
    let word = prop_oneof![4 => words.prop_map(str::to_owned), 1 => ".{0,6}"].boxed();
    let leaf = prop_oneof![
        6 => word.clone().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..9)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// A statement with its members' own kinds of values, or with any.
fn nearly_a_policy() -> impl Strategy<Value = String> {
    let statement = (
        json_like_a_policy(),
        json_like_a_policy(),
        json_like_a_policy(),
        json_like_a_policy(),
    );
    prop::collection::vec(statement, 0..4).prop_map(|statements| {
        let statements: Vec<Value> = statements
            .into_iter()
            .map(|(principal, action, resource, condition)| {
                json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": resource,
                    "Condition": {"StringLike": {"aws:SourceArn": condition}}})
            })
            .collect();
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..512), asked in asked()) {
        exercise(&String::from_utf8_lossy(&bytes), &asked);
    }

    #[test]
    fn any_json_is_read(value in json_like_a_policy(), asked in asked()) {
        exercise(&value.to_string(), &asked);
        exercise(&format!("{value:#}"), &asked);
    }

    #[test]
    fn what_is_nearly_a_policy_is_read(text in nearly_a_policy(), asked in asked()) {
        exercise(&text, &asked);
    }

    #[test]
    fn a_policy_with_one_part_cut_out_is_read(document in kind().prop_flat_map(document), from in any::<prop::sample::Index>(), length in 1..9_usize, asked in asked()) {
        let text = document.to_json();
        let from = from.index(text.len());
        let to = text.ceil_char_boundary((from + length).min(text.len()));
        exercise(&format!("{}{}", &text[..text.floor_char_boundary(from)], &text[to..]), &asked);
    }

    #[test]
    fn what_is_printed_is_read_again(document in kind().prop_flat_map(document), asked in asked()) {
        let text = document.to_json();
        prop_assert_eq!(Document::parse(&text), Ok(document.clone()), "{}", text);
        let pretty = serde_json::to_string_pretty(&document).expect("JSON");
        prop_assert_eq!(Document::parse(&pretty), Ok(document.clone()));
        let encoded: String = text.bytes().fold(String::new(), |mut all, byte| { write!(all, "%{byte:02X}").expect("a text"); all });
        prop_assert_eq!(Document::parse_url_encoded(&encoded), Ok(document));
        exercise(&text, &asked);
    }

    #[test]
    fn generated_policies_of_a_kind_have_nothing_that_is_not_understood((kind, document) in kind().prop_flat_map(|kind| (Just(kind), document(kind)))) {
        prop_assert_eq!(Parsed::of(&document.to_json(), kind).document, Some(document));
    }
}

/// The largest documents that are read, each made to be dear to read: what takes the square of
/// their length would not come back.
#[test]
fn a_hostile_text_is_read_to_its_end() {
    let many = |part: &str, around: (&str, &str)| {
        format!(
            "{}{}{}",
            around.0,
            vec![part; 1_000_000 / (part.len() + 1)].join(","),
            around.1
        )
    };
    let long = |part: &str, around: (&str, &str)| {
        format!(
            "{}{}{}",
            around.0,
            part.repeat(1_000_000 / part.len()),
            around.1
        )
    };
    let action = (
        r#"{"Statement":{"Effect":"Allow","Action":["#,
        r#"],"Resource":"*"}}"#,
    );
    let condition = (
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"#,
        "}}}",
    );
    let texts = [
        many("1", ("[", "]")),
        many("1", (r#"{"Statement":["#, "]}")),
        many(
            r#"{"Effect":"Allow","Action":"","Resource":"","Sid":""}"#,
            (r#"{"Statement":["#, "]}"),
        ),
        many(r#""s3:*""#, action),
        many("\"\n\"", action),
        many(r#""""#, action),
        many(r#""Effect":"allow""#, (r#"{"Statement":{"#, "}}")),
        many(r#""Efect":{}"#, (r#"{"Statement":{"#, "}}")),
        many(r#""StringLik":{}"#, condition),
        many(r#""StringLike":{"aws:SourceArm":"*"}"#, condition),
        many(
            r#""aws:SourceArm":"*""#,
            (
                r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringLike":{"#,
                "}}}}",
            ),
        ),
        long(
            "${a}",
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::"#,
                r#""}}"#,
            ),
        ),
        long(
            "*",
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::"#,
                r#""}}"#,
            ),
        ),
        long(
            "${",
            (
                r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:"#,
                r#""}}"#,
            ),
        ),
        long("[", ("", "")),
        long("\n", ("", "")),
        long("%7B", ("", "")),
        long("ä", ("\"", "\"")),
        long("\\u00e4", ("{\"", "\":1}")),
    ];
    for text in texts {
        for kind in [PolicyKind::Identity, PolicyKind::Resource] {
            assert!(problems(&text, kind).len() <= 202);
        }
    }
    assert!(
        Document::parse(&" ".repeat((1 << 20) + 1))
            .is_err_and(|error| error.to_string().contains("more than any service"))
    );
}
