//! Functions that were read, in groups that go to the journal as one: what an interruption loses
//! is what waits for its group.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lambdasweep_tables::{Batch, Journal, TablesError, Unit};
use tokio::time::Instant;

use crate::context::FunctionTarget;
use crate::function::FunctionRead;
use crate::gate::Gate;
use crate::notes::Group;
use crate::references::References;
use crate::region::LIST;

/// The most functions of a group: their rows are in memory.
const MOST_FUNCTIONS: usize = 128;
/// A group of this many is worth writing once [`SOON`] is over. Every group is a part of the
/// journal with some overhead, so that there should not be one for each function.
const ENOUGH_FUNCTIONS: usize = 16;
const SOON: Duration = Duration::from_millis(250);
/// How long a function waits at the most.
const LONGEST: Duration = Duration::from_secs(2);

/// How the parts are called that groups are.
const PREFIX: &str = "group/";

/// Functions that wait for their group.
#[derive(Default)]
pub(crate) struct Pending {
    group: Group,
    batch: Batch,
    since: Option<Instant>,
}

impl Pending {
    pub(crate) fn push(&mut self, read: FunctionRead) {
        self.since.get_or_insert_with(Instant::now);
        self.batch.merge(read.batch);
        self.group.references.merge(read.references);
        self.group.functions.push(read.note);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.group.functions.is_empty()
    }

    /// When it is time to write at the latest.
    pub(crate) fn until(&self) -> Instant {
        self.since.unwrap_or_else(Instant::now) + LONGEST
    }

    /// Whether it is time to write.
    pub(crate) fn is_due(&self, now: Instant) -> bool {
        let functions = self.group.functions.len();
        let waited = self.since.map_or(Duration::ZERO, |since| now - since);
        functions >= MOST_FUNCTIONS
            || (functions >= ENOUGH_FUNCTIONS && waited >= SOON)
            || waited >= LONGEST
    }
}

/// The groups of a Region so far.
pub(crate) struct Groups {
    /// Whether each counts once it is written; else they belong to the list of functions, which
    /// counts when the Region is complete.
    own_parts: bool,
    written: usize,
    /// The ARNs of functions that were deleted while the scan ran.
    pub(crate) gone: BTreeSet<String>,
    pub(crate) references: References,
}

/// A group to write.
pub(crate) struct ToWrite {
    name: Option<String>,
    group: Group,
    batch: Batch,
}

impl Groups {
    pub(crate) fn new(own_parts: bool) -> Self {
        Self {
            own_parts,
            written: 0,
            gone: BTreeSet::new(),
            references: References::default(),
        }
    }

    /// Takes in the groups that the journal has, and brings their functions to where reading them
    /// left them. Gives the ARNs of these.
    pub(crate) fn restore(
        &mut self,
        journal: &Journal,
        unit: &Unit,
        targets: &mut [FunctionTarget],
    ) -> Result<BTreeSet<String>, TablesError> {
        let parts = journal.finished(unit).into_iter();
        let mut read = BTreeMap::new();
        for part in parts {
            let Some(number) = part.strip_prefix(PREFIX) else {
                continue;
            };
            // Groups are written side by side, so that one before the last may be missing.
            self.written = self.written.max(number.parse().unwrap_or_default());
            let group: Group = journal.note(unit, &part)?.unwrap_or_default();
            self.references.merge(group.references);
            read.extend(group.functions.into_iter().map(|it| (it.arn.clone(), it)));
        }
        let gone = read.values().filter(|function| function.gone);
        self.gone.extend(gone.map(|function| function.arn.clone()));
        for target in targets {
            if let Some(function) = read.get_mut(&target.arn) {
                function.apply(target);
            }
        }
        Ok(read.into_keys().collect())
    }

    /// Makes a group of functions.
    pub(crate) fn take(&mut self, pending: Pending) -> ToWrite {
        let Pending { group, batch, .. } = pending;
        let gone = group.functions.iter().filter(|it| it.gone);
        self.gone.extend(gone.map(|it| it.arn.clone()));
        self.references.merge(group.references.clone());
        self.written += 1;
        let name = self
            .own_parts
            .then(|| format!("{PREFIX}{:06}", self.written));
        ToWrite { name, group, batch }
    }
}

impl ToWrite {
    /// Writes the group.
    pub(crate) async fn write(self, gate: Gate<'_>) -> Result<(), TablesError> {
        match self.name {
            Some(name) => gate.part(&name).finish(self.batch, self.group).await,
            None => gate.part(LIST).append(self.batch).await,
        }
    }
}
