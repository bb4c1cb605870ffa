//! Roles, service-linked roles and managed policies over their whole life.
//!
//! Texts of errors: see the handlers; forms of answers: LocalStack's recordings of IAM.

use lambdasweep_mock::seed::{Empty, File};

use crate::client::{Answer, Mock};
use crate::organization_file::{TINY, written};

const ACCOUNT: &str = "111122223333";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;
const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

fn done(answer: &Answer) {
    assert_eq!(answer.status, 200, "{}", answer.body);
}

fn refused(answer: &Answer, status: u16, code: &str, message: &str) {
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

fn role(mock: &Mock, name: &str) -> Answer {
    mock.iam(
        ACCOUNT,
        "CreateRole",
        &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)],
    )
}

fn policy(mock: &Mock, name: &str) -> String {
    done(&mock.iam(
        ACCOUNT,
        "CreatePolicy",
        &[("PolicyName", name), ("PolicyDocument", POLICY)],
    ));
    format!("arn:aws:iam::{ACCOUNT}:policy/{name}")
}

fn attach(mock: &Mock, role: &str, arn: &str) -> Answer {
    mock.iam(
        ACCOUNT,
        "AttachRolePolicy",
        &[("RoleName", role), ("PolicyArn", arn)],
    )
}

fn trusting(principal: &str) -> String {
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
fn a_trust_policy_names_what_is_there_and_nothing_that_has_no_place_in_it() {
    let mock = Mock::start(Empty);
    done(&role(&mock, "other"));
    let statement =
        |members: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{{{members}}}]}}"#);
    let with = |members: &str| {
        statement(&format!(
            r#""Effect":"Allow","Principal":{{"AWS":"*"}},"Action":"sts:AssumeRole",{members}"#
        ))
    };
    let principal = |said: &str| format!("Invalid principal in policy: {said}");
    for (document, message) in [
        (
            "{".to_owned(),
            "This policy contains invalid Json".to_owned(),
        ),
        (
            r#"{"Version":"2013-10-17","Statement":[]}"#.to_owned(),
            "The policy must contain a valid version string".to_owned(),
        ),
        (
            r#"{"Statement":[]}"#.to_owned(),
            "Could not parse the policy: Statement is empty!".to_owned(),
        ),
        (
            r#"{"Comment":"x","Statement":[]}"#.to_owned(),
            "Unknown field Comment".to_owned(),
        ),
        (with(r#""Comment":"x""#), "Unknown field Comment".to_owned()),
        (
            statement(r#""Principal":{"AWS":"*"},"Action":"sts:AssumeRole""#),
            "Missing required field Effect".to_owned(),
        ),
        (
            statement(r#""Effect":"allow""#),
            "Invalid effect: allow".to_owned(),
        ),
        (
            statement(r#""Effect":"Allow","Action":"sts:AssumeRole""#),
            "Missing required field Principal".to_owned(),
        ),
        (
            trusting("{}"),
            "Missing required field Principal cannot be empty!".to_owned(),
        ),
        (
            trusting(r#""*""#),
            "Principal must be a JSON object.".to_owned(),
        ),
        (
            statement(r#""Effect":"Allow","NotPrincipal":{"AWS":"*"},"Action":"sts:AssumeRole""#),
            "Allow with NotPrincipal is not allowed.".to_owned(),
        ),
        (
            statement(r#""Effect":"Allow","Principal":{"AWS":"*"}"#),
            "Missing required field Action".to_owned(),
        ),
        (
            statement(
                r#""Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:AssumeRole","s3:GetObject"]"#,
            ),
            "AssumeRole policy may only specify STS AssumeRole actions.".to_owned(),
        ),
        (
            with(r#""Resource":"*""#),
            "Has prohibited field Resource".to_owned(),
        ),
        (
            with(r#""NotResource":"*""#),
            "AssumeRole policy must not contain resources.".to_owned(),
        ),
        (
            trusting(r#"{"AWS":"arn:aws:iam::111122223333:role/gone"}"#),
            principal(r#""AWS":"arn:aws:iam::111122223333:role/gone""#),
        ),
        (
            trusting(r#"{"AWS":["111122223333","AROAGONEGONEGONEGONEG"]}"#),
            principal(r#""AWS":"AROAGONEGONEGONEGONEG""#),
        ),
        (
            trusting(r#"{"AWS":"arn:aws:iam::111122223333:role/oth*"}"#),
            principal(r#""AWS":"arn:aws:iam::111122223333:role/oth*""#),
        ),
        (
            trusting(r#"{"AWS":"arn:aws-cn:iam::111122223333:root"}"#),
            principal(r#""AWS":"arn:aws-cn:iam::111122223333:root""#),
        ),
        (
            trusting(r#"{"AWS":"12345"}"#),
            principal(r#""AWS":"12345""#),
        ),
        (
            trusting(r#"{"Service":"lambda"}"#),
            principal(r#""SERVICE":"lambda""#),
        ),
        (
            trusting(r#"{"Service":"amazonaws.com"}"#),
            principal(r#""SERVICE":"amazonaws.com""#),
        ),
        (
            trusting(r#"{"Federated":"idp.example.com"}"#),
            principal(r#""FEDERATED":"idp.example.com""#),
        ),
        (
            with(r#""Condition":{"ForAllValuesStringEquals":{"aws:TagKeys":"a"}}"#),
            "Invalid Condition type : ForAllValuesStringEquals".to_owned(),
        ),
        (
            trusting(r#"{"Federated":"cognito-identity.amazonaws.com"}"#),
            "A condition block must be present for the Cognito provider".to_owned(),
        ),
    ] {
        let update = [("RoleName", "other"), ("PolicyDocument", document.as_str())];
        refused(
            &mock.iam(ACCOUNT, "UpdateAssumeRolePolicy", &update),
            400,
            "MalformedPolicyDocument",
            &message,
        );
        let create = [
            ("RoleName", "new"),
            ("AssumeRolePolicyDocument", document.as_str()),
        ];
        refused(
            &mock.iam(ACCOUNT, "CreateRole", &create),
            400,
            "MalformedPolicyDocument",
            &message,
        );
    }
    for right in [
        r#"{"AWS":["*","444455556666","arn:aws:iam::444455556666:root","arn:aws:iam::111122223333:role/other"]}"#,
        r#"{"AWS":"arn:aws:iam::444455556666:role/of/another/account","Service":["ecs-tasks.amazonaws.com","logs.eu-west-1.amazonaws.com"]}"#,
        r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/other/session","Federated":"accounts.google.com"}"#,
    ] {
        done(&mock.iam(
            ACCOUNT,
            "UpdateAssumeRolePolicy",
            &[("RoleName", "other"), ("PolicyDocument", &trusting(right))],
        ));
    }
}

#[test]
fn a_shared_identity_provider_is_narrowed_down() {
    let mock = Mock::start(Empty);
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let create = |name: &str, condition: &str| {
        let document = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}}}"#
        );
        mock.iam(
            ACCOUNT,
            "CreateRole",
            &[("RoleName", name), ("AssumeRolePolicyDocument", &document)],
        )
    };
    let message = format!(
        "Trust policy with trusted principal {provider} must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, \
         token.actions.githubusercontent.com:sub or token.actions.githubusercontent.com:job_workflow_ref which is not scoped to all."
    );
    for (condition, is_taken) in [
        (
            r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#,
            false,
        ),
        (
            r#"{"StringLike":{"token.actions.githubusercontent.com:sub":["repo:a/b:*","*"]}}"#,
            false,
        ),
        (
            r#"{"StringNotEquals":{"token.actions.githubusercontent.com:sub":"repo:a/b"}}"#,
            false,
        ),
        (
            r#"{"StringLike":{"token.actions.githubusercontent.com:sub":"repo:a/b:*"}}"#,
            true,
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"token.actions.githubusercontent.com:JOB_workflow_ref":"a/b/c.yml@refs/heads/main"}}"#,
            true,
        ),
    ] {
        let answer = create(if is_taken { "taken" } else { "refused" }, condition);
        if is_taken {
            done(&answer);
            done(&mock.iam(ACCOUNT, "DeleteRole", &[("RoleName", "taken")]));
        } else {
            refused(&answer, 400, "MalformedPolicyDocument", &message);
        }
    }
}

#[test]
fn a_role_that_is_trusted_leaves_its_id_behind() {
    let mock = Mock::start(Empty);
    let made = role(&mock, "first");
    let id = made.element("RoleId").unwrap_or_default();
    let trust = trusting(r#"{"AWS":"arn:aws:iam::111122223333:role/first"}"#);
    done(&mock.iam(
        ACCOUNT,
        "CreateRole",
        &[("RoleName", "second"), ("AssumeRolePolicyDocument", &trust)],
    ));
    done(&mock.iam(ACCOUNT, "DeleteRole", &[("RoleName", "first")]));
    let got = mock.iam(ACCOUNT, "GetRole", &[("RoleName", "second")]);
    assert!(
        got.body.contains(&format!("%22{id}%22")) && !got.body.contains("role%2Ffirst"),
        "{}",
        got.body
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
    // What is no service's own is not deleted so.
    done(&role(&mock, "plain"));
    assert_eq!(
        mock.iam(ACCOUNT, "DeleteServiceLinkedRole", &[("RoleName", "plain")])
            .element("Code"),
        Some("NoSuchEntity")
    );
}

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
