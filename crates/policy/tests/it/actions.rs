//! The table of actions is whole and says what AWS says.

use std::collections::BTreeSet;

use lambdasweep_policy::actions::{
    AccessLevel, expand, find, levels, levels_except, provenance, provenance_of_keys, share,
};

fn header(key: &str) -> String {
    let prefix = format!("{key}: ");
    provenance()
        .find_map(|line| line.strip_prefix(&prefix))
        .expect("a line of the header")
        .to_owned()
}

#[test]
fn counts_are_those_of_the_header() {
    let all = expand("*");
    assert_eq!(header("actions"), all.len().to_string());
    assert_eq!(
        header("services"),
        all.iter()
            .map(|action| action.service)
            .collect::<BTreeSet<_>>()
            .len()
            .to_string()
    );
    assert_eq!(share(&[]), (all.len(), all.len()));
    assert!(header("source").contains("MIT") && header("date").len() == 10);
}

#[test]
fn keys_are_as_many_as_their_header_says_and_as_old_as_the_actions() {
    let header_of_keys = |key: &str| {
        provenance_of_keys()
            .find_map(|line| line.strip_prefix(key))
            .expect("a line of the header")
    };
    let keys: Vec<_> = expand("*")
        .into_iter()
        .map(|action| (action, action.condition_keys()))
        .collect();
    let with_keys = keys
        .iter()
        .filter(|(_, keys)| keys.as_ref().is_some_and(|keys| !keys.is_empty()))
        .count();
    assert_eq!(header_of_keys("actions: "), with_keys.to_string());
    assert_eq!(header_of_keys("date: "), header("date"));
    let unknown: Vec<String> = keys
        .iter()
        .filter(|(_, keys)| keys.is_none())
        .map(|(action, _)| action.to_string())
        .collect();
    assert_eq!(unknown.len(), 4, "those from Lambda's model: {unknown:?}");
    for (action, keys) in &keys {
        assert!(
            keys.iter()
                .flatten()
                .all(|key| key.contains(':') && !key.to_ascii_lowercase().starts_with("aws:")),
            "{action}: {keys:?}"
        );
    }
}

#[test]
fn every_action_is_found_whatever_its_case_and_has_a_level() {
    for action in expand("*") {
        let name = action.to_string();
        assert_eq!(find(&name), Some(action), "{name}");
        assert_eq!(find(&name.to_uppercase()), Some(action), "{name}");
        assert_ne!(action.level, AccessLevel::Unknown, "{name}");
    }
}

#[test]
fn levels_are_awss() {
    for (name, level) in [
        ("s3:ListBucket", AccessLevel::List),
        ("s3:GetObject", AccessLevel::Read),
        ("s3:PutObject", AccessLevel::Write),
        ("s3:PutBucketPolicy", AccessLevel::PermissionsManagement),
        ("sqs:SendMessage", AccessLevel::Write),
        ("sns:Publish", AccessLevel::Write),
        (
            "iam:CreatePolicyVersion",
            AccessLevel::PermissionsManagement,
        ),
        ("iam:PassRole", AccessLevel::PermissionsManagement),
        ("sts:AssumeRole", AccessLevel::Write),
        ("ec2:RunInstances", AccessLevel::Write),
        ("ec2:CreateTags", AccessLevel::Tagging),
        ("lambda:InvokeFunction", AccessLevel::Write),
        ("lambda:InvokeFunctionUrl", AccessLevel::Write),
        ("lambda:AddPermission", AccessLevel::PermissionsManagement),
        (
            "lambda:AddLayerVersionPermission",
            AccessLevel::PermissionsManagement,
        ),
        ("lambda:ListFunctions", AccessLevel::List),
        ("lambda:TagResource", AccessLevel::Tagging),
        // From the service model, of 2026.
        ("lambda:GetResourcePolicy", AccessLevel::Read),
        (
            "lambda:PutResourcePolicy",
            AccessLevel::PermissionsManagement,
        ),
        (
            "lambda:DeleteResourcePolicy",
            AccessLevel::PermissionsManagement,
        ),
    ] {
        let action = find(name).expect(name);
        assert_eq!((action.to_string().as_str(), action.level), (name, level));
        assert_eq!(levels(name).iter().collect::<Vec<_>>(), [level], "{name}");
    }
}

#[test]
fn every_operation_of_lambdas_model_is_an_action_but_those_with_another_name() {
    let model: serde_json::Value =
        serde_json::from_str(include_str!("../../../../mock-server/models/lambda.json"))
            .expect("a model");
    for operation in model["operations"].as_object().expect("operations").keys() {
        let action = if operation == "Invoke" {
            "InvokeFunction"
        } else {
            operation
        };
        assert!(find(&format!("lambda:{action}")).is_some(), "{operation}");
    }
}

#[test]
fn patterns_cover_what_they_match() {
    let slow = |pattern: &str| {
        let pattern = pattern.to_lowercase();
        let pattern = if pattern == "*" {
            "*:*".to_owned()
        } else {
            pattern
        };
        let matches = |name: &str| glob(pattern.as_bytes(), name.to_lowercase().as_bytes());
        expand("*")
            .into_iter()
            .filter(|action| matches(&action.to_string()))
            .collect::<Vec<_>>()
    };
    for pattern in [
        "*",
        "s3:*",
        "s3:Get*",
        "S3:*OBJECT*",
        "lambda:?etPolicy",
        "iam:*Role*Policy",
        "*:Describe*",
        "s?s:SendMessage",
        "lambda:Get*Config",
        "nosuch:*",
        "s3:",
        "ec2:describeinstances",
    ] {
        assert_eq!(expand(pattern), slow(pattern), "{pattern}");
        let expected: BTreeSet<AccessLevel> =
            slow(pattern).iter().map(|action| action.level).collect();
        let expected = if expected.is_empty() {
            BTreeSet::from([AccessLevel::Unknown])
        } else {
            expected
        };
        assert_eq!(
            levels(pattern).iter().collect::<BTreeSet<_>>(),
            expected,
            "{pattern}"
        );
    }
}

#[test]
fn exceptions_are_taken_out() {
    assert_eq!(levels_except("s3:*", &["s3:*"]).iter().count(), 0);
    assert_eq!(levels_except("sqs:*", &["S3:*"]), levels("sqs:*"));
    assert_eq!(
        levels_except("ec2:Describe*", &["ec2:*Instances"]),
        levels("ec2:Describe*")
    );
    assert_eq!(
        levels_except("nosuch:*", &["s3:*"]).highest(),
        Some(AccessLevel::Unknown)
    );
    assert_eq!(share(&["*"]).1, 0);
    assert_eq!(share(&["*:*"]).1, 0);
    assert_eq!(
        share(&["iam:*"]).1,
        expand("*").len() - expand("iam:*").len()
    );
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|at| glob(rest, &text[at..])),
        Some((byte, rest)) => text
            .split_first()
            .is_some_and(|(first, text)| (*byte == b'?' || byte == first) && glob(rest, text)),
    }
}
