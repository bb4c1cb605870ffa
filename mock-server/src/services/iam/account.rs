//! The account's other data: alias, summary, password policy, credential report.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};

use super::{lock, no_entity, page, store, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::services::organizations::store::Organization;
use crate::wire::iso8601;

/// How long a credential report is valid, in seconds. Source: "GenerateCredentialReport", IAM API
/// Reference.
const REPORT_AGE: f64 = 4.0 * 3_600.0;

/// The columns of the credential report. Source: "Get credential reports for your AWS account", IAM
/// User Guide.
const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,\
access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,\
access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,\
cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// The entries of the summary that are constant here: quotas, and values that are not stored.
/// Source: "GetAccountSummary", IAM API Reference, and "IAM and AWS STS quotas".
const SUMMARY: [(&str, u64); 31] = [
    ("AccessKeysPerUserQuota", 2),
    ("AccountAccessKeysPresent", 0),
    ("AccountMFAEnabled", 0),
    ("AccountPasswordPresent", 1),
    ("AccountSigningCertificatesPresent", 0),
    ("AssumeRolePolicySizeQuota", 2_048),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("AttachedPoliciesPerUserQuota", 10),
    ("GlobalEndpointTokenVersion", 1),
    ("GroupPolicySizeQuota", 5_120),
    ("Groups", 0),
    ("GroupsPerUserQuota", 10),
    ("GroupsQuota", 300),
    ("InstanceProfiles", 0),
    ("InstanceProfilesQuota", 1_000),
    ("MFADevices", 0),
    ("MFADevicesInUse", 0),
    ("PoliciesQuota", 1_500),
    ("PolicySizeQuota", 6_144),
    ("PolicyVersionsInUseQuota", 10_000),
    ("Providers", 0),
    ("RolePolicySizeQuota", 10_240),
    ("RolesQuota", 1_000),
    ("ServerCertificates", 0),
    ("ServerCertificatesQuota", 20),
    ("SigningCertificatesPerUserQuota", 2),
    ("UserPolicySizeQuota", 2_048),
    ("Users", 0),
    ("UsersQuota", 5_000),
    ("VersionsPerPolicyQuota", 5),
];

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "GetAccountSummary" => summary,
        "ListAccountAliases" => list_aliases,
        "CreateAccountAlias" => create_alias,
        "DeleteAccountAlias" => delete_alias,
        "GetAccountPasswordPolicy" => password_policy,
        "UpdateAccountPasswordPolicy" => update_password_policy,
        "DeleteAccountPasswordPolicy" => delete_password_policy,
        "GenerateCredentialReport" => generate_report,
        "GetCredentialReport" => report,
        _ => return None,
    })
}

fn summary(call: &Call<'_>, _: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    let mut entries: Map<String, Value> = SUMMARY
        .iter()
        .map(|(name, number)| ((*name).to_owned(), json!(number)))
        .collect();
    let versions: usize = store
        .policies
        .values()
        .map(|policy| policy.versions.len())
        .sum();
    entries.insert("Policies".to_owned(), json!(store.policies.len()));
    entries.insert("PolicyVersionsInUse".to_owned(), json!(versions));
    entries.insert("Roles".to_owned(), json!(store.roles.len()));
    entries.sort_keys();
    Ok(json!({"SummaryMap": entries}))
}

fn list_aliases(call: &Call<'_>, input: &Input) -> Answer {
    let store = store(call);
    let store = lock(&store);
    page(
        input,
        "AccountAliases",
        store.alias.iter().map(|alias| json!(alias)),
    )
}

/// An account has one alias; a new one replaces it. Source: "CreateAccountAlias", IAM API
/// Reference. Whether another account has the alias is not checked.
fn create_alias(call: &Call<'_>, input: &Input) -> Answer {
    let alias = text(input, "AccountAlias");
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    store.alias = Some(alias.to_owned());
    Ok(json!({}))
}

fn delete_alias(call: &Call<'_>, input: &Input) -> Answer {
    let alias = text(input, "AccountAlias");
    let store = store(call);
    let mut store = lock(&store);
    if store.alias.as_deref() != Some(alias) {
        return Err(no_entity(format!(
            "The account alias with name {alias} cannot be found."
        )));
    }
    store.modified = true;
    store.alias = None;
    Ok(json!({}))
}

/// Source of the text: quoted by users of moto and CloudFormation.
fn no_password_policy(call: &Call<'_>) -> AwsError {
    no_entity(format!(
        "The Password Policy with domain name {} cannot be found.",
        call.account()
    ))
}

fn password_policy(call: &Call<'_>, _: &Input) -> Answer {
    let store = store(call);
    let policy = lock(&store)
        .password_policy
        .clone()
        .ok_or_else(|| no_password_policy(call))?;
    Ok(json!({"PasswordPolicy": policy}))
}

/// Settings that are not given return to their defaults. Source: "UpdateAccountPasswordPolicy", IAM
/// API Reference.
fn update_password_policy(call: &Call<'_>, input: &Input) -> Answer {
    let flag = |name: &str| input.get(name) == Some(&json!(true));
    let number = |name: &str| {
        input
            .get(name)
            .and_then(Value::as_u64)
            .filter(|number| *number > 0)
    };
    let mut policy = Map::new();
    policy.insert(
        "MinimumPasswordLength".to_owned(),
        json!(number("MinimumPasswordLength").unwrap_or(6)),
    );
    for name in [
        "RequireSymbols",
        "RequireNumbers",
        "RequireUppercaseCharacters",
        "RequireLowercaseCharacters",
        "AllowUsersToChangePassword",
    ] {
        policy.insert(name.to_owned(), json!(flag(name)));
    }
    policy.insert(
        "ExpirePasswords".to_owned(),
        json!(number("MaxPasswordAge").is_some()),
    );
    for name in ["MaxPasswordAge", "PasswordReusePrevention"] {
        policy.extend(number(name).map(|number| (name.to_owned(), json!(number))));
    }
    // `HardExpiry` only has an effect if passwords expire, but it is returned whenever it was
    // given.
    policy.extend(
        input
            .get("HardExpiry")
            .map(|hard| ("HardExpiry".to_owned(), hard.clone())),
    );
    let store = store(call);
    let mut store = lock(&store);
    store.modified = true;
    store.password_policy = Some(policy);
    Ok(json!({}))
}

fn delete_password_policy(call: &Call<'_>, _: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    store.password_policy.take().ok_or_else(|| {
        no_entity("The account policy with name PasswordPolicy cannot be found.".to_owned())
    })?;
    store.modified = true;
    Ok(json!({}))
}

/// The first call starts a report; the next call returns it as complete.
fn generate_report(call: &Call<'_>, _: &Input) -> Answer {
    let store = store(call);
    let mut store = lock(&store);
    if store.reported.is_some_and(|at| call.now - at < REPORT_AGE) {
        return Ok(json!({"State": "COMPLETE"}));
    }
    let description = "No report exists. Starting a new report generation task";
    store.reported = Some(call.now.floor());
    store.modified = true;
    Ok(json!({"State": "STARTED", "Description": description}))
}

/// The report has only the root user's row: IAM users are not implemented.
fn report(call: &Call<'_>, _: &Input) -> Answer {
    let store = store(call);
    let at = lock(&store).reported.ok_or_else(|| {
        AwsError::new(
            "CredentialReportNotPresentException",
            "No report exists, please generate one.",
        )
    })?;
    if call.now - at >= REPORT_AGE {
        return Err(AwsError::new(
            "CredentialReportExpiredException",
            "The report has expired, please generate another one.",
        ));
    }
    let created = {
        let organization = call.world.part::<Organization>().read();
        organization
            .accounts
            .get(call.account())
            .map_or(0.0, |account| account.joined)
    };
    let root = format!(
        "<root_account>,arn:{}:iam::{}:root,{},not_supported,no_information,not_supported,not_supported,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,\
         false,N/A,false,N/A",
        call.partition(),
        call.account(),
        iso8601(created),
    );
    let content = BASE64_STANDARD.encode(format!("{COLUMNS}\n{root}"));
    Ok(json!({"Content": content, "ReportFormat": "text/csv", "GeneratedTime": at}))
}
