//! `lambdasweep policy`: every case of testdata/policies through the commands, what they look like,
//! and what they make of bad input.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The program without any surroundings, as a pipe gives it.
fn policy(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lambdasweep"));
    command
        .env_clear()
        .env("LANG", "C.UTF-8")
        .arg("policy")
        .args(arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.as_bytes().to_vec();
    // From a thread of its own: the answers may fill their pipe first.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A program that refuses its arguments reads nothing.
    let _ = writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The answers to a batch, one for each line.
pub(crate) fn answers(arguments: &[&str], input: &str) -> (i32, Vec<Value>) {
    let (code, stdout, stderr) = policy(arguments, input);
    assert_eq!(stderr, "");
    (
        code,
        stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

/// All cases of a folder of testdata/policies, one a line.
pub(crate) fn cases(folder: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../testdata/policies")
        .join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let text: String = files
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .collect();
    assert!(text.lines().count() > 50, "the cases are there");
    text
}

/// The cases of problems as inputs: the document's text is the policy, which then is a string.
pub(crate) fn problem_cases() -> String {
    cases("problems").replace("\"text\":", "\"policy\":")
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[test]
fn every_case_of_evaluate_is_answered_as_it_should_be() {
    let (code, answers) = answers(&["evaluate", "-", "--output", "json"], &cases("evaluate"));
    assert_eq!(code, 0);
    assert_eq!(answers.len(), cases("evaluate").lines().count());
    for answer in answers {
        let expect = &answer["expect"];
        assert_eq!(answer["decision"], expect["decision"], "{answer}");
        if expect["decided_by"].is_array() {
            assert_eq!(
                texts(&answer["decided_by"]),
                texts(&expect["decided_by"]),
                "{answer}"
            );
        }
        assert_eq!(
            answer["denied_by"].is_null(),
            matches!(answer["decision"].as_str(), Some("allowed" | "unknown")),
            "{answer}"
        );
        assert_eq!(
            texts(&answer["decided_by"]).len(),
            answer["statements"].as_array().map_or(0, Vec::len),
            "{answer}"
        );
    }
}

#[test]
fn every_case_of_check_is_answered_as_it_should_be() {
    let (code, answers) = answers(&["check", "-", "--output", "json"], &cases("check"));
    assert_eq!(code, 0);
    assert_eq!(answers.len(), cases("check").lines().count());
    for answer in answers {
        let expect = answer["expect"].as_object().unwrap();
        for (member, expected) in expect {
            match member.as_str() {
                "exposure" => assert_eq!(answer["exposure"], *expected, "{answer}"),
                "actions" => {
                    for (action, exposure) in expected.as_object().unwrap() {
                        assert_eq!(answer["actions"][action], *exposure, "{answer}");
                    }
                }
                "accounts"
                | "organizations"
                | "source_accounts"
                | "source_organizations"
                | "services" => {
                    assert_eq!(texts(&answer[member]), texts(expected), "{answer}")
                }
                other => panic!("{other} is compared with nothing: {answer}"),
            }
        }
    }
}

#[test]
fn every_problem_is_told_with_its_place() {
    let (code, answers) = answers(&["check", "-", "--output", "json"], &problem_cases());
    assert_eq!(code, 0);
    assert_eq!(answers.len(), problem_cases().lines().count());
    for answer in answers {
        let expect = answer["expect"].as_object().unwrap();
        let fits = |problem: &&Value| {
            expect
                .iter()
                .all(|(member, expected)| problem[member] == *expected)
        };
        assert!(
            answer["problems"]
                .as_array()
                .unwrap()
                .iter()
                .any(|problem| fits(&problem)),
            "{answer}"
        );
    }
}

const PUBLIC: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Deploy", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "lambda:UpdateFunctionCode",
     "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:pay"},
    {"Sid": "Anybody", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction",
     "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:pay"},
    {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction",
     "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:pay", "Conditions": {}}
  ]
}
"#;

#[test]
fn a_document_is_told_in_words() {
    let arguments = [
        "check",
        "-",
        "--resource",
        "arn:aws:lambda:eu-west-1:111122223333:function:pay",
    ];
    let (code, said, _) = policy(&arguments, &PUBLIC.replace(", \"Conditions\": {}", ""));
    assert_eq!(code, 0);
    insta::assert_snapshot!("check", said);
    let (code, said, _) = policy(&arguments, PUBLIC);
    assert_eq!(code, 0);
    insta::assert_snapshot!("check_with_a_mistake", said);
    let (code, said, _) = policy(
        &["check", "-", "--type", "scp"],
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"lambda:*","Resource":"*"}}"#,
    );
    assert_eq!(code, 0);
    insta::assert_snapshot!("check_of_a_control_policy", said);
}

#[test]
fn a_request_is_told_in_words() {
    let request = |more: &str| {
        format!(
            r#"{{"principal": "arn:aws:iam::111122223333:user/ana", "action": "lambda:InvokeFunction",
  "resource": "arn:aws:lambda:eu-west-1:111122223333:function:pay",
  "identity_policies": [{{"Version": "2012-10-17", "Statement": [{{"Sid": "All", "Effect": "Allow", "Action": "lambda:*", "Resource": "*"}}]}}]{more}}}"#
        )
    };
    let scps = r#", "scps": [[{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}]]"#;
    let boundary = r#", "permissions_boundary": {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}"#;
    let told: Vec<String> = ["", scps, boundary]
        .iter()
        .map(|more| policy(&["evaluate", "-"], &request(more)).1)
        .collect();
    insta::assert_snapshot!("evaluate", told.join("---\n"));
}

const BATCH: &str = r#"{"id": 1, "policy": {"Version": "2012-10-17", "Statement": []}, "account": "111122223333"}
{"id": 2, "policy": {"Version": "2012-10-17"

{"id": "\u001b[31mthree", "resource": "arn:aws:lambda:eu-west-1:111122223333:function:pay"}
{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"}}
{"id": 5, "policy": "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D", "type": "trust"}
{"id": 6, "polices": {"Statement": []}, "policy": "{}"}
[7]
"#;

#[test]
fn a_bad_line_is_an_error_row_and_not_the_end() {
    let (code, answers) = answers(&["check", "-", "--output", "json"], BATCH);
    assert_eq!(code, 1);
    let lines: Vec<_> = answers
        .iter()
        .map(|answer| answer["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [1, 2, 4, 5, 6, 7, 8]);
    let errors: Vec<_> = answers
        .iter()
        .filter(|answer| answer["error"].is_string())
        .map(|answer| answer["line"].as_u64().unwrap())
        .collect();
    assert_eq!(errors, [2, 4, 7, 8]);
    assert_eq!(
        (&answers[0]["id"], &answers[2]["id"], &answers[4]["id"]),
        (&1.into(), &"\u{1b}[31mthree".into(), &5.into())
    );
    assert_eq!(
        (&answers[3]["exposure"], &answers[4]["exposure"]),
        (&"everyone".into(), &"none".into())
    );
    assert!(
        answers[5]["error"]
            .as_str()
            .unwrap()
            .contains("did you mean `policy`?"),
        "{}",
        answers[5]
    );
    let (code, said, _) = policy(&["check", "-"], BATCH);
    assert_eq!(code, 1);
    assert!(!said.contains('\u{1b}'), "{said:?}");
    insta::assert_snapshot!("batch", said);
}

#[test]
fn a_single_input_that_cannot_be_answered_is_an_error() {
    let (code, stdout, _) = policy(
        &["evaluate", "-", "--output", "json"],
        r#"{"id": 9, "principal": "arn:aws:iam::111122223333:user/ana"}"#,
    );
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (code, &answer["error"], &answer["id"]),
        (1, &"`action` is missing".into(), &9.into())
    );
    for (arguments, input, code, word) in [
        (&["check", "-"][..], "", 1, "empty"),
        (
            &["check", "/nonexistent/policy.json"],
            "",
            1,
            "/nonexistent/policy.json",
        ),
        (
            &["check", "-", "--type", "role"],
            "",
            2,
            "not a kind of policy",
        ),
        (&["check", "-", "--account", "12"], "", 2, "twelve digits"),
        (
            &["check", "-", "--fail-on", "public"],
            "",
            2,
            "service-any-source",
        ),
        (&["evaluate"], "", 2, "FILE"),
    ] {
        let (found, stdout, stderr) = policy(arguments, input);
        assert_eq!(found, code, "{arguments:?}: {stdout}{stderr}");
        assert!(
            stderr.starts_with("error:") && stderr.contains(word),
            "{arguments:?}: {stderr}"
        );
    }
}

#[test]
fn an_exposure_can_be_made_to_fail() {
    let open = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*"}}"#;
    let own = open.replace("\"*\",\"Action", "{\"AWS\":\"111122223333\"},\"Action");
    let broken = open.replace("Allow", "Permit");
    for (document, least, expected) in [
        (open, "everyone", 3),
        (open, "accounts", 3),
        (own.as_str(), "accounts", 0),
        (own.as_str(), "account", 3),
        (broken.as_str(), "everyone", 3),
    ] {
        let (code, said, _) = policy(
            &[
                "check",
                "-",
                "--account",
                "111122223333",
                "--fail-on",
                least,
            ],
            document,
        );
        assert_eq!(code, expected, "{least}: {said}");
    }
}

#[test]
fn hostile_texts_reach_no_terminal() {
    let document = r#"{"Version":"2012-10-17","Statement":{"Sid":"\u001b[2J\u202e","Effect":"Allow","Principal":{"AWS":"\u001b]0;x\u0007"},"Action":"lambda:\u001b[31m\nInvoke","Resource":"*","\u001bx":1}}"#;
    let request = r#"{"principal":"\u001b[2J","action":"a:b","resource":"*"}"#;
    for (command, input) in [("check", document), ("evaluate", request)] {
        let (_, stdout, stderr) = policy(&[command, "-"], input);
        let all = format!("{stdout}{stderr}");
        assert!(
            !all.chars()
                .any(|c| c != '\n' && lambdasweep_model::acts_on_terminal(c)),
            "{all:?}"
        );
    }
}
