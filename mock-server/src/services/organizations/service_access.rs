//! Services with trusted access to the organisation.

use serde_json::json;

use super::errors::{unrecognized_principal, violation};
use super::policy_types::OF_SERVICES;
use super::{manager, page, read, reader, text, write};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "EnableAWSServiceAccess" => enable,
        "DisableAWSServiceAccess" => disable,
        "ListAWSServiceAccessForOrganization" => list,
        _ => return None,
    })
}

/// Service principals that Organizations knows. Source: "AWS services that you can use with AWS
/// Organizations" and the page of each service that it links to.
const PRINCIPALS: &[&str] = &[
    "access-analyzer.amazonaws.com",
    "account.amazonaws.com",
    "agentless.inspector2.amazonaws.com",
    "auditmanager.amazonaws.com",
    "aws-artifact-account-sync.amazonaws.com",
    "backup.amazonaws.com",
    "bedrock.amazonaws.com",
    "billing-cost-management.amazonaws.com",
    "chatbot.amazonaws.com",
    "cloudtrail.amazonaws.com",
    "compute-optimizer.amazonaws.com",
    "config-multiaccountsetup.amazonaws.com",
    "config.amazonaws.com",
    "controltower.amazonaws.com",
    "cost-optimization-hub.bcm.amazonaws.com",
    "dashboard.eks.amazonaws.com",
    "detective.amazonaws.com",
    "devops-guru.amazonaws.com",
    "ds.amazonaws.com",
    "ec2.amazonaws.com",
    "fms.amazonaws.com",
    "guardduty.amazonaws.com",
    "health.amazonaws.com",
    "iam.amazonaws.com",
    "inspector2.amazonaws.com",
    "ipam.amazonaws.com",
    "license-management.marketplace.amazonaws.com",
    "license-manager-linux-subscriptions.amazonaws.com",
    "license-manager.amazonaws.com",
    "license-manager.member-account.amazonaws.com",
    "macie.amazonaws.com",
    "malware-protection.guardduty.amazonaws.com",
    "member.org.stacksets.cloudformation.amazonaws.com",
    "mgn.amazonaws.com",
    "network-security-director.amazonaws.com",
    "networkmanager.amazonaws.com",
    "notifications.amazon.com",
    "notifications.amazonaws.com",
    "observabilityadmin.amazonaws.com",
    "opsdatasync.ssm.amazonaws.com",
    "private-marketplace.marketplace.amazonaws.com",
    "ram.amazonaws.com",
    "reachabilityanalyzer.networkinsights.amazonaws.com",
    "reporting.trustedadvisor.amazonaws.com",
    "resource-explorer-2.amazonaws.com",
    "security-ir.amazonaws.com",
    "securityhub.amazonaws.com",
    "securitylake.amazonaws.com",
    "servicecatalog.amazonaws.com",
    "servicequotas.amazonaws.com",
    "ssm-quicksetup.amazonaws.com",
    "ssm.amazonaws.com",
    "sso.amazonaws.com",
    "stacksets.cloudformation.amazonaws.com",
    "storage-lens.s3.amazonaws.com",
    "tagpolicies.tag.amazonaws.com",
    "user-subscriptions.amazonaws.com",
    "wellarchitected.amazonaws.com",
];

/// Whether Organizations knows a service by this name.
pub(super) fn recognized(principal: &str) -> Result<(), AwsError> {
    if PRINCIPALS.contains(&principal) {
        Ok(())
    } else {
        Err(unrecognized_principal())
    }
}

fn enable(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let principal = text(input, "ServicePrincipal");
    recognized(principal)?;
    // Enabling it again keeps the date.
    store
        .service_access
        .entry(principal.to_owned())
        .or_insert(call.now.floor());
    Ok(json!({}))
}

fn disable(call: &Call<'_>, input: &Input) -> Answer {
    let mut store = write(call);
    manager(call, &store)?;
    let principal = text(input, "ServicePrincipal");
    recognized(principal)?;
    let applied = OF_SERVICES
        .iter()
        .any(|(kind, service)| *service == principal && store.enabled_policy_types.contains(*kind));
    if applied {
        return Err(violation(
            "POLICY_TYPE_ENABLED_FOR_THIS_SERVICE",
            "You must disable the policy type of this service before you can disable its access.",
        ));
    }
    store.service_access.remove(principal);
    Ok(json!({}))
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let store = read(call);
    reader(call, &store)?;
    let services = store
        .service_access
        .iter()
        .map(|(name, since)| json!({"ServicePrincipal": name, "DateEnabled": since}));
    page(input, "EnabledServicePrincipals", services)
}
