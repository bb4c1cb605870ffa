//! Secrets that show by their form: keys and tokens with a prefix, private keys, connection strings with a password.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Regex, RegexSet};

use crate::{Confidence, Secret};

struct Rule {
    id: &'static str,
    description: &'static str,
    confidence: Confidence,
    pattern: &'static str,
    /// A further look at what matched.
    accept: fn(&str) -> bool,
}

const fn rule(id: &'static str, description: &'static str, pattern: &'static str) -> Rule {
    Rule { id, description, confidence: Confidence::High, pattern, accept: any }
}

fn any(_: &str) -> bool {
    true
}

const RULES: &[Rule] = &[
    Rule { accept: not_an_example, ..rule("aws-access-key-id", "an AWS access key id", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b") },
    rule("github-token", "a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{50,251})\b"),
    rule("gitlab-token", "a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    rule("slack-token", "a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    rule("slack-webhook", "a Slack webhook", r"https://hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16,}"),
    rule("stripe-key", "a live Stripe key", r"\b[sr]k_live_[A-Za-z0-9]{16,}"),
    rule("google-api-key", "a Google API key", r"\bAIza[A-Za-z0-9_-]{35}"),
    rule("sendgrid-key", "a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}"),
    rule("npm-token", "an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    rule("pypi-token", "a PyPI token", r"\bpypi-[A-Za-z0-9_-]{50,}"),
    rule("anthropic-key", "an Anthropic API key", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    rule("openai-key", "an OpenAI API key", r"\bsk-(?:proj-)?[A-Za-z0-9_-]{32,}"),
    rule("hugging-face-token", "a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}\b"),
    rule("twilio-key", "a Twilio API key", r"\bSK[0-9a-f]{32}\b"),
    rule("azure-storage-key", "an Azure storage key", r"AccountKey=[A-Za-z0-9+/]{40,}={0,2}"),
    rule("private-key", "a private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END|\z)"),
    rule("google-service-account", "a Google service account key", r#""private_key_id"\s*:\s*"[0-9a-f]{20,}""#),
    Rule {
        accept: has_literal_password,
        ..rule(
            "connection-string",
            "a connection string with a password",
            r#"\b[a-z][a-z0-9+.-]{1,24}://[^\s:/@'"]{0,128}:[^\s/@'"]{1,256}@[^\s'"]{1,256}"#,
        )
    },
    Rule {
        accept: has_literal_value,
        ..rule("password-parameter", "a connection string with a password", r"(?i)[;?&](?:password|pwd)=[^;&\s]{4,128}")
    },
    Rule {
        accept: is_jwt,
        confidence: Confidence::Medium,
        ..rule("json-web-token", "a JSON Web Token", r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
    },
];

static SET: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(RULES.iter().map(|rule| rule.pattern)).ok());
static PATTERNS: LazyLock<Vec<Option<Regex>>> = LazyLock::new(|| RULES.iter().map(|rule| Regex::new(rule.pattern).ok()).collect());

/// The first rule that fires, and where.
pub(crate) fn find(name: &str, value: &str) -> Option<(Secret, Range<usize>)> {
    if value.len() < 8 {
        return None;
    }
    let set = SET.as_ref()?;
    let by_form = set.matches(value).into_iter().find_map(|index| {
        let rule = &RULES[index];
        let found = PATTERNS[index].as_ref()?.find_iter(value).find(|found| (rule.accept)(found.as_str()))?;
        Some((Secret { rule: rule.id, description: rule.description, confidence: rule.confidence }, found.range()))
    });
    by_form.or_else(|| aws_secret_key(name, value))
}

/// Forty characters of base64 are an AWS secret key only under a name that says so.
fn aws_secret_key(name: &str, value: &str) -> Option<(Secret, Range<usize>)> {
    let name = name.to_ascii_lowercase();
    let named = name.contains("secret") && (name.contains("aws") || name.contains("access"));
    let fits = value.len() == 40 && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    let secret = Secret { rule: "aws-secret-access-key", description: "an AWS secret access key", confidence: Confidence::High };
    (named && fits && crate::generic::entropy(value) > 4.0 && not_an_example(value)).then_some((secret, 0..value.len()))
}

/// AWS's documentation marks its keys so.
fn not_an_example(found: &str) -> bool {
    !found.to_ascii_uppercase().contains("EXAMPLE")
}

fn has_literal_password(found: &str) -> bool {
    let Some((_, rest)) = found.split_once("://") else { return false };
    let Some((credentials, _)) = rest.rsplit_once('@') else { return false };
    credentials.split_once(':').is_some_and(|(_, password)| !crate::reference::is_placeholder(password))
}

fn has_literal_value(found: &str) -> bool {
    found.split_once('=').is_some_and(|(_, value)| !crate::reference::is_placeholder(value))
}

/// The first part of a token is JSON that names an algorithm: `"alg"` at one of the three places that base64 can put it.
fn is_jwt(found: &str) -> bool {
    let header = found.split('.').next().unwrap_or_default();
    ["ImFsZyI", "JhbGci", "iYWxnI"].iter().any(|alg| header.contains(alg))
}

#[cfg(test)]
mod tests {
    use super::{PATTERNS, SET};

    #[test]
    fn every_pattern_compiles() {
        assert!(SET.is_some());
        assert!(PATTERNS.iter().all(Option::is_some));
    }
}
