//! The plan of a generated organisation: accounts and their contents, drawn at random from its
//! seed. Both the stores and the expected findings are built from it.

use std::collections::HashMap;

pub(crate) mod chance;
pub(crate) mod extras;
pub(crate) mod queues;
pub(crate) mod settings;
mod spec;
pub(crate) mod synthetic;
pub(crate) mod traits;

use chance::Chance;
use extras::Extras;
use queues::Targets;
use settings::{Room, Settings};
pub use spec::{Spec, SpecError};
use traits::{Behind, Traits};

/// The start of the generated world, in seconds since the epoch: 2024-01-01.
pub(crate) const BEGAN: f64 = 1_704_067_200.0;

/// A kind of misconfiguration, and the fault of that kind, as in the list of planted
/// misconfigurations.
pub(crate) type Flaw = (&'static str, Option<String>);

/// A generated organisation. Its active accounts with the role have exactly the requested number of
/// functions.
#[derive(Debug)]
pub struct Plan {
    pub(crate) spec: Spec,
    /// Ids of the accounts; the first is the management account.
    pub(crate) accounts: Vec<String>,
    pub(crate) by_id: HashMap<String, usize>,
    /// Functions by account and Region.
    counts: Vec<Vec<u32>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Open,
    Suspended,
    Roleless,
}

impl Plan {
    /// Plans an organisation; its stores are not created yet.
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
        let mut plan = Self {
            spec,
            accounts,
            by_id,
            counts: Vec::new(),
        };
        plan.counts = plan.spread();
        plan
    }

    /// The management account.
    pub fn management_account(&self) -> &str {
        &self.accounts[0]
    }

    /// The organisation's id.
    pub(crate) fn organization_id(&self) -> String {
        format!(
            "o-{}",
            Chance::new(self.spec.seed, "organization", &[])
                .letters("abcdefghijklmnopqrstuvwxyz0123456789", 10)
        )
    }

    /// The last accounts are those that cannot be read.
    pub(crate) fn kind(&self, index: usize) -> Kind {
        let from_end = self.accounts.len() - 1 - index;
        if from_end < self.spec.suspended {
            Kind::Suspended
        } else if from_end < self.spec.suspended + self.spec.roleless {
            Kind::Roleless
        } else {
            Kind::Open
        }
    }

    /// Distributes the functions over accounts and Regions: a few accounts have most of them, and
    /// many Regions are empty.
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
        // Rounding the running total instead of each share makes the sum exact.
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

    /// An account's name, and the root or unit that contains it.
    pub(crate) fn place(&self, index: usize, chance: &mut Chance) -> (String, &'static str) {
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

    /// The unit that contains an account.
    pub(crate) fn unit_of(&self, index: usize) -> &'static str {
        self.place(
            index,
            &mut Chance::new(self.spec.seed, "place", &[index as u64]),
        )
        .1
    }

    pub(crate) fn region_index(&self, region: &str) -> Option<usize> {
        DEFAULT_REGIONS[..self.spec.regions]
            .iter()
            .position(|name| *name == region)
    }

    pub(crate) fn traits(
        &self,
        account: usize,
        region: usize,
    ) -> impl Iterator<Item = Traits> + '_ {
        let count = self
            .counts
            .get(account)
            .and_then(|regions| regions.get(region))
            .copied()
            .unwrap_or(0);
        (0..count).map(move |index| {
            let place = [account as u64, region as u64, index.into()];
            let [of_account, of_region, index] = place;
            let mut traits = Traits::draw(self.spec.seed, of_account, of_region, index);
            let has_own_role =
                traits.shared_role.is_none() && traits.behind_alias != Some(Behind::Role);
            let in_central = account == self.central();
            let (seed, bad) = (self.spec.seed, self.spec.queues);
            traits.targets = Targets::draw(seed, bad, place, in_central, has_own_role);
            traits.settings = Settings::draw(seed, &place);
            traits.extras = Extras::draw(seed, &place);
            let room = self.room(account, region);
            if let Some(executions) = room.executions_of_first().filter(|_| index == 0) {
                traits.reserved = true;
                traits.settings.executions = executions;
            }
            traits
        })
    }

    /// How much of the concurrency of an account-Region is unreserved.
    pub(crate) fn room(&self, account: usize, region: usize) -> Room {
        Room::draw(self.spec.seed, account as u64, region as u64)
    }

    /// The account that has the organisation's own queues.
    fn central(&self) -> usize {
        usize::from(self.accounts.len() > 1 && self.kind(1) == Kind::Open)
    }

    /// The id of the account that has the organisation's own queues.
    pub(crate) fn central_account(&self) -> &str {
        &self.accounts[self.central()]
    }

    /// The Regions that functions are in.
    pub(crate) fn regions(&self) -> &'static [&'static str] {
        &DEFAULT_REGIONS[..self.spec.regions]
    }

    pub(crate) fn role_name(&self, account: usize, region: usize, traits: &Traits) -> String {
        match traits.shared_role {
            Some(number) => format!("shared-lambda-{number}"),
            None => format!("{}-{}-{account}", traits.name, DEFAULT_REGIONS[region]),
        }
    }

    /// The role of a published version that does not use the function's role.
    pub(crate) fn version_role_name(account: usize, region: usize, traits: &Traits) -> String {
        format!("{}-{}-{account}-live", traits.name, DEFAULT_REGIONS[region])
    }

    pub(crate) fn role_arn(&self, account: usize, name: &str) -> String {
        format!(
            "arn:aws:iam::{}:role/service-role/{name}",
            self.accounts[account]
        )
    }

    /// The names of the roles that a function's versions use.
    pub(crate) fn role_names(&self, account: usize, region: usize, traits: &Traits) -> Vec<String> {
        let other = (traits.behind_alias == Some(Behind::Role))
            .then(|| Self::version_role_name(account, region, traits));
        [self.role_name(account, region, traits)]
            .into_iter()
            .chain(other)
            .collect()
    }
}

/// Regions that are enabled by default, the most used first. Source: "AWS Regions", AWS Account
/// Management guide.
pub(crate) const DEFAULT_REGIONS: [&str; 17] = [
    "us-east-1",
    "eu-west-1",
    "us-west-2",
    "eu-central-1",
    "us-east-2",
    "ap-southeast-1",
    "ap-northeast-1",
    "ap-southeast-2",
    "eu-west-2",
    "us-west-1",
    "ap-south-1",
    "ca-central-1",
    "eu-west-3",
    "eu-north-1",
    "ap-northeast-2",
    "sa-east-1",
    "ap-northeast-3",
];

/// Regions that an account has to opt into.
pub(crate) const OPT_IN_REGIONS: [&str; 3] = ["af-south-1", "eu-south-1", "me-south-1"];
