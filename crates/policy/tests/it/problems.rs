//! What is wrong with a document is told with its place, and what is right is not refused.

use std::fs;
use std::path::Path;

use lambdasweep_policy::{Document, Level, Parsed, PolicyKind, Problem, problems};
use serde_json::{Value, json};

/// The cases of a folder of `testdata/policies`, each with the file that it stands in.
fn cases(folder: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/policies")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let name = file
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        for line in fs::read_to_string(&file).expect("the file").lines() {
            cases.push((name.clone(), serde_json::from_str(line).expect("a case")));
        }
    }
    cases
}

fn described(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(|it| format!("\n  {} {it}", it.level.as_str()))
        .collect()
}

#[test]
fn each_case_is_told() {
    let mut wrong = Vec::new();
    let cases = cases("problems");
    assert!(cases.len() >= 67, "{} cases", cases.len());
    for (file, case) in cases {
        let (text, kind) = (
            case["text"].as_str().expect("a text"),
            case["type"].as_str().expect("a type"),
        );
        let found = problems(text, kind.parse().expect("a kind"));
        let expected = &case["expect"];
        let told = found.iter().any(|it| {
            let statement = expected
                .get("statement")
                .is_none_or(|index| it.statement.map(|it| it as u64) == index.as_u64());
            let member = expected
                .get("member")
                .is_none_or(|member| it.member.as_deref() == member.as_str());
            it.level.as_str() == expected["level"]
                && statement
                && member
                && it.line >= 1
                && it.column >= 1
        });
        // A case is about one thing: nothing else may be called an error.
        let further =
            expected["level"] == "warning" && found.iter().any(|it| it.level == Level::Error);
        if !told || further {
            wrong.push(format!(
                "{file}/{}: {expected}{}",
                case["id"],
                described(&found)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_only_looks_like_a_problem_is_none() {
    let mut wrong = Vec::new();
    let cases = cases("accepted");
    assert!(cases.len() >= 26, "{} cases", cases.len());
    for (file, case) in cases {
        let (text, kind) = (
            case["text"].as_str().expect("a text"),
            case["type"].as_str().expect("a type"),
        );
        let found = problems(text, kind.parse().expect("a kind"));
        if !found.is_empty() {
            wrong.push(format!("{file}/{}:{}", case["id"], described(&found)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_key_that_no_action_knows_is_told_with_what_it_does() {
    let message = |effect: &str, actions: &str, condition: &str| {
        let statement = format!(
            r#"{{"Effect":"{effect}","Action":{actions},"Resource":"*","Condition":{condition}}}"#
        );
        let found = problems(
            &format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#),
            PolicyKind::Identity,
        );
        found
            .into_iter()
            .map(|it| format!("{}: {}", it.level.as_str(), it.message))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let told = [
        message(
            "Allow",
            r#""s3:GetObject""#,
            r#"{"StringLike":{"s3:prefix":"a/*"}}"#,
        ),
        message(
            "Deny",
            r#"["s3:GetObject","s3:PutObject"]"#,
            r#"{"ForAnyValue:StringLike":{"s3:prefix":"a/*"}}"#,
        ),
        message(
            "Allow",
            r#""s3:Get*""#,
            r#"{"StringEqualsIfExists":{"s3:x-amz-acl":"private"}}"#,
        ),
        message(
            "Deny",
            r#"["sqs:*","sns:Get*","sns:List*","lambda:Get*","lambda:List*"]"#,
            r#"{"StringNotEquals":{"kms:ViaService":"a"}}"#,
        ),
        message(
            "Allow",
            r#""lambda:InvokeFunctionUrl""#,
            r#"{"Null":{"lambda:FunctionURLAuthTyp":"true"}}"#,
        ),
        message(
            "Allow",
            r#""ecs:RunTask""#,
            r#"{"Null":{"ecs:\u001bfamily":"false"}}"#,
        ),
    ];
    insta::assert_snapshot!(told.join("\n"));
}

/// AWS's own policies for Lambda and for those who may do much. Others have conditions that are
/// warned of.
const MANAGED: &[&str] = &[
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSLambda_FullAccess",
    "AWSLambda_ReadOnlyAccess",
    "AWSOrganizationsReadOnlyAccess",
    "AWSXRayDaemonWriteAccess",
    "AdministratorAccess",
    "AmazonS3ReadOnlyAccess",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
];

#[test]
fn aws_managed_policies_have_no_problem() {
    let lines = |compressed: &[u8]| {
        String::from_utf8(zstd::decode_all(compressed).expect("zstd")).expect("text")
    };
    let names = lines(include_bytes!(
        "../../../../mock-server/policies/aws-managed.txt.zst"
    ));
    let documents = lines(include_bytes!(
        "../../../../mock-server/policies/aws-managed-documents.txt.zst"
    ));
    let names = names
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split('\t').nth(1));
    let mut seen = 0;
    for (name, policy) in names
        .zip(documents.lines())
        .filter(|(name, _)| MANAGED.contains(name))
    {
        let found = problems(policy, PolicyKind::Identity);
        assert_eq!(
            found
                .iter()
                .filter(|it| it.member.as_deref() == Some("Condition"))
                .count(),
            0,
            "{name}{}",
            described(&found)
        );
        seen += 1;
    }
    assert_eq!(seen, MANAGED.len());
}

/// Cases with a document that AWS refuses, since they are about what it would mean.
const REFUSED: &[(&str, &str)] = &[
    (
        "action-question-mark-no-match",
        "matches no action of `lambda`",
    ),
    ("incomplete-arn-resource-policy", "is too short for an ARN"),
    ("trust-star", "cannot have `*` as its whole Principal"),
    (
        "unknown-operator-that-could-matter",
        "`StringResembles` is not a condition operator",
    ),
    (
        "unknown-operator-that-cannot-matter",
        "`StringResembles` is not a condition operator",
    ),
    (
        "unknown-operator-but-denied-anyway",
        "`StringResembles` is not a condition operator",
    ),
    (
        "unknown-operator-but-allowed-anyway",
        "`StringResembles` is not a condition operator",
    ),
    (
        "unknown-operator-in-the-only-allow",
        "`StringResembles` is not a condition operator",
    ),
];

#[test]
fn what_the_other_cases_hold_is_accepted() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    let mut look = |id: &Value, policy: &Value, kind: PolicyKind| {
        if policy.is_null() {
            return;
        }
        seen += 1;
        let text = policy
            .as_str()
            .map_or_else(|| policy.to_string(), str::to_owned);
        let parsed = Parsed::of(&text, kind);
        let errors: Vec<_> = parsed
            .problems
            .iter()
            .filter(|it| it.level == Level::Error)
            .cloned()
            .collect();
        let known = REFUSED.iter().find(|(name, _)| id == *name);
        let refused = errors
            .iter()
            .any(|it| known.is_none_or(|(_, part)| !it.message.contains(part)));
        if parsed.document.is_none() || refused {
            wrong.push(format!("{id} {kind}{}", described(&errors)));
        }
    };
    for (_, case) in cases("check") {
        look(
            &case["id"],
            &case["policy"],
            case["type"]
                .as_str()
                .expect("a type")
                .parse()
                .expect("a kind"),
        );
    }
    for (_, case) in cases("evaluate") {
        let id = &case["id"];
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        list(&case["identity_policies"])
            .iter()
            .for_each(|it| look(id, it, PolicyKind::Identity));
        list(&case["session_policies"])
            .iter()
            .for_each(|it| look(id, it, PolicyKind::Session));
        look(id, &case["permissions_boundary"], PolicyKind::Boundary);
        let is_trust = case["action"]
            .as_str()
            .is_some_and(|action| action.starts_with("sts:"));
        look(
            id,
            &case["resource_policy"],
            if is_trust {
                PolicyKind::Trust
            } else {
                PolicyKind::Resource
            },
        );
        list(&case["scps"])
            .iter()
            .flat_map(list)
            .for_each(|it| look(id, &it, PolicyKind::Scp));
        list(&case["rcps"])
            .iter()
            .flat_map(list)
            .for_each(|it| look(id, &it, PolicyKind::Rcp));
    }
    assert!(
        wrong.is_empty(),
        "{} of {seen}\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(seen > 1_000, "{seen} documents");
}

#[test]
fn what_is_right_has_no_problem() {
    let statement = |members: &str| {
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{members}}}}}"#)
    };
    for provider in [
        "graph.facebook.com",
        "www.amazon.com",
        "accounts.google.com",
        "cognito-identity.amazonaws.com",
    ] {
        let trust = format!(
            r#""Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity""#
        );
        assert_eq!(
            problems(&statement(&trust), PolicyKind::Trust),
            [],
            "{provider}"
        );
    }
    for action in [
        "*",
        "lambda:*",
        "IAM:listroles",
        "s3:Get*",
        "ec2:Describe?nstances",
        "sts:GetCallerIdentity",
        "iam:*Role*",
    ] {
        let identity = format!(r#""Action":"{action}","Resource":"*""#);
        assert_eq!(
            problems(&statement(&identity), PolicyKind::Identity),
            [],
            "{action}"
        );
    }
    for (operator, key, value) in [
        ("NumericLessThan", "aws:MultiFactorAuthAge", "3600"),
        ("NumericGreaterThan", "aws:EpochTime", "1767225600"),
        ("DateGreaterThan", "aws:epochtime", "2026-01-01T00:00:00Z"),
        ("BoolIfExists", "aws:SecureTransport", "true"),
        ("Null", "aws:MultiFactorAuthAge", "true"),
        (
            "StringLike",
            "aws:PrincipalArn",
            "arn:aws:iam::111122223333:role/*",
        ),
        ("NumericEquals", "aws:PrincipalTag/level", "7"),
        ("StringEquals", "aws:ViaAWSMCPService", "x"),
        ("NotIpAddress", "aws:VpcSourceIp", "10.0.0.0/8"),
    ] {
        let condition = format!(
            r#""Action":"*","Resource":"*","Condition":{{"{operator}":{{"{key}":"{value}"}}}}"#
        );
        let found = problems(&statement(&condition), PolicyKind::Identity);
        let wanted = usize::from(key == "aws:ViaAWSMCPService");
        assert_eq!(
            found.len(),
            wanted,
            "{operator} {key}: {}",
            described(&found)
        );
        assert!(
            !found
                .iter()
                .any(|it| it.message.contains("no global condition key")),
            "{key}"
        );
    }
}

#[test]
fn white_space_makes_no_policy_too_long() {
    let rule = |number: usize| {
        json!({"Sid": format!("rule{number:04}"), "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction",
            "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:pay",
            "Condition": {"ArnLike": {"aws:SourceArn": format!("arn:aws:events:eu-west-1:111122223333:rule/tenant-{number:04}-hourly")}}})
    };
    let policy = |count: usize| json!({"Version": "2012-10-17", "Statement": (0..count).map(rule).collect::<Vec<_>>()});
    let pretty = |count: usize| serde_json::to_string_pretty(&policy(count)).expect("JSON");
    let (fits, does_not) = (pretty(60), pretty(85));
    assert!(
        policy(60).to_string().len() < 20_480
            && fits.len() > 20_480
            && policy(85).to_string().len() > 20_480
    );
    assert_eq!(problems(&fits, PolicyKind::Resource), []);
    assert!(
        problems(&does_not, PolicyKind::Resource)[0]
            .message
            .contains("more than the 20480 that Lambda takes")
    );
}

#[test]
fn problems_read_well() {
    let text = r#"{
  "Version": "2012-10-17",
  "Id": "mine",
  "Statement": [
    {
      "Sid": "first one",
      "Effect": "Alow",
      "Actions": "s3:GetObject",
      "Resource": ["arn:aws:s3:::ä", "arn:aws:S3:::b", "*", "arn:aws:s3:::${aws:username"]
    },
    {
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::111122223333:role/*", "Users": "me"},
      "Action": ["lambda Invoke", "lam*:Invoke", 7],
      "NotAction": "*",
      "Condition": {
        "StringLikes": {"aws:SourceAcount": "111122223333"},
        "ForAllValues:StringEquals": {"aws:PrincipalOrgID": ["a1b2c3d4e5", "\u001b[31m*"]},
        "IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "10.1.0.0"], "AWS:SourceIP": "300.1.1.1"},
        "NumericLessThan": {"s3:max-keys": ["ten", 10, "${aws:username}"]}
      }
    }
  ]
}"#;
    let found = problems(text, PolicyKind::Identity);
    insta::assert_snapshot!(described(&found));
}

#[test]
fn what_makes_a_document_unreadable_is_listed_however_late_it_comes() {
    let refused = r#"{"Effect":"Allow","Action":"Invoke","Resource":"*"}"#;
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{},{{"Effect":"Maybe","Action":"s3:*"}}]}}"#,
        vec![refused; 150].join(",")
    );
    let parsed = Parsed::of(&text, PolicyKind::Identity);
    assert_eq!(parsed.document, None);
    let [.., late, last] = &parsed.problems[..] else {
        panic!("problems")
    };
    assert_eq!(
        (late.statement, late.member.as_deref()),
        (Some(150), Some("Effect"))
    );
    assert_eq!(last.message, "50 more problems are not listed.");
    let error = Document::parse(&text).expect_err("no Effect");
    assert_eq!(error.problem(), late);
}
