//! Which doors of a function stand open: told by hand for the situations that AWS documents, and
//! held against the evaluator for all combinations.

use lambdasweep_policy::exposure::{
    Door, Doors, Exposure, Scope, UrlAuth, UrlExposure, Use, control_levels, doors, for_use,
    of_policy,
};
use lambdasweep_policy::{Context, Decision, Document, Policies, Principal, Request, evaluate};

use crate::arbitrary::{ACCOUNT, ORGANIZATION};

const SCOPE: Scope<'_> = Scope {
    account: ACCOUNT,
    organization: Some(ORGANIZATION),
    partition: "aws",
};

/// Statements by a short name: effect, actions, condition. All are for everyone.
const STATEMENTS: &[(&str, &str, &str, &str)] = &[
    (
        "url-none",
        "Allow",
        r#""lambda:InvokeFunctionUrl""#,
        r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#,
    ),
    (
        "url-iam",
        "Allow",
        r#""lambda:InvokeFunctionUrl""#,
        r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}}"#,
    ),
    ("url-any", "Allow", r#""lambda:InvokeFunctionUrl""#, "{}"),
    ("invoke", "Allow", r#""lambda:InvokeFunction""#, "{}"),
    (
        "invoke-via",
        "Allow",
        r#""lambda:InvokeFunction""#,
        r#"{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}"#,
    ),
    (
        "invoke-via-if-exists",
        "Allow",
        r#""lambda:InvokeFunction""#,
        r#"{"BoolIfExists":{"lambda:InvokedViaFunctionUrl":"true"}}"#,
    ),
    (
        "invoke-not-via",
        "Allow",
        r#""lambda:InvokeFunction""#,
        r#"{"Null":{"lambda:InvokedViaFunctionUrl":"true"}}"#,
    ),
    (
        "both",
        "Allow",
        r#"["lambda:InvokeFunction","lambda:InvokeFunctionUrl"]"#,
        "{}",
    ),
    (
        "star-none",
        "Allow",
        r#""lambda:Invoke*""#,
        r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#,
    ),
    (
        "organization",
        "Allow",
        r#""lambda:*""#,
        r#"{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}"#,
    ),
    ("deny-url", "Deny", r#""lambda:InvokeFunctionUrl""#, "{}"),
    (
        "deny-none",
        "Deny",
        r#""lambda:InvokeFunctionUrl""#,
        r#"{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}"#,
    ),
    (
        "deny-via",
        "Deny",
        r#""lambda:InvokeFunction""#,
        r#"{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}"#,
    ),
    (
        "deny-not-via",
        "Deny",
        r#""lambda:InvokeFunction""#,
        r#"{"BoolIfExists":{"lambda:InvokedViaFunctionUrl":"false"}}"#,
    ),
];

const URLS: [Option<UrlAuth>; 3] = [None, Some(UrlAuth::None), Some(UrlAuth::AwsIam)];

fn policy(names: &[&str]) -> Document {
    let statements: Vec<String> = names
        .iter()
        .map(|name| {
            let (sid, effect, action, condition) = STATEMENTS.iter().find(|it| it.0 == *name).expect("a statement");
            format!(r#"{{"Sid":"{sid}","Effect":"{effect}","Principal":"*","Action":{action},"Resource":"*","Condition":{condition}}}"#)
        })
        .collect();
    Document::parse(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    ))
    .expect("a policy")
}

fn judged(names: &[&str], url: Option<UrlAuth>) -> Doors {
    doors(Some(&policy(names)), &SCOPE, url)
}

/// In words: the statements' doors, the URL, and what is latent (`!` for a URL that is half open).
fn told(doors: &Doors) -> String {
    let statements: Vec<&str> = doors.statements.iter().map(|door| door.as_str()).collect();
    let latent = doors.latent.iter().map(|it| {
        let what = it
            .statement
            .map_or_else(|| "url".to_owned(), |at| at.to_string());
        if it.half_open {
            format!("{what}!")
        } else {
            what
        }
    });
    let url = doors
        .url
        .as_ref()
        .map_or("-", |(exposure, _)| exposure.as_str());
    format!(
        "{} | {url} | {}",
        statements.join(" "),
        latent.collect::<Vec<_>>().join(" ")
    )
}

#[test]
fn each_situation_has_its_doors() {
    for (names, url, expected) in [
        // The documented pair.
        (
            &["url-none", "invoke-via"][..],
            Some(UrlAuth::None),
            "url url | everyone | ",
        ),
        // It stays when the URL is deleted, and waits for the next one; with AWS_IAM it waits for
        // NONE.
        (&["url-none", "invoke-via"], None, "url url | - | 0 1"),
        (
            &["url-none", "invoke-via"],
            Some(UrlAuth::AwsIam),
            "url url | iam | 0 1",
        ),
        // One half.
        (&["url-none"], Some(UrlAuth::None), "url | half | url!"),
        (&["url-none"], None, "url | - | 0"),
        (&["invoke-via"], Some(UrlAuth::None), "url | half | url!"),
        (&["invoke-via"], None, "url | - | 0"),
        (&["url-iam"], Some(UrlAuth::AwsIam), "url | iam | 0"),
        (&["url-iam"], Some(UrlAuth::None), "url | latent | url 0"),
        (&[], Some(UrlAuth::None), " | latent | url"),
        (&[], Some(UrlAuth::AwsIam), " | iam | "),
        // A direct call needs no URL, and serves a URL as its second half.
        (&["invoke"], None, "direct | - | "),
        (&["invoke"], Some(UrlAuth::None), "direct | half | url!"),
        (
            &["url-none", "invoke"],
            Some(UrlAuth::None),
            "url direct | everyone | ",
        ),
        (&["url-none", "invoke"], None, "url direct | - | 0"),
        (&["both"], None, "direct | - | "),
        (&["both"], Some(UrlAuth::AwsIam), "direct | everyone | "),
        (
            &["url-iam", "invoke-via"],
            Some(UrlAuth::AwsIam),
            "url url | everyone | ",
        ),
        (&["invoke-via-if-exists"], None, "direct | - | "),
        (
            &["invoke-not-via"],
            Some(UrlAuth::None),
            "direct | latent | url",
        ),
        // Wildcards stand for both actions; the authentication of a URL is never told for a direct
        // call.
        (&["star-none"], None, "url | - | 0"),
        (&["star-none"], Some(UrlAuth::None), "url | everyone | "),
        // An organisation is not everyone.
        (
            &["organization"],
            Some(UrlAuth::None),
            "none | latent | url",
        ),
        // Denials take away what they cover, and no more.
        (
            &["both", "deny-url"],
            Some(UrlAuth::None),
            "direct none | half | url!",
        ),
        (
            &["both", "deny-via"],
            Some(UrlAuth::None),
            "direct none | half | url!",
        ),
        (&["both", "deny-not-via"], None, "url none | - | 0"),
        (
            &["both", "deny-not-via"],
            Some(UrlAuth::None),
            "url none | everyone | ",
        ),
        // For a URL with AWS_IAM the first statement would count.
        (
            &["url-any", "invoke-via", "deny-none"],
            Some(UrlAuth::None),
            "url url none | half | url! 0",
        ),
        (
            &["url-any", "invoke-via", "deny-none"],
            Some(UrlAuth::AwsIam),
            "url url none | everyone | ",
        ),
    ] {
        assert_eq!(told(&judged(names, url)), expected, "{names:?} {url:?}");
    }
}

#[test]
fn what_is_not_an_invocation_is_no_door() {
    for (action, door) in [
        (r#""lambda:UpdateFunctionCode""#, Door::None),
        (r#""lambda:GetFunction""#, Door::None),
        (
            r#"["lambda:InvokeFunctionUrl","lambda:GetFunction"]"#,
            Door::Url,
        ),
        (r#""lambda:InvokeAsync""#, Door::Direct),
        (r#""lambda:*""#, Door::Direct),
        (r#""*""#, Door::Direct),
    ] {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":{action},"Resource":"*"}}}}"#
        );
        let document = Document::parse(&text).expect("a policy");
        assert_eq!(
            doors(Some(&document), &SCOPE, None).statements,
            [door],
            "{action}"
        );
    }
}

#[test]
fn a_policy_is_divided_into_its_uses() {
    for (action, uses, levels) in [
        (r#""lambda:InvokeFunction""#, "invoke through-url", ""),
        (r#""lambda:InvokeFunctionUrl""#, "invoke url", ""),
        (r#""lambda:invoke*""#, "invoke url through-url", ""),
        (r#""lambda:InvokeFunctio?""#, "invoke through-url", ""),
        (r#""lambda:InvokeAsync""#, "invoke", ""),
        (r#""lambda:GetFunction""#, "control", "read"),
        (
            r#"["lambda:GetFunction","lambda:UpdateFunctionCode"]"#,
            "control",
            "read, write",
        ),
        (
            r#""lambda:*""#,
            "invoke url through-url control",
            "list, read, tagging, write, permissions-management",
        ),
        (r#""lambda:NoSuchAction""#, "control", "unknown"),
    ] {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"444455556666"}},"Action":{action},"Resource":"*"}}}}"#
        );
        let document = Document::parse(&text).expect("a policy");
        let open = Use::ALL
            .into_iter()
            .filter(|of| of_policy(&for_use(&document, *of), &SCOPE).exposure != Exposure::None);
        assert_eq!(
            open.map(Use::as_str).collect::<Vec<_>>().join(" "),
            uses,
            "{action}"
        );
        let control = for_use(&document, Use::Control);
        assert_eq!(
            control_levels(&control.statements[0]).to_string(),
            levels,
            "{action}"
        );
    }
    let not_action = r#"{"Statement":{"Effect":"Allow","Principal":"*","NotAction":["lambda:InvokeFunction","lambda:Update*"],"Resource":"*"}}"#;
    let document = Document::parse(not_action).expect("a policy");
    let open = Use::ALL.map(|of| of_policy(&for_use(&document, of), &SCOPE).exposure);
    assert_eq!(
        open,
        [
            Exposure::Everyone,
            Exposure::Everyone,
            Exposure::None,
            Exposure::Everyone
        ]
    );
}

/// Whether a stranger, signed or not, may do something, in one of some worlds.
fn may(document: &Document, principal: &Principal, action: &str, worlds: &[Context]) -> bool {
    let anything = Document::parse(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
    )
    .expect("a policy");
    let policies = Policies {
        identity: vec![&anything],
        resource: Some(document),
        ..Policies::default()
    };
    let resource = "arn:aws:lambda:eu-west-1:111122223333:function:pay";
    worlds.iter().any(|context| {
        let request = Request {
            principal,
            action,
            resource,
            resource_account: Some(ACCOUNT),
            context,
        };
        evaluate(&policies, &request).decision == Decision::Allowed
    })
}

#[test]
fn doors_are_open_where_a_stranger_gets_in_and_nothing_for_everyone_goes_unsaid() {
    let stranger = Principal::parse("arn:aws:iam::888877776666:user/mallory").expect("a principal");
    let none = Context::default;
    let names: Vec<&str> = STATEMENTS.iter().map(|it| it.0).collect();
    let pairs = names
        .iter()
        .flat_map(|one| names.iter().map(move |other| [*one, *other]));
    let triples = names
        .iter()
        .flat_map(|one| names.iter().map(move |other| ["url-any", *one, *other]));
    let mut sets: Vec<Vec<&str>> = pairs
        .map(|pair| pair.to_vec())
        .chain(triples.map(|triple| triple.to_vec()))
        .collect();
    sets.retain(|set| set.iter().collect::<std::collections::BTreeSet<_>>().len() == set.len());
    for set in &sets {
        let document = policy(set);
        for url in URLS {
            let doors = judged(set, url);
            let direct = may(&document, &stranger, "lambda:InvokeFunction", &[none()]);
            assert_eq!(doors.statements.contains(&Door::Direct), direct, "{set:?}");
            if let (Some(auth), Some((exposure, _))) = (url, &doors.url) {
                let caller = if auth == UrlAuth::None {
                    Principal::anonymous()
                } else {
                    stranger.clone()
                };
                let by_auth = none().with("lambda:FunctionUrlAuthType", auth.as_str());
                let via = none().with("lambda:InvokedViaFunctionUrl", "true");
                let open = may(&document, &caller, "lambda:InvokeFunctionUrl", &[by_auth])
                    && may(
                        &document,
                        &caller,
                        "lambda:InvokeFunction",
                        &[
                            via.clone(),
                            via.with("lambda:FunctionUrlAuthType", auth.as_str()),
                        ],
                    );
                assert_eq!(*exposure == UrlExposure::Everyone, open, "{set:?} {url:?}");
            }
            // Whatever grants everyone something is told as an open door or as a latent one.
            let grants = doors.statements.iter().any(|door| *door != Door::None);
            let open = direct
                || doors
                    .url
                    .as_ref()
                    .is_some_and(|(exposure, _)| *exposure == UrlExposure::Everyone);
            assert!(
                !grants || open || !doors.latent.is_empty(),
                "{set:?} {url:?}: {}",
                told(&doors)
            );
        }
    }
}
