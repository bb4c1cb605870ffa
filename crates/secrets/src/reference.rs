//! Values that only refer to a secret, or stand where one will be put.

/// What a value refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// A secret in Secrets Manager.
    SecretsManager,
    /// A parameter in Systems Manager's Parameter Store.
    Ssm,
    /// A KMS key.
    Kms,
    /// Nothing yet: a placeholder.
    Placeholder,
}

impl Reference {
    /// As it stands in tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecretsManager => "secretsmanager",
            Self::Ssm => "ssm",
            Self::Kms => "kms",
            Self::Placeholder => "placeholder",
        }
    }
}

/// What the value of a variable refers to, if it does.
pub fn reference(name: &str, value: &str) -> Option<Reference> {
    let value = value.trim();
    let service = |service: &str| value.starts_with("arn:") && value.split(':').nth(2) == Some(service);
    if service("secretsmanager") || value.starts_with("{{resolve:secretsmanager:") {
        return Some(Reference::SecretsManager);
    }
    if service("ssm") || value.starts_with("{{resolve:ssm") {
        return Some(Reference::Ssm);
    }
    if service("kms") {
        return Some(Reference::Kms);
    }
    let name = name.to_ascii_lowercase();
    if value.starts_with('/') && (name.contains("param") || name.contains("ssm") || name.contains("path")) {
        return Some(Reference::Ssm);
    }
    is_placeholder(value).then_some(Reference::Placeholder)
}

/// Whether a value stands where a secret will be put.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let bracketed = [("${", "}"), ("{{", "}}"), ("<", ">"), ("%", "%"), ("$(", ")"), ("[", "]")]
        .iter()
        .any(|(open, close)| value.starts_with(open) && value.ends_with(close));
    let lower = value.to_ascii_lowercase();
    let words = [
        "changeme",
        "change_me",
        "change-me",
        "placeholder",
        "example",
        "dummy",
        "todo",
        "replace",
        "redacted",
        "your-",
        "your_",
        "notset",
        "not-set",
        "undefined",
    ];
    let one_character = value.chars().next().is_some_and(|first| value.chars().all(|c| c == first));
    value.is_empty() || bracketed || one_character || value.starts_with('$') || words.iter().any(|word| lower.contains(word))
}
