//! A cache of parsed policy documents, since enforcement uses the same few again and again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use lambdasweep_policy::Document;

use crate::services::iam::meaning;

/// The number of cached documents at which the cache is cleared. Thousands of accounts have as many
/// documents, but most of these are identical.
const MOST: usize = 8_192;

/// A policy that applies to a call.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// Its ARN; inline, trust and resource-based policies have none.
    pub(crate) arn: Option<String>,
    pub(crate) document: Arc<Document>,
}

/// Parsed documents, by their text.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    parsed: RwLock<HashMap<String, Arc<Document>>>,
}

impl Documents {
    /// Parses a document. A text that is not a policy document allows nothing.
    pub(crate) fn parse(&self, text: &str) -> Arc<Document> {
        if let Some(document) = self
            .parsed
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(text)
        {
            return Arc::clone(document);
        }
        let document = meaning(text).unwrap_or_else(|error| {
            tracing::warn!("a policy cannot be read and allows nothing: {error}");
            nothing()
        });
        let document = Arc::new(document);
        let mut parsed = self.parsed.write().unwrap_or_else(PoisonError::into_inner);
        if parsed.len() >= MOST {
            parsed.clear();
        }
        parsed.insert(text.to_owned(), Arc::clone(&document));
        document
    }

    /// A policy without an ARN.
    pub(crate) fn unnamed(&self, text: &str) -> Policy {
        Policy {
            arn: None,
            document: self.parse(text),
        }
    }

    /// A policy with an ARN; a missing policy allows nothing.
    pub(crate) fn named(&self, arn: &str, text: Option<&str>) -> Policy {
        Policy {
            arn: Some(arn.to_owned()),
            document: text.map_or_else(|| Arc::new(nothing()), |text| self.parse(text)),
        }
    }
}

/// A document without statements: it allows nothing and denies nothing explicitly.
fn nothing() -> Document {
    Document {
        version: None,
        id: None,
        statements: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Documents, MOST};

    #[test]
    fn documents_are_parsed_once_and_what_is_none_allows_nothing() {
        let documents = Documents::default();
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
        assert!(Arc::ptr_eq(&documents.parse(text), &documents.parse(text)));
        assert!(documents.parse("{").statements.is_empty());
        assert!(
            documents
                .named("arn:aws:iam::aws:policy/Gone", None)
                .document
                .statements
                .is_empty()
        );
    }

    #[test]
    fn no_more_are_kept_than_there_is_room_for() {
        let documents = Documents::default();
        for at in 0..MOST + 10 {
            documents
                .parse(&format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"lambda:A{at}","Resource":"*"}}}}"#));
        }
        assert!(documents.parsed.read().expect("unpoisoned").len() <= MOST);
    }
}
