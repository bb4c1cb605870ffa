//! From arguments to a connection and a request.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, Result};
use lambdasweep_aws::{ConnectOptions, Connection, Pacer, PacerOptions};
use lambdasweep_checks::{Check, Registry};
use lambdasweep_collect::ScanRequest;
use lambdasweep_model::{Fact, ScanId};

use crate::arguments::{ConnectionArguments, ScopeArguments};

/// Opens the connection.
pub(crate) async fn connect(arguments: &ConnectionArguments, static_credentials: Option<(String, String)>) -> Result<Connection> {
    let pacer = Arc::new(Pacer::new(PacerOptions {
        quota_share: arguments.quota_share,
        max_in_flight: arguments.max_in_flight as usize,
        attempts: arguments.attempts,
        patience: std::time::Duration::from_secs(arguments.patience),
        ..PacerOptions::default()
    }));
    let options = ConnectOptions {
        profile: arguments.profile.clone(),
        region: arguments.region.clone(),
        endpoint_url: arguments.endpoint_url.clone(),
        static_credentials,
    };
    Ok(Connection::open(&options, pacer).await?)
}

/// The checks that are there.
pub(crate) fn registry(checks_dir: Option<&std::path::Path>) -> Result<Registry> {
    let mut registry = Registry::builtin()?;
    if let Some(folder) = checks_dir {
        registry.add_folder(folder)?;
    }
    Ok(registry)
}

/// The checks that are asked for: those named, or all.
pub(crate) fn selected<'a>(registry: &'a Registry, names: impl IntoIterator<Item = &'a String>) -> Result<Vec<&'a Check>> {
    let named = names.into_iter().map(|id| registry.get(id)).collect::<Result<Vec<_>, _>>()?;
    Ok(if named.is_empty() { registry.all().collect() } else { named })
}

/// The request that the arguments make.
pub(crate) fn request(
    scope: &ScopeArguments,
    connection: &ConnectionArguments,
    registry: &Registry,
    scan_id: ScanId,
) -> Result<ScanRequest> {
    let checks = selected(registry, &scope.checks)?;
    // A fact that no check rests on costs calls, and is read only where it is asked for.
    let further = scope.facts.iter().flat_map(|named| named.facts().iter().copied());
    let facts: BTreeSet<Fact> = checks.iter().flat_map(|check| check.facts.iter().copied()).chain(further).collect();
    Ok(ScanRequest {
        scan_id,
        as_of: scope.as_of.unwrap_or_else(|| jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date()),
        role_name: connection.role_name.clone(),
        accounts: scope.accounts.iter().cloned().collect(),
        organizational_units: scope.ous.iter().cloned().collect(),
        exclude_accounts: scope.exclude_accounts.iter().cloned().collect(),
        regions: scope.regions.iter().cloned().collect(),
        facts,
        checks: checks.iter().map(|check| check.id.clone()).collect(),
    })
}

/// The request that a journal keeps.
pub(crate) fn request_of(header: &lambdasweep_tables::JournalHeader) -> Result<ScanRequest> {
    serde_json::from_value(header.request.clone()).context("the unfinished scan's request cannot be read; begin a new scan")
}
