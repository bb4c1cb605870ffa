//! One account's IAM state.

use std::collections::{BTreeMap, BTreeSet};

use lambdasweep_model::Arn;
use serde_json::{Map, Value};

use super::managed;

/// The path of service-linked roles.
pub const SERVICE_LINKED: &str = "/aws-service-role/";

/// Whether a path is reserved for AWS: that of service-linked roles, or that of the roles of
/// permission sets.
pub fn is_path_of_aws(path: &str) -> bool {
    path.starts_with(SERVICE_LINKED) || path.starts_with("/aws-reserved/")
}

/// One account's IAM state.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Store {
    /// Roles, by name.
    pub roles: BTreeMap<String, Role>,
    /// Customer managed policies, by ARN.
    pub policies: BTreeMap<String, ManagedPolicy>,
    /// The account's alias.
    pub alias: Option<String>,
    /// The account's password policy, by the members of `UpdateAccountPasswordPolicy`; `None` if it
    /// is not set.
    pub password_policy: Option<Map<String, Value>>,
    /// When the credential report was generated, in seconds since the epoch.
    pub reported: Option<f64>,
    /// The ids of tasks that deleted service-linked roles.
    pub deletions: BTreeSet<String>,
    /// Whether a client has changed the seeded state.
    pub modified: bool,
}

impl crate::store::Store for Store {
    fn weight(&self) -> usize {
        self.roles.len() + self.policies.len() + 1
    }

    fn modified(&self) -> bool {
        self.modified
    }
}

/// A role.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Role {
    /// `/`, or `/…/`.
    pub path: String,
    /// `AROA…`.
    pub id: String,
    /// The trust policy, as it was given.
    pub trust: String,
    /// The description.
    pub description: String,
    /// Inline policies, by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: BTreeSet<String>,
    /// The ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// The longest session in seconds; 0 for the default of one hour.
    pub max_session: u64,
    /// When it was created, in seconds since the epoch.
    pub created: f64,
    /// When and where it was last used.
    pub last_used: Option<(f64, String)>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A customer managed policy.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct ManagedPolicy {
    /// The name.
    pub name: String,
    /// `/`, or `/…/`.
    pub path: String,
    /// `ANPA…`.
    pub id: String,
    /// The description.
    pub description: String,
    /// Documents, by version number.
    pub versions: BTreeMap<u64, String>,
    /// The number of the default version.
    pub default_version: u64,
    /// When it was created, in seconds since the epoch.
    pub created: f64,
    /// When its versions were last changed, in seconds since the epoch; 0 for never.
    pub updated: f64,
    /// When versions were created, in seconds since the epoch; versions without an entry are as old
    /// as the policy.
    pub dated: BTreeMap<u64, f64>,
    /// The highest version number ever used, if a client has added or deleted a version.
    pub last_version: u64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Store {
    /// The role that an ARN names, which must have the path that the ARN has.
    pub fn role(&self, arn: &Arn) -> Option<&Role> {
        let name = arn.role_name()?;
        self.roles
            .get(name)
            .filter(|role| arn.resource == format!("role{}{name}", role.path))
    }

    /// The document of the default version of a customer managed or AWS managed policy.
    pub fn managed_document(&self, arn: &str) -> Option<&str> {
        let own = self
            .policies
            .get(arn)
            .and_then(|policy| policy.versions.get(&policy.default_version));
        own.map(String::as_str).or_else(|| managed::document(arn))
    }
}

impl Role {
    /// Whether it is a service-linked role.
    pub fn is_service_linked(&self) -> bool {
        self.path.starts_with(SERVICE_LINKED)
    }

    /// A role that a principal may assume, with one managed policy attached.
    pub fn trusting(name: &str, principal: &str, policy_arn: &str) -> Self {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
        );
        Self {
            path: "/".to_owned(),
            id: unique_id("AROA", name),
            trust,
            attached: BTreeSet::from([policy_arn.to_owned()]),
            ..Self::default()
        }
    }
}

/// An id in IAM's format: four letters for the kind, and seventeen more characters.
pub fn unique_id(prefix: &str, of: &str) -> String {
    let mut number = of.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let letters = (0..17).map(|_| {
        number = number
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::try_from(number >> 40).unwrap_or(0) % 32],
        )
    });
    prefix.chars().chain(letters).collect()
}
