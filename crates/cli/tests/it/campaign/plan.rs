//! What a campaign runs: every kind on every operation, and random mixtures.

use std::collections::BTreeMap;

use super::call::Call;
use super::faults::{Fault, Times};
use super::http::Answer;
use super::kinds::{Case, Class, KINDS, Kind};
use super::random::Random;
use super::run::Job;

/// A response of each operation, by the operation's name.
pub(crate) type Samples = BTreeMap<String, (Call, Answer)>;

/// Whether a kind can strike an operation.
fn fits(kind: &Kind, (call, answer): &(Call, Answer)) -> bool {
    (kind.act)(&Case {
        call,
        answer,
        number: 0,
        random: 0,
    })
    .is_some()
}

/// Every kind that `wanted` takes on every operation, once so that it passes and once so that it
/// stays.
pub(crate) fn grid(samples: &Samples, seed: u64, wanted: impl Fn(&Kind) -> bool) -> Vec<Job> {
    let mut jobs = Vec::new();
    let mut random = Random::new(seed);
    for kind in KINDS.iter().filter(|kind| wanted(kind)) {
        for (operation, sample) in samples.iter().filter(|(_, sample)| fits(kind, sample)) {
            let everywhere = || Fault::everywhere(kind, operation);
            let here = || everywhere().at(&sample.0);
            let (passing, staying) = match kind.class {
                Class::Brief => (
                    Some(Fault {
                        times: Times::First(1),
                        ..everywhere()
                    }),
                    None,
                ),
                Class::Passing | Class::Expiring => (
                    Some(Fault {
                        times: Times::EachOnce,
                        ..everywhere()
                    }),
                    Some(here()),
                ),
                Class::Harmless => (None, Some(everywhere())),
                Class::Slow => (
                    Some(Fault {
                        times: Times::First(2),
                        ..here()
                    }),
                    Some(here().of_function(&sample.0)),
                ),
                Class::Wrong => (
                    Some(Fault {
                        times: Times::SomeOnce(3),
                        ..everywhere()
                    }),
                    Some(here()),
                ),
                Class::Paging => (
                    Some(Fault {
                        times: Times::First(1),
                        ..everywhere()
                    }),
                    Some(here()),
                ),
                Class::Huge => (
                    None,
                    Some(Fault {
                        times: Times::First(2),
                        ..here()
                    }),
                ),
            };
            for fault in passing.into_iter().chain(staying) {
                jobs.push(Job {
                    faults: vec![fault],
                    seed: random.next(),
                });
            }
        }
    }
    jobs
}

/// One to four faults at random.
pub(crate) fn mixture(samples: &Samples, seed: u64) -> Job {
    let mut random = Random::new(seed);
    let operations: Vec<&String> = samples.keys().collect();
    let mut faults = Vec::new();
    for _ in 0..=random.below(4) {
        let kind = random.pick(KINDS);
        let fitting: Vec<&&String> = operations
            .iter()
            .filter(|it| fits(kind, &samples[**it]))
            .collect();
        if fitting.is_empty() {
            continue;
        }
        let operation = **random.pick(&fitting);
        let (everywhere, sample) = (Fault::everywhere(kind, operation), &samples[operation].0);
        let times = match (kind.class, random.below(4)) {
            (Class::Brief, _) => Times::First(1),
            (Class::Slow | Class::Huge, _) => Times::First(1 + random.below(2)),
            (_, 0) => Times::Always,
            (_, 1) => Times::EachOnce,
            (_, 2) => Times::SomeOnce(2 + random.below(4)),
            _ => Times::First(1 + random.below(6)),
        };
        let fault = match random.below(4) {
            0 | 1 => everywhere,
            2 => everywhere.at(sample),
            _ => everywhere.at(sample).of_function(sample),
        };
        faults.push(Fault { times, ..fault });
    }
    Job { faults, seed }
}
