//! Collects functions that were read into groups that are written to the journal together: an
//! interruption loses only the functions of unwritten groups.

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

/// The maximum number of functions of a group, whose rows are in memory.
const MOST_FUNCTIONS: usize = 128;
/// The minimum size of a group that is written after [`SOON`]. Every group is a part of the journal
/// with some overhead, so there should not be one for each function.
const ENOUGH_FUNCTIONS: usize = 16;
const SOON: Duration = Duration::from_millis(250);
/// The maximum time that a function waits.
const LONGEST: Duration = Duration::from_secs(2);

/// The prefix of the names of the parts.
const PREFIX: &str = "group/";

/// Functions that wait to be written.
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

    /// The latest time to write.
    pub(crate) fn until(&self) -> Instant {
        self.since.unwrap_or_else(Instant::now) + LONGEST
    }

    /// Whether the group should be written now.
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
    /// Whether each group counts as soon as it is written; else they belong to the list of
    /// functions, which counts when the Region is complete.
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

    /// Loads the groups that the journal has, and restores the state of their functions. Returns
    /// the ARNs of these functions.
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
            // Groups are written concurrently, so one before the last may be missing.
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
