//! Answers that AWS does not give: whatever a proxy, a service or the network makes of an answer,
//! nothing becomes a PASS, and what passes costs nothing.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::{AS_OF, Mock, findings, only_scan, program, rows, run};

const SMALL: &str = "accounts=2,regions=1,functions=30,seed=4,suspended=0,roleless=0";

/// A proxy before the mock that answers in its stead the first `times` requests that contain a
/// text, and with nothing closes the connection.
struct Proxy(SocketAddr);

impl Proxy {
    fn start(mock: &Mock, matches: &'static str, times: usize, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, target, left) = (
            listener.local_addr().unwrap(),
            mock.server().address(),
            Arc::new(AtomicUsize::new(times)),
        );
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let left = Arc::clone(&left);
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let Some(request) = read(&mut stream) else {
                        return;
                    };
                    let strikes = request.contains(matches)
                        && left
                            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                                left.checked_sub(1)
                            })
                            .is_ok();
                    let answer = if strikes {
                        answer.as_bytes().to_vec()
                    } else {
                        pass_on(target, &request)
                    };
                    let _ = stream.write_all(&answer);
                });
            }
        });
        Self(address)
    }

    fn scan(&self, mock: &Mock, out: &std::path::Path) -> Command {
        let mut command = program(mock.management_account());
        command.args([
            "scan",
            "--endpoint-url",
            &format!("http://{}", self.0),
            "--quota-share",
            "off",
            "--as-of",
            AS_OF,
            "--attempts",
            "3",
        ]);
        command.arg("--out").arg(out);
        command
    }
}

/// The mock's answer, after which the connection is closed.
fn pass_on(target: SocketAddr, request: &str) -> Vec<u8> {
    let mut mock = TcpStream::connect(target).unwrap();
    mock.write_all(
        request
            .replacen("\r\n", "\r\nconnection: close\r\n", 1)
            .as_bytes(),
    )
    .unwrap();
    let mut answer = Vec::new();
    mock.read_to_end(&mut answer).unwrap();
    let line = answer
        .windows(2)
        .position(|bytes| bytes == b"\r\n")
        .unwrap();
    answer.splice(line..line, *b"\r\nconnection: close");
    answer
}

/// One request, head and body.
fn read(stream: &mut TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if reader.read_line(&mut request).ok()? == 0 {
            return None;
        }
    }
    let length = request.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length:")?
            .trim()
            .parse()
            .ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    request.push_str(&String::from_utf8(body).ok()?);
    Some(request)
}

fn http(status: u16, kind: &str, body: &str) -> &'static str {
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    Box::leak(answer.into_boxed_str())
}

/// The checks that rest on each operation, by what its requests contain.
const OPERATIONS: [(&str, &[&str]); 7] = [
    (
        "/policy",
        &["policy-public", "function-url-unauthenticated"],
    ),
    ("/urls", &["function-url-unauthenticated"]),
    ("/aliases", &["policy-public"]),
    ("/event-invoke-config/", &["failure-destination-missing"]),
    ("/code-signing-configs", &["code-signing-absent"]),
    ("/layers", &["layer-public"]),
    (
        "Action=GetAccountAuthorizationDetails",
        &[
            "role-administrator",
            "role-near-administrator",
            "role-trusts-others",
        ],
    ),
];

fn statuses(scan: &lambdasweep_tables::Scan, check: &str) -> BTreeSet<String> {
    rows(scan, "findings", &["check_id", "status"])
        .into_iter()
        .filter(|row| row[0] == check)
        .map(|row| row[1].clone())
        .collect()
}

/// An answer in the stead of AWS's, for each operation that checks rest on: nothing may PASS by it.
#[test]
fn answers_that_aws_does_not_give_are_no_pass() {
    let mock = Mock::start(SMALL);
    let answers = [
        http(
            404,
            "text/html",
            "<html><head><title>404 Not Found</title></head></html>",
        ),
        http(
            404,
            "application/json",
            r#"{"message":"no Route matched with those values"}"#,
        ),
        http(200, "application/json", "{}"),
        http(302, "text/html", ""),
        "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n",
    ];
    for (number, (matches, checks)) in OPERATIONS.into_iter().enumerate() {
        // Each kind of answer for some operations, and over all each kind: what an operation makes
        // of each is tried beside the caller.
        for answer in [
            answers[number % answers.len()],
            answers[(number + 2) % answers.len()],
        ] {
            let proxy = Proxy::start(&mock, matches, usize::MAX, answer);
            let out = tempfile::tempdir().unwrap();
            let (code, said) = run(proxy.scan(&mock, out.path()));
            assert_eq!(code, 4, "{matches}: {said}");
            let scan = only_scan(out.path());
            for check in checks {
                assert!(
                    !statuses(&scan, check).contains("PASS"),
                    "{matches}, {answer}: {check} passes"
                );
            }
            assert!(
                rows(&scan, "coverage", &["outcome"])
                    .iter()
                    .any(|row| row[0] == "failed"),
                "{matches}"
            );
        }
    }
}

/// What happens once is overcome: the findings are those of a scan without it.
#[test]
fn answers_that_are_wrong_once_cost_nothing() {
    let mock = Mock::start(SMALL);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    let all = |out: &std::path::Path| {
        let scan = only_scan(out);
        ["PASS", "FAIL", "UNKNOWN"].map(|status| findings(&scan, status))
    };
    let expected = all(out.path());
    for (matches, answer) in [
        ("GET ", ""),
        ("POST ", ""),
        ("/policy", http(404, "text/html", "<html/>")),
        (
            "FunctionVersion=ALL",
            http(
                200,
                "application/json",
                r#"{"Functions":[],"NextMarker":""}"#,
            ),
        ),
        (
            "/urls",
            "HTTP/1.1 200 OK\r\ncontent-length: 24\r\n\r\n{\"FunctionUrl",
        ),
        (
            "ListAccounts",
            http(200, "application/x-amz-json-1.1", "{}"),
        ),
        (
            "ListRoots",
            http(200, "application/x-amz-json-1.1", "{\"Roots\":null}"),
        ),
        (
            "Action=GetAccountAuthorizationDetails",
            http(200, "text/xml", "<GetAccountAuthorizationDetailsResponse/>"),
        ),
        (
            "Action=AssumeRole",
            http(
                200,
                "text/xml",
                "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>",
            ),
        ),
    ] {
        let proxy = Proxy::start(&mock, matches, 2, answer);
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(proxy.scan(&mock, out.path()));
        assert_eq!(code, 0, "{matches}: {said}");
        assert_eq!(all(out.path()), expected, "{matches}");
    }
}

/// An organisation without a root, an account or an id is none that AWS would tell of.
#[test]
fn an_organisation_that_is_not_there_is_told() {
    let mock = Mock::start(SMALL);
    for (matches, body, why) in [
        ("DescribeOrganization", "{}", "lacks `Organization`"),
        (
            "DescribeOrganization",
            r#"{"Organization":{"MasterAccountId":"111122223333"}}"#,
            "lacks `Organization.Id`",
        ),
        ("ListRoots", r#"{"Roots":[]}"#, "has no root"),
        ("ListAccounts", r#"{"Accounts":null}"#, "`Accounts` is null"),
    ] {
        let proxy = Proxy::start(
            &mock,
            matches,
            usize::MAX,
            http(200, "application/x-amz-json-1.1", body),
        );
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(proxy.scan(&mock, out.path()));
        assert!(code == 1 && said.contains(why), "{code}: {said}");
    }
}

/// "There is none" is what the operation says where there is none, and no other code that ends
/// alike.
#[test]
fn codes_that_no_operation_declares_are_failures() {
    let faults = [
        "lambda:GetPolicy=RouteNotFound",
        "lambda:GetLayerVersionPolicy=NoSuchEntity",
        "lambda:ListFunctionUrlConfigs=NotFound",
    ];
    let mock = Mock::with_faults(SMALL, &faults);
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 4, "{said}");
    let scan = only_scan(out.path());
    for check in [
        "policy-public",
        "policy-cross-account",
        "function-url-unauthenticated",
        "layer-public",
    ] {
        assert!(!statuses(&scan, check).contains("PASS"), "{check} passes");
    }
    let outcomes: BTreeSet<(String, String)> = rows(&scan, "coverage", &["fact", "outcome"])
        .into_iter()
        .filter(|row| ["resource_policies", "function_urls", "layers"].contains(&row[0].as_str()))
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    assert!(
        outcomes
            .iter()
            .filter(|(fact, _)| fact != "layers")
            .all(|(_, outcome)| outcome == "failed"),
        "{outcomes:?}"
    );
}

/// Sessions that a service ends before their time are renewed, in whatever call it says so.
#[test]
fn sessions_that_end_early_cost_nothing() {
    let mock = Mock::with_faults(
        SMALL,
        &[
            "lambda:*=ExpiredTokenException:7",
            "iam:*=ExpiredToken:1",
            "account:*=ExpiredTokenException:1",
        ],
    );
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(out.path(), &[]));
    assert_eq!(code, 0, "{said}");
    assert!(findings(&only_scan(out.path()), "UNKNOWN").is_empty());
}
