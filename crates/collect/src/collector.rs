//! What a collector declares: the fact that it reads, the calls that it makes, the tables that it
//! fills.

pub(crate) mod shared_resources;

use futures::future::BoxFuture;
use lambdasweep_aws::{CallError, Operation};
use lambdasweep_model::{AccountId, Region};
use lambdasweep_tables::{Batch, Fact, Journal, TablesError, facts};

use crate::context::{AccountContext, FunctionTarget, Reading, RegionContext, ScanContext};
use crate::services::COLLECTORS;
use crate::services::iam::roles::AccountRoles;
use shared_resources::SharedResources;

/// A collector: reads one fact.
#[derive(Debug, Clone, Copy)]
pub struct Collector {
    /// The fact that it reads.
    pub fact: Fact,
    /// The operations that it calls.
    pub operations: &'static [Operation],
    /// IAM actions that it needs besides those of its operations.
    pub further_actions: &'static [&'static str],
    /// The tables that it fills.
    pub tables: &'static [&'static str],
    /// Facts that have to be read first, because this one depends on them.
    pub needs: &'static [Fact],
    pub(crate) run: Run,
}

/// How a collector ends. The rows are in the [`Reading`], including those that were read before an
/// error.
pub(crate) type Ended<'a> = BoxFuture<'a, Result<(), CallError>>;

/// What is read of what functions refer to, which goes to the journal by itself.
pub(crate) type Referenced<'a, T> = BoxFuture<'a, Result<T, TablesError>>;

/// What an account's functions refer to.
#[derive(Debug)]
pub(crate) struct Referring<'a> {
    /// What was read of the functions.
    pub(crate) journal: &'a Journal,
    /// The Regions that were read.
    pub(crate) regions: &'a [Region],
    /// The resources of all accounts that functions refer to.
    pub(crate) resources: &'a SharedResources,
}

/// Decides with an account's roles, which are absent if they could not be read, and adds the rows
/// and the coverage.
pub(crate) type DecideWithRoles<'a> =
    Box<dyn FnOnce(Option<&AccountRoles>, &mut Batch) + Send + 'a>;

/// A function that reads for one function.
pub(crate) type OfFunction =
    for<'a> fn(&'a RegionContext, &'a FunctionTarget, &'a mut Reading) -> Ended<'a>;

/// A collector's function, by what it is called for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Run {
    /// Once per account.
    Account(for<'a> fn(&'a AccountContext, &'a mut Reading) -> Ended<'a>),
    /// Once per account and Region.
    Region(for<'a> fn(&'a RegionContext, &'a mut Reading) -> Ended<'a>),
    /// Once per function.
    Function(OfFunction),
    /// Once per function that has published versions.
    Published(OfFunction),
    /// Not called: the collector of the fact that it needs reads it along, and writes coverage for
    /// the functions of which it could not.
    Along,
    /// The account's roles: [`crate::survey`] calls it by name, because other collectors need what
    /// is not kept of them.
    Roles,
    /// Once per account, for decisions that need the policies of the account's roles, which are not
    /// kept: what it returns is called as soon as the roles are read. Until then it reads what
    /// functions refer to, at the same time as the roles are read.
    WithRoles(
        for<'a> fn(&'a AccountContext, &'a Referring<'a>) -> Referenced<'a, DecideWithRoles<'a>>,
    ),
    /// Once for every resource that an account's functions refer to, in whichever account it is.
    Referenced(for<'a> fn(&'a AccountContext, &'a Referring<'a>) -> Referenced<'a, ()>),
    /// Once per account, from the data of the organisation: without a call, and whether the account
    /// can be entered or not.
    FromOrganization(fn(&ScanContext, &AccountId, &mut Reading) -> Result<(), CallError>),
    /// Once per scan, for the organisation, with the caller's own credentials; the runner calls it
    /// by name.
    Organization,
    /// The lists of functions and of versions: the reading of a Region calls them by name.
    Runner,
}

impl Collector {
    /// Whether it reads what is global in an account.
    pub(crate) fn is_of_account(&self) -> bool {
        matches!(self.run, Run::Account(_) | Run::Roles | Run::WithRoles(_))
    }

    /// The function that reads for one function.
    pub(crate) fn of_function(&self) -> Option<OfFunction> {
        match self.run {
            Run::Function(run) | Run::Published(run) => Some(run),
            _ => None,
        }
    }

    /// Whether it is called for a function. A destination of any function may name a version of
    /// another, so destinations are read for all functions if one of them has versions.
    pub(crate) fn reads(&self, function: &FunctionTarget, any_published: bool) -> bool {
        if function.is_replica {
            // CloudFront creates the replica, and nothing else can be configured.
            return self.fact == facts::RESOURCE_POLICIES;
        }
        match self.run {
            Run::Function(_) => true,
            Run::Published(_) if self.fact == facts::EVENT_INVOKE_CONFIGS => any_published,
            Run::Published(_) => function.may_have_published(),
            _ => false,
        }
    }
}

/// The collectors that have to run to read these facts. Facts that only show which versions run are
/// read only for functions that have published versions.
pub(crate) fn needed(facts: &[Fact]) -> Vec<Collector> {
    let all = closure(facts.to_vec());
    let without_versions = closure(
        facts
            .iter()
            .copied()
            .filter(|fact| *fact != facts::VERSIONS)
            .collect(),
    );
    let wanted = COLLECTORS
        .iter()
        .filter(|collector| all.contains(&collector.fact));
    wanted
        .map(|collector| match collector.run {
            Run::Function(run) if !without_versions.contains(&collector.fact) => Collector {
                run: Run::Published(run),
                ..*collector
            },
            _ => *collector,
        })
        .collect()
}

/// The facts, with the facts that they need and those that every scan reads.
fn closure(facts: Vec<Fact>) -> Vec<Fact> {
    let mut wanted: Vec<Fact> = vec![facts::REGIONS, facts::FUNCTIONS, facts::ACCOUNT_SETTINGS];
    wanted.extend(facts);
    let mut at = 0;
    while at < wanted.len() {
        if let Some(collector) = COLLECTORS
            .iter()
            .find(|collector| collector.fact == wanted[at])
        {
            for need in collector.needs {
                if !wanted.contains(need) {
                    wanted.push(*need);
                }
            }
        }
        at += 1;
    }
    wanted
}

/// The facts that count as read for every function of a Region of which no coverage says otherwise:
/// they are not asked of functions that cannot have any, or come with another fact.
pub(crate) fn read_by_region(collectors: &[Collector]) -> impl Iterator<Item = Fact> {
    let declared = COLLECTORS
        .iter()
        .filter(|it| matches!(it.run, Run::Published(_) | Run::Along));
    declared
        .map(|it| it.fact)
        .filter(|fact| collectors.iter().any(|it| it.fact == *fact))
}

/// The function collectors in stages: each stage needs only facts of the stages before it.
pub(crate) fn stages(collectors: &[Collector]) -> Vec<Vec<Collector>> {
    let of_functions = collectors
        .iter()
        .copied()
        .filter(|collector| collector.of_function().is_some());
    // The call that shows that the function still exists comes last, so that it covers everything
    // that was read before.
    let (proof, mut left): (Vec<Collector>, Vec<Collector>) =
        of_functions.partition(|collector| collector.fact == facts::FUNCTION_DETAILS);
    let mut stages = Vec::new();
    while !left.is_empty() {
        let waiting: Vec<Fact> = left.iter().map(|collector| collector.fact).collect();
        let (ready, later): (Vec<_>, Vec<_>) = left
            .into_iter()
            .partition(|it| it.needs.iter().all(|need| !waiting.contains(need)));
        if ready.is_empty() {
            // Circular needs: run the rest together rather than not at all. A test keeps the
            // declarations free of circles.
            stages.push(later);
            break;
        }
        stages.push(ready);
        left = later;
    }
    stages.extend((!proof.is_empty()).then_some(proof));
    stages
}

#[cfg(test)]
mod tests {
    use lambdasweep_tables::{Fact, Grain, facts};

    use super::{Run, needed, stages};
    use crate::services::COLLECTORS;

    #[test]
    fn needs_are_read_first_and_form_no_circle() {
        let all: Vec<Fact> = COLLECTORS.iter().map(|collector| collector.fact).collect();
        let mut seen = Vec::new();
        for stage in stages(&needed(&all)) {
            for collector in &stage {
                let functions: Vec<_> = collector
                    .needs
                    .iter()
                    .filter(|need| need.grain() == Grain::Resource("function"))
                    .collect();
                assert!(
                    functions.iter().all(|need| seen.contains(*need)),
                    "{}",
                    collector.fact
                );
            }
            seen.extend(stage.iter().map(|collector| collector.fact));
        }
        let of_function = COLLECTORS
            .iter()
            .filter(|collector| collector.of_function().is_some());
        assert_eq!(seen.len(), of_function.count());
        assert_eq!(
            seen.last(),
            Some(&facts::FUNCTION_DETAILS),
            "it shows that the function still exists after the other readings"
        );
    }

    /// Reading aliases, policies and more for every function only to know what runs would cost as
    /// much as a whole scan.
    #[test]
    fn what_tells_which_versions_run_is_asked_of_functions_that_have_some() {
        let published = |facts: &[Fact]| -> Vec<Fact> {
            needed(facts)
                .iter()
                .filter(|it| matches!(it.run, Run::Published(_)))
                .map(|it| it.fact)
                .collect()
        };
        let for_versions = [
            facts::ALIASES,
            facts::EVENT_INVOKE_CONFIGS,
            facts::PROVISIONED_CONCURRENCY,
            facts::RESOURCE_POLICIES,
        ];
        assert_eq!(published(&[facts::VERSIONS]), for_versions);
        assert_eq!(
            published(&[facts::VERSIONS, facts::RESOURCE_POLICIES]),
            [facts::EVENT_INVOKE_CONFIGS, facts::PROVISIONED_CONCURRENCY]
        );
        assert_eq!(published(&[facts::FUNCTION_DETAILS]), []);
    }

    #[test]
    fn a_fact_brings_what_it_needs_and_nothing_else() {
        let facts = |wanted: &[Fact]| {
            needed(wanted)
                .iter()
                .map(|collector| collector.fact)
                .collect::<Vec<_>>()
        };
        assert_eq!(
            facts(&[]),
            [facts::REGIONS, facts::ACCOUNT_SETTINGS, facts::FUNCTIONS]
        );
        assert!(facts(&[facts::FUNCTION_URLS]).contains(&facts::ALIASES));
        assert!(!facts(&[facts::FUNCTION_URLS]).contains(&facts::ROLES));
    }

    #[test]
    fn every_table_a_collector_names_exists() {
        for collector in COLLECTORS {
            for table in collector.tables {
                assert!(lambdasweep_tables::table(table).is_some(), "{table}");
            }
        }
    }

    /// Responses are checked against what AWS always sends: otherwise a missing list would be read
    /// as an empty one.
    #[test]
    fn every_operation_says_what_aws_always_sends() {
        for operation in COLLECTORS.iter().flat_map(|collector| collector.operations) {
            assert!(operation.is_declared(), "{}", operation.name);
        }
    }
}
