//! A generated organisation: realistic, deterministic, and made piece by piece.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::json;

use super::build::{self, BEGAN};
use super::chance::Chance;
use super::layers::LayerTraits;
use super::roles::RoleTraits;
use super::traits::{Behind, Traits};
use super::ways::ways;
use super::{
    DEFAULT_REGIONS, Flaw, OPT_IN_REGIONS, Place, Planted, Seed, Spec, fill, guardrails, layers,
    roles, scan_role, with_regions,
};
use crate::services::iam::store::Role;
use crate::services::{iam, lambda, organizations};

/// A generated organisation. Exactly as many functions as were asked for are in its active accounts
/// that have the role.
#[derive(Debug)]
pub struct Generated {
    spec: Spec,
    /// Ids of the accounts; the first is the management account.
    accounts: Vec<String>,
    by_id: HashMap<String, usize>,
    /// Functions by account and Region.
    counts: Vec<Vec<u32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Open,
    Suspended,
    Roleless,
}

impl Generated {
    /// Plans an organisation; nothing of it is made yet.
    pub fn new(spec: Spec) -> Self {
        let mut by_id = HashMap::new();
        let mut accounts = Vec::with_capacity(spec.accounts);
        for index in 0..spec.accounts {
            let mut chance = Chance::new(spec.seed, "account", &[index as u64]);
            let id = loop {
                let id = format!("{:012}", 100_000_000_000 + chance.next() % 900_000_000_000);
                if !by_id.contains_key(&id) {
                    break id;
                }
            };
            by_id.insert(id.clone(), index);
            accounts.push(id);
        }
        let mut generated = Self {
            spec,
            accounts,
            by_id,
            counts: Vec::new(),
        };
        generated.counts = generated.spread();
        generated
    }

    /// The management account.
    pub fn management_account(&self) -> &str {
        &self.accounts[0]
    }

    /// The organisation's id.
    fn organization_id(&self) -> String {
        format!(
            "o-{}",
            Chance::new(self.spec.seed, "organization", &[])
                .letters("abcdefghijklmnopqrstuvwxyz0123456789", 10)
        )
    }

    /// The last accounts are those that cannot be read.
    fn kind(&self, index: usize) -> Kind {
        let from_end = self.accounts.len() - 1 - index;
        if from_end < self.spec.suspended {
            Kind::Suspended
        } else if from_end < self.spec.suspended + self.spec.roleless {
            Kind::Roleless
        } else {
            Kind::Open
        }
    }

    /// Spreads the functions over accounts and Regions: a few accounts have most, and many Regions
    /// are empty.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts are far below 2^32"
    )]
    fn spread(&self) -> Vec<Vec<u32>> {
        let mut weights = Vec::new();
        for index in 0..self.accounts.len() {
            let mut chance = Chance::new(self.spec.seed, "weight", &[index as u64]);
            let rank = 1.0 + (chance.next() % self.accounts.len() as u64) as f64;
            let of_account = if self.spec.skewed {
                1.0 / rank.powf(0.7)
            } else {
                1.0
            };
            for region in 0..self.spec.regions {
                let empty = self.spec.skewed && region > 0 && chance.percent(40);
                let of_region = if self.spec.skewed {
                    1.0 / (1.0 + region as f64)
                } else {
                    1.0
                };
                weights.push(if empty || self.kind(index) != Kind::Open {
                    0.0
                } else {
                    of_account * of_region
                });
            }
        }
        let total: f64 = weights.iter().sum::<f64>().max(f64::MIN_POSITIVE);
        // Rounding what has been given so far, not each share, makes the sum come out.
        let (mut sum, mut given) = (0.0, 0);
        let last = weights.iter().rposition(|weight| *weight > 0.0);
        let mut counts = Vec::with_capacity(weights.len());
        for (at, weight) in weights.iter().enumerate() {
            sum += weight;
            let until = if Some(at) == last {
                self.spec.functions as u64
            } else {
                (sum / total * self.spec.functions as f64).round() as u64
            };
            let here = if *weight > 0.0 {
                until.saturating_sub(given)
            } else {
                0
            };
            given += here;
            counts.push(here as u32);
        }
        counts
            .chunks(self.spec.regions)
            .map(<[u32]>::to_vec)
            .collect()
    }

    /// An account's name, and the root or the unit that holds it.
    fn place(&self, index: usize, chance: &mut Chance) -> (String, &'static str) {
        if index == 0 {
            return ("management".to_owned(), "r-a1b2");
        }
        if self.kind(index) == Kind::Suspended {
            return (format!("closed-{index:04}"), "ou-a1b2-suspende");
        }
        let (stem, parent) = [
            ("security", "ou-a1b2-security"),
            ("network", "ou-a1b2-infrastr"),
            ("prod", "ou-a1b2-prod0000"),
            ("prod", "ou-a1b2-prod0000"),
            ("dev", "ou-a1b2-dev00000"),
            ("sandbox", "ou-a1b2-sandbox0"),
        ][chance.below(6)];
        (format!("{stem}-{index:04}"), parent)
    }

    /// The unit that holds an account.
    fn unit_of(&self, index: usize) -> &'static str {
        self.place(
            index,
            &mut Chance::new(self.spec.seed, "place", &[index as u64]),
        )
        .1
    }

    fn region_index(&self, region: &str) -> Option<usize> {
        DEFAULT_REGIONS[..self.spec.regions]
            .iter()
            .position(|name| *name == region)
    }

    fn traits(&self, account: usize, region: usize) -> impl Iterator<Item = Traits> + '_ {
        let count = self
            .counts
            .get(account)
            .and_then(|regions| regions.get(region))
            .copied()
            .unwrap_or(0);
        (0..count).map(move |index| {
            Traits::draw(self.spec.seed, account as u64, region as u64, index.into())
        })
    }

    fn role_name(&self, account: usize, region: usize, traits: &Traits) -> String {
        match traits.shared_role {
            Some(number) => format!("shared-lambda-{number}"),
            None => format!("{}-{}-{account}", traits.name, DEFAULT_REGIONS[region]),
        }
    }

    /// The role of a published version that does not execute with the function's.
    fn version_role_name(account: usize, region: usize, traits: &Traits) -> String {
        format!("{}-{}-{account}-live", traits.name, DEFAULT_REGIONS[region])
    }

    fn role_arn(&self, account: usize, name: &str) -> String {
        format!(
            "arn:aws:iam::{}:role/service-role/{name}",
            self.accounts[account]
        )
    }

    /// The names of the roles that a function's versions execute with.
    fn role_names(&self, account: usize, region: usize, traits: &Traits) -> Vec<String> {
        let other = (traits.behind_alias == Some(Behind::Role))
            .then(|| Self::version_role_name(account, region, traits));
        [self.role_name(account, region, traits)]
            .into_iter()
            .chain(other)
            .collect()
    }
}

impl Generated {
    fn organization(&self) -> organizations::store::Store {
        let mut store = organizations::store::Store {
            id: self.organization_id(),
            management_account: self.accounts[0].clone(),
            root_id: "r-a1b2".to_owned(),
            ..organizations::store::Store::default()
        };
        let mut unit = |id: &str, name: &str, parent: &str| {
            let id = format!("ou-a1b2-{id}");
            store.units.insert(
                id.clone(),
                organizations::store::Unit {
                    name: name.to_owned(),
                    parent: parent.to_owned(),
                },
            );
            id
        };
        let root = "r-a1b2";
        unit("security", "Security", root);
        unit("infrastr", "Infrastructure", root);
        let workloads = unit("workload", "Workloads", root);
        unit("prod0000", "Prod", &workloads);
        unit("dev00000", "Dev", &workloads);
        unit("sandbox0", "Sandbox", root);
        unit("suspende", "Suspended", root);
        for (index, id) in self.accounts.iter().enumerate() {
            let mut chance = Chance::new(self.spec.seed, "place", &[index as u64]);
            let kind = self.kind(index);
            let (name, parent) = self.place(index, &mut chance);
            let account = organizations::store::Account {
                email: format!("aws+{name}@example.com"),
                name,
                state: if kind == Kind::Suspended {
                    if chance.percent(50) {
                        "SUSPENDED"
                    } else {
                        "PENDING_CLOSURE"
                    }
                } else {
                    "ACTIVE"
                }
                .to_owned(),
                joined_method: if index > 0 && kind != Kind::Roleless {
                    "CREATED"
                } else {
                    "INVITED"
                }
                .to_owned(),
                #[expect(clippy::cast_precision_loss, reason = "a few years in seconds")]
                joined: BEGAN + (chance.next() % 50_000_000) as f64,
                parent: parent.to_owned(),
            };
            store.accounts.insert(id.clone(), account);
        }
        organizations::add_full_access(&mut store);
        guardrails::add(&mut store);
        store
    }

    fn iam(&self, account: &str) -> iam::store::Store {
        let mut store = iam::store::Store::default();
        let Some(&index) = self.by_id.get(account) else {
            return store;
        };
        let management = format!("arn:aws:iam::{}:root", self.accounts[0]);
        if self.kind(index) == Kind::Open {
            let mut role = scan_role(&format!("{account}{}", self.spec.role_name), &management);
            if let Some(external_id) = &self.spec.external_id {
                role.trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": management}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": external_id}}}]}).to_string();
            }
            role.created = BEGAN;
            store.roles.insert(self.spec.role_name.clone(), role);
        }
        if index > 0 && self.kind(index) != Kind::Roleless {
            let mut role = Role::trusting(
                &format!("{account}admin"),
                &management,
                "arn:aws:iam::aws:policy/AdministratorAccess",
            );
            role.created = BEGAN;
            store
                .roles
                .insert("OrganizationAccountAccessRole".to_owned(), role);
        }
        for region in 0..self.spec.regions {
            for traits in self.traits(index, region) {
                for name in self.role_names(index, region, &traits) {
                    let traits = RoleTraits::draw(self.spec.seed, index as u64, &name);
                    store
                        .roles
                        .entry(name.clone())
                        .or_insert_with(|| traits.build(account, &name));
                }
            }
        }
        if self.kind(index) == Kind::Open {
            roles::add_managed(&mut store, account);
        }
        store
    }

    fn lambda(&self, account: &str, region: &str) -> lambda::store::Store {
        let mut store = lambda::store::Store::default();
        let (Some(&account_index), Some(region_index)) =
            (self.by_id.get(account), self.region_index(region))
        else {
            return store;
        };
        let signing =
            format!("arn:aws:lambda:{region}:{account}:code-signing-config:csc-0a1b2c3d4e5f60718");
        let place = build::Place {
            seed: self.spec.seed,
            account,
            region,
            signing: &signing,
            organization: self.organization_id(),
            management: &self.accounts[0],
        };
        for (index, traits) in self.traits(account_index, region_index).enumerate() {
            let role = self.role_arn(
                account_index,
                &self.role_name(account_index, region_index, &traits),
            );
            let other_role = self.role_arn(
                account_index,
                &Self::version_role_name(account_index, region_index, &traits),
            );
            let mut chance = Chance::new(
                self.spec.seed,
                "configuration",
                &[account_index as u64, region_index as u64, index as u64],
            );
            store.functions.insert(
                traits.name.clone(),
                place.function(&traits, (&role, &other_role), &mut chance),
            );
        }
        if !store.functions.is_empty() {
            let layers =
                LayerTraits::draw(self.spec.seed, account_index as u64, region_index as u64);
            store.layers = layers::build(&layers, account, region, &place.organization);
        }
        if store
            .functions
            .values()
            .any(|function| function.code_signing_config.is_some())
        {
            let config = json!({
                "CodeSigningConfigId": "csc-0a1b2c3d4e5f60718",
                "CodeSigningConfigArn": signing,
                "AllowedPublishers": {"SigningProfileVersionArns": [format!("arn:aws:signer:{region}:{account}:/signing-profiles/releases/AbCdEf1234")]},
                "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
                "LastModified": "2025-03-01T12:00:00.000+0000",
            });
            store.code_signing_configs.insert(signing.clone(), config);
        }
        store
    }

    fn regions(&self, account: &str) -> Vec<(String, &'static str)> {
        let index = self.by_id.get(account).copied().unwrap_or(0);
        let default = DEFAULT_REGIONS[..self.spec.regions]
            .iter()
            .map(|region| ((*region).to_owned(), "ENABLED_BY_DEFAULT"));
        // Opted into by one account in seven, and empty there.
        let opt_in = OPT_IN_REGIONS.iter().enumerate().map(move |(at, region)| {
            (
                (*region).to_owned(),
                if at == 0 && index % 7 == 3 {
                    "ENABLED"
                } else {
                    "DISABLED"
                },
            )
        });
        default.chain(opt_in).collect()
    }
}

impl Seed for Generated {
    fn fill(&self, place: Place<'_>, store: &mut dyn Any) {
        let Place { account, region } = place;
        fill(store, || self.organization());
        fill(store, || self.iam(account));
        fill(store, || self.lambda(account, region));
        fill(store, || with_regions(self.regions(account).into_iter()));
    }

    fn truth(&self, as_of: &str) -> Vec<Planted> {
        let mut planted = Vec::new();
        for (account_index, account) in self.accounts.iter().enumerate() {
            let mut users: BTreeMap<String, u32> = BTreeMap::new();
            let mut runs_latest = BTreeSet::new();
            for (region_index, region) in DEFAULT_REGIONS[..self.spec.regions].iter().enumerate() {
                for traits in self.traits(account_index, region_index) {
                    runs_latest.insert(self.role_name(account_index, region_index, &traits));
                    for name in self.role_names(account_index, region_index, &traits) {
                        *users
                            .entry(self.role_arn(account_index, &name))
                            .or_default() += 1;
                    }
                    for (misconfiguration, fault) in traits.misconfigurations(as_of) {
                        planted.push(Planted {
                            account: account.clone(),
                            region: (*region).to_owned(),
                            resource_arn: format!(
                                "arn:aws:lambda:{region}:{account}:function:{}",
                                traits.name
                            ),
                            misconfiguration,
                            fault,
                        });
                    }
                }
            }
            let unit = self.unit_of(account_index);
            let mut plant =
                |region: &str, resource_arn: String, (misconfiguration, fault): Flaw| {
                    planted.push(Planted {
                        account: account.clone(),
                        region: region.to_owned(),
                        resource_arn,
                        misconfiguration,
                        fault,
                    });
                };
            let only = |name| (name, Some(String::new()));
            let denied = guardrails::denies_iam(unit);
            let name_of = |role: &str| role.rsplit('/').next().unwrap_or_default().to_owned();
            let draw = |name: &str| RoleTraits::draw(self.spec.seed, account_index as u64, name);
            let roles = users
                .keys()
                .map(|role| (name_of(role), draw(&name_of(role))))
                .collect();
            let ways = ways(
                &roles,
                &runs_latest,
                denied,
                account == self.management_account(),
            );
            for (role, users) in users {
                if users > 1 {
                    plant("", role.clone(), only("role-shared-by-functions"));
                }
                let name = name_of(&role);
                for flaw in roles[&name].misconfigurations(denied) {
                    plant("", role.clone(), flaw);
                }
                for path in &ways[&name] {
                    plant(
                        "",
                        role.clone(),
                        ("role-privilege-escalation", path.clone()),
                    );
                }
            }
            for (region_index, region) in DEFAULT_REGIONS[..self.spec.regions].iter().enumerate() {
                if self.traits(account_index, region_index).next().is_some() {
                    let layers = LayerTraits::draw(
                        self.spec.seed,
                        account_index as u64,
                        region_index as u64,
                    );
                    layers
                        .iter()
                        .filter(|layer| layer.is_public())
                        .for_each(|layer| {
                            plant(region, layer.arn(account, region), only("layer-public"))
                        });
                }
            }
            // Service control policies do not bind the management account.
            if self.kind(account_index) != Kind::Suspended && account != self.management_account() {
                for guardrail in guardrails::missing(unit) {
                    plant(
                        "",
                        format!("arn:aws:iam::{account}:root"),
                        ("guardrail-missing", Some((*guardrail).to_owned())),
                    );
                }
            }
        }
        planted
    }
}
