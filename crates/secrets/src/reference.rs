//! Values that only refer to a secret, or are placeholders for one.

use crate::shape::{is_name, is_path, is_placeholder, is_switch_or_number};
use crate::words::{has, words};

/// What a value refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// A secret in Secrets Manager.
    SecretsManager,
    /// A parameter in Systems Manager's Parameter Store.
    Ssm,
    /// A KMS key, or a text that KMS has encrypted.
    Kms,
    /// A secret in another store: HashiCorp Vault, Azure Key Vault, Google Secret Manager,
    /// 1Password.
    Vault,
    /// A text that is encrypted by other means.
    Encrypted,
    /// Nothing: a placeholder.
    Placeholder,
}

impl Reference {
    /// The word in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecretsManager => "secretsmanager",
            Self::Ssm => "ssm",
            Self::Kms => "kms",
            Self::Vault => "vault",
            Self::Encrypted => "encrypted",
            Self::Placeholder => "placeholder",
        }
    }
}

/// Beginnings that say where a secret is kept.
const BEGINNINGS: &[(&str, Reference)] = &[
    ("{{resolve:secretsmanager:", Reference::SecretsManager),
    ("/aws/reference/secretsmanager/", Reference::SecretsManager),
    ("secretsmanager:", Reference::SecretsManager),
    ("aws-secretsmanager:", Reference::SecretsManager),
    ("aws-sm:", Reference::SecretsManager),
    // What RDS names the secrets that it manages.
    ("rds!", Reference::SecretsManager),
    // What the query editor of Aurora names those that it makes.
    ("rds-db-credentials/", Reference::SecretsManager),
    ("{{resolve:ssm", Reference::Ssm),
    ("ssm:", Reference::Ssm),
    ("aws-ssm:", Reference::Ssm),
    ("awsssm:", Reference::Ssm),
    ("vault:v1:", Reference::Encrypted),
    ("vault:v2:", Reference::Encrypted),
    ("vault:", Reference::Vault),
    ("op://", Reference::Vault),
    ("@Microsoft.KeyVault(", Reference::Vault),
    ("azurekeyvault:", Reference::Vault),
    ("gcpsecretmanager:", Reference::Vault),
    ("sm://", Reference::Vault),
    ("ENC[", Reference::Encrypted),
    ("ENC(", Reference::Encrypted),
    ("{cipher}", Reference::Encrypted),
    ("{encrypted}", Reference::Encrypted),
    ("age-encryption.org/", Reference::Encrypted),
    ("-----BEGIN PGP MESSAGE", Reference::Encrypted),
    ("-----BEGIN AGE ENCRYPTED", Reference::Encrypted),
];

/// What the value of a variable refers to, if it does.
///
/// ```
/// use lambdasweep_secrets::{Reference, reference};
/// assert_eq!(reference("DB_PASSWORD_PARAM", "/prod/db/password"), Some(Reference::Ssm));
/// assert_eq!(reference("DB_PASSWORD", "${DB_PASSWORD}"), Some(Reference::Placeholder));
/// assert_eq!(reference("PATH", "/usr/bin"), None);
/// ```
pub fn reference(name: &str, value: &str) -> Option<Reference> {
    refers(&words(name), value)
}

/// The same, by the words of the name.
pub(crate) fn refers(words: &[String], value: &str) -> Option<Reference> {
    let value = crate::head(value).trim().trim_matches(['"', '\'']);
    if value.is_empty() {
        return None;
    }
    if value.starts_with("arn:") {
        match value.split(':').nth(2) {
            Some("secretsmanager") => return Some(Reference::SecretsManager),
            Some("ssm") => return Some(Reference::Ssm),
            Some("kms") => return Some(Reference::Kms),
            _ => {}
        }
    }
    if let Some((_, store)) = BEGINNINGS
        .iter()
        .find(|(beginning, _)| value.starts_with(beginning))
    {
        return Some(*store);
    }
    if value.starts_with("projects/") && value.contains("/secrets/") {
        return Some(Reference::Vault);
    }
    if is_ciphertext(value) {
        return Some(Reference::Kms);
    }
    by_name(words, value).or_else(|| is_placeholder(value).then_some(Reference::Placeholder))
}

/// A parameter's path or a secret's name, where the variable's name says that it is one.
fn by_name(words: &[String], value: &str) -> Option<Reference> {
    let last = words.last()?.as_str();
    let secret = || {
        has(
            words,
            &[
                "secret",
                "secrets",
                "secretsmanager",
                "password",
                "passwd",
                "token",
                "credential",
                "credentials",
                "apikey",
                "key",
            ],
        )
    };
    let named = || !is_switch_or_number(value) && is_name(value);
    // Base64 may begin with a slash as a path does.
    let path =
        value.starts_with('/') && value.len() > 1 && !value.contains([' ', ':']) && is_path(value);
    if has(words, &["ssm", "param", "parameter"]) && (path || (last != "region" && named())) {
        return Some(Reference::Ssm);
    }
    if path
        && ["path", "key", "name"].contains(&last)
        && secret()
        && !["/tmp/", "/opt/", "/var/", "/etc/", "/mnt/", "/run/"]
            .iter()
            .any(|root| value.starts_with(root))
    {
        return Some(Reference::Ssm);
    }
    let of_secret = has(
        words,
        &[
            "secret",
            "secrets",
            "secretsmanager",
            "secretname",
            "secretid",
        ],
    );
    (of_secret && ["name", "id", "ref", "secretname", "secretid"].contains(&last) && named())
        .then_some(Reference::SecretsManager)
}

/// Whether a value is what KMS or AWS's Encryption SDK has encrypted, by the bytes that such texts
/// begin with.
pub(crate) fn is_ciphertext(value: &str) -> bool {
    value.len() >= 100
        && ["AQICAH", "AQECAH", "AYAD", "AgV4", "AgR4"]
            .iter()
            .any(|head| value.starts_with(head))
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}
