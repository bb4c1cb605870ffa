//! Values that tables, programs and messages show: names of statements' parts, of principals, of
//! levels, and the words of every enumeration.

use lambdasweep_policy::actions::{AccessLevel, levels};
use lambdasweep_policy::exposure::{Door, Exposure, UrlAuth, UrlExposure};
use lambdasweep_policy::grants::{NamedPolicy, ResourceScope, RoleInput, effective};
use lambdasweep_policy::guardrail::{Guardrail, Prevented};
use lambdasweep_policy::role::{Category, MayWrite, Near, Privilege, TrustedKind, judge};
use lambdasweep_policy::{
    Condition, Context, Decision, Document, Effect, Kind, Layer, Level, Operator, PolicyKind,
    PolicyRef, Principal, Quantifier, Request, StatementRef, UnknownPolicyKind,
};

fn document(statements: &str) -> Document {
    Document::parse(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
    ))
    .expect("a policy")
}

#[test]
fn statements_are_shown_by_their_principals_actions_and_keys() {
    let policy = document(
        r#"{"Effect":"Allow","Principal":{"Service":["s3.amazonaws.com","events.amazonaws.com"],"AWS":"111122223333"},
            "Action":["lambda:InvokeFunction","lambda:Get*"],"Resource":"*",
            "Condition":{"StringEquals":{"aws:SourceAccount":"111122223333"},"ArnLike":{"aws:SourceArn":"*","aws:SourceAccount":"*"}}},
           {"Effect":"Deny","NotPrincipal":{"AWS":["444455556666"]},"NotAction":"lambda:Get*","Resource":"*"}"#,
    );
    let [allow, deny] = &policy.statements[..] else {
        panic!("two statements");
    };
    assert_eq!(
        allow.principals_text(),
        "111122223333, events.amazonaws.com, s3.amazonaws.com"
    );
    assert_eq!(allow.actions_text(), "lambda:InvokeFunction, lambda:Get*");
    assert_eq!(
        allow.condition_keys(),
        ["aws:SourceAccount", "aws:SourceArn"]
    );
    let services: Vec<&str> = allow.services().collect();
    assert_eq!(services, ["s3.amazonaws.com", "events.amazonaws.com"]);
    assert!(allow.covers_action("LAMBDA:invokefunction") && !allow.covers_action("lambda:Invoke"));
    assert_eq!(deny.principals_text(), "!444455556666");
    assert_eq!(deny.actions_text(), "!lambda:Get*");
    assert!(deny.covers_action("lambda:Invoke") && !deny.covers_action("lambda:GetFunction"));
    assert_eq!(
        policy.principals_allowed(),
        ["111122223333", "events.amazonaws.com", "s3.amazonaws.com"]
    );
    assert!(policy.has_variables());
    let old = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    assert!(!Document::parse(old).expect("a policy").has_variables());
}

#[test]
fn conditions_are_read_from_what_is_written() {
    let condition = Condition::new("forallvalues:StringLikeIfExists", "aws:TagKeys", ["a"]);
    assert_eq!(
        (
            condition.quantifier,
            condition.operator,
            condition.if_exists
        ),
        (Quantifier::ForAllValues, Operator::StringLike, true)
    );
    let unknown = Condition::new("StringResembles", "aws:TagKeys", ["a"]);
    assert_eq!(unknown.operator, Operator::Unknown);
    assert!(Operator::ArnNotLike.is_negated() && !Operator::Null.is_negated());
}

#[test]
fn a_context_ignores_the_case_of_keys() {
    let context = Context::default()
        .with("aws:TagKeys", "a")
        .with("AWS:tagkeys", "b")
        .with_all("aws:SourceIp", Vec::new());
    assert_eq!(
        context.get("aws:TAGKEYS"),
        Some(&["a".to_owned(), "b".to_owned()][..])
    );
    assert_eq!(context.get("aws:sourceip"), Some(&[][..]));
    assert_eq!(context.get("aws:SourceArn"), None);
}

#[test]
fn principals_are_read_from_arns_names_and_ids() {
    let parse = |text: &str| Principal::parse(text).map(|it| it.kind()).ok();
    for (text, kind) in [
        ("111122223333", Some(Kind::Root)),
        ("arn:aws:iam::111122223333:root", Some(Kind::Root)),
        ("arn:aws:iam::111122223333:user/ana", Some(Kind::User)),
        ("arn:aws:iam::111122223333:role/team/app", Some(Kind::Role)),
        (
            "arn:aws:sts::111122223333:assumed-role/app/worker",
            Some(Kind::Session),
        ),
        (
            "arn:aws:sts::111122223333:federated-user/ana",
            Some(Kind::FederatedUser),
        ),
        (
            "arn:aws:iam::111122223333:saml-provider/idp",
            Some(Kind::Federated),
        ),
        ("s3.amazonaws.com", Some(Kind::Service)),
        ("*", Some(Kind::Anonymous)),
        ("somebody", None),
        ("arn:aws:iam::111122223333:group/a", None),
        ("arn:aws:iam::111122223333:role/", None),
        ("arn:aws:sts::111122223333:assumed-role/app", None),
    ] {
        assert_eq!(parse(text), kind, "{text}");
    }
    let error = Principal::parse("somebody").expect_err("no principal");
    assert!(error.to_string().contains("\"somebody\""), "{error}");
    assert_eq!(
        Principal::federated("accounts.google.com").kind(),
        Kind::Federated
    );
    for caller in [
        Principal::anonymous(),
        Principal::service("s3.amazonaws.com"),
    ] {
        assert_eq!((caller.account(), caller.principal_arn()), (None, None));
    }
    // A bucket's ARN does not have its account.
    let (principal, context) = (Principal::anonymous(), Context::default());
    let bucket = Request {
        principal: &principal,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/x",
        resource_account: None,
        context: &context,
    };
    assert_eq!(bucket.owner(), None);
    let owned = Request {
        resource_account: Some("111122223333"),
        ..bucket
    };
    assert_eq!(owned.owner(), Some("111122223333"));
}

#[test]
fn grants_are_shown_by_their_actions_and_resources() {
    let policy = document(
        r#"{"Effect":"Allow","NotAction":["iam:*","sts:*"],"NotResource":"arn:aws:s3:::logs/*",
            "Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#,
    );
    let mut role = RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws");
    role.identity.push(NamedPolicy {
        name: "inline",
        document: Some(&policy),
    });
    let grants = effective(&role);
    let grant = &grants.rows[0];
    let except: Vec<&str> = grant.except_actions().collect();
    assert_eq!(except, ["iam:*", "sts:*"]);
    let except: Vec<&str> = grant.except_resources().collect();
    assert_eq!(except, ["arn:aws:s3:::logs/*"]);
    assert_eq!(grant.condition_keys(), ["aws:SecureTransport"]);
    assert!(grant.is_every_action() && !grant.is_everything());
    let judgement = judge(&role);
    assert!(!judgement.may_assume_elsewhere("111122223333"));
}

#[test]
fn levels_are_sets_in_the_order_of_harm() {
    let all = levels("iam:*Role*");
    assert_eq!(all.highest(), Some(AccessLevel::PermissionsManagement));
    assert_eq!(levels("nosuch:Thing").highest(), Some(AccessLevel::Unknown));
    assert_eq!(levels("s3:ListBucket").to_string(), "list");
    let both = levels("s3:ListBucket").or(levels("s3:GetObject"));
    assert_eq!(both.iter().collect::<Vec<_>>().len(), 2);
    assert!(both.contains(AccessLevel::Read) && !both.contains(AccessLevel::Write));
}

#[test]
fn statements_of_an_evaluation_have_names() {
    let name = |policy| {
        let statement = StatementRef {
            policy,
            statement: 1,
        };
        (statement.to_string(), policy.layer())
    };
    for (policy, text, layer) in [
        (PolicyRef::Identity(2), "identity[2]#1", Layer::Identity),
        (PolicyRef::Boundary, "boundary#1", Layer::Boundary),
        (PolicyRef::Session(0), "session[0]#1", Layer::Session),
        (PolicyRef::Resource, "resource#1", Layer::Resource),
        (PolicyRef::Scp(1, 0), "scp[1][0]#1", Layer::Scp),
        (PolicyRef::Rcp(0, 3), "rcp[0][3]#1", Layer::Rcp),
    ] {
        assert_eq!(name(policy), (text.to_owned(), layer));
    }
}

/// The words are part of tables and of the interfaces of programs: changing one is a break.
#[test]
fn words_stay_as_they_are() {
    let layers = [
        Layer::Identity,
        Layer::Boundary,
        Layer::Session,
        Layer::Resource,
        Layer::Scp,
        Layer::Rcp,
    ];
    let urls = [
        UrlExposure::Everyone,
        UrlExposure::Half,
        UrlExposure::Latent,
        UrlExposure::Iam,
        UrlExposure::Unknown,
    ];
    let trusted = [
        TrustedKind::Everyone,
        TrustedKind::AllBut,
        TrustedKind::Aws,
        TrustedKind::Federated,
        TrustedKind::Service,
        TrustedKind::CanonicalUser,
    ];
    let privileges = [
        Privilege::Limited,
        Privilege::Unknown,
        Privilege::NearAdministrator,
        Privilege::Administrator,
    ];
    let near = [
        Near::AllButSome,
        Near::AllUnderConditions,
        Near::FullIam,
        Near::SelfEscalation,
    ];
    let categories = [
        Category::SelfEscalation,
        Category::PrincipalAccess,
        Category::NewPassrole,
        Category::ExistingPassrole,
    ];
    let words: Vec<&str> = [
        Effect::Allow.as_str(),
        Effect::Deny.as_str(),
        Decision::Allowed.as_str(),
        Decision::ImplicitlyDenied.as_str(),
        Decision::ExplicitlyDenied.as_str(),
        Decision::Unknown.as_str(),
        Level::Error.as_str(),
        Level::Warning.as_str(),
        Prevented::Yes.as_str(),
        Prevented::No.as_str(),
        Prevented::Unknown.as_str(),
    ]
    .into_iter()
    .chain([UrlAuth::None, UrlAuth::AwsIam].map(UrlAuth::as_str))
    .chain([Door::None, Door::Url, Door::Direct, Door::Unknown].map(Door::as_str))
    .chain(urls.map(UrlExposure::as_str))
    .chain([MayWrite::Yes, MayWrite::No, MayWrite::Unknown].map(MayWrite::as_str))
    .chain(trusted.map(TrustedKind::as_str))
    .chain(privileges.map(Privilege::as_str))
    .chain(near.map(Near::as_str))
    .chain(categories.map(Category::as_str))
    .chain(layers.map(Layer::word))
    .chain(layers.map(Layer::as_str))
    .chain(PolicyKind::ALL.iter().map(|it| it.as_str()))
    .chain(Guardrail::ALL.map(Guardrail::as_str))
    .chain(AccessLevel::ALL.map(AccessLevel::as_str))
    .collect();
    insta::assert_snapshot!(words.join("\n"));
    for kind in PolicyKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(*kind));
    }
    assert_eq!("bucket".parse::<PolicyKind>(), Err(UnknownPolicyKind));
    assert!(
        Exposure::Account < Exposure::Everyone && Exposure::ServiceAnySource < Exposure::Unknown
    );
    assert!(ResourceScope::Named < ResourceScope::Account);
}
