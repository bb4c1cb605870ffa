//! The evaluator is held against what each layer of policies says by itself: completed ARNs,
//! resource control policies, what limits a role.

use lambdasweep_policy::exposure::of_policy;
use lambdasweep_policy::{
    Context, Decision, Document, Match, Pattern, Policies, PolicyKind, Principal, Principals,
    Request, evaluate,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::arbitrary::{self, ACCOUNT};
use crate::soundness::{PAIRS, SCOPE, call, resource_policy};

const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// A document with every incomplete ARN written in full: the missing parts are wildcards.
fn completed(document: &Document) -> Document {
    let variables = document.version.as_deref() == Some("2012-10-17");
    let complete = |pattern: &Pattern| {
        let mut colons = 0;
        let mut rest = pattern.as_str();
        while let Some(at) = rest.find([':', '$']) {
            let (sign, after) = (&rest[at..=at], &rest[at + 1..]);
            // A variable is one part, whatever it holds.
            let skipped = if sign == "$" && variables && after.starts_with('{') {
                after.find('}').map_or(after.len(), |end| end + 1)
            } else {
                0
            };
            colons += usize::from(sign == ":");
            rest = &after[skipped..];
        }
        let missing = if pattern.starts_with("arn:") {
            5_usize.saturating_sub(colons)
        } else {
            0
        };
        Pattern::from(format!("{}{}", pattern.as_str(), ":*".repeat(missing)))
    };
    let mut document = document.clone();
    for resources in document
        .statements
        .iter_mut()
        .filter_map(|it| it.resources.as_mut())
    {
        match resources {
            Match::Any(patterns) | Match::Not(patterns) => patterns
                .iter_mut()
                .for_each(|pattern| *pattern = complete(pattern)),
        }
    }
    document
}

/// Levels of resource control policies: of each some, often the one that allows everything.
fn rcps() -> impl Strategy<Value = Vec<Vec<Document>>> {
    let full = || Document::parse(FULL_ACCESS).expect("a policy");
    let policy = prop_oneof![1 => Just(()).prop_map(move |()| full()), 2 => arbitrary::document(PolicyKind::Rcp)];
    prop::collection::vec(prop::collection::vec(policy, 1..3), 0..3)
}

/// What a role's session says, by the role's ARN or its own.
fn role_call() -> impl Strategy<Value = (Context, &'static str, &'static str)> {
    (
        arbitrary::asked(),
        select(&[None, Some("true"), Some("false")][..]),
    )
        .prop_map(|(asked, tls)| {
            let context = tls.iter().fold(asked.context, |context, value| {
                context.with_all("aws:SecureTransport", vec![(*value).to_owned()])
            });
            (context, asked.action, asked.resource)
        })
}

/// Names by which a policy means a role without meaning a session of it.
const NAMES: &[&str] = &[
    "111122223333",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::444455556666:root",
];

/// A resource's policy that names accounts and roles alone.
fn by_role() -> impl Strategy<Value = Document> {
    let names = prop::collection::vec(subsequence(NAMES, 0..=2), 4);
    (resource_policy(), names).prop_map(|(mut document, names)| {
        for (statement, names) in document.statements.iter_mut().zip(names) {
            let aws = names.into_iter().map(str::to_owned).collect();
            statement.principals = Some(Principals {
                aws,
                ..Principals::default()
            });
        }
        document
    })
}

/// A resource's policy that lets services in on behalf of some.
fn of_services() -> impl Strategy<Value = Document> {
    let conditions = prop::collection::vec(
        prop::collection::vec(arbitrary::source_condition(), 0..3),
        4,
    );
    (resource_policy(), conditions).prop_map(|(mut document, conditions)| {
        for (statement, conditions) in document.statements.iter_mut().zip(conditions) {
            let services = [
                "s3.amazonaws.com",
                "sns.amazonaws.com",
                "events.amazonaws.com",
            ]
            .map(str::to_owned)
            .into();
            statement.principals = Some(Principals {
                services,
                ..Principals::default()
            });
            statement.conditions = conditions;
        }
        document
    })
}

fn refs(documents: &[Document]) -> Vec<&Document> {
    documents.iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: PAIRS, max_shrink_iters: 4_000, ..ProptestConfig::default() })]

    /// An identity-based policy and a permissions boundary mean by an incomplete ARN what they mean
    /// by the whole one.
    #[test]
    fn incomplete_arns_are_completed(
        identity in arbitrary::document(PolicyKind::Identity),
        boundary in proptest::option::of(arbitrary::document(PolicyKind::Identity)),
        call in call(),
    ) {
        let decide = |identity: &Document, boundary: Option<&Document>| {
            evaluate(&Policies { identity: vec![identity], boundary, ..Policies::default() }, &call.request()).decision
        };
        let whole = boundary.as_ref().map(completed);
        prop_assert_eq!(decide(&identity, boundary.as_ref()), decide(&completed(&identity), whole.as_ref()));
    }

    /// On whose behalf a service gets in is reported: their accounts, their organisations, or that
    /// it is anyone.
    #[test]
    fn on_whose_behalf_services_get_in_is_reported(policy in of_services(), call in call()) {
        if policy.decide(&call.request()) == Decision::Allowed {
            let external = of_policy(&policy, &SCOPE);
            prop_assert!(call.is_admitted_by(external.exposure, &external), "{external:?}");
        }
    }

    /// A resource control policy lets nobody in who was out, holds back whom it denies or does not
    /// allow, and does neither for services that are beyond it; and whoever gets in beneath it is
    /// reported.
    #[test]
    fn resource_control_policies_only_limit(
        policy in resource_policy(),
        identity in arbitrary::document(PolicyKind::Identity),
        levels in rcps(),
        call in call(),
    ) {
        let request = call.request();
        let policies = Policies { resource: Some(&policy), identity: vec![&identity], ..Policies::default() };
        let without = evaluate(&policies, &request).decision;
        let with = evaluate(&Policies { rcps: levels.iter().map(|level| refs(level)).collect(), ..policies }, &request).decision;
        if call.action.starts_with("lambda:") {
            prop_assert_eq!(with, without);
        } else if with == Decision::Allowed {
            prop_assert_eq!(without, Decision::Allowed);
            for level in &levels {
                let said: Vec<Decision> = level.iter().map(|it| it.decide(&request)).collect();
                prop_assert!(said.contains(&Decision::Allowed) && !said.contains(&Decision::ExplicitlyDenied), "{said:?}");
            }
        } else if without == Decision::Allowed {
            let said = |level: &Vec<Document>| level.iter().map(|it| it.decide(&request)).collect::<Vec<_>>();
            prop_assert!(levels.iter().any(|level| said(level).iter().any(|it| *it != Decision::Allowed)), "nothing holds it back");
        }
        if with == Decision::Allowed && policy.decide(&request) == Decision::Allowed {
            let external = of_policy(&policy, &SCOPE);
            prop_assert!(call.is_admitted_by(external.exposure, &external), "{external:?}");
        }
    }

    /// A role gets no further than its boundary and its session policies where no resource names
    /// its session, and it is one of its sessions.
    #[test]
    fn a_role_stays_within_its_boundary_and_its_session(
        identity in arbitrary::document(PolicyKind::Identity),
        boundary in proptest::option::of(arbitrary::document(PolicyKind::Identity)),
        session in proptest::option::of(arbitrary::document(PolicyKind::Identity)),
        resource in proptest::option::of(by_role()),
        (context, action, target) in role_call(),
    ) {
        let decide = |principal: &str, boundary: Option<&Document>, session: Option<&Document>| {
            let principal = Principal::parse(principal).expect("a principal");
            let request = Request { principal: &principal, action, resource: target, resource_account: Some(ACCOUNT), context: &context };
            let session = session.map(|document| vec![document]);
            let policies = Policies { identity: vec![&identity], boundary, session, resource: resource.as_ref(), ..Policies::default() };
            let by_itself = |document: Option<&Document>| document.is_none_or(|it| it.decide(&request) == Decision::Allowed);
            (evaluate(&policies, &request).decision, by_itself(boundary.map(completed).as_ref()), by_itself(session_of(&policies)))
        };
        let role = "arn:aws:iam::111122223333:role/app";
        let (decision, within_boundary, within_session) = decide(role, boundary.as_ref(), session.as_ref());
        prop_assert_eq!(decision, decide("arn:aws:sts::111122223333:assumed-role/app/worker-1", boundary.as_ref(), session.as_ref()).0);
        if decision == Decision::Allowed {
            prop_assert!(within_boundary && within_session);
            prop_assert_eq!(decide(role, None, None).0, Decision::Allowed);
        }
    }
}

fn session_of<'a>(policies: &Policies<'a>) -> Option<&'a Document> {
    policies
        .session
        .as_ref()
        .and_then(|documents| documents.first().copied())
}
