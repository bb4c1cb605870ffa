//! Generated policies and requests that look like real ones. They draw from few names, so that
//! requests often meet what policies say.

mod values;

use lambdasweep_policy::{
    Condition, Context, Document, Effect, Match, Pattern, PolicyKind, Principal, Principals,
    Statement,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use values::{
    ACTIONS, ASKED, AWS, CALLERS, CANONICAL, FEDERATED, KEYS, OPERATORS, RESOURCES, SERVICES,
    STS_ACTIONS, TARGETS,
};

/// The account whose resources the requests are for.
pub(crate) const ACCOUNT: &str = "111122223333";

/// The organisation that this account is in.
pub(crate) const ORGANIZATION: &str = "o-a1b2c3d4e5";

fn owned(values: Vec<&'static str>) -> Vec<String> {
    values.into_iter().map(str::to_owned).collect()
}

fn patterns(values: &'static [&'static str]) -> impl Strategy<Value = Match> {
    let some = subsequence(values, 1..=3)
        .prop_map(|values| values.into_iter().map(Pattern::from).collect::<Vec<_>>());
    (some, prop::bool::weighted(0.15)).prop_map(|(values, negated)| {
        if negated {
            Match::Not(values)
        } else {
            Match::Any(values)
        }
    })
}

/// Whom a statement is about: everybody, or some of each kind.
pub(crate) fn principals() -> impl Strategy<Value = Principals> {
    let named = (
        subsequence(AWS, 0..=3),
        subsequence(SERVICES, 0..=2),
        subsequence(FEDERATED, 0..=1),
        subsequence(CANONICAL, 0..=1),
    );
    (prop::bool::weighted(0.4), prop::bool::weighted(0.1), named).prop_map(
        |(everyone, negated, (aws, services, federated, canonical))| Principals {
            negated,
            everyone,
            aws: owned(aws),
            services: owned(services),
            federated: owned(federated),
            canonical: owned(canonical),
        },
    )
}

/// One condition: any operator, with `IfExists` and quantifiers, of a key that it fits.
pub(crate) fn condition() -> impl Strategy<Value = Condition> {
    condition_of(KEYS.to_vec())
}

/// One condition on whose behalf a service calls.
pub(crate) fn source_condition() -> impl Strategy<Value = Condition> {
    let source = |key: &str| {
        [
            "aws:SourceAccount",
            "aws:SourceArn",
            "aws:SourceOrgID",
            "aws:SourceOrgPaths",
        ]
        .contains(&key)
    };
    condition_of(
        KEYS.iter()
            .filter(|(_, key, _)| source(key))
            .copied()
            .collect(),
    )
}

type Keys = Vec<(&'static str, &'static str, &'static [&'static str])>;

fn condition_of(keys: Keys) -> impl Strategy<Value = Condition> {
    let prefix = prop_oneof![4 => Just(""), 1 => Just("ForAllValues:"), 1 => Just("ForAnyValue:")];
    let suffix = prop_oneof![4 => Just(""), 1 => Just("IfExists")];
    (select(keys), prefix, suffix, any::<prop::sample::Index>()).prop_flat_map(
        |((class, key, values), prefix, suffix, index)| {
            let operators = OPERATORS
                .iter()
                .find(|it| it.0 == class)
                .map_or(&[][..], |it| it.1);
            let operator = *index.get(operators);
            let written = if operator == "Null" {
                operator.to_owned()
            } else {
                format!("{prefix}{operator}{suffix}")
            };
            subsequence(values, 1..=values.len())
                .prop_map(move |values| Condition::new(&written, key, values))
        },
    )
}

/// The conditions of a statement, as a document can hold them: by operator, and each key once under
/// it.
pub(crate) fn conditions() -> impl Strategy<Value = Vec<Condition>> {
    prop::collection::vec(condition(), 0..4).prop_map(|mut conditions| {
        conditions.sort_by(|one, other| {
            (&one.operator_text, &one.key).cmp(&(&other.operator_text, &other.key))
        });
        conditions.dedup_by(|one, other| {
            one.operator_text == other.operator_text && one.key == other.key
        });
        conditions
    })
}

/// A statement of a kind of policy.
pub(crate) fn statement(kind: PolicyKind) -> impl Strategy<Value = Statement> {
    let with_principals = matches!(
        kind,
        PolicyKind::Resource | PolicyKind::Trust | PolicyKind::Rcp
    );
    let is_trust = kind == PolicyKind::Trust;
    let sid = prop::option::weighted(0.3, "[A-Za-z0-9]{1,8}");
    let effect = prop_oneof![3 => Just(Effect::Allow), 1 => Just(Effect::Deny)];
    let actions = patterns(if is_trust { STS_ACTIONS } else { ACTIONS });
    (
        sid,
        effect,
        principals(),
        actions,
        patterns(RESOURCES),
        conditions(),
    )
        .prop_map(
            move |(sid, effect, principals, actions, resources, conditions)| Statement {
                sid,
                effect,
                principals: with_principals.then_some(principals),
                actions,
                resources: (!is_trust).then_some(resources),
                conditions,
            },
        )
}

/// A document of a kind of policy.
pub(crate) fn document(kind: PolicyKind) -> impl Strategy<Value = Document> {
    let version =
        prop_oneof![8 => Just(Some("2012-10-17")), 1 => Just(Some("2008-10-17")), 1 => Just(None)];
    let id = prop::option::weighted(0.1, "[a-z -]{0,8}");
    (version, id, prop::collection::vec(statement(kind), 0..4)).prop_map(
        |(version, id, statements)| Document {
            version: version.map(str::to_owned),
            id,
            statements,
        },
    )
}

/// Any kind of policy.
pub(crate) fn kind() -> impl Strategy<Value = PolicyKind> {
    select(PolicyKind::ALL)
}

/// A request without its policies.
#[derive(Debug, Clone)]
pub(crate) struct TestRequest {
    pub(crate) principal: Principal,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) context: Context,
}

/// A request, with some of the keys that conditions ask for.
pub(crate) fn asked() -> impl Strategy<Value = TestRequest> {
    let keys = prop::collection::vec(
        (
            select(KEYS),
            prop::collection::vec(any::<prop::sample::Index>(), 1..3),
        ),
        0..6,
    );
    (select(CALLERS), select(ASKED), select(TARGETS), keys).prop_map(
        |(caller, action, resource, keys)| {
            let mut context = Context::default();
            for ((class, key, values), chosen) in keys {
                let concrete: Vec<&str> = values
                    .iter()
                    .copied()
                    .filter(|value| class != "Null" && !value.contains(['*', '?', '$']))
                    .collect();
                if !concrete.is_empty() {
                    context = context.with_all(
                        key,
                        chosen
                            .iter()
                            .map(|index| (*index.get(&concrete)).to_owned())
                            .collect::<Vec<_>>(),
                    );
                }
            }
            TestRequest {
                principal: Principal::parse(caller).expect("a principal"),
                action,
                resource,
                context,
            }
        },
    )
}
