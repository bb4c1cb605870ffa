//! How the resources of a role's policies are read: ARNs that lack parts, and variables that a role
//! has no value for.

use lambdasweep_policy::Document;
use lambdasweep_policy::grants::{Grant, NamedPolicy, RoleInput};
use lambdasweep_policy::role::{Near, Privilege, judge};
use serde_json::{Value, json};

use crate::roles::{document, role};

#[test]
fn an_incomplete_arn_is_every_resource_that_it_begins() {
    let allow = |resource: &str| {
        document(&json!([{"Effect": "Allow", "Action": "iam:*", "Resource": resource}]))
    };
    for (resource, scope) in [
        ("arn:aws:iam", "service"),
        ("arn:aws:iam:", "service"),
        ("arn:aws:iam::111122223333", "account"),
        ("arn:aws", "all"),
    ] {
        let policy = allow(resource);
        let judgement = judge(&role(&policy));
        assert_eq!(
            (judgement.privilege, judgement.grants[0].scope.as_str()),
            (Privilege::NearAdministrator, scope),
            "{resource}"
        );
        assert_eq!(
            judgement.near,
            [Near::FullIam, Near::SelfEscalation],
            "{resource}"
        );
        assert!(
            judgement.escalation_ids().contains(&"iam-005"),
            "{resource}"
        );
    }
    assert!(judge(&role(&allow("arn:aws:s3"))).escalations.is_empty());
    // A Deny and a boundary are completed as well.
    let everything = document(&json!([{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]));
    let denied = document(&json!([
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam"},
    ]));
    assert!(judge(&role(&denied)).escalations.is_empty());
    for (resource, closed) in [("arn:aws:iam", false), ("arn:aws:s3", true)] {
        let boundary = allow(resource);
        let boundary = Some(NamedPolicy {
            name: "boundary",
            document: Some(&boundary),
        });
        assert_eq!(
            judge(&RoleInput {
                boundary,
                ..role(&everything)
            })
            .escalations
            .is_empty(),
            closed,
            "a boundary of {resource}"
        );
    }
    // What AWS leaves open of a service control policy takes nothing away.
    let scp = document(&json!([
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": "arn:aws:iam"},
    ]));
    let scps = vec![vec![NamedPolicy {
        name: "scp",
        document: Some(&scp),
    }]];
    assert_eq!(
        judge(&RoleInput {
            scps,
            ..role(&everything)
        })
        .privilege,
        Privilege::NearAdministrator
    );
}

#[test]
fn a_users_name_is_nothing_that_a_role_has() {
    let of = |version: &str, statements: Value| {
        Document::parse(&json!({"Version": version, "Statement": statements}).to_string())
            .expect("a policy")
    };
    let rows = |policy: &Document| {
        judge(&role(policy))
            .grants
            .iter()
            .map(Grant::resource_text)
            .collect::<Vec<_>>()
    };
    let paths = |policy: &Document| judge(&role(policy)).escalation_ids();
    let allow = |resources: Value| json!([{"Effect": "Allow", "Action": ["iam:CreateAccessKey", "iam:PutRolePolicy"], "Resource": resources}]);
    let (user, own) = (
        "arn:aws:iam::111122223333:user/${aws:username}",
        "arn:aws:iam::*:role/${ AWS:UserName }",
    );
    for version in ["2012-10-17", "2008-10-17"] {
        let policy = of(version, allow(json!([user, own])));
        assert!(
            rows(&policy).is_empty() && paths(&policy).is_empty(),
            "{version}"
        );
    }
    // What stands beside it counts, and so do a default, another variable, and a path, which may
    // hold any character.
    let beside = of(
        "2012-10-17",
        allow(json!([user, "arn:aws:iam::111122223333:user/x"])),
    );
    assert_eq!(rows(&beside), ["arn:aws:iam::111122223333:user/x"; 2]);
    for resource in [
        "arn:aws:iam::*:user/${aws:username, 'x'}",
        "arn:aws:iam::*:user/${aws:PrincipalTag/name}",
    ] {
        assert!(
            !paths(&of("2012-10-17", allow(json!(resource)))).is_empty(),
            "{resource}"
        );
    }
    assert_eq!(
        rows(&of(
            "2008-10-17",
            allow(json!("arn:aws:iam::*:user/${aws:username}/x"))
        ))
        .len(),
        2
    );
    assert_eq!(
        rows(&of(
            "2008-10-17",
            allow(json!("arn:aws:s3:::b/${aws:username}"))
        ))
        .len(),
        2
    );
    // NotResource excepts nothing by it, and a Deny denies nothing by it.
    let all_but = json!([{"Effect": "Allow", "Action": "iam:*", "NotResource": user}]);
    assert_eq!(rows(&of("2012-10-17", all_but)), ["*"]);
    let denied = json!([
        {"Effect": "Allow", "Action": "iam:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:*", "Resource": [user, own]},
    ]);
    let denied = of("2012-10-17", denied);
    assert!(
        judge(&role(&denied))
            .grants
            .iter()
            .all(|row| !row.narrowed() && row.except_resources().next().is_none())
    );
    // Nor does a boundary allow anything by it.
    let everything = document(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]));
    let boundary = of("2012-10-17", allow(json!(user)));
    let boundary = Some(NamedPolicy {
        name: "boundary",
        document: Some(&boundary),
    });
    assert!(
        judge(&RoleInput {
            boundary,
            ..role(&everything)
        })
        .grants
        .is_empty()
    );
}
