//! Trust policies: the principals that they can name, and what happens to deleted ones.

use crate::client::Mock;
use crate::iam_roles::{ACCOUNT, done, refused, role, trusting};
use lambdasweep_mock::seed::Empty;

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
