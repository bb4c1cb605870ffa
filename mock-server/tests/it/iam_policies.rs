//! Managed policies: attached, listed, and in versions.

use crate::client::Mock;
use crate::iam_roles::{ACCOUNT, BASIC, POLICY, attach, done, policy, refused, role};
use lambdasweep_mock::seed::Empty;

#[test]
fn only_policies_that_are_there_can_be_attached_and_ten_at_the_most() {
    let mock = Mock::start(Empty);
    done(&role(&mock, "r"));
    for wrong in ["longpolicynamebutnoarn", "arn:aws:iam::111122223333:"] {
        refused(
            &attach(&mock, "r", wrong),
            400,
            "ValidationError",
            "Invalid ARN:  Could not be parsed!",
        );
    }
    for gone in [
        "arn:aws:iam::aws:policy/NoSuchPolicy",
        "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
        "arn:aws:iam::111122223333:policy/p",
    ] {
        refused(
            &attach(&mock, "r", gone),
            404,
            "NoSuchEntity",
            &format!("Policy {gone} does not exist or is not attachable."),
        );
        let boundary = mock.iam(
            ACCOUNT,
            "PutRolePermissionsBoundary",
            &[("RoleName", "r"), ("PermissionsBoundary", gone)],
        );
        refused(
            &boundary,
            404,
            "NoSuchEntity",
            &format!("Scope ARN: {gone} does not exist or is not attachable."),
        );
        let detach = mock.iam(
            ACCOUNT,
            "DetachRolePolicy",
            &[("RoleName", "r"), ("PolicyArn", gone)],
        );
        refused(
            &detach,
            404,
            "NoSuchEntity",
            &format!("Policy {gone} was not found."),
        );
    }
    let of_service = "arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy";
    refused(
        &attach(&mock, "r", of_service),
        400,
        "PolicyNotAttachable",
        "Cannot attach a Service Role Policy to a Customer Role.",
    );
    refused(
        &attach(&mock, "gone", BASIC),
        404,
        "NoSuchEntity",
        "The role with name gone cannot be found.",
    );
    done(&attach(&mock, "r", BASIC));
    for at in 1..10 {
        done(&attach(&mock, "r", &policy(&mock, &format!("p{at}"))));
    }
    let more = policy(&mock, "p10");
    refused(
        &attach(&mock, "r", &more),
        409,
        "LimitExceeded",
        "Cannot exceed quota for PoliciesPerRole: 10",
    );
    done(&attach(&mock, "r", BASIC));
    let listed = mock.iam(
        ACCOUNT,
        "ListAttachedRolePolicies",
        &[("RoleName", "r"), ("PathPrefix", "/service-role/")],
    );
    assert_eq!(
        listed.body.matches("<PolicyArn>").count(),
        1,
        "{}",
        listed.body
    );
    refused(
        &mock.iam(ACCOUNT, "DeleteRole", &[("RoleName", "r")]),
        409,
        "DeleteConflict",
        "Cannot delete entity, must detach all policies first.",
    );
    done(&role(&mock, "s"));
    done(&mock.iam(
        ACCOUNT,
        "PutRolePolicy",
        &[
            ("RoleName", "s"),
            ("PolicyName", "p"),
            ("PolicyDocument", POLICY),
        ],
    ));
    refused(
        &mock.iam(ACCOUNT, "DeleteRole", &[("RoleName", "s")]),
        409,
        "DeleteConflict",
        "Cannot delete entity, must delete policies first.",
    );
}

#[test]
fn aws_managed_policies_are_listed_read_and_never_changed() {
    let mock = Mock::start(Empty);
    let list = |input: &[(&str, &str)]| mock.iam(ACCOUNT, "ListPolicies", input);
    let (mut marker, mut seen) = (String::new(), 0);
    loop {
        let mut input = vec![("Scope", "AWS"), ("MaxItems", "1000")];
        input.extend((!marker.is_empty()).then_some(("Marker", marker.as_str())));
        let page = list(&input);
        seen += page.body.matches("<PolicyName>").count();
        if page.element("IsTruncated") == Some("false") {
            break;
        }
        marker = page.element("Marker").unwrap_or_default().to_owned();
    }
    assert!(seen > 1_500, "{seen}");
    assert!(
        list(&[("Scope", "Local")])
            .body
            .matches("<PolicyName>")
            .count()
            == 0
    );
    let roles = list(&[("Scope", "AWS"), ("PathPrefix", "/job-function/")]);
    assert!(
        roles
            .body
            .contains("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")
            && !roles.body.contains("policy/AdministratorAccess")
    );
    done(&role(&mock, "r"));
    done(&attach(&mock, "r", BASIC));
    let attached = list(&[("OnlyAttached", "true")]);
    assert_eq!(
        (attached.element("Arn"), attached.element("AttachmentCount")),
        (Some(BASIC), Some("1"))
    );
    assert_eq!(attached.body.matches("<PolicyName>").count(), 1);
    let got = mock.iam(ACCOUNT, "GetPolicy", &[("PolicyArn", BASIC)]);
    let version = got.element("DefaultVersionId").unwrap_or_default();
    let document = mock.iam(
        ACCOUNT,
        "GetPolicyVersion",
        &[("PolicyArn", BASIC), ("VersionId", version)],
    );
    assert!(
        document.body.contains("logs%3APutLogEvents"),
        "{}",
        document.body
    );
    let entities = mock.iam(ACCOUNT, "ListEntitiesForPolicy", &[("PolicyArn", BASIC)]);
    assert_eq!(entities.element("RoleName"), Some("r"));
    for (operation, more) in [
        ("DeletePolicy", vec![]),
        ("CreatePolicyVersion", vec![("PolicyDocument", POLICY)]),
        ("SetDefaultPolicyVersion", vec![("VersionId", "v1")]),
        (
            "TagPolicy",
            vec![("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")],
        ),
    ] {
        let input: Vec<(&str, &str)> = std::iter::once(("PolicyArn", BASIC)).chain(more).collect();
        let answer = mock.iam(ACCOUNT, operation, &input);
        assert_eq!(
            (answer.status, answer.element("Code")),
            (403, Some("AccessDenied")),
            "{operation}: {}",
            answer.body
        );
    }
}

#[test]
fn versions_of_a_policy_have_numbers_of_their_own() {
    let mock = Mock::start(Empty);
    let arn = policy(&mock, "p");
    let call = |operation: &str, more: &[(&str, &str)]| {
        let input: Vec<(&str, &str)> = std::iter::once(("PolicyArn", arn.as_str()))
            .chain(more.iter().copied())
            .collect();
        mock.iam(ACCOUNT, operation, &input)
    };
    let create = || call("CreatePolicyVersion", &[("PolicyDocument", POLICY)]);
    for number in 2..=5 {
        assert_eq!(
            create().element("VersionId"),
            Some(format!("v{number}").as_str())
        );
    }
    let full = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
    refused(&create(), 409, "LimitExceeded", full);
    refused(
        &call("DeletePolicyVersion", &[("VersionId", "v1")]),
        409,
        "DeleteConflict",
        "Cannot delete the default version of a policy.",
    );
    refused(
        &call("DeletePolicyVersion", &[("VersionId", "v9")]),
        404,
        "NoSuchEntity",
        &format!("Policy {arn} version v9 does not exist or is not attachable."),
    );
    done(&call("DeletePolicyVersion", &[("VersionId", "v5")]));
    assert_eq!(create().element("VersionId"), Some("v6"));
    done(&call("SetDefaultPolicyVersion", &[("VersionId", "v6")]));
    assert_eq!(
        call("GetPolicy", &[]).element("DefaultVersionId"),
        Some("v6")
    );
    let many = "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version \
                is deleted with the policy.";
    refused(&call("DeletePolicy", &[]), 409, "DeleteConflict", many);
    done(&role(&mock, "r"));
    done(&mock.iam(
        ACCOUNT,
        "PutRolePermissionsBoundary",
        &[("RoleName", "r"), ("PermissionsBoundary", &arn)],
    ));
    refused(
        &call("DeletePolicy", &[]),
        409,
        "DeleteConflict",
        "Cannot delete a policy attached to entities.",
    );
    assert_eq!(
        call("GetPolicy", &[]).element("PermissionsBoundaryUsageCount"),
        Some("1")
    );
    let bounded = mock.iam(
        ACCOUNT,
        "ListPolicies",
        &[("PolicyUsageFilter", "PermissionsBoundary")],
    );
    assert_eq!(
        bounded.body.matches("<PolicyName>").count(),
        1,
        "{}",
        bounded.body
    );
    for (filter, found) in [("Role", 1), ("User", 0)] {
        assert_eq!(
            call("ListEntitiesForPolicy", &[("EntityFilter", filter)])
                .body
                .matches("<RoleName>")
                .count(),
            found,
            "{filter}"
        );
    }
    assert_eq!(
        call(
            "ListEntitiesForPolicy",
            &[("PolicyUsageFilter", "PermissionsPolicy")]
        )
        .body
        .matches("<RoleName>")
        .count(),
        0
    );
}
