//! Turns the configuration of a function's version into rows and into the data by which versions
//! are compared.
//!
//! Values of environment variables are examined only here, and never leave this file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::hash::{BuildHasher, Hasher, RandomState};

use lambdasweep_aws::aws_sdk_lambda::types::{FunctionConfiguration, PackageType};
use lambdasweep_model::Arn;
use lambdasweep_tables::{
    Batch, FunctionEnvironmentRow, FunctionLayerRow, FunctionRow, FunctionVersionRow, Packed,
};
use serde::{Deserialize, Serialize};

use crate::context::RegionContext;
use crate::{gate, injection, publishers, runtimes};

/// The name of the version that is not published.
pub(crate) const LATEST: &str = "$LATEST";

/// A version of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// Its number, or `$LATEST`.
    pub(crate) version: Box<str>,
    /// Why it runs although nothing refers to it, if it does.
    pub(crate) kept_running: Option<Keeper>,
    /// Whether its role or a secret in its environment differs from `$LATEST`; also true if its
    /// environment could not be read.
    pub(crate) differs: bool,
    /// Its row, without account and Region and without columns that are known only later. A Region
    /// may have many thousands of them.
    row: Packed<FunctionVersionRow>,
}

impl Version {
    /// Its row; `None` if it could not be kept.
    pub(crate) fn row(&self) -> Option<FunctionVersionRow> {
        self.row.unpack()
    }
}

/// Why a version runs that nothing refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Keeper {
    /// CloudFront runs replicas of Lambda@Edge.
    CloudFront,
    /// A capacity provider of managed instances.
    CapacityProvider,
}

impl Keeper {
    /// The reason as it appears in tables.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::CloudFront => "CloudFront runs it",
            Self::CapacityProvider => "its capacity provider keeps it running",
        }
    }
}

/// A version as it is listed, with data that only the listing needs.
#[derive(Debug)]
pub(crate) struct ListedVersion {
    version: Version,
    role_arn: Box<str>,
    environment_unread: bool,
    /// The member that AWS always sends and that is missing.
    pub(crate) missing: Option<&'static str>,
    /// Its secrets, each as a keyed hash of name and value with a key that exists only in this
    /// process.
    secrets: BTreeSet<u64>,
    /// A keyed hash of its whole configuration.
    content: u64,
}

impl ListedVersion {
    /// Reads a configuration.
    pub(crate) fn new(
        context: &RegionContext,
        it: &FunctionConfiguration,
        version: &str,
        keys: &RandomState,
    ) -> Self {
        let variables: BTreeMap<&String, &String> = it
            .environment()
            .and_then(|it| it.variables())
            .into_iter()
            .flatten()
            .collect();
        let secret = |(name, value): (&&String, &&String)| {
            lambdasweep_secrets::detect(name, value)
                .is_some()
                .then(|| keys.hash_one((name.as_str(), value.as_str())))
        };
        let missing = match (it.role(), it.package_type(), it.runtime()) {
            (None | Some(""), ..) => Some("its role"),
            (_, None | Some(PackageType::Zip), None) => Some("its runtime"),
            _ => None,
        };
        let mut content = Content(keys.build_hasher());
        // The SDK's debug output omits the environment. Writing into a hash cannot fail.
        let _ = write!(content, "{it:?}");
        content.0.write_u64(keys.hash_one(&variables));
        let mut row = row(context, it, version);
        let role_arn = row.role_arn.as_str().into();
        let kept_running = match (&row.master_arn, &row.capacity_provider_arn) {
            (Some(_), _) => Some(Keeper::CloudFront),
            (_, Some(_)) => Some(Keeper::CapacityProvider),
            _ => None,
        };
        // Versions are stored as notes in the journal before they become rows.
        gate::clean_row(&mut row);
        Self {
            role_arn,
            environment_unread: row.environment_error_code.is_some(),
            missing,
            secrets: variables.iter().filter_map(secret).collect(),
            content: content.0.finish(),
            version: Version {
                version: version.into(),
                kept_running,
                differs: false,
                row: Packed::new(&row),
            },
        }
    }

    /// Whether another listing has exactly the same configuration.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.content == other.content
    }

    fn differs_from(&self, latest: &Self) -> bool {
        self.role_arn != latest.role_arn
            || self.environment_unread
            || !self.secrets.is_subset(&latest.secrets)
    }
}

/// The versions of one function, each compared with `$LATEST`: `$LATEST` first, then the published
/// ones from the oldest to the newest.
pub(crate) fn compared(listed: impl Iterator<Item = ListedVersion>) -> Vec<Version> {
    let listed: Vec<ListedVersion> = listed.collect();
    let latest = listed.iter().find(|it| &*it.version.version == LATEST);
    let differs: Vec<bool> = listed
        .iter()
        .map(|it| {
            &*it.version.version != LATEST && latest.is_some_and(|latest| it.differs_from(latest))
        })
        .collect();
    let mut versions: Vec<Version> = listed
        .into_iter()
        .zip(differs)
        .map(|(it, differs)| Version {
            differs,
            ..it.version
        })
        .collect();
    versions.sort_by_key(|version| version.version.parse::<u64>().unwrap_or(0));
    versions
}

/// Hashes the text written into it.
struct Content<H>(H);

impl<H: Hasher> Write for Content<H> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

fn row(context: &RegionContext, it: &FunctionConfiguration, version: &str) -> FunctionVersionRow {
    let runtime = it.runtime().map(|runtime| runtime.as_str().to_owned());
    let deprecation = runtime.as_deref().and_then(runtimes::deprecation);
    let snap_start = it.snap_start();
    FunctionVersionRow {
        account_id: String::new(),
        region: String::new(),
        function_arn: String::new(),
        version: version.to_owned(),
        runs: String::new(),
        runs_reason: String::new(),
        differs: false,
        runtime: runtime.clone(),
        runtime_deprecation_date: deprecation
            .and_then(runtimes::When::date)
            .map(|date| date.to_string()),
        runtime_deprecated: deprecation.map(|deprecation| deprecation.has_come(context.scan.as_of)),
        runtime_days_left: deprecation.and_then(|it| it.days_after(context.scan.as_of)),
        runtime_updates_blocked: runtime_updates_blocked(context, runtime.as_deref()),
        role_arn: it.role().unwrap_or_default().to_owned(),
        package_type: package_type(it),
        architecture: it.architectures().first().map(|it| it.as_str().to_owned()),
        code_sha256: it.code_sha256().map(str::to_owned),
        last_modified: it.last_modified().map(str::to_owned),
        vpc_id: it.vpc_config().and_then(|it| it.vpc_id()).and_then(present),
        environment_variable_count: variable_count(it),
        environment_bytes: environment_bytes(it),
        environment_error_code: environment_error(it),
        kms_key_arn: it.kms_key_arn().and_then(present),
        kms_key_outside: it.kms_key_arn().and_then(|arn| context.is_outside(arn)),
        layer_count: count(it.layers().len()),
        signing_profile_version_arn: it.signing_profile_version_arn().map(str::to_owned),
        signing_job_arn: it.signing_job_arn().map(str::to_owned),
        tracing_mode: it
            .tracing_config()
            .and_then(|it| it.mode())
            .map(|it| it.as_str().to_owned()),
        log_group: it
            .logging_config()
            .and_then(|it| it.log_group())
            .map(str::to_owned),
        snap_start_apply_on: snap_start
            .and_then(|it| it.apply_on())
            .map(|it| it.as_str().to_owned()),
        snap_start_optimization_status: snap_start
            .and_then(|it| it.optimization_status())
            .map(|it| it.as_str().to_owned()),
        master_arn: it.master_arn().map(without_version),
        capacity_provider_arn: capacity_provider(it),
    }
}

/// The row of the function that has this configuration as its `$LATEST`.
pub(crate) fn function_row(
    context: &RegionContext,
    arn: &str,
    it: &FunctionConfiguration,
) -> FunctionRow {
    let runtime = it.runtime().map(|runtime| runtime.as_str().to_owned());
    let deprecation = runtime.as_deref().and_then(runtimes::deprecation);
    let vpc = it
        .vpc_config()
        .filter(|vpc| vpc.vpc_id().is_some_and(|id| !id.is_empty()));
    let dead_letter_target_arn = it
        .dead_letter_config()
        .and_then(|it| it.target_arn())
        .and_then(present);
    FunctionRow {
        account_id: context.account_id(),
        region: context.region_name(),
        function_arn: arn.to_owned(),
        function_name: arn.rsplit(':').next().unwrap_or_default().to_owned(),
        runtime: runtime.clone(),
        runtime_deprecation_date: deprecation
            .and_then(runtimes::When::date)
            .map(|date| date.to_string()),
        runtime_deprecated: deprecation.map(|deprecation| deprecation.has_come(context.scan.as_of)),
        runtime_days_left: deprecation.and_then(|it| it.days_after(context.scan.as_of)),
        runtime_updates_blocked: runtime_updates_blocked(context, runtime.as_deref()),
        role_arn: it.role().unwrap_or_default().to_owned(),
        has_description: it.description().map(|it| !it.is_empty()),
        handler: it.handler().and_then(present),
        package_type: package_type(it),
        architecture: it.architectures().first().map(|it| it.as_str().to_owned()),
        code_size_bytes: it.code_size(),
        code_sha256: it.code_sha256().map(str::to_owned),
        timeout_seconds: it.timeout().map(i64::from),
        memory_mb: it.memory_size().map(i64::from),
        ephemeral_storage_mb: it.ephemeral_storage().map(|it| i64::from(it.size())),
        last_modified: it.last_modified().map(str::to_owned),
        vpc_id: vpc.and_then(|it| it.vpc_id()).map(str::to_owned),
        subnet_count: vpc.map_or(0, |it| count(it.subnet_ids().len())),
        security_group_count: vpc.map_or(0, |it| count(it.security_group_ids().len())),
        dead_letter_outside: dead_letter_target_arn
            .as_deref()
            .and_then(|arn| context.is_outside(arn)),
        dead_letter_target_arn,
        environment_variable_count: variable_count(it),
        environment_error_code: environment_error(it),
        kms_key_arn: it.kms_key_arn().and_then(present),
        tracing_mode: it
            .tracing_config()
            .and_then(|it| it.mode())
            .map(|it| it.as_str().to_owned()),
        layer_count: count(it.layers().len()),
        signing_profile_version_arn: it.signing_profile_version_arn().map(str::to_owned),
        signing_job_arn: it.signing_job_arn().map(str::to_owned),
        master_arn: it.master_arn().map(without_version),
        log_group: it
            .logging_config()
            .and_then(|it| it.log_group())
            .map(str::to_owned),
        snap_start_apply_on: it
            .snap_start()
            .and_then(|it| it.apply_on())
            .map(|it| it.as_str().to_owned()),
        tenant_isolation_mode: it
            .tenancy_config()
            .map(|it| it.tenant_isolation_mode().as_str().to_owned()),
        durable_execution_timeout_seconds: it
            .durable_config()
            .and_then(|it| it.execution_timeout())
            .map(i64::from),
        durable_retention_days: it
            .durable_config()
            .and_then(|it| it.retention_period_in_days())
            .map(i64::from),
        durable_kms_key_arn: it
            .durable_config()
            .and_then(|it| it.kms_key_arn())
            .and_then(present),
        capacity_provider_arn: capacity_provider(it),
    }
}

/// Pushes the environment and the layers of a version.
pub(crate) fn push_parts(
    context: &RegionContext,
    batch: &mut Batch,
    arn: &str,
    version: &str,
    it: &FunctionConfiguration,
) {
    for (name, value) in it
        .environment()
        .and_then(|it| it.variables())
        .into_iter()
        .flatten()
    {
        let secret = lambdasweep_secrets::detect(name, value);
        batch.push(FunctionEnvironmentRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn: arn.to_owned(),
            version: version.to_owned(),
            name: name.to_owned(),
            is_secret: secret.is_some(),
            secret_rule: secret.as_ref().map(|it| it.rule.to_owned()),
            secret_description: secret.as_ref().map(|it| it.description.to_owned()),
            secret_confidence: secret.as_ref().map(|it| it.confidence.as_str().to_owned()),
            reference: lambdasweep_secrets::reference(name, value).map(|it| it.as_str().to_owned()),
            injection: injection::of(name, value).map(|it| it.as_str().to_owned()),
        });
    }
    for (position, layer) in it.layers().iter().enumerate() {
        let layer_arn = layer.arn().unwrap_or_default().to_owned();
        let account = layer_arn.parse::<Arn>().ok().map(|arn| arn.account);
        let publisher = account.as_deref().and_then(publishers::of);
        batch.push(FunctionLayerRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn: arn.to_owned(),
            version: version.to_owned(),
            position: count(position),
            layer_outside: account
                .as_deref()
                .and_then(|account| context.is_account_outside(account)),
            publisher_kind: publisher.map(|it| it.kind.to_owned()),
            publisher: publisher.map(|it| it.name.to_owned()),
            layer_account_id: account,
            layer_version_arn: layer_arn,
            code_size_bytes: Some(layer.code_size()),
            signing_profile_version_arn: layer.signing_profile_version_arn().map(str::to_owned),
        });
    }
}

fn package_type(it: &FunctionConfiguration) -> String {
    it.package_type()
        .unwrap_or(&PackageType::Zip)
        .as_str()
        .to_owned()
}

fn environment_error(it: &FunctionConfiguration) -> Option<String> {
    let error = it.environment().and_then(|it| it.error());
    error.map(|it| it.error_code().unwrap_or("Unknown").to_owned())
}

fn variable_count(it: &FunctionConfiguration) -> Option<i64> {
    let environment = it.environment();
    let readable = environment.is_none_or(|it| it.error().is_none());
    readable.then(|| {
        environment
            .and_then(|it| it.variables())
            .map_or(0, |it| count(it.len()))
    })
}

/// The size of the variables as Lambda counts them: as one JSON object, without spaces.
fn environment_bytes(it: &FunctionConfiguration) -> Option<i64> {
    if variable_count(it)? == 0 {
        return Some(0);
    }
    let variables = it.environment().and_then(|it| it.variables())?;
    let json = serde_json::to_string(variables).ok()?;
    Some(count(json.len()))
}

fn runtime_updates_blocked(context: &RegionContext, runtime: Option<&str>) -> Option<bool> {
    runtimes::updates_blocked(runtime?).map(|blocked| blocked.has_come(context.scan.as_of))
}

fn capacity_provider(it: &FunctionConfiguration) -> Option<String> {
    let provider = it
        .capacity_provider_config()
        .and_then(|it| it.lambda_managed_instances_capacity_provider_config());
    provider.map(|it| it.capacity_provider_arn().to_owned())
}

/// The ARN of a function without the version; unchanged if it cannot be parsed.
fn without_version(arn: &str) -> String {
    let parsed = arn.parse::<Arn>().ok();
    let named = parsed.and_then(|arn| {
        arn.function_name()
            .map(|name| format!("function:{name}"))
            .map(|resource| Arn {
                resource,
                ..arn.clone()
            })
    });
    named.map_or_else(|| arn.to_owned(), |arn| arn.to_string())
}

fn present(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn count(length: usize) -> i64 {
    length.try_into().unwrap_or(i64::MAX)
}
