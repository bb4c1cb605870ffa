//! Starts mocks, runs the program against them, and reads what it published.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output};

use lambdasweep_mock::seed::{File, Generated, Planted, Seed, Spec};
use lambdasweep_mock::{Fault, MockServer, Options};
use lambdasweep_tables::{Scan, table};
use serde_json::Value;

/// The day that all tests judge by.
pub(crate) const AS_OF: &str = "2026-11-24";

/// A mock with a generated organisation, on a runtime of its own.
pub(crate) struct Mock {
    server: MockServer,
    management_account: String,
    _runtime: tokio::runtime::Runtime,
}

impl Mock {
    pub(crate) fn start(spec: &str) -> Self {
        Self::with_faults(spec, &[])
    }

    pub(crate) fn with_faults(spec: &str, faults: &[&str]) -> Self {
        let spec: Spec = spec.parse().unwrap();
        let generated = Generated::new(spec);
        let management_account = generated.management_account().to_owned();
        Self::of(Box::new(generated), management_account, faults)
    }

    /// Of an organisation from a file, with this management account.
    pub(crate) fn of_file(path: &Path, management_account: &str) -> Self {
        Self::of(
            Box::new(File::load(path).unwrap()),
            management_account.to_owned(),
            &[],
        )
    }

    fn of(seed: Box<dyn Seed>, management_account: String, faults: &[&str]) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let faults = faults
            .iter()
            .map(|fault| fault.parse::<Fault>().unwrap())
            .collect();
        let server = runtime
            .block_on(MockServer::start(Options {
                faults,
                ..Options::new(seed)
            }))
            .unwrap();
        Self {
            server,
            management_account,
            _runtime: runtime,
        }
    }

    pub(crate) fn truth(&self) -> Vec<Planted> {
        self.server.truth(AS_OF)
    }

    pub(crate) fn server(&self) -> &MockServer {
        &self.server
    }

    pub(crate) fn management_account(&self) -> &str {
        &self.management_account
    }

    /// Calls Organizations as the management account's root user.
    pub(crate) fn organizations(&self, operation: &str, input: &Value) -> Value {
        let target = format!("X-Amz-Target: AWSOrganizationsV20161128.{operation}\r\n");
        self.call(
            (&self.management_account, "us-east-1", "organizations"),
            "POST / HTTP/1.1",
            &target,
            &input.to_string(),
        )
    }

    /// Calls Lambda as the root user of an account: `request` is method and path.
    pub(crate) fn lambda(
        &self,
        account: &str,
        region: &str,
        request: &str,
        input: &Value,
    ) -> Value {
        self.call(
            (account, region, "lambda"),
            &format!("{request} HTTP/1.1"),
            "Content-Type: application/json\r\n",
            &input.to_string(),
        )
    }

    /// Calls IAM as the root user of an account.
    pub(crate) fn iam(&self, account: &str, parameters: &[(&str, &str)]) {
        let encode =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
        let parameters: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let form = format!("Version=2010-05-08&{}", parameters.join("&"));
        self.call(
            (account, "us-east-1", "iam"),
            "POST / HTTP/1.1",
            "Content-Type: application/x-www-form-urlencoded\r\n",
            &form,
        );
    }

    fn call(
        &self,
        (account, region, service): (&str, &str, &str),
        request: &str,
        headers: &str,
        body: &str,
    ) -> Value {
        let address = self.server.address();
        let request = format!(
            "{request}\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\
             Authorization: AWS4-HMAC-SHA256 Credential={account}/20261124/{region}/{service}/aws4_request, Signature=0\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 20"), "{request}: {answer}");
        serde_json::from_str(body).unwrap_or_default()
    }

    /// The program, set up to scan the mock.
    pub(crate) fn scan(&self, out: &Path, more: &[&str]) -> Command {
        let mut command = program(&self.management_account);
        command.args([
            "scan",
            "--endpoint-url",
            &self.server.endpoint_url(),
            "--quota-share",
            "off",
        ]);
        // A scan that goes on is judged by the day of its beginning.
        if !more.contains(&"--resume") {
            command.args(["--as-of", AS_OF]);
        }
        command.arg("--out").arg(out).args(more);
        command
    }
}

/// The program with the credentials of an account's root user, and nothing of this machine's
/// configuration.
pub(crate) fn program(account: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lambdasweep"));
    command
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", "/nonexistent")
        .env("LANG", "C.UTF-8");
    command
}

/// Runs a command, and gives its exit code and all that it said.
pub(crate) fn run(mut command: Command) -> (i32, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    (
        status.code().unwrap_or(-1),
        format!(
            "{}{}",
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr)
        ),
    )
}

/// The only scan that is published below a root.
pub(crate) fn only_scan(root: &Path) -> Scan {
    let scans = Scan::list(root).unwrap();
    assert_eq!(scans.len(), 1, "{scans:?}");
    Scan::open(root, &scans[0]).unwrap()
}

/// A table's rows as texts, by the columns that are asked for, sorted.
pub(crate) fn rows(scan: &Scan, name: &str, columns: &[&str]) -> Vec<Vec<String>> {
    let frame = scan.table(table(name).unwrap()).unwrap();
    let columns: Vec<_> = columns
        .iter()
        .map(|column| frame.column(column).unwrap().str().unwrap().clone())
        .collect();
    let mut rows: Vec<Vec<String>> = (0..frame.height())
        .map(|row| {
            columns
                .iter()
                .map(|column| column.get(row).unwrap_or_default().to_owned())
                .collect()
        })
        .collect();
    rows.sort();
    rows
}

/// Check and resource of every finding with a status.
pub(crate) fn findings(scan: &Scan, status: &str) -> BTreeSet<(String, String)> {
    rows(scan, "findings", &["check_id", "resource_arn", "status"])
        .into_iter()
        .filter(|row| row[2] == status)
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect()
}

/// A fault: check, resource, and which fault of the resource.
pub(crate) type Found = (String, String, String);

/// What a scan missed of what was planted, and what it made up.
pub(crate) fn missed_and_made_up(truth: &[Planted], scan: &Scan) -> (Vec<Planted>, Vec<Found>) {
    let found: BTreeSet<Found> = rows(
        scan,
        "findings",
        &["check_id", "resource_arn", "fault", "status"],
    )
    .into_iter()
    .filter(|row| row[3] == "FAIL")
    .map(|row| (row[0].clone(), row[1].clone(), row[2].clone()))
    .collect();
    // What was not planted fault by fault is found where the resource has any.
    let of = |planted: &Planted, (check, resource, fault): &Found| {
        planted.misconfiguration == check
            && planted.resource_arn == *resource
            && planted.fault.as_ref().is_none_or(|it| it == fault)
    };
    let mut by_resource: std::collections::BTreeMap<&str, Vec<&Planted>> =
        std::collections::BTreeMap::new();
    for planted in truth {
        by_resource
            .entry(&planted.resource_arn)
            .or_default()
            .push(planted);
    }
    let made_up = found.iter().filter(|found| {
        !by_resource
            .get(found.1.as_str())
            .is_some_and(|all| all.iter().any(|it| of(it, found)))
    });
    let is_found = |planted: &Planted| {
        let first = (
            planted.misconfiguration.to_owned(),
            planted.resource_arn.clone(),
            planted.fault.clone().unwrap_or_default(),
        );
        found
            .range(first..)
            .next()
            .is_some_and(|found| of(planted, found))
    };
    let evaluated: BTreeSet<String> = rows(scan, "checks", &["check_id"])
        .into_iter()
        .flatten()
        .collect();
    let missed = truth
        .iter()
        .filter(|planted| evaluated.contains(planted.misconfiguration))
        .filter(|planted| !is_found(planted))
        .cloned()
        .collect();
    (missed, made_up.cloned().collect())
}
