//! The AWS managed policies: all of them by name, with the documents of their default versions.
//!
//! Source: `policies/README.md`.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::sync::{LazyLock, Mutex, PoisonError};

use super::store::SERVICE_LINKED;

/// A policy that allows everything.
pub(crate) const ADMINISTRATOR_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

static CATALOGUE: &[u8] = include_bytes!("../../../policies/aws-managed.txt.zst");
static DOCUMENTS: &[u8] = include_bytes!("../../../policies/aws-managed-documents.txt.zst");

/// A managed policy of AWS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Policy {
    /// `/`, or `/…/`.
    pub(crate) path: &'static str,
    /// The name, which is unique.
    pub(crate) name: &'static str,
    /// The default version: `v3`.
    pub(crate) version: &'static str,
    /// When it was created, in seconds since the epoch.
    pub(crate) created: f64,
    /// When its default version was created, in seconds since the epoch.
    pub(crate) updated: f64,
}

impl Policy {
    /// The ARN in a partition.
    pub(crate) fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// Whether it is for a service-linked role, and cannot be attached to other roles.
    pub(crate) fn is_of_service(&self) -> bool {
        self.path == SERVICE_LINKED
    }
}

/// The catalogue as text. It is compiled into the program and covered by a test; if it could not be
/// read, there would be no policies.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    if let Ok(mut decoder) = zstd::Decoder::new(CATALOGUE) {
        let _ = decoder.read_to_string(&mut text);
    }
    text
});

/// All policies, by name.
static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    TEXT.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(policy)
        .collect()
});

/// The documents that have been requested so far, by name.
static ASKED: LazyLock<Mutex<HashMap<&'static str, &'static str>>> = LazyLock::new(Mutex::default);

fn policy(line: &'static str) -> Option<Policy> {
    let mut fields = line.split('\t');
    Some(Policy {
        path: fields.next()?,
        name: fields.next()?,
        version: fields.next()?,
        created: fields.next()?.parse().ok()?,
        updated: fields.next()?.parse().ok()?,
    })
}

/// All policies, in the order of their names.
pub(crate) fn all() -> impl Iterator<Item = Policy> {
    POLICIES.iter().copied()
}

/// The index of a policy, by its ARN in any partition.
fn place(arn: &str) -> Option<usize> {
    let (_, written) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    let (path, name) = written.rsplit_once('/').unwrap_or(("", written));
    let at = POLICIES
        .binary_search_by(|policy| policy.name.cmp(name))
        .ok()?;
    (POLICIES[at].path.trim_matches('/') == path).then_some(at)
}

/// A managed policy of AWS by its ARN, in any partition.
pub(crate) fn find(arn: &str) -> Option<Policy> {
    place(arn).map(|at| POLICIES[at])
}

/// The document of a managed policy of AWS by its ARN, in any partition.
pub(crate) fn document(arn: &str) -> Option<&'static str> {
    let at = place(arn)?;
    let name = POLICIES[at].name;
    let mut asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(document) = asked.get(name) {
        return Some(document);
    }
    let lines = BufReader::new(zstd::Decoder::new(DOCUMENTS).ok()?).lines();
    // Leaked on purpose: each document is loaded at most once, and their number is limited.
    let document: &'static str = Box::leak(lines.map_while(Result::ok).nth(at)?.into_boxed_str());
    asked.insert(name, document);
    Some(document)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use lambdasweep_policy::Document;

    use super::{DOCUMENTS, POLICIES, TEXT, all, document, find};

    #[test]
    fn the_catalogue_is_whole_and_in_order() {
        let head = |name: &str| {
            TEXT.lines()
                .find_map(|line| line.strip_prefix(&format!("# {name}: ")))
                .expect("a line of the head")
        };
        assert_eq!(head("policies").parse(), Ok(POLICIES.len()));
        assert!(POLICIES.is_sorted_by(|one, other| one.name < other.name));
        assert!(head("source").contains("moto") && head("newest").len() == 10);
        let latest = all().map(|policy| policy.updated).fold(0.0, f64::max);
        assert!(
            all().all(|policy| policy.created <= policy.updated && policy.version.starts_with('v'))
        );
        assert!(latest > 1_780_000_000.0);
    }

    #[test]
    fn every_policy_has_a_document_that_can_be_read() {
        let mut text = String::new();
        zstd::Decoder::new(DOCUMENTS)
            .expect("zstd")
            .read_to_string(&mut text)
            .expect("text");
        assert_eq!(text.lines().count(), POLICIES.len());
        for (policy, text) in all().zip(text.lines()) {
            assert!(Document::parse(text).is_ok(), "{}", policy.name);
        }
    }

    #[test]
    fn a_policy_is_found_by_its_arn_in_any_partition_and_by_no_other() {
        let basic = "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
        assert_eq!(
            find(basic).map(|policy| policy.arn("aws-cn")).as_deref(),
            Some(basic)
        );
        assert!(document(basic).is_some_and(|text| text.contains("logs:PutLogEvents")));
        assert_eq!(document(basic), document(&basic.replace("aws-cn", "aws")));
        let administrator =
            document("arn:aws:iam::aws:policy/AdministratorAccess").map(Document::parse);
        assert_eq!(
            administrator,
            Some(Document::parse(super::ADMINISTRATOR_ACCESS))
        );
        for wrong in [
            "arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole",
            "arn:aws:iam::aws:policy/NoSuchPolicy",
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
            "AdministratorAccess",
        ] {
            assert_eq!((find(wrong), document(wrong)), (None, None), "{wrong}");
        }
    }
}
