//! A generated organisation: realistic, deterministic, and created piece by piece.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::layers::LayerTraits;
use super::powers::Powers;
use super::roles::RoleTraits;
use super::ways::ways;
use super::{
    Place, Planted, Seed, build, fill, guardrails, guests, layers, managed, scan_role, with_regions,
};
use crate::plan::chance::Chance;
use crate::plan::queues::denied_by_organization;
use crate::plan::settings::Room;
use crate::plan::{BEGAN, DEFAULT_REGIONS, Flaw, Kind, OPT_IN_REGIONS, Plan, Spec};
use crate::services::iam::store::Role;
use crate::services::{iam, lambda, organizations};

/// A generated organisation. Its active accounts with the role have exactly the requested number of
/// functions.
#[derive(Debug)]
pub struct Generated(Plan);

impl Generated {
    /// Plans an organisation; its stores are not created yet.
    pub fn new(spec: Spec) -> Self {
        Self(Plan::new(spec))
    }

    /// The management account.
    pub fn management_account(&self) -> &str {
        self.0.management_account()
    }
}

impl Generated {
    /// Whether the organisation denies sending to queues to an account's principals.
    fn denies_queues(&self, account: usize) -> bool {
        // Service control policies do not apply to the management account.
        account > 0 && denied_by_organization(self.0.unit_of(account))
    }

    fn organization(&self) -> organizations::store::Store {
        let mut store = organizations::store::Store {
            id: self.0.organization_id(),
            management_account: self.0.accounts[0].clone(),
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
        for (index, id) in self.0.accounts.iter().enumerate() {
            let mut chance = Chance::new(self.0.spec.seed, "place", &[index as u64]);
            let kind = self.0.kind(index);
            let (name, parent) = self.0.place(index, &mut chance);
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
        let Some(&index) = self.0.by_id.get(account) else {
            return store;
        };
        let management = format!("arn:aws:iam::{}:root", self.0.accounts[0]);
        if self.0.kind(index) == Kind::Open {
            let mut role = scan_role(&format!("{account}{}", self.0.spec.role_name), &management);
            if let Some(external_id) = &self.0.spec.external_id {
                role.trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": management}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": external_id}}}]}).to_string();
            }
            role.created = BEGAN;
            store.roles.insert(self.0.spec.role_name.clone(), role);
        }
        if index > 0 && self.0.kind(index) != Kind::Roleless {
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
        if let Some(role) = guests::role(&self.0, index) {
            store.roles.insert(guests::NAME.to_owned(), role);
        }
        for region in 0..self.0.spec.regions {
            for traits in self.0.traits(index, region).filter(|it| !it.role_is_gone()) {
                for name in self.0.role_names(index, region, &traits) {
                    let drawn = RoleTraits::draw(self.0.spec.seed, index as u64, &name);
                    let build = || drawn.sending(account, &name, traits.targets.role_may_send);
                    store.roles.entry(name.clone()).or_insert_with(build);
                }
            }
        }
        if self.0.kind(index) == Kind::Open {
            managed::add_managed(&mut store, account);
        }
        store
    }

    fn lambda(&self, account: &str, region: &str) -> lambda::store::Store {
        let mut store = lambda::store::Store::default();
        let (Some(&account_index), Some(region_index)) =
            (self.0.by_id.get(account), self.0.region_index(region))
        else {
            return store;
        };
        let signing = [
            ("csc-0a1b2c3d4e5f60718", "Enforce"),
            ("csc-1b2c3d4e5f607182a", "Warn"),
        ]
        .map(|(id, policy)| {
            let arn = format!("arn:aws:lambda:{region}:{account}:code-signing-config:{id}");
            (id, arn, policy)
        });
        let place = build::Place {
            seed: self.0.spec.seed,
            account,
            region,
            signing: &signing[0].1,
            signing_warnings: &signing[1].1,
            organization: self.0.organization_id(),
            management: &self.0.accounts[0],
            central: self.0.central_account(),
        };
        for (index, traits) in self.0.traits(account_index, region_index).enumerate() {
            let role = self.0.role_arn(
                account_index,
                &self.0.role_name(account_index, region_index, &traits),
            );
            let other_role = self.0.role_arn(
                account_index,
                &Plan::version_role_name(account_index, region_index, &traits),
            );
            let mut chance = Chance::new(
                self.0.spec.seed,
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
                LayerTraits::draw(self.0.spec.seed, account_index as u64, region_index as u64);
            store.layers = layers::build(&layers, account, region, &place.organization);
        }
        for (id, arn, policy) in signing {
            let mut functions = store.functions.values();
            if !functions.any(|it| it.code_signing_config.as_ref() == Some(&arn)) {
                continue;
            }
            let config = json!({
                "CodeSigningConfigId": id,
                "CodeSigningConfigArn": arn,
                "AllowedPublishers": {"SigningProfileVersionArns": [format!("arn:aws:signer:{region}:{account}:/signing-profiles/releases/AbCdEf1234")]},
                "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": policy},
                "LastModified": "2025-03-01T12:00:00.000+0000",
            });
            store.code_signing_configs.insert(arn, config);
        }
        let taken = self
            .0
            .traits(account_index, region_index)
            .map(|it| it.taken());
        let room = self.0.room(account_index, region_index);
        store.concurrent_executions = Some(room.limit(taken.sum()));
        store
    }

    fn regions(&self, account: &str) -> Vec<(String, &'static str)> {
        let index = self.0.by_id.get(account).copied().unwrap_or(0);
        let default = DEFAULT_REGIONS[..self.0.spec.regions]
            .iter()
            .map(|region| ((*region).to_owned(), "ENABLED_BY_DEFAULT"));
        // The first is enabled by one account in seven, and has no functions there.
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

    fn plan(&self) -> Option<&Plan> {
        Some(&self.0)
    }

    fn truth(&self, as_of: &str) -> Vec<Planted> {
        let mut planted = Vec::new();
        for (account_index, account) in self.0.accounts.iter().enumerate() {
            let mut users: BTreeMap<String, u32> = BTreeMap::new();
            let mut runs_latest = BTreeSet::new();
            let mut may_not_send = BTreeSet::new();
            for (region_index, region) in DEFAULT_REGIONS[..self.0.spec.regions].iter().enumerate()
            {
                for traits in self.0.traits(account_index, region_index) {
                    let names = match traits.role_is_gone() {
                        true => Vec::new(),
                        false => self.0.role_names(account_index, region_index, &traits),
                    };
                    runs_latest.extend(names.first().cloned());
                    for name in names {
                        *users
                            .entry(self.0.role_arn(account_index, &name))
                            .or_default() += 1;
                        if !traits.targets.role_may_send {
                            may_not_send.insert(name);
                        }
                    }
                    let may_send =
                        traits.targets.role_may_send && !self.denies_queues(account_index);
                    let targets = traits.failure_targets().filter_map(|target| {
                        let flaw = if may_send {
                            target.flaw()
                        } else {
                            target.flaw_if_denied()
                        };
                        let owner = target.account(account, self.0.central_account());
                        let arn = format!("arn:aws:sqs:{region}:{owner}:{}", target.name());
                        Some((flaw?, Some(arn)))
                    });
                    for (misconfiguration, fault) in
                        traits.misconfigurations(as_of).into_iter().chain(targets)
                    {
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
            let unit = self.0.unit_of(account_index);
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
            let draw = |name: &str| RoleTraits::draw(self.0.spec.seed, account_index as u64, name);
            let roles = users
                .keys()
                .map(|role| (name_of(role), draw(&name_of(role))))
                .collect();
            let ways = ways(
                &roles,
                &runs_latest,
                denied,
                account == self.0.management_account(),
            );
            let powers = Powers {
                roles: &roles,
                ways: &ways,
                iam_is_denied: denied,
                writers: roles
                    .iter()
                    .filter(|(name, role)| {
                        let may_send = !may_not_send.contains(*name);
                        role.writes_everywhere(denied, may_send, self.denies_queues(account_index))
                    })
                    .map(|(name, _)| name.clone())
                    .collect(),
            };
            for (region_index, region) in DEFAULT_REGIONS[..self.0.spec.regions].iter().enumerate()
            {
                for traits in self.0.traits(account_index, region_index) {
                    let function =
                        format!("arn:aws:lambda:{region}:{account}:function:{}", traits.name);
                    let names = self.0.role_names(account_index, region_index, &traits);
                    let arn = |name: &str| self.0.role_arn(account_index, name);
                    for flaw in powers.flaws(&traits, &names, arn) {
                        plant(region, function.clone(), flaw);
                    }
                    if let Some(flaw) = guests::flaw(&self.0, account_index) {
                        plant(region, function, flaw);
                    }
                }
            }
            for (role, users) in users {
                if users > 1 {
                    plant("", role.clone(), only("role-shared-by-functions"));
                }
                let name = name_of(&role);
                let may_send = !may_not_send.contains(&name);
                let no_queues = self.denies_queues(account_index);
                for flaw in roles[&name].misconfigurations(denied, may_send, no_queues) {
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
            for (region_index, region) in DEFAULT_REGIONS[..self.0.spec.regions].iter().enumerate()
            {
                if self.0.traits(account_index, region_index).next().is_some() {
                    let layers = LayerTraits::draw(
                        self.0.spec.seed,
                        account_index as u64,
                        region_index as u64,
                    );
                    layers
                        .iter()
                        .filter(|layer| layer.is_shared_outside())
                        .for_each(|layer| {
                            let partner = Some("999988887777".to_owned());
                            let flaw = ("layer-shared-outside", partner);
                            plant(region, layer.arn(account, region), flaw);
                        });
                    layers
                        .iter()
                        .filter(|layer| layer.is_public())
                        .for_each(|layer| {
                            plant(region, layer.arn(account, region), only("layer-public"))
                        });
                    let foreign: BTreeSet<String> = self
                        .0
                        .traits(account_index, region_index)
                        .map(|it| it.foreign_layer())
                        .filter(|layer| layer.is_untrusted())
                        .filter_map(|layer| layer.arn(region))
                        .collect();
                    for layer in foreign {
                        plant(region, layer, only("layer-untrusted-publisher"));
                    }
                    let used = self
                        .0
                        .traits(account_index, region_index)
                        .map(|it| it.layers);
                    for at in 0..used.max().unwrap_or(0) {
                        let name = format!("common-{at}");
                        if powers.rulers("") >= 3 {
                            let arn = format!("arn:aws:lambda:{region}:{account}:layer:{name}:3");
                            plant(region, arn, only("layer-publishable-broadly"));
                        }
                        let exists = |version| {
                            let mut layers = layers.iter();
                            layers.any(|it| it.name == name && it.version == version)
                        };
                        let flaw = match (exists(3), exists(4)) {
                            (false, _) => "layer-version-gone",
                            (true, true) => "layer-outdated",
                            (true, false) => continue,
                        };
                        let arn = format!("arn:aws:lambda:{region}:{account}:layer:{name}:3");
                        plant(region, arn, only(flaw));
                    }
                    if self.0.room(account_index, region_index) == Room::Little {
                        let arn = format!("arn:aws:lambda:{region}:{account}:function:*");
                        plant(region, arn, only("concurrency-account-exhausted"));
                    }
                }
            }
            // Service control policies do not apply to the management account.
            if self.0.kind(account_index) != Kind::Suspended
                && account != self.0.management_account()
            {
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
