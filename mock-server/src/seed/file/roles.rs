//! Roles and managed policies of an organisation file.

use lambdasweep_policy::Document;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::services::iam::managed;
use crate::services::iam::store::{ManagedPolicy, Role, Store, unique_id};

/// The trust policy that Lambda needs to use a role for a function.
pub(super) const TRUSTS_LAMBDA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

/// An IAM role. A role that a function names but the file does not define can only write logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RoleEntry {
    pub(super) account: String,
    pub(super) name: String,
    #[serde(default = "root_path")]
    path: String,
    /// The principals that it trusts: services, accounts and ARNs, or whole statements.
    #[serde(default = "lambda")]
    trust: Vec<Value>,
    /// Statements of an inline policy.
    #[serde(default)]
    statements: Vec<Value>,
    /// ARNs of attached managed policies.
    #[serde(default)]
    attached: Vec<String>,
    /// The ARN of the permissions boundary.
    #[serde(default)]
    boundary: Option<String>,
}

/// A customer managed policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ManagedPolicyEntry {
    pub(super) account: String,
    pub(super) name: String,
    statements: Vec<Value>,
}

fn root_path() -> String {
    "/".to_owned()
}

fn lambda() -> Vec<Value> {
    vec![json!("lambda.amazonaws.com")]
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Source: RoleName of CreateRole and PolicyName of CreatePolicy, IAM API Reference.
fn is_name(name: &str, most: usize) -> bool {
    (1..=most).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte))
}

impl RoleEntry {
    fn trusting(&self) -> String {
        let statement = |trusted: &Value| match trusted.as_str() {
            Some(name) => {
                let kind = if name.ends_with(".amazonaws.com") {
                    "Service"
                } else {
                    "AWS"
                };
                json!({"Effect": "Allow", "Principal": {kind: name}, "Action": "sts:AssumeRole"})
            }
            None => trusted.clone(),
        };
        document(&self.trust.iter().map(statement).collect::<Vec<_>>())
    }

    /// The first error; `arns` are those of the managed policies that exist.
    pub(super) fn problem(&self, arns: &[String]) -> Option<String> {
        let name = &self.name;
        if !is_name(name, 64) {
            return Some(format!(
                "{name} is not a valid role name: use up to 64 letters, digits and any of _+=,.@-"
            ));
        }
        if !(self.path.starts_with('/') && self.path.ends_with('/')) {
            return Some(format!(
                "role {name} has the path {}, which does not begin and end with a slash",
                self.path
            ));
        }
        for (what, text) in [
            ("trust policy", self.trusting()),
            ("inline policy", document(&self.statements)),
        ] {
            if let Err(error) = Document::parse(&text) {
                return Some(format!("the {what} of role {name}: {error}"));
            }
        }
        let there = |arn: &&String| managed::find(arn).is_some() || arns.contains(*arn);
        let gone = self
            .attached
            .iter()
            .chain(&self.boundary)
            .find(|arn| !there(arn))?;
        Some(format!(
            "role {name} has the policy {gone}, which is neither an AWS managed policy nor a managed-policy of its account"
        ))
    }

    pub(super) fn add_to(&self, store: &mut Store) {
        let mut role = Role {
            path: self.path.clone(),
            id: unique_id("AROA", &self.name),
            trust: self.trusting(),
            attached: self.attached.iter().cloned().collect(),
            boundary: self.boundary.clone(),
            ..Role::default()
        };
        if !self.statements.is_empty() {
            role.inline
                .insert("inline".to_owned(), document(&self.statements));
        }
        store.roles.insert(self.name.clone(), role);
    }

    /// The ARN, for functions that name the role.
    pub(super) fn arn(&self) -> String {
        format!(
            "arn:aws:iam::{}:role{}{}",
            self.account, self.path, self.name
        )
    }
}

impl ManagedPolicyEntry {
    pub(super) fn arn(&self) -> String {
        format!("arn:aws:iam::{}:policy/{}", self.account, self.name)
    }

    /// The first error.
    pub(super) fn problem(&self) -> Option<String> {
        if !is_name(&self.name, 128) {
            return Some(format!(
                "{} is not a valid policy name: use up to 128 letters, digits and any of _+=,.@-",
                self.name
            ));
        }
        let error = Document::parse(&document(&self.statements)).err()?;
        Some(format!("managed-policy {}: {error}", self.name))
    }

    pub(super) fn add_to(&self, store: &mut Store) {
        let policy = ManagedPolicy {
            name: self.name.clone(),
            path: root_path(),
            id: unique_id("ANPA", &self.name),
            versions: [(1, document(&self.statements))].into(),
            default_version: 1,
            ..ManagedPolicy::default()
        };
        store.policies.insert(self.arn(), policy);
    }
}
