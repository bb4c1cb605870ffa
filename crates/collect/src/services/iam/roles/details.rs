//! The results of GetAccountAuthorizationDetails.

use lambdasweep_aws::aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use lambdasweep_aws::aws_sdk_iam::types::{ManagedPolicyDetail, RoleDetail};
use lambdasweep_model::{AccountId, Arn};
use lambdasweep_policy::Document;

/// The items of all pages.
#[derive(PartialEq)]
pub(super) enum Detail {
    Role(Box<RoleDetail>),
    Policy(Box<ManagedPolicyDetail>),
}

impl Detail {
    pub(super) fn id(&self) -> String {
        let arn = match self {
            Self::Role(role) => role.arn(),
            Self::Policy(policy) => policy.arn(),
        };
        arn.unwrap_or_default().to_owned()
    }
}

/// Takes the items of a page, and returns the next marker; a truncated page without a marker has an
/// empty one, which is an error.
pub(super) fn take(
    page: GetAccountAuthorizationDetailsOutput,
) -> (Option<Vec<Detail>>, Option<String>) {
    let next = if page.is_truncated {
        Some(page.marker.unwrap_or_default())
    } else {
        None
    };
    let (Some(roles), Some(policies)) = (page.role_detail_list, page.policies) else {
        return (None, next);
    };
    let roles = roles.into_iter().map(|role| Detail::Role(Box::new(role)));
    (
        Some(
            roles
                .chain(
                    policies
                        .into_iter()
                        .map(|policy| Detail::Policy(Box::new(policy))),
                )
                .collect(),
        ),
        next,
    )
}

/// Whether a role belongs to the account and has everything that it is judged by. AWS sends lists
/// even if they are empty.
pub(super) fn is_whole(role: &RoleDetail, account: &AccountId) -> bool {
    let documents = role
        .role_policy_list
        .as_ref()
        .is_some_and(|list| list.iter().all(|policy| policy.policy_document.is_some()));
    let attached = role
        .attached_managed_policies
        .as_ref()
        .is_some_and(|list| list.iter().all(|policy| policy.policy_arn.is_some()));
    let arn = role.arn().and_then(|arn| arn.parse::<Arn>().ok());
    let named = arn.is_some_and(|arn| arn.role_name().is_some() && arn.account == account.as_str())
        && role.role_name().is_some_and(|name| !name.is_empty());
    named && role.assume_role_policy_document.is_some() && documents && attached
}

/// The document of the default version.
pub(super) fn default_document(policy: &ManagedPolicyDetail) -> Option<Document> {
    let versions = policy.policy_version_list();
    let named = |id: &str| {
        versions
            .iter()
            .find(|version| version.version_id() == Some(id))
    };
    let version = policy
        .default_version_id()
        .and_then(named)
        .or_else(|| versions.iter().find(|version| version.is_default_version()))?;
    Document::parse_url_encoded(version.document()?).ok()
}

/// The documents of the non-default versions. Only customer managed policies have versions that can
/// be set as default in the account.
pub(super) fn other_documents(policy: &ManagedPolicyDetail) -> Vec<Option<Document>> {
    let own = policy.arn().is_some_and(|arn| !arn.contains(":iam::aws:"));
    let others = policy
        .policy_version_list()
        .iter()
        .filter(|version| version.version_id() != policy.default_version_id());
    others
        .filter(|_| own)
        .map(|version| Document::parse_url_encoded(version.document()?).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{default_document, is_whole, other_documents};
    use lambdasweep_aws::aws_sdk_iam::types::{ManagedPolicyDetail, PolicyVersion, RoleDetail};

    fn version(id: &str, default: bool, document: &str) -> PolicyVersion {
        PolicyVersion::builder()
            .version_id(id)
            .is_default_version(default)
            .document(document)
            .build()
    }

    /// A truncated response must not make an administrator look like a role without policies.
    #[test]
    fn a_role_without_its_lists_or_of_another_account_is_not_judged() {
        let role = RoleDetail::builder()
            .arn("arn:aws:iam::111122223333:role/app")
            .role_name("app")
            .assume_role_policy_document("%7B%7D");
        let whole = role
            .clone()
            .set_role_policy_list(Some(vec![]))
            .set_attached_managed_policies(Some(vec![]));
        let account = "111122223333".parse().expect("an account id");
        let is_whole = |role: RoleDetail| is_whole(&role, &account);
        assert!(is_whole(whole.clone().build()));
        assert!(!is_whole(whole.clone().set_role_name(None).build()));
        assert!(!is_whole(whole.clone().set_arn(None).build()));
        assert!(!is_whole(whole.clone().arn("app").build()));
        assert!(!is_whole(
            whole.arn("arn:aws:iam::444455556666:role/app").build()
        ));
        assert!(!is_whole(
            role.clone().set_role_policy_list(Some(vec![])).build()
        ));
        assert!(!is_whole(
            role.set_attached_managed_policies(Some(vec![])).build()
        ));
    }

    #[test]
    fn other_versions_are_kept_of_the_accounts_own_policies() {
        let policy = |arn: &str| {
            let versions = vec![
                version("v1", false, "odd"),
                version("v2", true, "odd"),
                version("v3", false, "%7B%22Statement%22%3A%5B%5D%7D"),
            ];
            ManagedPolicyDetail::builder()
                .arn(arn)
                .default_version_id("v2")
                .set_policy_version_list(Some(versions))
                .build()
        };
        let own = other_documents(&policy("arn:aws:iam::111122223333:policy/own"));
        assert!(own.len() == 2 && own[0].is_none() && own[1].is_some());
        assert!(other_documents(&policy("arn:aws:iam::aws:policy/ReadOnlyAccess")).is_empty());
    }

    #[test]
    fn the_default_version_counts() {
        let url_encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        let policy = |versions: Vec<PolicyVersion>| {
            ManagedPolicyDetail::builder()
                .default_version_id("v2")
                .set_policy_version_list(Some(versions))
                .build()
        };
        assert!(
            default_document(&policy(vec![
                version("v1", false, "odd"),
                version("v2", true, url_encoded)
            ]))
            .is_some()
        );
        assert!(
            default_document(&policy(vec![
                version("v1", false, url_encoded),
                version("v2", true, "odd")
            ]))
            .is_none()
        );
        assert!(default_document(&policy(vec![version("v1", false, url_encoded)])).is_none());
        assert!(default_document(&policy(Vec::new())).is_none());
    }
}
