//! What a call that failed may cost: the facts that it feeds, and where. It is read off the
//! collectors' declarations and the checks.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_checks::Registry;
use lambdasweep_collect::COLLECTORS;
use lambdasweep_tables::{Fact, Grain, facts};

use super::call::Call;
use super::snapshot::{Key, Place};

/// Which rows rest on what.
#[derive(Debug)]
pub(crate) struct Evidence {
    /// The facts that each check needs.
    checks: BTreeMap<String, Vec<Fact>>,
}

/// What one call may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) facts: BTreeSet<Fact>,
    /// Empty for all accounts.
    pub(crate) account: String,
    /// Empty for the whole account.
    pub(crate) region: String,
    pub(crate) function: Option<String>,
}

/// Operations that are no collector's: without them it is not known what there is to scan, or as
/// whom.
fn is_of_the_whole_scan(call: &Call) -> bool {
    let of_a_collector = COLLECTORS.iter().any(|it| {
        it.operations
            .iter()
            .any(|operation| operation.name == call.name())
    });
    call.service == "organizations" && !of_a_collector || call.operation == "GetCallerIdentity"
}

impl Cost {
    /// What a call may cost.
    pub(crate) fn of(call: &Call) -> Self {
        let all = || {
            COLLECTORS
                .iter()
                .map(|it| it.fact)
                .chain([facts::ORGANIZATION])
                .collect()
        };
        let cost = |facts, account: &str, region: &str, function| Self {
            facts,
            account: account.to_owned(),
            region: region.to_owned(),
            function,
        };
        if is_of_the_whole_scan(call) {
            return cost(all(), "", "", None);
        }
        if call.operation == "AssumeRole" || call.operation == "ListRegions" {
            return cost(all(), &call.account, "", None);
        }
        let facts = facts_of(&call.name());
        match call.service.as_str() {
            "organizations" => cost(facts, "", "", None),
            "lambda" => cost(facts, &call.account, &call.region, call.function.clone()),
            _ => cost(facts, &call.account, "", None),
        }
    }

    /// Whether the whole scan may stop for it.
    pub(crate) fn is_of_all(&self) -> bool {
        self.account.is_empty() && self.facts.contains(&facts::ORGANIZATION)
    }

    /// Whether the call feeds this fact of this unit or function.
    pub(crate) fn covers(&self, [account, region, resource, fact]: &Place) -> bool {
        let here = (self.account.is_empty() || self.account == *account)
            && (self.region.is_empty() || self.region == *region);
        let of_function = self
            .function
            .as_deref()
            .is_none_or(|name| resource.is_empty() || is_function(resource, name));
        let feeds = |fact| self.facts.contains(&fact);
        fact.parse()
            .is_ok_and(|fact| feeds(fact) && (here && of_function || is_by_reference(fact)))
    }

    /// Whether what is said of an account and Region rests on the place of the call; what is said
    /// of the whole account rests on all its Regions.
    fn is_at(&self, account: &str, region: &str) -> bool {
        (self.account.is_empty() || self.account == account)
            && (self.region.is_empty() || region.is_empty() || self.region == region)
    }
}

/// The facts that an operation feeds, and those that are built on them.
fn facts_of(operation: &str) -> BTreeSet<Fact> {
    let direct = COLLECTORS
        .iter()
        .filter(|it| it.operations.iter().any(|known| known.name == operation));
    let mut facts: BTreeSet<Fact> = direct.map(|it| it.fact).collect();
    if facts.contains(&facts::FUNCTIONS) {
        // Facts of functions are read for those that are listed.
        facts.extend(
            COLLECTORS
                .iter()
                .map(|it| it.fact)
                .filter(|fact| fact.grain() == Grain::Resource("function")),
        );
    }
    loop {
        let more: Vec<Fact> = COLLECTORS
            .iter()
            .filter(|it| {
                !facts.contains(&it.fact) && it.needs.iter().any(|need| facts.contains(need))
            })
            .map(|it| it.fact)
            .collect();
        if more.is_empty() {
            return facts;
        }
        facts.extend(more);
    }
}

/// Whether a fact is read for what others refer to, in whichever account that is.
fn is_by_reference(fact: Fact) -> bool {
    matches!(fact.grain(), Grain::Resource(of) if of != "function")
}

/// Whether a fact is worked out from such a fact.
fn is_built_on_references(fact: Fact) -> bool {
    let mut collectors = COLLECTORS.iter().filter(|it| it.fact == fact);
    collectors.any(|it| it.needs.iter().any(|need| is_by_reference(*need)))
}

fn is_function(arn: &str, name: &str) -> bool {
    arn.split(":function:")
        .nth(1)
        .and_then(|rest| rest.split(':').next())
        == Some(name)
}

impl Evidence {
    pub(crate) fn new() -> Self {
        let registry = Registry::builtin().unwrap();
        Self {
            checks: registry
                .all()
                .map(|check| (check.id.clone(), check.facts.clone()))
                .collect(),
        }
    }

    /// Whether an answer rests on what one of these calls feeds.
    pub(crate) fn is_hit(
        &self,
        costs: &[Cost],
        [check, account, region, resource]: &Key,
        resource_type: &str,
    ) -> bool {
        let mut facts: BTreeSet<Fact> = self
            .checks
            .get(check)
            .into_iter()
            .flatten()
            .copied()
            .collect();
        // What there is to judge follows from these lists.
        facts.insert(if resource_type == "published-layer" {
            facts::LAYERS
        } else {
            facts::FUNCTIONS
        });
        costs.iter().any(|cost| {
            // A destination of any function may be a version of another, which then runs.
            let of_any = cost.facts.contains(&facts::EVENT_INVOKE_CONFIGS)
                && facts.contains(&facts::VERSIONS);
            // What functions refer to is in any account, and read with any account's session.
            let is_referring =
                |fact: &Fact| is_by_reference(*fact) || is_built_on_references(*fact);
            if facts
                .iter()
                .any(|it| is_referring(it) && cost.facts.contains(it))
            {
                return true;
            }
            let own = match &cost.function {
                Some(name) if resource_type == "function" && !of_any => is_function(resource, name),
                _ => true,
            };
            own && cost.is_at(account, region) && cost.facts.iter().any(|fact| facts.contains(fact))
        })
    }
}
