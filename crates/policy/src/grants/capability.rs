//! What a grant lets its role do that matters beyond the access level.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// An effect of actions. `data/capabilities.txt` lists the actions of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Capability {
    /// Decrypts with KMS keys.
    Decrypts,
    /// Reads the data of customers: objects, items, records, snapshots.
    ReadsData,
    /// Reads the values of secrets and parameters.
    ReadsSecrets,
    /// Stops or narrows CloudTrail or GuardDuty.
    StopsTrails,
    /// Stops or narrows other services that record or report.
    StopsRecorders,
    /// Deletes logs.
    DeletesLogs,
    /// Assumes roles.
    AssumesRoles,
    /// Answers durable executions that wait for a callback.
    SendsCallbacks,
    /// Reads inputs, states and results of durable executions.
    ReadsExecutions,
    /// Reads the environment variables of functions.
    ReadsConfiguration,
    /// Publishes or shares layer versions.
    PublishesLayers,
    /// Changes functions that exist.
    ChangesFunctions,
    /// Invokes functions.
    InvokesFunctions,
    /// Writes lines to log streams.
    WritesLogs,
    /// Creates log streams.
    CreatesLogStreams,
}

impl Capability {
    /// Every capability, in order.
    pub const ALL: [Self; 15] = [
        Self::Decrypts,
        Self::ReadsData,
        Self::ReadsSecrets,
        Self::StopsTrails,
        Self::StopsRecorders,
        Self::DeletesLogs,
        Self::AssumesRoles,
        Self::SendsCallbacks,
        Self::ReadsExecutions,
        Self::ReadsConfiguration,
        Self::PublishesLayers,
        Self::ChangesFunctions,
        Self::InvokesFunctions,
        Self::WritesLogs,
        Self::CreatesLogStreams,
    ];

    /// The word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Decrypts => "decrypts",
            Self::ReadsData => "reads-data",
            Self::ReadsSecrets => "reads-secrets",
            Self::StopsTrails => "stops-trails",
            Self::StopsRecorders => "stops-recorders",
            Self::DeletesLogs => "deletes-logs",
            Self::AssumesRoles => "assumes-roles",
            Self::SendsCallbacks => "sends-callbacks",
            Self::ReadsExecutions => "reads-executions",
            Self::ReadsConfiguration => "reads-configuration",
            Self::PublishesLayers => "publishes-layers",
            Self::ChangesFunctions => "changes-functions",
            Self::InvokesFunctions => "invokes-functions",
            Self::WritesLogs => "writes-logs",
            Self::CreatesLogStreams => "creates-log-streams",
        }
    }
}

/// A set of capabilities; as text their words, comma-separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Capabilities(u16);

impl Capabilities {
    pub(super) const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability as u16)
    }

    pub(super) const fn without(self, capability: Capability) -> Self {
        Self(self.0 & !(1 << capability as u16))
    }

    /// Whether a capability is in it.
    pub const fn contains(self, capability: Capability) -> bool {
        self.0 & 1 << capability as u16 != 0
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = Capability::ALL.into_iter().filter(|it| self.contains(*it));
        let words: Vec<&str> = held.map(Capability::as_str).collect();
        formatter.write_str(&words.join(", "))
    }
}

/// The listed actions in lower case, by the prefix of their service.
static ACTIONS: LazyLock<BTreeMap<String, Vec<(String, Capability)>>> = LazyLock::new(|| {
    let mut by_service: BTreeMap<String, Vec<(String, Capability)>> = BTreeMap::new();
    for (capability, action) in listed() {
        let action = action.to_ascii_lowercase();
        let service = action.split(':').next().unwrap_or_default().to_owned();
        by_service
            .entry(service)
            .or_default()
            .push((action, capability));
    }
    by_service
});

/// The lines of the list: a capability and an action as AWS writes it.
fn listed() -> impl Iterator<Item = (Capability, &'static str)> {
    include_str!("../../data/capabilities.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (word, action) = line.split_once(' ')?;
            let capability = Capability::ALL.into_iter().find(|it| it.as_str() == word)?;
            Some((capability, action))
        })
}

/// The capabilities of the listed actions of a service that are covered; of every service for a
/// prefix with wildcards.
pub(super) fn of(service: &str, covers: impl Fn(&str) -> bool) -> Capabilities {
    let every = service.contains(['*', '?']);
    let one = ACTIONS.get(service).filter(|_| !every);
    let all = ACTIONS.values().filter(|_| every);
    one.into_iter()
        .chain(all)
        .flatten()
        .filter(|(action, _)| covers(action))
        .fold(Capabilities::default(), |held, (_, capability)| {
            held.with(*capability)
        })
}

#[cfg(test)]
mod tests {
    use super::listed;
    use crate::actions;

    #[test]
    fn every_listed_action_exists_and_no_line_is_ignored() {
        let lines = include_str!("../../data/capabilities.txt").lines();
        let lines = lines.filter(|line| !line.starts_with('#')).count();
        assert_eq!(listed().count(), lines);
        for (_, action) in listed() {
            assert!(actions::find(action).is_some(), "{action}");
        }
    }
}
