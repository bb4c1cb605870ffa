//! The traits of a generated function, good and bad: they are drawn first, and both the function
//! and the expected findings are derived from them.

use std::collections::BTreeSet;

use super::chance::Chance;
use super::extras::Extras;
use super::queues::{PARTNER, Target, Targets};
use super::settings::{Settings, Size};
use super::{Flaw, synthetic};

/// A function's traits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Traits {
    pub(crate) name: String,
    /// The runtime; `None` for a container image.
    pub(crate) runtime: Option<&'static str>,
    /// The number of the account's shared role that it uses; `None` if it has its own role.
    pub(crate) shared_role: Option<usize>,
    pub(crate) reserved: bool,
    pub(crate) code_signing: bool,
    pub(crate) environment: bool,
    pub(crate) customer_key: bool,
    pub(crate) secret: Option<usize>,
    pub(crate) url: Url,
    pub(crate) grants: Vec<Grant>,
    /// The policy, and the URL if there is one, belong to the alias `live` instead of the function.
    pub(crate) on_alias: bool,
    pub(crate) versions: usize,
    /// What differs between the newest version, which is behind the alias `live`, and `$LATEST`.
    pub(crate) behind_alias: Option<Behind>,
    /// The kind of secret in the first version, if nothing refers to that version.
    pub(crate) forgotten: Option<usize>,
    pub(crate) dead_letter: bool,
    pub(crate) destination: Destination,
    /// The queues of the dead-letter target and the destination; drawn separately, since the
    /// specification says how many are bad.
    pub(crate) targets: Targets,
    /// Further settings; drawn separately.
    pub(crate) settings: Settings,
    /// Further traits; drawn separately.
    pub(crate) extras: Extras,
    pub(crate) vpc: bool,
    pub(crate) layers: usize,
    pub(crate) special: Special,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Url {
    None,
    Iam,
    /// AuthType NONE and both statements.
    Open,
    /// AuthType NONE and no statement.
    Latent,
    /// AuthType NONE and only the older of the two statements.
    HalfOpen,
    /// Both statements, but the URL was deleted.
    Leftover,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    Everyone,
    Organization,
    OrganizationPath,
    EveryoneFromAccount,
    OtherAccount,
    /// An account in the organisation.
    SiblingAccount,
    Bucket,
    Topic,
    Rule,
    Gateway,
    AnyBucket,
    /// A CloudWatch alarm.
    Alarm,
    /// A bucket by its ARN alone, which contains no account.
    BucketByName,
    /// A rule in an account outside the organisation.
    PartnerRule,
}

/// How a published version differs from `$LATEST`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behind {
    /// A deprecated runtime.
    Runtime(&'static str),
    /// A secret of this kind.
    Secret(usize),
    /// Its own role.
    Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    None,
    OnSuccess,
    OnFailure,
    OnFailureOfAlias,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    SnapStart,
    Durable,
    Tenants,
}

const RUNTIMES: &[&str] = &[
    "nodejs22.x",
    "nodejs22.x",
    "nodejs24.x",
    "python3.13",
    "python3.13",
    "python3.12",
    "python3.14",
    "java21",
    "java17",
    "provided.al2023",
    "provided.al2023",
    "dotnet10",
    "ruby3.4",
    "python3.11",
];

/// Runtimes and the day on which AWS deprecates them. Source: as in the scanner's table, repeated
/// here so that the scanner is not tested against its own table.
const DEPRECATED: &[(&str, &str)] = &[
    ("nodejs20.x", "2026-04-30"),
    ("nodejs18.x", "2025-09-01"),
    ("nodejs16.x", "2024-06-12"),
    ("python3.10", "2026-10-31"),
    ("python3.9", "2025-12-15"),
    ("python3.8", "2024-10-14"),
    ("dotnet8", "2026-11-10"),
    ("provided.al2", "2026-07-31"),
    ("go1.x", "2024-01-08"),
    ("ruby3.2", "2026-03-31"),
    ("nodejs12.x", "2023-03-31"),
];

/// Runtimes that are not deprecated yet: the day 180 days before, and the day on which AWS
/// deprecates them. Source: as above.
const ENDING: &[(&str, &str, &str)] = &[
    ("nodejs22.x", "2026-11-01", "2027-04-30"),
    ("nodejs24.x", "2027-11-02", "2028-04-30"),
    ("python3.11", "2027-01-01", "2027-06-30"),
    ("python3.12", "2028-05-04", "2028-10-31"),
    ("python3.13", "2029-01-01", "2029-06-30"),
    ("python3.14", "2029-01-01", "2029-06-30"),
    ("java17", "2027-01-01", "2027-06-30"),
    ("java21", "2029-01-01", "2029-06-30"),
    ("provided.al2023", "2029-01-01", "2029-06-30"),
    ("dotnet10", "2028-05-18", "2028-11-14"),
    ("ruby3.4", "2027-10-03", "2028-03-31"),
];

/// From which day on AWS lets nobody update functions with a deprecated runtime. Source: as above.
fn updates_blocked_from(runtime: &str) -> &'static str {
    if runtime == "nodejs12.x" {
        "2023-04-30"
    } else {
        "2027-03-03"
    }
}

const NAMES: &[&str] = &[
    "orders", "billing", "invoices", "users", "sessions", "search", "catalog", "shipping",
    "payments", "audit", "reports", "images", "mail", "webhooks",
];
const VERBS: &[&str] = &[
    "api", "worker", "sync", "export", "import", "notify", "index", "resize", "cleanup", "stream",
];

impl Traits {
    pub(crate) fn draw(seed: u64, account: u64, region: u64, index: u64) -> Self {
        let mut chance = Chance::new(seed, "function", &[account, region, index]);
        let name = format!("{}-{}-{index:05}", chance.pick(NAMES), chance.pick(VERBS));
        let runtime = match chance.below(100) {
            0..8 => None,
            8..22 => Some(DEPRECATED[chance.below(DEPRECATED.len())].0),
            _ => Some(chance.pick(RUNTIMES)),
        };
        let url = match chance.below(100) {
            0..6 => Url::Iam,
            6..9 => Url::Open,
            9..11 => Url::Latent,
            11..13 => Url::HalfOpen,
            13..15 => Url::Leftover,
            _ => Url::None,
        };
        let mut grants = Vec::new();
        let kinds = [
            (Grant::Everyone, 2),
            (Grant::Organization, 4),
            (Grant::OrganizationPath, 2),
            (Grant::EveryoneFromAccount, 2),
            (Grant::OtherAccount, 4),
            (Grant::Bucket, 8),
            (Grant::Topic, 5),
            (Grant::Rule, 8),
            (Grant::Gateway, 10),
            (Grant::AnyBucket, 2),
            (Grant::SiblingAccount, 3),
        ];
        for (grant, percent) in kinds {
            if chance.percent(percent) {
                grants.push(grant);
            }
        }
        let versions = if chance.percent(25) {
            1 + chance.below(3)
        } else {
            0
        };
        let environment = chance.percent(75);
        // From a separate generator, so that the rest of the world does not change.
        let mut other = Chance::new(seed, "versions", &[account, region, index]);
        if other.percent(4) {
            grants.push(Grant::Alarm);
        }
        let behind_alias = match other.below(10) {
            0 if versions > 0 && runtime.is_some() => {
                Some(Behind::Runtime(DEPRECATED[other.below(DEPRECATED.len())].0))
            }
            1 if versions > 0 => Some(Behind::Secret(other.below(synthetic::KINDS))),
            2 if versions > 0 => Some(Behind::Role),
            _ => None,
        };
        let forgotten = (versions > 1 && other.percent(25)).then(|| other.below(synthetic::KINDS));
        let mut sources = Chance::new(seed, "sources", &[account, region, index]);
        for grant in [Grant::BucketByName, Grant::PartnerRule] {
            if sources.percent(2) {
                grants.push(grant);
            }
        }
        Self {
            name,
            runtime,
            shared_role: chance.percent(25).then(|| chance.below(4)),
            reserved: chance.percent(30),
            code_signing: runtime.is_some() && chance.percent(20),
            environment,
            customer_key: chance.percent(30),
            secret: (environment && chance.percent(8)).then(|| chance.below(synthetic::KINDS)),
            url,
            grants,
            on_alias: versions > 0 && chance.percent(40),
            versions,
            behind_alias,
            forgotten,
            dead_letter: chance.percent(25),
            destination: match chance.below(100) {
                0..12 => Destination::OnFailure,
                12..16 => Destination::OnSuccess,
                16..20 if versions > 0 => Destination::OnFailureOfAlias,
                _ => Destination::None,
            },
            targets: Targets::GOOD,
            settings: Settings::GOOD,
            extras: Extras::GOOD,
            vpc: chance.percent(30),
            layers: if runtime.is_some() {
                chance.below(3)
            } else {
                0
            },
            special: match chance.below(40) {
                0 if runtime.is_some_and(|it| it.starts_with("java") || it == "python3.13") => {
                    Special::SnapStart
                }
                1 => Special::Durable,
                2 => Special::Tenants,
                _ => Special::None,
            },
        }
    }

    /// The faults of the function as of a date. Its role is judged separately.
    pub(crate) fn misconfigurations(&self, as_of: &str) -> Vec<Flaw> {
        let has = |grant| self.grants.contains(&grant);
        let asynchronous = [
            Grant::Bucket,
            Grant::Topic,
            Grant::Rule,
            Grant::AnyBucket,
            Grant::Alarm,
            Grant::BucketByName,
            Grant::PartnerRule,
        ]
        .into_iter()
        .any(has);
        // A destination serves only its qualifier, a dead-letter queue serves all.
        let destination = if self.on_alias {
            Destination::OnFailureOfAlias
        } else {
            Destination::OnFailure
        };
        let caught = self.dead_letter || self.destination == destination;
        // The grant to everyone serves as the second statement.
        let url_is_open =
            self.url == Url::Open || (self.url == Url::HalfOpen && has(Grant::Everyone));
        let qualifier = if self.on_alias { "live" } else { "$LATEST" };
        let only = |name, is: bool| is.then(|| (name, Some(String::new())));
        let statement =
            |name, sid: &str, is: bool| is.then(|| (name, Some(self.of_qualifier(sid))));
        let waits = matches!(self.url, Url::Latent | Url::HalfOpen) && !url_is_open;
        let flaws = [
            only(
                "code-signing-absent",
                self.runtime.is_some() && !self.code_signing,
            ),
            only("concurrency-unreserved", !self.reserved),
            statement("exposure-latent", "function URL", waits),
            statement(
                "exposure-latent",
                "FunctionURLAllowPublicAccess",
                self.url == Url::Leftover,
            ),
            statement(
                "exposure-latent",
                "FunctionURLAllowInvokeAction",
                self.url == Url::Leftover,
            ),
            (asynchronous && !caught).then(|| {
                (
                    "failure-destination-missing",
                    Some(if self.on_alias { "live" } else { "" }.to_owned()),
                )
            }),
            url_is_open.then(|| ("function-url-unauthenticated", Some(qualifier.to_owned()))),
            statement("policy-confused-deputy", "anybucket", has(Grant::AnyBucket)),
            statement(
                "policy-cross-account",
                "partner: 999988887777",
                has(Grant::OtherAccount),
            ),
            statement(
                "policy-confused-deputy",
                "bucketbyname",
                has(Grant::BucketByName),
            ),
            statement(
                "policy-cross-account",
                "partnerrule: 999988887777",
                has(Grant::PartnerRule),
            ),
            statement("policy-public", "open", has(Grant::Everyone)),
            statement(
                "policy-names-deleted-principal",
                "former",
                self.settings.names_deleted,
            ),
        ];
        flaws
            .into_iter()
            .flatten()
            .chain(self.of_versions(as_of))
            .chain(self.flaws_of_settings())
            .chain(self.flaws_of_extras())
            .chain(self.destination_outside())
            .chain(self.shared_by_tenants())
            .collect()
    }

    /// The faults of `$LATEST` and of the published versions that can run: the newest, which is
    /// behind the alias `live`, and one whose secret differs from `$LATEST`.
    fn of_versions(&self, as_of: &str) -> Vec<Flaw> {
        let deprecated = |runtime: Option<&str>| {
            runtime.is_some_and(|it| {
                DEPRECATED
                    .iter()
                    .any(|(name, date)| *name == it && *date <= as_of)
            })
        };
        let mut flaws = Vec::new();
        let mut add = |version: usize, runtime: Option<&str>, more: Option<usize>, runs: bool| {
            let of = |name: &str| match (version, name) {
                (0, name) => name.to_owned(),
                (version, "") => version.to_string(),
                (version, name) => format!("{version}/{name}"),
            };
            if runs && deprecated(runtime) {
                flaws.push(("runtime-deprecated", Some(of(""))));
            }
            let ends_soon = ENDING
                .iter()
                .any(|(name, soon, date)| runtime == Some(name) && *soon <= as_of && as_of < *date);
            if runs && ends_soon {
                flaws.push(("runtime-deprecated-soon", Some(of(""))));
            }
            let is_blocked = |runtime| updates_blocked_from(runtime) <= as_of;
            if version == 0 && deprecated(runtime) && runtime.is_some_and(is_blocked) {
                flaws.push(("runtime-update-blocked", Some(String::new())));
            }
            if runs && self.environment && self.settings.size == Size::Full {
                flaws.push(("env-near-limit", Some(of(""))));
            }
            let has_environment = self.environment || more.is_some();
            if runs && has_environment && !(self.environment && self.customer_key) {
                flaws.push(("env-not-customer-key", Some(of(""))));
            }
            if runs && self.is_unsigned_under_enforce() {
                flaws.push(("code-unsigned-under-enforce", Some(of(""))));
            }
            if runs && self.has_foreign_key() {
                flaws.push(("env-key-foreign", Some(of(""))));
            }
            if let Some(name) = self.injected().filter(|_| runs) {
                flaws.push(("code-injected-by-environment", Some(of(name))));
            }
            let names: BTreeSet<&str> = self
                .secret
                .iter()
                .chain(&more)
                .map(|kind| synthetic::secret_name(*kind))
                .collect();
            flaws.extend(names.into_iter().map(|name| ("env-secret", Some(of(name)))));
        };
        add(0, self.runtime, None, true);
        if self.versions > 0 {
            let (runtime, secret) = match self.behind_alias {
                Some(Behind::Runtime(runtime)) => (Some(runtime), None),
                Some(Behind::Secret(kind)) => (self.runtime, Some(kind)),
                Some(Behind::Role) | None => (self.runtime, None),
            };
            add(self.versions, runtime, secret, true);
        }
        if let Some(version) = self.split_to() {
            add(version, self.runtime, None, true);
        }
        if let Some(kind) = self.forgotten {
            add(1, None, Some(kind), false);
        }
        flaws
    }

    /// The secrets that all tenants share: those of the versions that can run, by variable.
    fn shared_by_tenants(&self) -> impl Iterator<Item = Flaw> {
        let behind = match self.behind_alias {
            Some(Behind::Secret(kind)) => Some(kind),
            _ => None,
        };
        let isolates = self.special == Special::Tenants;
        let secrets = self.secret.into_iter().chain(behind);
        let names: BTreeSet<&str> = secrets
            .filter(|_| isolates)
            .map(synthetic::secret_name)
            .collect();
        let flaw = |name: &str| ("tenant-shared-secrets", Some(name.to_owned()));
        names.into_iter().map(flaw)
    }

    /// The queues that the function sends failed events to.
    pub(crate) fn failure_targets(&self) -> impl Iterator<Item = Target> {
        let dead_letter = self.dead_letter.then_some(self.targets.dead_letter);
        let fails = matches!(
            self.destination,
            Destination::OnFailure | Destination::OnFailureOfAlias
        );
        let destination = fails.then_some(self.targets.destination);
        let mut targets: Vec<Target> = dead_letter.into_iter().chain(destination).collect();
        targets.dedup();
        targets.into_iter()
    }

    /// The fault of a destination outside the organisation.
    pub(crate) fn destination_outside(&self) -> Option<Flaw> {
        let qualifier = match self.destination {
            Destination::OnFailure => "$LATEST",
            Destination::OnFailureOfAlias => "live",
            Destination::None | Destination::OnSuccess => return None,
        };
        let is_outside = self.targets.destination.account("own", "central") == PARTNER;
        is_outside.then(|| {
            let fault = format!("{qualifier}/on-failure");
            ("destination-outside", Some(fault))
        })
    }

    /// The key of something that belongs to the function, or to the alias that has the policy.
    pub(super) fn of_qualifier(&self, name: &str) -> String {
        if self.on_alias {
            format!("live/{name}")
        } else {
            name.to_owned()
        }
    }
}
