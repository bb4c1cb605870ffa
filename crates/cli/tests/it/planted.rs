//! No secret is written anywhere. Literals are planted in every text that AWS hands out and
//! somebody else may have written, and then looked for, as they are, in all that a scan leaves
//! behind: what it keeps, what it prints, what it logs.

use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use lambdasweep_tables::{Journal, Kind, Scan, TABLES};
use serde_json::{Value, json};

use crate::between::{Answer, Call, between};
use crate::harness::{Mock, only_scan, program, rows, run};

const WORLD: &str = "accounts=6,regions=2,functions=90,seed=5,suspended=0,roleless=1";

/// Literals that no output may have, in parts so that this file holds no secret.
fn literals() -> Vec<String> {
    [
        ["AKIA", "Q4ZT2RVM7WKX3JHN"],
        ["gh", "p_zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"],
        ["kX9mQ2vL7p", "Tz!4Rw"],
        ["Hb7rN4wq", "Zx81Lk"],
        ["q8Zr3VxW1nT5yK7mB2cJ", "9dLfH4gPsA6uEoR0iXvC"],
    ]
    .map(|parts| parts.concat())
    .to_vec()
}

/// Words for a text: each literal stands as secrets stand in texts.
fn text() -> String {
    let all = literals();
    let [key, token, password, of_address, secret_key] = &all[..] else {
        panic!("five")
    };
    format!(
        "note {key} {token} password={password} postgres://app:{of_address}@db.internal/x {secret_key} end"
    )
}

/// What fits into a name or a path: what is a secret by its form alone.
fn name() -> String {
    literals()[1].clone()
}

/// Members of answers that hold what somebody wrote, in any service.
const TEXTS: &[&str] = &[
    "Name",
    "Email",
    "Description",
    "LicenseInfo",
    "Sid",
    "Message",
    "message",
    "Handler",
    "LogGroup",
    "StateReason",
    "LastUpdateStatusReason",
    "ResolvedImageUri",
    "aws:Referer",
    "aws:UserAgent",
    "lambda:EventSourceToken",
    "sts:ExternalId",
    "aws:PrincipalTag/team",
];

/// Plants in everything that is JSON, also in documents that stand as texts in others.
fn plant(value: &mut Value, planted: &AtomicUsize) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| plant(value, planted)),
        Value::Object(members) => {
            // Texts that are optional, and that the world may not have.
            for (beside, member) in [
                ("LayerVersionArn", "Description"),
                ("LayerVersionArn", "LicenseInfo"),
                ("CodeSha256", "LoggingConfig"),
                ("AwsManaged", "Description"),
            ] {
                if members.contains_key(beside) {
                    let value = if member == "LoggingConfig" {
                        json!({"LogGroup": "/aws/lambda"})
                    } else {
                        json!("")
                    };
                    members.insert(member.to_owned(), value);
                }
            }
            // Names of aliases are what later calls ask for.
            let is_alias = members.contains_key("AliasArn");
            for (key, value) in members
                .iter_mut()
                .filter(|(key, _)| !is_alias || *key != "Name")
            {
                match value {
                    Value::String(old)
                        if matches!(key.as_str(), "Policy" | "Content" | "PolicyDocument") =>
                    {
                        if let Ok(mut document) = serde_json::from_str::<Value>(old) {
                            plant_statements(&mut document, planted);
                            *old = document.to_string();
                        }
                    }
                    Value::String(old) if TEXTS.contains(&key.as_str()) => {
                        *old = format!("{old} {}", text());
                        planted.fetch_add(1, Ordering::Relaxed);
                    }
                    // What its owner named and set: names of variables, keys and values of tags.
                    Value::Object(own) if matches!(key.as_str(), "Variables" | "Tags") => {
                        own.insert(text(), json!(text()));
                        own.insert("API_TOKEN".to_owned(), json!(literals()[2]));
                        planted.fetch_add(2, Ordering::Relaxed);
                    }
                    _ => plant(value, planted),
                }
            }
        }
        _ => {}
    }
}

/// Statements that restrict by values of all kinds.
fn plant_statements(document: &mut Value, planted: &AtomicUsize) {
    let statements = match &mut document["Statement"] {
        Value::Array(statements) => statements.iter_mut().collect::<Vec<_>>(),
        one => vec![one],
    };
    for statement in statements {
        let all = literals();
        statement["Sid"] = json!(text());
        let operator = &mut statement["Condition"]["StringLike"];
        operator["aws:Referer"] = json!(all[2]);
        operator["aws:UserAgent"] = json!([all[3], "*"]);
        operator["sts:ExternalId"] = json!(all[2]);
        operator["lambda:EventSourceToken"] = json!(all[3]);
        operator["aws:PrincipalTag/team"] = json!(all[4]);
        operator["aws:SourceArn"] = json!(format!("arn:aws:s3:::{}", all[1]));
        planted.fetch_add(7, Ordering::Relaxed);
    }
}

/// Answers as the mock does, with literals in every text.
fn planting(planted: Arc<AtomicUsize>) -> impl Fn(&Call) -> Answer + Send + Sync {
    move |call| {
        let mut answer = call.forward();
        if let Ok(mut body) = serde_json::from_str::<Value>(&answer.body) {
            plant(&mut body, &planted);
            answer.body = body.to_string();
        } else if answer.body.contains('<') {
            // IAM and STS: texts of errors, names of inline and managed policies, paths, and
            // statements in percent-encoded documents.
            let (words, name) = (text(), name());
            answer.body = answer
                .body
                .replace("</Message>", &format!(" {words}</Message>"))
                .replace("</PolicyName>", &format!("-{name}</PolicyName>"))
                .replace("%22Sid%22%3A%22", &format!("%22Sid%22%3A%22{name}"))
                .replace(
                    "%22Resource%22%3A%22%2A%22",
                    &format!("%22Resource%22%3A%22arn%3Aaws%3As3%3A%3A%3A{name}%2F%2A%22"),
                );
            planted.fetch_add(1, Ordering::Relaxed);
        }
        // A path of roles and a name of functions, everywhere alike.
        answer.body = answer.body.replace(":role/", &format!(":role/{}/", name()));
        answer
    }
}

fn assert_clean(what: &str, text: &str) {
    for literal in literals() {
        let at = text
            .find(&literal)
            .map(|at| &text[text.floor_char_boundary(at.saturating_sub(120))..at]);
        assert!(at.is_none(), "{what} has a planted literal behind: {at:?}");
    }
}

/// Everything below a folder, as bytes.
fn assert_files_clean(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_files_clean(&path);
        } else {
            assert_clean(
                &path.display().to_string(),
                &String::from_utf8_lossy(&std::fs::read(&path).unwrap()),
            );
        }
    }
}

fn columns(table: &lambdasweep_tables::Table) -> Vec<&'static str> {
    table
        .columns
        .iter()
        .filter(|column| column.kind == Kind::Text)
        .map(|column| column.name)
        .collect()
}

/// The columns of a scan that hold something that was taken out.
fn assert_tables_clean(scan: &Scan) -> Vec<String> {
    let mut redacted = Vec::new();
    for table in TABLES {
        for (column, name) in columns(table).into_iter().map(|name| (vec![name], name)) {
            let texts = rows(scan, table.name, &column);
            texts
                .iter()
                .for_each(|row| assert_clean(&format!("{}.{name}", table.name), &row[0]));
            if texts.iter().any(|row| row[0].contains("[redacted]")) {
                redacted.push(format!("{}.{name}", table.name));
            }
        }
    }
    redacted
}

#[test]
fn no_planted_literal_is_in_anything_that_a_scan_leaves() {
    let mock = Mock::start(WORLD);
    let planted = Arc::new(AtomicUsize::new(0));
    let url = between(&mock, planting(Arc::clone(&planted)));
    for log in ["", "debug", "trace"] {
        let out = tempfile::tempdir().unwrap();
        let lines = out.path().join("findings.jsonl");
        let arguments = [
            "--endpoint-url",
            &url,
            "--jsonl",
            lines.to_str().unwrap(),
            "--with-pass",
            "--facts",
            "all",
            "-vv",
        ];
        let mut command = mock.scan(out.path(), &arguments);
        if !log.is_empty() {
            command.env("LAMBDASWEEP_LOG", log);
        }
        let (code, said) = run(command);
        assert_eq!(code, 4, "one account has no role: {said}");
        assert!(planted.load(Ordering::Relaxed) > 500, "{planted:?}");
        assert_clean(&format!("standard output or the log ({log})"), &said);
        assert_files_clean(out.path());
        let redacted = assert_tables_clean(&only_scan(out.path()));
        // The literals came as far as here, or their absence would show nothing.
        for column in [
            "accounts.name",
            "coverage.message",
            "function_environment.name",
            "function_tags.key",
            "function_tags.value",
            "functions.handler",
            "functions.log_group",
            "functions.role_arn",
            "layers.description",
            "layers.license",
            "organization_policies.description",
            "organization_policies.document",
            "organizational_units.name",
            "resource_policy_statements.sid",
            "resource_policy_statements.statement",
            "role_grants.resources",
            "role_policies.policy_name",
            "roles.role_arn",
        ] {
            assert!(
                redacted.iter().any(|it| it == column),
                "{column} is not among {redacted:?}"
            );
        }
    }
}

/// Nor in a journal that a killed scan leaves, on the screen when the organisation is denied, or in
/// a plan.
#[test]
fn no_planted_literal_is_left_by_a_scan_that_does_not_end_well() {
    let planted = Arc::new(AtomicUsize::new(0));
    let mock = Mock::start(WORLD);
    let url = between(&mock, planting(Arc::clone(&planted)));
    let out = tempfile::tempdir().unwrap();
    let mut child = mock
        .scan(out.path(), &["--endpoint-url", &url, "--scan-id", "s1"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let journal = out.path().join("_journal/s1/journal");
    while std::fs::metadata(&journal).map_or(0, |it| it.len()) < 20_000
        && child.try_wait().unwrap().is_none()
    {
        assert!(begun.elapsed() < Duration::from_secs(60), "no journal");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_files_clean(out.path());
    if let Ok(journal) = Journal::open(out.path(), &"s1".parse().unwrap()) {
        for (table, unit) in TABLES
            .iter()
            .flat_map(|table| journal.units().into_iter().map(move |unit| (table, unit)))
        {
            let frame = journal.frame(table, &[unit]).unwrap();
            for column in columns(table) {
                let cells = frame.column(column).unwrap().str().unwrap().clone();
                cells.iter().flatten().for_each(|cell| {
                    assert_clean(&format!("the journal's {}.{column}", table.name), cell)
                });
            }
        }
    }

    for denied in [
        "organizations:ListPolicies=AccessDeniedException",
        "organizations:ListAccounts=AccessDeniedException",
        "sts:AssumeRole=AccessDenied",
    ] {
        let mock = Mock::with_faults(WORLD, &[denied]);
        let url = between(&mock, planting(Arc::clone(&planted)));
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(mock.scan(out.path(), &["--endpoint-url", &url, "-vv"]));
        assert!(code == 1 || code == 4, "{denied}: {said}");
        assert_clean(&format!("what is said of {denied}"), &said);
        assert_files_clean(out.path());
        let mut plan = program(mock.management_account());
        plan.args(["plan", "--endpoint-url", &url]);
        assert_clean(&format!("the plan of {denied}"), &run(plan).1);
    }
}

/// Credentials of the scan itself: keys and tokens of sessions, at the most talkative that a log
/// can be.
#[test]
fn no_credential_of_a_session_is_logged() {
    let mock = Mock::start(WORLD);
    let given: Arc<Mutex<Vec<String>>> = Arc::default();
    let keep = Arc::clone(&given);
    let url = between(&mock, move |call| {
        let answer = call.forward();
        for member in ["AccessKeyId", "SecretAccessKey", "SessionToken"] {
            let (open, close) = (format!("<{member}>"), format!("</{member}>"));
            let values = answer
                .body
                .split(&open)
                .skip(1)
                .filter_map(|rest| Some(rest.split_once(&close)?.0.to_owned()));
            keep.lock().unwrap().extend(values);
        }
        answer
    });
    let out = tempfile::tempdir().unwrap();
    let mut command = mock.scan(out.path(), &["--endpoint-url", &url, "-vv"]);
    command.env("LAMBDASWEEP_LOG", "trace").env(
        "AWS_SECRET_ACCESS_KEY",
        "Zt7wK2mXq9Rv4Lp8Bn3Hc6Jd1Fg5Sy0TaUeIoWzQ",
    );
    let (_, said) = run(command);
    let given = given.lock().unwrap();
    assert!(given.len() >= 9, "{}", given.len());
    for secret in given
        .iter()
        .map(String::as_str)
        .chain(["Zt7wK2mXq9Rv4Lp8Bn3Hc6Jd1Fg5Sy0TaUeIoWzQ"])
    {
        assert!(!said.contains(secret), "a credential was logged");
    }
    assert!(
        !said.contains("X-Amz-Signature"),
        "a presigned link was logged"
    );
}
