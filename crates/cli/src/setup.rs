//! From arguments to a connection and a request.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Result;
use lambdasweep_aws::{
    ConnectOptions, Connection, Organization, Pacer, PacerOptions, RegionSource,
};
use lambdasweep_checks::{Check, Registry};
use lambdasweep_collect::{ExternalId, ScanRequest, endpoint_ids};
use lambdasweep_model::{AccountId, Outcome, ScanId, printable};
use lambdasweep_tables::Fact;

use crate::arguments::{CheckArguments, ConnectionArguments, ScopeArguments};
use crate::{Usage, accounts_file, configuration, terminal};

/// Opens the connection.
pub(crate) async fn connect(
    arguments: &ConnectionArguments,
    static_credentials: Option<(String, String)>,
) -> Result<Connection> {
    let pacer = Arc::new(Pacer::new(PacerOptions {
        quota_share: arguments.quota_share,
        max_in_flight: arguments.max_in_flight as usize,
        attempts: arguments.attempts,
        patience: std::time::Duration::from_secs(arguments.patience),
        first_wait: std::time::Duration::from_millis(arguments.first_wait),
        attempt_timeout: std::time::Duration::from_secs(arguments.request_timeout),
        ..PacerOptions::default()
    }));
    let options = ConnectOptions {
        profile: arguments.profile.clone(),
        region: arguments.region.clone(),
        endpoint_url: arguments.endpoint_url.clone(),
        insecure_endpoint: arguments.insecure_endpoint,
        services: endpoint_ids(),
        static_credentials,
    };
    let connection = Connection::open(&options, pacer).await?;
    // Where another endpoint is named, the Region leads nowhere.
    if *connection.region_source() == RegionSource::Default && arguments.endpoint_url.is_none() {
        terminal::note(&format!(
            "No Region is set; STS and global services are called in {}. Set another one with --region or AWS_REGION.",
            connection.region()
        ));
    }
    Ok(connection)
}

/// Says that the organisation could not be read, where it could not.
pub(crate) fn tell_of_organization(organization: &Organization, own: &AccountId) {
    let Some(why) = &organization.unread else {
        return;
    };
    let accounts = match organization.accounts.as_slice() {
        [account] => format!("only account {} is scanned", account.id),
        accounts => format!("only the {} named accounts are scanned", accounts.len()),
    };
    let said = if why.outcome == Outcome::Skipped {
        format!(
            "The credentials may not read the organisation ({why}): {accounts}, and results that depend on its policies are UNKNOWN."
        )
    } else {
        format!("Account {own} does not belong to an organisation: {accounts}.")
    };
    terminal::note(&said);
}

/// The checks that are there.
pub(crate) fn registry(checks_dir: Option<&std::path::Path>) -> Result<Registry> {
    let mut registry = Registry::builtin()?;
    if let Some(folder) = checks_dir {
        for ignored in registry.add_folder(folder)? {
            terminal::note(&format!("warning: {ignored}"));
        }
    }
    Ok(registry)
}

/// The checks that are asked for: those named, or all that belong to no set, with those of the sets
/// that are named and without those that are excluded.
pub(crate) fn selected<'a>(
    registry: &'a Registry,
    arguments: &CheckArguments,
) -> Result<Vec<&'a Check>> {
    let sets: BTreeSet<&str> = registry
        .all()
        .filter_map(|check| check.check_set.as_deref())
        .collect();
    if let Some(unknown) = arguments
        .check_set
        .iter()
        .find(|set| !sets.contains(set.as_str()))
    {
        let sets: Vec<&str> = sets.into_iter().collect();
        return Err(Usage(format!(
            "no check belongs to the set `{}`; the sets are {}",
            printable(unknown),
            sets.join(", ")
        ))
        .into());
    }
    let is_asked_for = |check: &&Check| match &check.check_set {
        Some(set) => arguments.check_set.contains(set),
        None => arguments.checks.is_empty(),
    };
    let mut checks = named(registry, &arguments.checks)?;
    checks.extend(registry.all().filter(is_asked_for));
    let excluded = named(registry, &arguments.exclude_checks)?;
    let mut seen = BTreeSet::new();
    checks.retain(|check| {
        excluded.iter().all(|excluded| excluded.id != check.id) && seen.insert(&check.id)
    });
    if checks.is_empty() {
        return Err(Usage("--exclude-checks leaves no check".to_owned()).into());
    }
    Ok(checks)
}

/// The checks with these ids.
pub(crate) fn named<'a, 'i>(
    registry: &'a Registry,
    ids: impl IntoIterator<Item = &'i String>,
) -> Result<Vec<&'a Check>> {
    let found = ids
        .into_iter()
        .map(|id| registry.get(id).map_err(|error| Usage(error.to_string())));
    Ok(found.collect::<Result<_, _>>()?)
}

/// The request that the arguments make.
pub(crate) fn request(
    scope: &ScopeArguments,
    connection: &ConnectionArguments,
    registry: &Registry,
    scan_id: ScanId,
) -> Result<ScanRequest> {
    external_id(connection)?;
    let checks = selected(registry, &scope.checks)?;
    let facts = facts(scope, checks.iter().copied());
    Ok(ScanRequest {
        scan_id,
        as_of: scope.as_of.unwrap_or_else(|| {
            jiff::tz::Offset::UTC
                .to_datetime(jiff::Timestamp::now())
                .date()
        }),
        role_name: connection.role_name.clone(),
        accounts: scope.accounts.iter().cloned().collect(),
        organizational_units: scope.ous.iter().cloned().collect(),
        exclude_accounts: scope.exclude_accounts.iter().cloned().collect(),
        regions: scope.regions.iter().cloned().collect(),
        listed: scope
            .accounts_file
            .as_deref()
            .map(accounts_file::read)
            .transpose()?
            .unwrap_or_default(),
        own_regions: std::collections::BTreeMap::new(),
        trusted: scope
            .config
            .as_deref()
            .map(configuration::trusted)
            .transpose()?
            .unwrap_or_default(),
        facts,
        checks: checks.iter().map(|check| check.id.clone()).collect(),
    })
}

/// The facts that checks rest on, and those that are asked for. A fact that no check rests on costs
/// calls, and is read only where it is asked for.
pub(crate) fn facts<'a>(
    scope: &ScopeArguments,
    checks: impl Iterator<Item = &'a Check>,
) -> BTreeSet<Fact> {
    let further = scope
        .facts
        .iter()
        .flat_map(|named| named.facts().iter().copied());
    checks
        .flat_map(|check| check.facts.iter().copied())
        .chain(further)
        .collect()
}

/// The external id that the roles ask for. A variable that is empty stands for none; what is wrong
/// with one is reported without repeating it.
pub(crate) fn external_id(connection: &ConnectionArguments) -> Result<Option<String>> {
    let Some(text) = connection
        .external_id
        .as_deref()
        .filter(|text| !text.is_empty())
    else {
        return Ok(None);
    };
    let id: ExternalId = text
        .parse()
        .map_err(|error| Usage(format!("--external-id: {error}")))?;
    Ok(Some(id.as_str().to_owned()))
}
