//! Fault campaigns: scans through a proxy that answers what AWS could not, compared row by row with
//! the scan without faults.
//!
//! `kinds` lists what can go wrong, `faults` where and how often, `proxy` does it, `evidence` tells
//! what it may cost, `compare` finds what a scan may not do. `scripts/campaign` runs all of it, the
//! tests a little.

mod call;
pub(crate) mod compare;
pub(crate) mod evidence;
pub(crate) mod faults;
pub(crate) mod forms;
mod http;
mod json;
pub(crate) mod kinds;
pub(crate) mod mangle;
mod plan;
mod proxy;
mod random;
pub(crate) mod run;
pub(crate) mod snapshot;
mod xml;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use self::compare::{Ended, Sort, Violation};
use self::faults::Fault;
use self::kinds::{KINDS, Kind};
use self::plan::Samples;
use self::run::{Job, World};
use self::snapshot::Snapshot;

/// An organisation that a scan reads in a fraction of a second and that has something of
/// everything.
pub(crate) const SPEC: &str =
    "accounts=3,regions=2,functions=24,seed=78,suspended=0,roleless=0,queues=0";

/// A campaign that is ready to run.
#[derive(Debug)]
pub(crate) struct Campaign {
    pub(crate) world: World,
    /// What the scan without faults published.
    pub(crate) before: Snapshot,
    /// A response of each operation that it called.
    pub(crate) samples: Samples,
}

/// What came of a campaign.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    runs: usize,
    faults: usize,
    violations: BTreeMap<Sort, usize>,
}

/// Scans to run.
#[derive(Debug, Clone)]
pub(crate) struct Jobs(Vec<Job>);

impl Campaign {
    /// Starts a mock and scans it without faults, twice: what a scan says has to be the same each
    /// time.
    pub(crate) fn start(program: &Path, spec: &str, limit: Duration) -> Self {
        let world = World::start(program, spec, limit);
        let scan = || {
            let proxy = world.proxy(Vec::new(), 0);
            let outcome = world.scan_through(&proxy);
            assert_eq!(
                outcome.ended,
                Ended::Code(0),
                "the scan without faults: {}",
                outcome.said
            );
            (outcome.snapshot.unwrap(), proxy.samples())
        };
        let (before, samples) = scan();
        assert!(
            before.is_complete(),
            "the scan without faults has gaps: {:?}",
            before.coverage
        );
        assert!(before == scan().0, "two scans without faults differ");
        Self {
            world,
            before,
            samples,
        }
    }

    /// Every kind on every operation, as far as their names hold these words; `*` stands for all.
    pub(crate) fn grid(&self, kinds: &str, operations: &str, seed: u64) -> Jobs {
        let wanted =
            |words: &str, name: &str| words == "*" || words.split(',').any(|word| name == word);
        let mut samples = self.samples.clone();
        samples.retain(|operation, _| wanted(operations, operation));
        Jobs(plan::grid(&samples, seed, |kind: &Kind| {
            wanted(kinds, kind.name) || wanted(kinds, kind.class.word())
        }))
    }

    /// Random mixtures.
    pub(crate) fn mixtures(&self, count: u64, seed: u64) -> Jobs {
        Jobs(
            (0..count)
                .map(|at| {
                    plan::mixture(&self.samples, seed.wrapping_mul(1_000_003).wrapping_add(at))
                })
                .collect(),
        )
    }

    /// Faults as a command line names them, in one scan.
    ///
    /// # Errors
    /// Where one of them is not a fault.
    pub(crate) fn given(faults: &[String], seed: u64) -> Result<Jobs, String> {
        let faults = faults
            .iter()
            .map(|fault| fault.parse::<Fault>())
            .collect::<Result<_, _>>()?;
        Ok(Jobs(vec![Job { faults, seed }]))
    }

    /// Runs scans, some at once. `tell` gets a line for each violation, and each scan's end.
    pub(crate) fn run(
        &self,
        jobs: &Jobs,
        at_once: usize,
        tell: &(dyn Fn(&EndedScan<'_>) + Sync),
    ) -> Tally {
        let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
        std::thread::scope(|scope| {
            for _ in 0..at_once {
                scope.spawn(|| {
                    while let Some(job) = jobs.0.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let outcome = self.world.scan(job);
                        let violations = self.world.judge(&self.before, job, &outcome);
                        let mut tally = tally.lock().unwrap();
                        tally.add(outcome.struck.len(), &violations);
                        let repeat = || repeat(job);
                        tell(&EndedScan {
                            done: tally.runs,
                            of: jobs.0.len(),
                            seconds: outcome.took.as_secs_f64(),
                            violations: &violations,
                            repeat: &repeat,
                            said: &outcome.said,
                        });
                    }
                });
            }
        });
        tally.into_inner().unwrap()
    }
}

/// A scan that has ended.
pub(crate) struct EndedScan<'a> {
    pub(crate) done: usize,
    pub(crate) of: usize,
    pub(crate) seconds: f64,
    violations: &'a [Violation],
    /// The arguments that repeat it.
    pub(crate) repeat: &'a dyn Fn() -> String,
    /// What the scan said.
    pub(crate) said: &'a str,
}

impl EndedScan<'_> {
    /// The violations, at most so many of each sort.
    pub(crate) fn violations(&self, most: usize) -> Vec<String> {
        let of = |sort: Sort| self.violations.iter().filter(move |it| it.sort == sort);
        let mut lines = Vec::new();
        for sort in Sort::ALL {
            lines.extend(of(sort).take(most).map(ToString::to_string));
            let more = of(sort).count().saturating_sub(most);
            if more > 0 {
                lines.push(format!("{}: and {more} more", sort.word()));
            }
        }
        lines
    }
}

fn repeat(job: &Job) -> String {
    let faults: Vec<String> = job
        .faults
        .iter()
        .map(|fault| format!("--fault {fault}"))
        .collect();
    format!("--seed {} {}", job.seed, faults.join(" "))
}

impl Jobs {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// These scans and then those.
    #[must_use]
    pub(crate) fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }
}

impl Tally {
    fn add(&mut self, struck: usize, violations: &[Violation]) {
        self.runs += 1;
        self.faults += struck;
        for violation in violations {
            *self.violations.entry(violation.sort).or_default() += 1;
        }
    }

    /// How many scans did something that none may do.
    pub(crate) fn violations(&self) -> usize {
        self.violations.values().sum()
    }

    /// How many calls were struck.
    pub(crate) fn faults(&self) -> usize {
        self.faults
    }

    /// One line of JSON.
    pub(crate) fn line(&self) -> String {
        let mut line = serde_json::Map::new();
        line.insert("runs".to_owned(), self.runs.into());
        line.insert("faults".to_owned(), self.faults.into());
        for sort in Sort::ALL {
            line.insert(
                sort.word().to_owned(),
                self.violations.get(&sort).copied().unwrap_or(0).into(),
            );
        }
        serde_json::Value::Object(line).to_string()
    }
}

/// The kinds of faults, with the class of each.
pub(crate) fn kinds() -> Vec<(&'static str, &'static str)> {
    KINDS
        .iter()
        .map(|kind| (kind.name, kind.class.word()))
        .collect()
}
