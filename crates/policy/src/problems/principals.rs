//! The rules of Principal and NotPrincipal: who may be named, and how.
//!
//! Source: "AWS JSON policy elements: Principal", and the checks of the check reference whose names
//! have "principal" in them.

use super::arns::{WILDCARDS, is_account_id, is_partition};
use super::{Findings, PolicyKind, Rules, Text, quoted};

/// The identity providers that AWS knows by name. Their users have no credentials but a role's, so
/// a resource-based policy that names one allows no one.
///
/// Source: "AWS JSON policy elements: Principal", OIDC federated principals.
const WEB_IDENTITIES: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

impl Rules {
    /// Checks that a trust policy does not open its role to everybody by `"Principal": "*"`.
    pub(crate) fn everybody(self, findings: &mut Findings, at: usize, member: &str) {
        if self.kind == PolicyKind::Trust {
            findings.error(at, member, || {
                "A role's trust policy cannot have `*` as its whole Principal.".to_owned()
            });
        }
    }

    /// Reports that no principal is named.
    pub(crate) fn nobody(self, findings: &mut Findings, at: usize, member: &str) {
        findings.warning(at, member, || format!("{member} is empty."));
    }

    /// Checks one value of a Principal under its key.
    pub(crate) fn principal(
        self,
        findings: &mut Findings,
        member: &str,
        key: &str,
        text: &Text<'_>,
    ) {
        if self.no_variables(findings, member, text) || (text.text == "*" && key == "AWS") {
            return;
        }
        if text.text.contains(WILDCARDS) {
            findings.error(text.at, member, || {
                format!(
                    "{} has a wildcard: in a {member} only a lone `*` under AWS is allowed.",
                    quoted(text.text)
                )
            });
            return;
        }
        match key {
            "AWS" => aws(findings, member, text),
            "Service" => service(findings, member, text),
            "Federated"
                if self.kind == PolicyKind::Resource && WEB_IDENTITIES.contains(&text.text) =>
            {
                findings.warning(text.at, member, || {
                    format!("{} has no effect here: its users assume a role, whose trust policy must name it.", quoted(text.text))
                });
            }
            "Federated" if self.kind == PolicyKind::Resource => {
                findings.error(text.at, member, || {
                    "Identity providers are allowed only in trust policies of roles.".to_owned()
                })
            }
            "Federated" => federated(findings, member, text),
            _ => canonical(findings, member, text),
        }
    }
}

fn aws(findings: &mut Findings, member: &str, text: &Text<'_>) {
    let mut error = |problem: &str| {
        findings.error(text.at, member, || {
            format!("{} {problem}.", quoted(text.text))
        })
    };
    if is_account_id(text.text) {
        return;
    }
    if !text.text.is_empty() && text.text.bytes().all(|byte| byte.is_ascii_digit()) {
        return error("is not a valid account id: it must have twelve digits");
    }
    if is_unique_id(text.text) {
        findings.warning(text.at, member, || {
            format!(
                "{} is the unique id of a user or role that was probably deleted: use an ARN.",
                quoted(text.text)
            )
        });
        return;
    }
    let parts: Vec<&str> = text.text.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, resource] = parts[..] else {
        return error(if text.text.contains(".amazonaws.com") {
            "is a service: put it under Service"
        } else {
            "is neither `*`, an account id nor the ARN of an account, user, role or session"
        });
    };
    if !is_partition(partition) {
        return error(
            "has no valid partition: use aws, aws-cn, aws-us-gov or another one that begins with `aws`",
        );
    }
    // CloudFront's origin access identities are users of an account `cloudfront`.
    if !is_account_id(account) && account != "cloudfront" {
        return error("has an account id that does not have twelve digits");
    }
    let kind = resource.split('/').next().unwrap_or_default();
    let segments = resource.split('/').count();
    let named = !resource.ends_with('/');
    match (service, kind) {
        ("iam", "root") if resource == "root" => {}
        ("iam", "user" | "role") if named && segments >= 2 => {}
        ("iam", "group") => error("is a group, and a group cannot be a principal"),
        ("iam", "saml-provider" | "oidc-provider") => {
            error("is an identity provider: put it under Federated")
        }
        ("sts", "assumed-role") if named && segments == 3 => {}
        ("sts", "federated-user") if named && segments == 2 => {}
        _ => error("is the ARN of neither an account, a user, a role nor a session"),
    }
}

/// The unique id of a user or a role, which IAM puts in the place of an ARN when the user or role
/// is deleted.
///
/// Source: "IAM identifiers", unique identifiers.
fn is_unique_id(text: &str) -> bool {
    let id = |text: &str| {
        text.len() >= 16
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    (text.starts_with("AIDA") || text.starts_with("AROA"))
        && id(text.split(':').next().unwrap_or_default())
}

fn service(findings: &mut Findings, member: &str, text: &Text<'_>) {
    let right = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    if !text.text.contains('.')
        || !text.text.chars().all(right)
        || text.text.starts_with('.')
        || text.text.ends_with('.')
    {
        findings.error(text.at, member, || {
            format!("{} is not a valid service principal: use the form `service.amazonaws.com`, in lower case.", quoted(text.text))
        });
    }
}

fn federated(findings: &mut Findings, member: &str, text: &Text<'_>) {
    let domain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':' | '%');
    let provider = match text.text.split(':').collect::<Vec<_>>()[..] {
        ["arn", partition, "iam", "", account, provider, ..] => {
            is_partition(partition)
                && is_account_id(account)
                && (provider.starts_with("saml-provider/")
                    || provider.starts_with("oidc-provider/"))
        }
        _ => text.text.contains('.') && text.text.chars().all(domain),
    };
    if !provider {
        findings.error(text.at, member, || {
            format!(
                "{} is neither the ARN of a SAML or OIDC provider nor a domain name.",
                quoted(text.text)
            )
        });
    }
}

fn canonical(findings: &mut Findings, member: &str, text: &Text<'_>) {
    if text.text.len() < 64 || !text.text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        findings.warning(text.at, member, || {
            format!(
                "{} is not a valid canonical user id: it must have 64 hexadecimal digits.",
                quoted(text.text)
            )
        });
    }
}
