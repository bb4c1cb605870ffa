//! Runs scans: a mock in this process, a proxy before it, the program beside it.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lambdasweep_mock::seed::{Generated, Spec};
use lambdasweep_mock::{MockServer, Options};
use tokio::runtime::{Builder, Runtime};

use super::call::Call;
use super::compare::{Ended, Faulted, Violation, compare};
use super::evidence::{Cost, Evidence};
use super::faults::Fault;
use super::proxy::{Proxy, Struck};
use super::snapshot::Snapshot;

/// The day that the scans judge by.
const AS_OF: &str = "2026-11-24";

/// How often a request is tried: as `LIMITS` says.
const ATTEMPTS: usize = 3;

/// Short limits, so that a scan that gives up does so within seconds. The patience is longer than it
/// takes to try every policy once at the two calls per second that AWS allows for DescribePolicy.
const LIMITS: &[&str] = &[
    "--quota-share",
    "off",
    "--patience",
    "6",
    "--attempts",
    "3",
    "--request-timeout",
    "3",
    "--first-wait",
    "20",
    "--facts",
    "all",
];

/// All that scans of a campaign share.
#[derive(Debug)]
pub(crate) struct World {
    program: PathBuf,
    management_account: String,
    mock: MockServer,
    runtime: Runtime,
    pub(crate) evidence: Evidence,
    /// When a scan counts as hung.
    limit: Duration,
}

/// A scan: its faults, and the seed that they draw by.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) faults: Vec<Fault>,
    pub(crate) seed: u64,
}

/// What came of a scan.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) ended: Ended,
    pub(crate) said: String,
    pub(crate) snapshot: Option<Snapshot>,
    pub(crate) struck: Vec<Struck>,
    pub(crate) took: Duration,
}

impl World {
    /// Starts a mock with a generated organisation.
    pub(crate) fn start(program: &Path, spec: &str, limit: Duration) -> Self {
        let spec: Spec = spec.parse().unwrap();
        let generated = Generated::new(spec);
        let management_account = generated.management_account().to_owned();
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let mock = runtime
            .block_on(MockServer::start(Options::new(Box::new(generated))))
            .unwrap();
        Self {
            program: program.to_owned(),
            management_account,
            mock,
            runtime,
            evidence: Evidence::new(),
            limit,
        }
    }

    pub(crate) fn mock(&self) -> SocketAddr {
        self.mock.address()
    }

    /// Starts a proxy.
    pub(crate) fn proxy(&self, faults: Vec<Fault>, seed: u64) -> Proxy {
        self.runtime
            .block_on(Proxy::start(self.mock(), faults, seed))
            .unwrap()
    }

    /// Runs a scan.
    pub(crate) fn scan(&self, job: &Job) -> Outcome {
        let proxy = self.proxy(job.faults.clone(), job.seed);
        self.scan_through(&proxy)
    }

    /// Runs a scan through a proxy.
    pub(crate) fn scan_through(&self, proxy: &Proxy) -> Outcome {
        let folder = tempfile::tempdir().unwrap();
        let (out, log) = (folder.path().join("out"), folder.path().join("log"));
        let file = File::create(&log).unwrap();
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("AWS_ACCESS_KEY_ID", &self.management_account)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("HOME", "/nonexistent")
            .env("LANG", "C.UTF-8")
            .args([
                "scan",
                "--endpoint-url",
                &proxy.url(),
                "--as-of",
                AS_OF,
                "--out",
            ])
            .arg(&out)
            .args(LIMITS)
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file);
        let begun = Instant::now();
        let ended = wait(command.spawn().unwrap(), begun + self.limit);
        let took = begun.elapsed();
        let said = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
        Outcome {
            ended,
            said,
            snapshot: Snapshot::of(&out),
            struck: proxy.struck(),
            took,
        }
    }

    /// All that is wrong with a scan, beside the one without faults.
    pub(crate) fn judge(&self, before: &Snapshot, job: &Job, outcome: &Outcome) -> Vec<Violation> {
        let mut costs: Vec<Cost> = Vec::new();
        for struck in &outcome.struck {
            let cost = match job.faults[struck.fault].kind.name.starts_with("throttle") {
                // AWS throttles an account in a Region, whatever function a call is about.
                true => Cost::of(&Call {
                    function: None,
                    ..struck.call.clone()
                }),
                false => Cost::of(&struck.call),
            };
            if !costs.contains(&cost) {
                costs.push(cost);
            }
        }
        // Each request is tried so often and no more, whichever of the faults struck it.
        let mut tries: BTreeMap<u64, usize> = BTreeMap::new();
        outcome
            .struck
            .iter()
            .for_each(|it| *tries.entry(it.call.identity).or_default() += 1);
        let answered = tries.values().all(|struck| *struck < ATTEMPTS);
        let overcome = answered
            && outcome
                .struck
                .iter()
                .all(|it| job.faults[it.fault].is_overcome(it.call.session));
        let (ended, said, snapshot) = (
            outcome.ended.clone(),
            outcome.said.as_str(),
            outcome.snapshot.as_ref(),
        );
        compare(
            &self.evidence,
            before,
            &Faulted {
                ended,
                said,
                snapshot,
                costs: &costs,
                overcome,
            },
        )
    }
}

fn wait(mut child: Child, until: Instant) -> Ended {
    loop {
        match child.try_wait().unwrap() {
            Some(status) => return status.code().map_or(Ended::Signal, Ended::Code),
            None if Instant::now() > until => {
                // It may have ended just now.
                let _ = child.kill();
                child.wait().unwrap();
                return Ended::Hung;
            }
            None => std::thread::sleep(Duration::from_millis(4)),
        }
    }
}
