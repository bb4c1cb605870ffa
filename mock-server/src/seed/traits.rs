//! What a generated function is like, good and bad: drawn first, and then built from and told as truth.

use super::chance::Chance;
use super::{Flaw, synthetic};

/// A function's traits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Traits {
    pub(super) name: String,
    /// None for a container image.
    pub(super) runtime: Option<&'static str>,
    /// A role of its own, or the account's shared role of that number.
    pub(super) shared_role: Option<usize>,
    pub(super) reserved: bool,
    pub(super) code_signing: bool,
    pub(super) environment: bool,
    pub(super) customer_key: bool,
    pub(super) secret: Option<usize>,
    pub(super) url: Url,
    pub(super) grants: Vec<Grant>,
    /// The policy, and the URL if there is one, belong to the alias `live` instead of the function.
    pub(super) on_alias: bool,
    pub(super) versions: usize,
    pub(super) dead_letter: bool,
    pub(super) destination: Destination,
    pub(super) vpc: bool,
    pub(super) layers: usize,
    pub(super) special: Special,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Url {
    None,
    Iam,
    /// AuthType NONE and both statements.
    Open,
    /// AuthType NONE and no statement.
    Latent,
    /// AuthType NONE and the older of the two statements.
    HalfOpen,
    /// Both statements, and no URL any more.
    Leftover,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    Everyone,
    Organization,
    OrganizationPath,
    EveryoneFromAccount,
    OtherAccount,
    /// An account of the organisation.
    SiblingAccount,
    Bucket,
    Topic,
    Rule,
    Gateway,
    AnyBucket,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Destination {
    None,
    OnSuccess,
    OnFailure,
    OnFailureOfAlias,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
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

/// Runtimes and the day on which AWS deprecates them. Source: as in the scanner's table, told here again so that neither judges itself.
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
];

const NAMES: &[&str] = &[
    "orders", "billing", "invoices", "users", "sessions", "search", "catalog", "shipping", "payments", "audit", "reports", "images",
    "mail", "webhooks",
];
const VERBS: &[&str] = &["api", "worker", "sync", "export", "import", "notify", "index", "resize", "cleanup", "stream"];

impl Traits {
    pub(super) fn draw(seed: u64, account: u64, region: u64, index: u64) -> Self {
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
        let versions = if chance.percent(25) { 1 + chance.below(3) } else { 0 };
        let environment = chance.percent(75);
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
            dead_letter: chance.percent(25),
            destination: match chance.below(100) {
                0..12 => Destination::OnFailure,
                12..16 => Destination::OnSuccess,
                16..20 if versions > 0 => Destination::OnFailureOfAlias,
                _ => Destination::None,
            },
            vpc: chance.percent(30),
            layers: if runtime.is_some() { chance.below(3) } else { 0 },
            special: match chance.below(40) {
                0 if runtime.is_some_and(|it| it.starts_with("java") || it == "python3.13") => Special::SnapStart,
                1 => Special::Durable,
                2 => Special::Tenants,
                _ => Special::None,
            },
        }
    }

    /// What is wrong with the function, judged on a date. Its role is judged for itself.
    pub(super) fn misconfigurations(&self, as_of: &str) -> Vec<Flaw> {
        let asynchronous = self.grants.iter().any(|grant| matches!(grant, Grant::Bucket | Grant::Topic | Grant::Rule | Grant::AnyBucket));
        let caught = self.dead_letter || matches!(self.destination, Destination::OnFailure | Destination::OnFailureOfAlias);
        let deprecated = self.runtime.is_some_and(|runtime| DEPRECATED.iter().any(|(name, date)| *name == runtime && *date <= as_of));
        let has = |grant| self.grants.contains(&grant);
        // The open grant serves as the second statement.
        let url_is_open = self.url == Url::Open || (self.url == Url::HalfOpen && has(Grant::Everyone));
        let only = |name, is: bool| is.then(|| (name, Some(String::new())));
        let statement = |name, sid: &str, is: bool| is.then(|| (name, Some(self.of_qualifier(sid))));
        [
            only("code-signing-absent", self.runtime.is_some() && !self.code_signing),
            only("concurrency-unreserved", !self.reserved),
            only("env-not-customer-key", self.environment && !self.customer_key),
            self.secret.map(|kind| ("env-secret", Some(synthetic::secret_name(kind).to_owned()))),
            only("failure-destination-missing", asynchronous && !caught),
            url_is_open.then(|| ("function-url-unauthenticated", Some(if self.on_alias { "live" } else { "$LATEST" }.to_owned()))),
            statement("policy-confused-deputy", "anybucket", has(Grant::AnyBucket)),
            statement("policy-cross-account", "partner: 999988887777", has(Grant::OtherAccount)),
            statement("policy-public", "open", has(Grant::Everyone)),
            statement("policy-public", "FunctionURLAllowPublicAccess", matches!(self.url, Url::Open | Url::HalfOpen | Url::Leftover)),
            statement("policy-public", "FunctionURLAllowInvokeAction", matches!(self.url, Url::Open | Url::Leftover)),
            only("runtime-deprecated", deprecated),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The name of something that belongs to the function, or to the alias that has the policy.
    fn of_qualifier(&self, name: &str) -> String {
        if self.on_alias { format!("live/{name}") } else { name.to_owned() }
    }
}
