//! Writes a document as JSON: its members in the order of AWS's documentation, one value without
//! brackets, several in a list.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::condition::Condition;
use crate::document::{Document, Match, Principals, Statement};
use crate::pattern::Pattern;

impl Document {
    /// The document as JSON in one line. Reading it again gives the same document.
    ///
    /// Conditions of one operator stand together. Two of one operator *and* one key cannot: no
    /// document that was read has them, and the text of a document that was made with them is
    /// refused when it is read.
    ///
    /// ```
    /// use lambdasweep_policy::Document;
    ///
    /// let text = r#"{"Statement": {"Action": ["s3:Get*"], "Resource": "*", "Effect": "Allow"}, "Version": "2012-10-17"}"#;
    /// let document = Document::parse(text)?;
    /// let printed = document.to_json();
    /// assert_eq!(printed, r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#);
    /// assert_eq!(Document::parse(&printed)?, document);
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    pub fn to_json(&self) -> String {
        // Maps of texts to texts and lists always become JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(version) = &self.version {
            map.serialize_entry("Version", version)?;
        }
        if let Some(id) = &self.id {
            map.serialize_entry("Id", id)?;
        }
        map.serialize_entry("Statement", &self.statements)?;
        map.end()
    }
}

impl Serialize for Statement {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(sid) = &self.sid {
            map.serialize_entry("Sid", sid)?;
        }
        map.serialize_entry("Effect", self.effect.as_str())?;
        if let Some(principals) = &self.principals {
            map.serialize_entry(
                if principals.negated {
                    "NotPrincipal"
                } else {
                    "Principal"
                },
                principals,
            )?;
        }
        let mut list = |(any, not), values: &Match| match values {
            Match::Any(values) => map.serialize_entry(any, &OneOrMore(&texts(values))),
            Match::Not(values) => map.serialize_entry(not, &OneOrMore(&texts(values))),
        };
        list(("Action", "NotAction"), &self.actions)?;
        if let Some(resources) = &self.resources {
            list(("Resource", "NotResource"), resources)?;
        }
        if !self.conditions.is_empty() {
            map.serialize_entry("Condition", &Operators(&self.conditions))?;
        }
        map.end()
    }
}

impl Serialize for Principals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = [
            ("Service", &self.services),
            ("Federated", &self.federated),
            ("CanonicalUser", &self.canonical),
        ];
        if self.everyone && self.aws.is_empty() && named.iter().all(|it| it.1.is_empty()) {
            return serializer.serialize_str("*");
        }
        let mut map = serializer.serialize_map(None)?;
        let aws: Vec<&str> = self
            .everyone
            .then_some("*")
            .into_iter()
            .chain(self.aws.iter().map(String::as_str))
            .collect();
        if !aws.is_empty() {
            map.serialize_entry("AWS", &OneOrMore(&aws))?;
        }
        for (kind, names) in named {
            if !names.is_empty() {
                map.serialize_entry(
                    kind,
                    &OneOrMore(&names.iter().map(String::as_str).collect::<Vec<_>>()),
                )?;
            }
        }
        map.end()
    }
}

/// One value as itself, any other number as a list.
struct OneOrMore<'v>(&'v [&'v str]);

impl Serialize for OneOrMore<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [one] => serializer.serialize_str(one),
            several => several.serialize(serializer),
        }
    }
}

fn texts(values: &[Pattern]) -> Vec<&str> {
    values.iter().map(Pattern::as_str).collect()
}

/// Conditions by operator, in the order in which the operators first stand.
struct Operators<'v>(&'v [Condition]);

impl Serialize for Operators<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut groups: Vec<(&str, Vec<&Condition>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for condition in self.0 {
            let place = *places
                .entry(condition.operator_text.as_str())
                .or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.1.push(condition),
                None => groups.push((&condition.operator_text, vec![condition])),
            }
        }
        let mut map = serializer.serialize_map(Some(groups.len()))?;
        for (operator, conditions) in &groups {
            map.serialize_entry(operator, &Keys(conditions))?;
        }
        map.end()
    }
}

/// The keys of one operator.
struct Keys<'v>(&'v [&'v Condition]);

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for condition in self.0 {
            map.serialize_entry(&condition.key, &OneOrMore(&texts(&condition.values)))?;
        }
        map.end()
    }
}
