//! The reasoner is held against the evaluator: whoever gets in must be among those whom the
//! reasoner reports; and policies behave monotonically.

use lambdasweep_policy::exposure::{Exposure, External, Scope, of_policy};
use lambdasweep_policy::{
    Context, Decision, Document, Effect, Kind, Policies, PolicyKind, Principal, Request, Statement,
    evaluate,
};
use proptest::prelude::*;
use proptest::sample::select;

use crate::arbitrary::{self, ACCOUNT, ORGANIZATION};

/// How many pairs of a policy and a request are tried.
pub(crate) const PAIRS: u32 = 100_000;

pub(crate) const SCOPE: Scope<'_> = Scope {
    account: ACCOUNT,
    organization: Some(ORGANIZATION),
    partition: "aws",
};

/// An account, an organisation and a source that no policy names.
const STRANGER: &str = "888877776666";
const STRANGE_PATH: &str = "o-strange000/r-zz00/";

/// Callers: kind and name.
const CALLERS: &[&str] = &[
    "*",
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/worker-1",
    "arn:aws:iam::444455556666:user/carol",
    "arn:aws:iam::444455556666:role/reader",
    "arn:aws:sts::444455556666:assumed-role/reader/s1",
    "arn:aws:sts::444455556666:assumed-role/other/s1",
    "arn:aws:iam::777788889999:root",
    "arn:aws:iam::888877776666:user/mallory",
    "arn:aws:sts::888877776666:assumed-role/app/worker-1",
    "s3.amazonaws.com",
    "sns.amazonaws.com",
    "events.amazonaws.com",
    "accounts.google.com",
    "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
];

const PATHS: &[Option<&str>] = &[
    None,
    Some("o-a1b2c3d4e5/r-ab12/"),
    Some("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"),
    Some("o-zzzzzzzzzz/r-zz11/"),
    Some(STRANGE_PATH),
];

const ACTIONS: &[&str] = &[
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "lambda:GetFunction",
    "s3:GetObject",
    "sts:AssumeRole",
];

const RESOURCES: &[&str] = &[
    "arn:aws:lambda:eu-west-1:111122223333:function:pay",
    "arn:aws:lambda:eu-west-1:111122223333:function:pay:live",
    "arn:aws:s3:::reports/ana/2026",
    "arn:aws:iam::111122223333:role/app",
];

/// A caller, what the call looks like, and on whose behalf it comes.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) principal: Principal,
    path: Option<&'static str>,
    /// The account that a service calls for; none where it does not say.
    source: Option<&'static str>,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) context: Context,
}

/// A call as AWS would put it: keys that tell who the caller is are never the caller's own word.
pub(crate) fn call() -> impl Strategy<Value = Call> {
    let place = select(&[None, Some(ACCOUNT), Some("444455556666"), Some(STRANGER)][..]);
    let others = (
        select(
            &[
                None,
                Some("203.0.113.9"),
                Some("198.51.100.7"),
                Some("2001:db8::1"),
            ][..],
        ),
        select(&[None, Some("vpce-1a2b3c4d"), Some("vpce-99999999")][..]),
        select(&[None, Some("true"), Some("false")][..]),
        select(&[None, Some("NONE"), Some("AWS_IAM")][..]),
        select(&[None, Some("open sesame"), Some("x")][..]),
        place,
    );
    let source = select(
        &[
            None,
            Some(ACCOUNT),
            Some("444455556666"),
            Some("777788889999"),
            Some(STRANGER),
        ][..],
    );
    (
        select(CALLERS),
        select(PATHS),
        source,
        select(ACTIONS),
        select(RESOURCES),
        others,
    )
        .prop_map(
            |(caller, path, source, action, resource, (ip, vpce, tls, auth, external, place))| {
                let principal = match caller {
                    "accounts.google.com" => Principal::federated(caller),
                    _ => Principal::parse(caller).expect("a principal"),
                };
                let path = principal.account().and(path);
                let source = if principal.kind() == Kind::Service {
                    source
                } else {
                    None
                };
                let mut context = Context::default();
                let mut with = |key: &str, value: Option<String>| {
                    if let Some(value) = value {
                        context = std::mem::take(&mut context).with(key, value);
                    }
                };
                with("aws:SourceAccount", source.map(str::to_owned));
                with(
                    "aws:SourceArn",
                    source.map(|account| format!("arn:aws:sns:eu-west-1:{account}:t")),
                );
                with(
                    "aws:SourceOrgID",
                    source.map(|account| organization_of(account).to_owned()),
                );
                with(
                    "aws:SourceOrgPaths",
                    source.map(|account| format!("{}/r-ab12/", organization_of(account))),
                );
                with("aws:SourceIp", ip.map(str::to_owned));
                with("aws:SourceVpce", vpce.map(str::to_owned));
                with("aws:SecureTransport", tls.map(str::to_owned));
                with("lambda:FunctionUrlAuthType", auth.map(str::to_owned));
                with("sts:ExternalId", external.map(str::to_owned));
                with("s3:DataAccessPointAccount", place.map(str::to_owned));
                with(
                    "s3:DataAccessPointArn",
                    place.map(|account| format!("arn:aws:s3:eu-west-1:{account}:accesspoint/a")),
                );
                with(
                    "aws:VpceAccount",
                    place.filter(|_| vpce.is_some()).map(str::to_owned),
                );
                if let Some(account) = principal.account() {
                    with("kms:CallerAccount", Some(account.to_owned()));
                    with("aws:userid", Some("AIDAEXAMPLEEXAMPLE12".to_owned()));
                }
                let principal = match path {
                    Some(path) => principal.in_organization(path),
                    None => principal,
                };
                Call {
                    principal,
                    path,
                    source,
                    action,
                    resource,
                    context,
                }
            },
        )
}

impl Call {
    pub(crate) fn request(&self) -> Request<'_> {
        Request {
            principal: &self.principal,
            action: self.action,
            resource: self.resource,
            resource_account: Some(ACCOUNT),
            context: &self.context,
        }
    }

    /// Whether an answer of the reasoner admits that this caller gets in.
    pub(crate) fn is_admitted_by(&self, exposure: Exposure, external: &External) -> bool {
        if matches!(exposure, Exposure::Everyone | Exposure::Unknown) || exposure == Exposure::None
        {
            return exposure != Exposure::None;
        }
        // Some are bounded by their network or by claims, which have no name in the answer.
        let bounded_otherwise = external.bounded_otherwise && exposure >= Exposure::Accounts;
        let by_service_otherwise =
            external.bounded_otherwise && exposure >= Exposure::ServiceBounded;
        match self.principal.kind() {
            Kind::Service => match exposure {
                Exposure::ServiceAnySource
                | Exposure::ServiceBounded
                | Exposure::Accounts
                | Exposure::Organization => {
                    let named = ["*", self.principal.to_string().as_str()]
                        .iter()
                        .any(|name| external.services.iter().any(|it| it == name));
                    let any_source =
                        exposure == Exposure::ServiceAnySource || external.services_for_anyone;
                    named
                        && (any_source
                            || self
                                .source
                                .is_some_and(|source| is_named_source(source, external))
                            || by_service_otherwise)
                }
                _ => false,
            },
            Kind::Federated | Kind::Anonymous => bounded_otherwise,
            _ if self.principal.account() == Some(ACCOUNT) => true,
            _ => {
                let account = self.principal.account().unwrap_or_default();
                let by_organization = |name: &String| {
                    self.path
                        .is_some_and(|path| path.split('/').next() == name.split('/').next())
                };
                let itself =
                    |all: &[String], by_service: &[String], fits: &dyn Fn(&String) -> bool| {
                        all.iter()
                            .any(|name| !by_service.contains(name) && fits(name))
                    };
                itself(&external.accounts, &external.source_accounts, &|name| {
                    name == account
                }) || itself(
                    &external.organizations,
                    &external.source_organizations,
                    &by_organization,
                ) || bounded_otherwise
            }
        }
    }
}

/// The organisation that an account on whose behalf services call is in.
fn organization_of(source: &str) -> &'static str {
    match source {
        STRANGER => "o-strange000",
        "777788889999" => "o-zzzzzzzzzz",
        _ => ORGANIZATION,
    }
}

/// Whether an answer names the account that a service calls for: the owner's needs no name.
fn is_named_source(source: &str, external: &External) -> bool {
    source == ACCOUNT
        || external.accounts.iter().any(|name| name == source)
        || external
            .organizations
            .iter()
            .any(|name| name.split('/').next() == Some(organization_of(source)))
}

pub(crate) fn resource_policy() -> impl Strategy<Value = Document> {
    arbitrary::document(PolicyKind::Resource)
}

fn with(
    document: &Document,
    statement: Statement,
    effect: Effect,
    at: prop::sample::Index,
) -> Document {
    let mut document = document.clone();
    let at = at.index(document.statements.len() + 1);
    document.statements.insert(
        at,
        Statement {
            effect,
            ..statement
        },
    );
    document
}

proptest! {
    #![proptest_config(ProptestConfig { cases: PAIRS, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    /// A request that the evaluator allows comes from a caller whom the reasoner reports: by the
    /// whole policy, by the action, by the statement.
    #[test]
    fn whoever_gets_in_is_reported(policy in resource_policy(), call in call()) {
        let request = call.request();
        let verdict = evaluate(&Policies { resource: Some(&policy), identity: vec![], ..Policies::default() }, &request);
        let allowed = policy.decide(&request) == Decision::Allowed;
        if let Some(statement) = verdict.decided_by.first().filter(|_| verdict.decision == Decision::Allowed) {
            prop_assert!(allowed, "the evaluator allows what the policy by itself does not: {statement}");
        }
        if allowed {
            let external = of_policy(&policy, &SCOPE);
            prop_assert!(call.is_admitted_by(external.exposure, &external), "{external:?}");
            let by_action = external.actions.iter().filter(|(action, _)| covers(action, call.action)).map(|(_, exposure)| *exposure).max();
            prop_assert!(by_action.is_some_and(|exposure| exposure > Exposure::None), "{external:?}");
            let by_statement = policy.statements.iter().zip(&external.statements).filter(|(it, _)| it.covers_action(call.action)).map(|(_, judged)| judged.exposure).max();
            prop_assert!(by_statement.is_some_and(|exposure| exposure > Exposure::None), "{external:?}");
        }
    }
}

fn covers(pattern: &str, action: &str) -> bool {
    lambdasweep_policy::Pattern::from(pattern.to_ascii_lowercase())
        .matches(&action.to_ascii_lowercase())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    /// Another Deny lets nobody in who was out, and the reasoner sees it no other way.
    #[test]
    fn a_denial_never_widens(policy in resource_policy(), more in arbitrary::statement(PolicyKind::Resource), at: prop::sample::Index, call in call()) {
        let narrower = with(&policy, more, Effect::Deny, at);
        if policy.decide(&call.request()) != Decision::Allowed {
            prop_assert_ne!(narrower.decide(&call.request()), Decision::Allowed);
        }
        prop_assert!(of_policy(&narrower, &SCOPE).exposure <= of_policy(&policy, &SCOPE).exposure);
    }

    /// Another Allow keeps nobody out who was in, and the reasoner sees it no other way.
    #[test]
    fn an_allowance_never_narrows(policy in resource_policy(), more in arbitrary::statement(PolicyKind::Resource), at: prop::sample::Index, call in call()) {
        let wider = with(&policy, more, Effect::Allow, at);
        if policy.decide(&call.request()) == Decision::Allowed {
            prop_assert_eq!(wider.decide(&call.request()), Decision::Allowed);
        }
        prop_assert!(of_policy(&wider, &SCOPE).exposure >= of_policy(&policy, &SCOPE).exposure);
    }

    /// The same for all policies together: a Deny anywhere takes away, an Allow anywhere in
    /// identity or resource policies adds.
    #[test]
    fn policies_together_are_monotonic(
        identity in arbitrary::document(PolicyKind::Identity),
        boundary in proptest::option::of(arbitrary::document(PolicyKind::Identity)),
        resource in proptest::option::of(resource_policy()),
        scp in proptest::option::of(arbitrary::document(PolicyKind::Scp)),
        more in arbitrary::statement(PolicyKind::Identity),
        at: prop::sample::Index,
        call in call(),
    ) {
        let decide = |identity: &Document, boundary: Option<&Document>| {
            let policies = Policies {
                identity: vec![identity],
                boundary,
                resource: resource.as_ref(),
                scps: scp.iter().map(|scp| vec![scp]).collect(),
                ..Policies::default()
            };
            evaluate(&policies, &call.request()).decision
        };
        let before = decide(&identity, boundary.as_ref());
        let denied = with(&identity, more.clone(), Effect::Deny, at);
        let allowed = with(&identity, more.clone(), Effect::Allow, at);
        if before != Decision::Allowed {
            prop_assert_ne!(decide(&denied, boundary.as_ref()), Decision::Allowed);
        } else {
            prop_assert_eq!(decide(&allowed, boundary.as_ref()), Decision::Allowed);
            if let Some(boundary) = &boundary {
                prop_assert_eq!(decide(&identity, Some(&with(boundary, more, Effect::Allow, at))), Decision::Allowed);
            }
        }
    }
}
