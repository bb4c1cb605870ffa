//! Generated policies and requests that look like real ones. They draw from few names, so that
//! requests often meet what policies say.

use lambdasweep_policy::{
    Condition, Context, Document, Effect, Match, Pattern, PolicyKind, Principal, Principals,
    Statement,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// The account whose resources the requests are for.
pub(crate) const ACCOUNT: &str = "111122223333";

/// The organisation that this account is in.
pub(crate) const ORGANIZATION: &str = "o-a1b2c3d4e5";

/// Callers of requests.
const CALLERS: &[&str] = &[
    "*",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/worker-1",
    "arn:aws:iam::444455556666:user/carol",
    "arn:aws:sts::444455556666:assumed-role/reader/s1",
    "arn:aws:iam::777788889999:root",
    "s3.amazonaws.com",
    "sns.amazonaws.com",
    "events.amazonaws.com",
];

const AWS: &[&str] = &[
    "111122223333",
    "444455556666",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:sts::111122223333:assumed-role/app/worker-1",
    "arn:aws:iam::444455556666:root",
    "arn:aws:iam::444455556666:user/carol",
    "arn:aws:iam::444455556666:role/reader",
    "arn:aws:sts::444455556666:assumed-role/reader/s1",
    "arn:aws:iam::777788889999:root",
    "arn:aws-cn:iam::444455556666:root",
];

const SERVICES: &[&str] = &[
    "s3.amazonaws.com",
    "sns.amazonaws.com",
    "events.amazonaws.com",
    "lambda.amazonaws.com",
];

const FEDERATED: &[&str] = &[
    "accounts.google.com",
    "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
];

const CANONICAL: &[&str] = &["79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"];

/// Actions of requests.
const ASKED: &[&str] = &[
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "lambda:GetFunction",
    "s3:GetObject",
    "sts:AssumeRole",
];

const ACTIONS: &[&str] = &[
    "*",
    "lambda:*",
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "lambda:Invoke*",
    "LAMBDA:getfunction",
    "lambda:Get?unction",
    "s3:GetObject",
    "s3:Get*",
];

const STS_ACTIONS: &[&str] = &[
    "sts:AssumeRole",
    "sts:Assume*",
    "sts:TagSession",
    "STS:AssumeRoleWithWebIdentity",
];

/// Resources of requests.
const TARGETS: &[&str] = &[
    "arn:aws:lambda:eu-west-1:111122223333:function:pay",
    "arn:aws:lambda:eu-west-1:111122223333:function:pay:live",
    "arn:aws:s3:::reports/ana/2026",
    "arn:aws:iam::111122223333:role/app",
];

const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:lambda:eu-west-1:111122223333:function:pay",
    "arn:aws:lambda:*:111122223333:function:pay*",
    "arn:aws:lambda:eu-west-1:111122223333:function:*",
    "arn:aws:lambda:eu-west-1:444455556666:function:pay",
    "arn:aws:s3:::reports/*",
    "arn:aws:lambda",
    "arn:aws:s3",
    "arn:aws:lambda:eu-west-1:111122223333",
    "arn:aws:*:*:1111*",
    "arn:aws:s3:${aws:username}",
    "arn:aws:s3:::reports/${aws:username}/*",
    "arn:aws:s3:::reports/${aws:PrincipalTag/team, 'nobody'}/?${*}",
    "arn:aws-cn:lambda:cn-north-1:111122223333:function:pay",
];

/// Condition keys by the operators that compare them, with values that policies and requests give
/// them.
const KEYS: &[(&str, &str, &[&str])] = &[
    (
        "String",
        "aws:PrincipalOrgID",
        &[ORGANIZATION, "o-zzzzzzzzzz", "o-*"],
    ),
    (
        "String",
        "aws:PrincipalOrgPaths",
        &[
            "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
            "o-a1b2c3d4e5/r-ab12/*",
            "o-*",
        ],
    ),
    (
        "String",
        "aws:SourceAccount",
        &["111122223333", "444455556666", "777788889999", "*"],
    ),
    (
        "String",
        "aws:PrincipalAccount",
        &["111122223333", "444455556666", "777788889999"],
    ),
    (
        "String",
        "aws:SourceOrgID",
        &[ORGANIZATION, "o-zzzzzzzzzz", "o-*"],
    ),
    (
        "String",
        "aws:SourceOrgPaths",
        &["o-a1b2c3d4e5/r-ab12/*", "o-zzzzzzzzzz/r-ab12/", "o-*"],
    ),
    (
        "String",
        "aws:SourceOwner",
        &["111122223333", "444455556666", "*"],
    ),
    (
        "String",
        "kms:CallerAccount",
        &["111122223333", "444455556666", "*"],
    ),
    (
        "String",
        "aws:VpceAccount",
        &["111122223333", "444455556666", "*"],
    ),
    (
        "String",
        "s3:DataAccessPointAccount",
        &["111122223333", "444455556666", "*"],
    ),
    (
        "String",
        "aws:PrincipalServiceName",
        &["s3.amazonaws.com", "*"],
    ),
    (
        "String",
        "aws:userid",
        &[
            "AIDAEXAMPLEEXAMPLE12",
            "AROAEXAMPLEEXAMPLE34:*",
            "*:worker-1",
        ],
    ),
    ("String", "lambda:EventSourceToken", &["t0ken", "*"]),
    ("String", "aws:SourceVpce", &["vpce-1a2b3c4d", "vpce-*"]),
    (
        "String",
        "aws:RequestTag/stage",
        &["prod", "test", "Prod", "${aws:username}", "p?o*"],
    ),
    ("String", "aws:TagKeys", &["stage", "team"]),
    (
        "String",
        "aws:username",
        &["ana", "carol", "${aws:username, 'ana'}"],
    ),
    ("String", "lambda:FunctionUrlAuthType", &["NONE", "AWS_IAM"]),
    ("String", "sts:ExternalId", &["open sesame", "*", ""]),
    (
        "Arn",
        "aws:SourceArn",
        &[
            "arn:aws:s3:::reports",
            "arn:aws:sns:eu-west-1:111122223333:t",
            "arn:aws:sns:*:444455556666:*",
            "arn:aws:s3:::*",
            "t",
        ],
    ),
    (
        "Arn",
        "s3:DataAccessPointArn",
        &[
            "arn:aws:s3:eu-west-1:111122223333:accesspoint/a",
            "arn:aws:s3:*:444455556666:accesspoint/*",
        ],
    ),
    (
        "Arn",
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::444455556666:user/${aws:username}",
        ],
    ),
    ("Numeric", "s3:max-keys", &["10", "9.5", "-1", "1e2"]),
    ("Numeric", "aws:MultiFactorAuthAge", &["300", "3600"]),
    (
        "Date",
        "aws:CurrentTime",
        &[
            "2026-01-01T00:00:00Z",
            "2025-06-30",
            "2026-06-01T12:00:00+02:00",
            "1767225600",
        ],
    ),
    (
        "Date",
        "aws:TokenIssueTime",
        &["2026-01-01T00:00:00Z", "2027-01-01"],
    ),
    ("Bool", "aws:SecureTransport", &["true", "false"]),
    (
        "Bool",
        "aws:MultiFactorAuthPresent",
        &["true", "false", "TRUE"],
    ),
    ("Bool", "aws:PrincipalIsAWSService", &["true", "false"]),
    (
        "IpAddress",
        "aws:SourceIp",
        &[
            "203.0.113.0/24",
            "203.0.113.9",
            "0.0.0.0/0",
            "2001:db8::/32",
            "0.0.0.0/1",
        ],
    ),
    ("Binary", "example:Digest", &["QmluYXJ5", "QQ=="]),
    ("Null", "aws:SourceArn", &["true", "false"]),
    ("Null", "aws:PrincipalOrgID", &["true", "false"]),
];

const OPERATORS: &[(&str, &[&str])] = &[
    (
        "String",
        &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
    ),
    (
        "Arn",
        &[
            "ArnEquals",
            "ArnLike",
            "ArnNotEquals",
            "ArnNotLike",
            "StringLike",
            "StringEquals",
            "StringNotLike",
        ],
    ),
    (
        "Numeric",
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
    ),
    (
        "Date",
        &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
    ),
    ("Bool", &["Bool"]),
    ("IpAddress", &["IpAddress", "NotIpAddress"]),
    ("Binary", &["BinaryEquals"]),
    ("Null", &["Null"]),
];

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
pub(crate) struct Asked {
    pub(crate) principal: Principal,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) context: Context,
}

/// A request, with some of the keys that conditions ask for.
pub(crate) fn asked() -> impl Strategy<Value = Asked> {
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
            Asked {
                principal: Principal::parse(caller).expect("a principal"),
                action,
                resource,
                context,
            }
        },
    )
}
