//! Managed policies of AWS that the mock knows.
//!
//! Source: AWS Managed Policy Reference, read 2026-11-25.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A policy that allows everything.
pub(crate) const ADMINISTRATOR_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

static DOCUMENTS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let text = include_str!("../../../policies/aws-managed.json");
    let documents: HashMap<String, serde_json::Value> =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("the managed policies of this build cannot be read: {error}"));
    documents.into_iter().map(|(name, document)| (name, document.to_string())).collect()
});

/// The document of a managed policy of AWS by its ARN, in any partition.
pub(crate) fn document(arn: &str) -> Option<&'static str> {
    let (_, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    DOCUMENTS.get(name).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use lambdasweep_policy::Document;

    use super::{DOCUMENTS, document};

    #[test]
    fn every_document_is_a_policy_and_found_by_its_arn() {
        assert!(DOCUMENTS.len() >= 10);
        for (name, text) in DOCUMENTS.iter() {
            assert!(Document::parse(text).is_ok(), "{name}");
            assert_eq!(document(&format!("arn:aws-cn:iam::aws:policy/{name}")), Some(text.as_str()));
        }
        assert_eq!(document("arn:aws:iam::aws:policy/NoSuchPolicy"), None);
        assert_eq!(document("arn:aws:iam::111122223333:policy/AdministratorAccess"), None);
    }
}
