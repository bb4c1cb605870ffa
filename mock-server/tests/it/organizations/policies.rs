//! Policies, their types, and what they are attached to.

use serde_json::{Value, json};

use super::Organization;

fn scp(statement: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn deny() -> Value {
    json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
}

fn attach(policy: &str, target: &str) -> Value {
    json!({"PolicyId": policy, "TargetId": target})
}

#[test]
fn policies_are_written_once_and_changed_whole() {
    let it = Organization::new();
    let create = |name: &str, kind: &str, content: &str| json!({"Name": name, "Description": "d", "Type": kind, "Content": content});
    let (first, second) = (it.policy("first"), it.policy("second"));
    let same = it.refused(
        "CreatePolicy",
        create("first", "SERVICE_CONTROL_POLICY", &scp(&deny())),
        "DuplicatePolicyException",
        "",
    );
    assert_eq!(
        same,
        "A policy with the specified name and type already exists."
    );
    it.refused(
        "UpdatePolicy",
        json!({"PolicyId": second, "Name": "first"}),
        "DuplicatePolicyException",
        "",
    );
    // A policy of another type may have the name.
    it.call(
        "CreatePolicy",
        create("first", "TAG_POLICY", r#"{"tags":{}}"#),
    );

    let malformed = "MalformedPolicyDocumentException";
    it.refused(
        "CreatePolicy",
        create("x", "SERVICE_CONTROL_POLICY", "{"),
        malformed,
        "",
    );
    // If the document is rejected, the name is not changed either.
    it.refused(
        "UpdatePolicy",
        json!({"PolicyId": second, "Name": "third", "Content": r#"{"Version":"2012-10-17"}"#}),
        malformed,
        "",
    );
    let long = scp(
        &json!({"Sid": "x".repeat(10_240), "Effect": "Deny", "Action": "s3:*", "Resource": "*"}),
    );
    let message = it.refused(
        "CreatePolicy",
        create("x", "SERVICE_CONTROL_POLICY", &long),
        "ConstraintViolationException",
        "POLICY_CONTENT_LIMIT_EXCEEDED",
    );
    assert_eq!(message, "You have exceeded the maximum policy size.");

    it.refused(
        "UpdatePolicy",
        json!({"PolicyId": "p-FullAWSAccess", "Name": "x"}),
        "InvalidInputException",
        "IMMUTABLE_POLICY",
    );
    it.refused(
        "DeletePolicy",
        json!({"PolicyId": "p-FullAWSAccess"}),
        "InvalidInputException",
        "IMMUTABLE_POLICY",
    );
    it.call("AttachPolicy", attach(&first, &it.root));
    it.refused(
        "DeletePolicy",
        json!({"PolicyId": first}),
        "PolicyInUseException",
        "",
    );
    it.call("DetachPolicy", attach(&first, &it.root));
    it.call("DeletePolicy", json!({"PolicyId": first}));
    it.refused(
        "DescribePolicy",
        json!({"PolicyId": first}),
        "PolicyNotFoundException",
        "",
    );
    assert_ne!(it.policy("first"), first);
}

#[test]
fn each_target_has_at_least_one_control_policy_and_at_most_ten() {
    let it = Organization::new();
    let (unit, account) = (it.unit(&it.root, "Workloads"), it.account("orders"));
    for target in [&it.root, &unit, &account] {
        let (limit, reason) = (
            "ConstraintViolationException",
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
        );
        let message = it.refused(
            "DetachPolicy",
            attach("p-FullAWSAccess", target),
            limit,
            reason,
        );
        let words = "You cannot remove the last policy attached to the specified target. You must have at least one attached at all times.";
        assert_eq!(message, words, "{target}");
    }
    let policies: Vec<String> = (0..10)
        .map(|at| it.policy(&format!("policy {at}")))
        .collect();
    for policy in &policies[..9] {
        it.call("AttachPolicy", attach(policy, &unit));
    }
    it.refused(
        "AttachPolicy",
        attach(&policies[0], &unit),
        "DuplicatePolicyAttachmentException",
        "",
    );
    let (limit, reason) = (
        "ConstraintViolationException",
        "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
    );
    let message = it.refused("AttachPolicy", attach(&policies[9], &unit), limit, reason);
    assert_eq!(
        message,
        "You have attached the maximum number of policies to the specified target."
    );
    // The default policy can be detached once another is attached.
    it.call("DetachPolicy", attach("p-FullAWSAccess", &unit));
    it.call("AttachPolicy", attach(&policies[9], &unit));
    it.refused(
        "DetachPolicy",
        attach("p-FullAWSAccess", &unit),
        "PolicyNotAttachedException",
        "",
    );
}

#[test]
fn types_are_switched_on_and_off_in_the_root() {
    let it = Organization::new();
    let of = |kind: &str| json!({"RootId": it.root, "PolicyType": kind});
    let attached = |kind: &str| {
        let listed = it.all(
            "ListPoliciesForTarget",
            &json!({"TargetId": it.root, "Filter": kind}),
            "Policies",
        );
        listed
            .iter()
            .map(|policy| policy["Name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    it.refused(
        "EnablePolicyType",
        of("SERVICE_CONTROL_POLICY"),
        "PolicyTypeAlreadyEnabledException",
        "",
    );
    it.refused(
        "DisablePolicyType",
        of("TAG_POLICY"),
        "PolicyTypeNotEnabledException",
        "",
    );
    let input = json!({"Name": "tags", "Description": "", "Type": "TAG_POLICY", "Content": r#"{"tags":{}}"#});
    let tags = it.call("CreatePolicy", input)["Policy"]["PolicySummary"]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    it.refused(
        "AttachPolicy",
        attach(&tags, &it.root),
        "PolicyTypeNotEnabledException",
        "",
    );

    // Enabling resource control policies attaches one that allows everything and cannot be
    // detached.
    it.call("EnablePolicyType", of("RESOURCE_CONTROL_POLICY"));
    assert_eq!(attached("RESOURCE_CONTROL_POLICY"), ["RCPFullAWSAccess"]);
    it.refused(
        "DetachPolicy",
        attach("p-RCPFullAWSAccess", &it.root),
        "InvalidInputException",
        "NON_DETACHABLE_POLICY",
    );
    let unit = it.unit(&it.root, "later");
    it.refused(
        "AttachPolicy",
        attach("p-RCPFullAWSAccess", &unit),
        "DuplicatePolicyAttachmentException",
        "",
    );

    // Disabling a type loses its attachments; enabling it again restores those of AWS's default
    // policy.
    let own = it.policy("own");
    it.call("AttachPolicy", attach(&own, &it.root));
    let root = it.call("DisablePolicyType", of("SERVICE_CONTROL_POLICY"));
    assert_eq!(
        root["Root"]["PolicyTypes"],
        json!([{"Type": "RESOURCE_CONTROL_POLICY", "Status": "ENABLED"}])
    );
    assert_eq!(attached("SERVICE_CONTROL_POLICY"), Vec::<String>::new());
    it.refused(
        "AttachPolicy",
        attach(&own, &it.root),
        "PolicyTypeNotEnabledException",
        "",
    );
    it.call("EnablePolicyType", of("SERVICE_CONTROL_POLICY"));
    assert_eq!(attached("SERVICE_CONTROL_POLICY"), ["FullAWSAccess"]);
    // A type that a service applies requires trusted access for that service, which cannot be
    // disabled while the type is enabled.
    let service = json!({"ServicePrincipal": "securityhub.amazonaws.com"});
    it.refused(
        "EnablePolicyType",
        of("SECURITYHUB_POLICY"),
        "ConstraintViolationException",
        "SERVICE_ACCESS_NOT_ENABLED",
    );
    it.call("EnableAWSServiceAccess", service.clone());
    it.call("EnablePolicyType", of("SECURITYHUB_POLICY"));
    it.refused(
        "DisableAWSServiceAccess",
        service,
        "ConstraintViolationException",
        "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE",
    );
}

#[test]
fn an_organisation_of_consolidated_billing_has_no_policies_until_all_features_are_enabled() {
    let it = Organization::with("CONSOLIDATED_BILLING");
    assert_eq!(
        it.call("DescribeOrganization", json!({}))["Organization"]["FeatureSet"],
        "CONSOLIDATED_BILLING"
    );
    assert_eq!(
        it.call("ListRoots", json!({}))["Roots"][0]["PolicyTypes"],
        json!([])
    );
    let unavailable = "PolicyTypeNotAvailableForOrganizationException";
    let create = json!({"Name": "x", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": scp(&deny())});
    it.refused("CreatePolicy", create.clone(), unavailable, "");
    it.refused(
        "EnablePolicyType",
        json!({"RootId": it.root, "PolicyType": "TAG_POLICY"}),
        unavailable,
        "",
    );
    let member = it.account("orders");
    it.refused(
        "CloseAccount",
        json!({"AccountId": member}),
        "ConstraintViolationException",
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
    );

    let handshake = it.call("EnableAllFeatures", json!({}))["Handshake"].clone();
    assert_eq!(
        (&handshake["Action"], &handshake["State"]),
        (&json!("ENABLE_ALL_FEATURES"), &json!("REQUESTED"))
    );
    let pending = "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION";
    it.refused(
        "EnableAllFeatures",
        json!({}),
        "HandshakeConstraintViolationException",
        pending,
    );
    let accepted = it.call("AcceptHandshake", json!({"HandshakeId": handshake["Id"]}));
    assert_eq!(accepted["Handshake"]["State"], "ACCEPTED");
    assert_eq!(
        it.call("DescribeOrganization", json!({}))["Organization"]["FeatureSet"],
        "ALL"
    );
    it.refused(
        "EnableAllFeatures",
        json!({}),
        "HandshakeConstraintViolationException",
        "ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
    );
    it.call("CreatePolicy", create);
}

#[test]
fn a_resource_policy_lets_a_member_work_with_policies() {
    let it = Organization::new();
    let member = it.account("orders");
    let document = |principal: &Value, action: &str| {
        let mut statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        if !principal.is_null() {
            statement["Principal"] = principal.clone();
        }
        json!({"Content": scp(&statement)})
    };
    let principal = json!({"AWS": format!("arn:aws:iam::{member}:root")});
    it.refused(
        "PutResourcePolicy",
        json!({"Content": "{"}),
        "InvalidInputException",
        "INVALID_RESOURCE_POLICY_JSON",
    );
    it.refused(
        "PutResourcePolicy",
        document(&Value::Null, "organizations:CreatePolicy"),
        "InvalidInputException",
        "INVALID_PRINCIPAL",
    );
    it.refused(
        "PutResourcePolicy",
        document(&principal, "s3:*"),
        "InvalidInputException",
        "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
    );

    let create = json!({"Name": "theirs", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": scp(&deny())});
    it.refused_as(
        &member,
        "CreatePolicy",
        &create,
        "AccessDeniedException",
        "",
    );
    let put = it.call(
        "PutResourcePolicy",
        document(&principal, "organizations:CreatePolicy"),
    );
    assert_eq!(put, it.call("DescribeResourcePolicy", json!({})));
    it.call_as(&member, "CreatePolicy", &create);
    it.refused_as(
        &member,
        "DeletePolicy",
        &json!({"PolicyId": "p-FullAWSAccess"}),
        "AccessDeniedException",
        "",
    );
    it.call("DeleteResourcePolicy", json!({}));
    it.refused(
        "DescribeResourcePolicy",
        json!({}),
        "ResourcePolicyNotFoundException",
        "",
    );
}
