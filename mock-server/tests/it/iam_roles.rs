//! Roles, service-linked roles and managed policies, from creation to deletion.
//!
//! Sources of error messages: see the handlers; of response formats: LocalStack's recordings of
//! IAM.

use lambdasweep_mock::seed::{Empty, File};

use crate::client::{Answer, Mock};
use crate::organization_file::{TINY, written};

pub(crate) const ACCOUNT: &str = "111122223333";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
pub(crate) const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;
pub(crate) const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

pub(crate) fn done(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.body);
}

pub(crate) fn refused(answer: &Answer, status: u16, code: &str, message: &str) {
    let said = answer
        .element("Message")
        .map(|said| said.replace("&quot;", "\"").replace("&apos;", "'"));
    assert_eq!(
        (answer.status, answer.element("Code"), said.as_deref()),
        (status, Some(code), Some(message)),
        "{}",
        answer.body
    );
}

pub(crate) fn role(mock: &Mock, name: &str) -> Answer {
    mock.iam(
        ACCOUNT,
        "CreateRole",
        &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)],
    )
}

pub(crate) fn policy(mock: &Mock, name: &str) -> String {
    done(&mock.iam(
        ACCOUNT,
        "CreatePolicy",
        &[("PolicyName", name), ("PolicyDocument", POLICY)],
    ));
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

pub(crate) fn attach(mock: &Mock, role: &str, arn: &str) -> Answer {
    mock.iam(
        ACCOUNT,
        "AttachRolePolicy",
        &[("RoleName", role), ("PolicyArn", arn)],
    )
}

pub(crate) fn trusting(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"}}}}"#
    )
}

#[test]
fn a_new_role_tells_what_was_given_and_later_all() {
    let mock = Mock::start(Empty);
    let made = role(&mock, "plain");
    done(&made);
    for member in [
        "Description",
        "MaxSessionDuration",
        "RoleLastUsed",
        "Tags",
        "PermissionsBoundary",
    ] {
        assert!(
            !made.body.contains(&format!("<{member}")),
            "{member}: {}",
            made.body
        );
    }
    assert!(
        made.element("RoleId")
            .is_some_and(|id| id.starts_with("AROA") && id.len() == 21),
        "{}",
        made.body
    );
    let got = mock.iam(ACCOUNT, "GetRole", &[("RoleName", "plain")]);
    assert_eq!(got.element("MaxSessionDuration"), Some("3600"));
    assert!(
        got.body.contains("<RoleLastUsed") && !got.body.contains("<Tags"),
        "{}",
        got.body
    );
    let all = [
        ("RoleName", "whole"),
        ("AssumeRolePolicyDocument", TRUST),
        ("Path", "/app/"),
        ("Description", "runs"),
        ("MaxSessionDuration", "7200"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "a"),
    ];
    let made = mock.iam(ACCOUNT, "CreateRole", &all);
    assert_eq!(
        (made.element("MaxSessionDuration"), made.element("Key")),
        (Some("7200"), Some("team")),
        "{}",
        made.body
    );
    let listed = mock.iam(ACCOUNT, "ListRoles", &[("PathPrefix", "/app/")]);
    assert!(
        listed.body.contains("<Description>runs")
            && !listed.body.contains("<Tags")
            && !listed.body.contains("plain"),
        "{}",
        listed.body
    );
    let update = mock.iam(
        ACCOUNT,
        "UpdateRoleDescription",
        &[("RoleName", "whole"), ("Description", "walks")],
    );
    assert_eq!(
        update.element("Description"),
        Some("walks"),
        "{}",
        update.body
    );
    assert_eq!(
        mock.iam(ACCOUNT, "GetRole", &[("RoleName", "whole")])
            .element("MaxSessionDuration"),
        Some("7200")
    );
    done(&mock.iam(ACCOUNT, "UpdateRole", &[("RoleName", "whole")]));
    let got = mock.iam(ACCOUNT, "GetRole", &[("RoleName", "whole")]);
    assert_eq!(
        (
            got.element("Description"),
            got.element("MaxSessionDuration")
        ),
        (Some("walks"), Some("3600")),
        "{}",
        got.body
    );
    refused(
        &role(&mock, "PLAIN"),
        409,
        "EntityAlreadyExists",
        "Role with name PLAIN already exists.",
    );
}

#[test]
fn service_linked_roles_are_the_services_own() {
    let mock = Mock::start(Empty);
    let create = |service: &str, suffix: &str| {
        let mut input = vec![("AWSServiceName", service)];
        input.extend((!suffix.is_empty()).then_some(("CustomSuffix", suffix)));
        mock.iam(ACCOUNT, "CreateServiceLinkedRole", &input)
    };
    let made = create("batch.amazonaws.com", "");
    assert_eq!(
        made.element("RoleName"),
        Some("AWSServiceRoleForBatch"),
        "{}",
        made.body
    );
    let name = ("RoleName", "AWSServiceRoleForBatch");
    let got = mock.iam(ACCOUNT, "GetRole", &[name]);
    assert_eq!(
        got.element("Path"),
        Some("/aws-service-role/batch.amazonaws.com/")
    );
    assert!(
        got.body.contains("%22Action%22%3A%22sts%3AAssumeRole%22"),
        "{}",
        got.body
    );
    let attached = mock.iam(ACCOUNT, "ListAttachedRolePolicies", &[name]);
    assert_eq!(
        attached.element("PolicyArn"),
        Some("arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy")
    );
    let taken = "Service role name AWSServiceRoleForBatch has been taken in this account, please try a different suffix.";
    refused(
        &create("batch.amazonaws.com", ""),
        400,
        "InvalidInput",
        taken,
    );
    let suffix = "Custom suffix is not allowed for batch.amazonaws.com";
    refused(
        &create("batch.amazonaws.com", "a"),
        400,
        "InvalidInput",
        suffix,
    );
    assert_eq!(
        create("autoscaling.amazonaws.com", "a").element("RoleName"),
        Some("AWSServiceRoleForAutoScaling_a")
    );
    assert_eq!(
        create("rds.amazonaws.com", "").element("Description"),
        Some("Allows Amazon RDS to manage AWS resources on your behalf")
    );
    let protected = "Cannot perform the operation on the protected role 'AWSServiceRoleForBatch' - this role is only modifiable by AWS";
    for (operation, input) in [
        ("DeleteRole", vec![]),
        ("AttachRolePolicy", vec![("PolicyArn", BASIC)]),
        (
            "DetachRolePolicy",
            vec![(
                "PolicyArn",
                "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy",
            )],
        ),
        (
            "PutRolePolicy",
            vec![("PolicyName", "p"), ("PolicyDocument", POLICY)],
        ),
        ("DeleteRolePolicy", vec![("PolicyName", "p")]),
        ("UpdateAssumeRolePolicy", vec![("PolicyDocument", TRUST)]),
        ("UpdateRole", vec![("MaxSessionDuration", "7200")]),
        (
            "PutRolePermissionsBoundary",
            vec![("PermissionsBoundary", BASIC)],
        ),
        ("DeleteRolePermissionsBoundary", vec![]),
    ] {
        let input: Vec<(&str, &str)> = std::iter::once(name).chain(input).collect();
        refused(
            &mock.iam(ACCOUNT, operation, &input),
            400,
            "UnmodifiableEntity",
            protected,
        );
    }
    done(&mock.iam(ACCOUNT, "UpdateRole", &[name, ("Description", "of batch")]));
    let deleted = mock.iam(ACCOUNT, "DeleteServiceLinkedRole", &[name]);
    let task = deleted.element("DeletionTaskId").unwrap_or_default();
    let uuid =
        task.strip_prefix("task/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch/");
    assert!(
        uuid.is_some_and(|uuid| uuid.len() == 36),
        "{}",
        deleted.body
    );
    let status = |task: &str| {
        mock.iam(
            ACCOUNT,
            "GetServiceLinkedRoleDeletionStatus",
            &[("DeletionTaskId", task)],
        )
    };
    assert_eq!(status(task).element("Status"), Some("SUCCEEDED"));
    assert_eq!(status("task/none").element("Code"), Some("NoSuchEntity"));
    assert_eq!(mock.iam(ACCOUNT, "GetRole", &[name]).status, 404);
    // A role that is not service-linked cannot be deleted in this way.
    done(&role(&mock, "plain"));
    assert_eq!(
        mock.iam(ACCOUNT, "DeleteServiceLinkedRole", &[("RoleName", "plain")])
            .element("Code"),
        Some("NoSuchEntity")
    );
}

#[test]
fn tags_know_no_case_and_are_fifty_at_the_most() {
    let mock = Mock::start(Empty);
    done(&role(&mock, "r"));
    let arn = policy(&mock, "p");
    for (kind, name) in [
        ("Role", ("RoleName", "r")),
        ("Policy", ("PolicyArn", arn.as_str())),
    ] {
        let tag = |tags: &[(String, String)]| {
            let input: Vec<(&str, &str)> = std::iter::once(name)
                .chain(
                    tags.iter()
                        .map(|(key, value)| (key.as_str(), value.as_str())),
                )
                .collect();
            mock.iam(ACCOUNT, &format!("Tag{kind}"), &input)
        };
        let pairs = |keys: &[&str]| -> Vec<(String, String)> {
            let pair = |(at, key): (usize, &&str)| {
                [
                    (format!("Tags.member.{}.Key", at + 1), (*key).to_owned()),
                    (format!("Tags.member.{}.Value", at + 1), format!("of {key}")),
                ]
            };
            keys.iter().enumerate().flat_map(pair).collect()
        };
        let listed = || mock.iam(ACCOUNT, &format!("List{kind}Tags"), &[name]);
        let twice = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
        refused(&tag(&pairs(&["team", "TEAM"])), 400, "InvalidInput", twice);
        assert_eq!(
            tag(&pairs(&["AWS:mine"])).element("Code"),
            Some("InvalidInput")
        );
        done(&tag(&pairs(&["team"])));
        done(&tag(&pairs(&["TEAM"])));
        assert_eq!(
            (listed().element("Key"), listed().element("Value")),
            (Some("TEAM"), Some("of TEAM"))
        );
        let many: Vec<String> = (0..50).map(|at| format!("k{at}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        refused(
            &tag(&pairs(&many)),
            409,
            "LimitExceeded",
            "The number of tags has reached the maximum limit.",
        );
        assert_eq!(
            listed().body.matches("<Key>").count(),
            1,
            "a refused call changes nothing"
        );
        done(&tag(&pairs(&many[..49])));
        done(&mock.iam(
            ACCOUNT,
            &format!("Untag{kind}"),
            &[name, ("TagKeys.member.1", "team")],
        ));
        assert_eq!(listed().body.matches("<Key>").count(), 49);
    }
}

#[test]
fn paths_of_aws_are_nobody_elses() {
    let mock = Mock::start(Empty);
    for path in [
        "/aws-service-role/batch.amazonaws.com/",
        "/aws-reserved/sso.amazonaws.com/",
    ] {
        let input = [
            ("RoleName", "r"),
            ("AssumeRolePolicyDocument", TRUST),
            ("Path", path),
        ];
        assert_eq!(
            mock.iam(ACCOUNT, "CreateRole", &input).element("Code"),
            Some("InvalidInput"),
            "{path}"
        );
    }
}

#[test]
fn not_even_the_description_of_a_permission_sets_role_changes() {
    let role = "[[role]]\naccount = \"222222222222\"\nname = \"AWSReservedSSO_Admin\"\npath = \"/aws-reserved/sso.amazonaws.com/\"";
    let file = written("reserved", format!("{TINY}\n{role}\n"));
    let mock = Mock::start(File::load(&file.0).unwrap());
    let name = ("RoleName", "AWSReservedSSO_Admin");
    for (operation, input) in [
        ("UpdateRole", vec![name]),
        ("UpdateRoleDescription", vec![name, ("Description", "x")]),
        ("DeleteRole", vec![name]),
    ] {
        assert_eq!(
            mock.iam("222222222222", operation, &input).element("Code"),
            Some("UnmodifiableEntity"),
            "{operation}"
        );
    }
}

#[test]
fn markers_that_no_answer_gave_are_refused() {
    let mock = Mock::start(Empty);
    done(&role(&mock, "r"));
    for marker in ["somewhere else", "page-", "page-x", "page--1"] {
        let message = "Invalid Marker.";
        for operation in [
            "ListRoles",
            "GetAccountAuthorizationDetails",
            "ListAccountAliases",
        ] {
            refused(
                &mock.iam(ACCOUNT, operation, &[("Marker", marker)]),
                400,
                "ValidationError",
                message,
            );
        }
        refused(
            &mock.iam(
                ACCOUNT,
                "ListRoleTags",
                &[("RoleName", "r"), ("Marker", marker)],
            ),
            400,
            "ValidationError",
            message,
        );
    }
}
