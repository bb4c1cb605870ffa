//! What refers to the published versions of a Region's functions, so that they can run, and which
//! facts about this were not read.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use lambdasweep_aws::CallError;
use lambdasweep_model::Arn;
use lambdasweep_tables::{Fact, Form};
use serde::{Deserialize, Serialize};

use crate::notes::Note;

/// Whether something runs a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Runs {
    /// Something refers to it, with a description.
    Yes(String),
    /// Nothing refers to it, and everything that could was read.
    No,
    /// Nothing refers to it as far as is known, and only destinations of some other functions were
    /// not read; with what was not read.
    Unlikely(String),
    /// Unknown, with what was not read.
    Unknown(String),
}

impl Runs {
    /// The values for tables: the word, and the reason.
    pub(crate) fn into_words(self) -> (&'static str, String) {
        match self {
            Self::Yes(why) => ("yes", why),
            Self::No => ("no", String::new()),
            Self::Unlikely(why) => ("unlikely", why),
            Self::Unknown(why) => ("unknown", why),
        }
    }
}

/// References to function versions in a Region, found by one or more readings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct References {
    /// By function and version. Of several references the alphabetically first is kept, so that the
    /// order of reading does not matter.
    known: BTreeMap<(String, String), String>,
    /// What was not read for a function, or for the Region under the empty ARN.
    unread: BTreeMap<String, String>,
    /// Why destinations of some functions, which may be versions of other functions, were not read.
    destinations: Option<String>,
}

impl References {
    /// Records that something refers to a version of a function.
    pub(crate) fn refer(&mut self, function_arn: &str, version: &str, what: &str) {
        let key = (function_arn.to_owned(), version.to_owned());
        first(self.known.entry(key), what);
    }

    /// Records a reference if the target of an event source mapping or of a destination is a
    /// version.
    pub(crate) fn refer_by_arn(&mut self, target: &str, what: &str) {
        if let Ok(arn) = target.parse::<Arn>()
            && let (Some(name), Some(qualifier)) = (arn.function_name(), arn.qualifier())
        {
            let (resource, qualifier) = (format!("function:{name}"), qualifier.to_owned());
            self.refer(&Arn { resource, ..arn }.to_string(), &qualifier, what);
        }
    }

    /// Records that a fact that shows references was not read: for a function, or for the whole
    /// Region if the ARN is empty.
    pub(crate) fn unread(&mut self, function_arn: &str, fact: Fact, error: &CallError) {
        let why = format!("{fact} was not read ({})", error.outcome);
        first(self.unread.entry(function_arn.to_owned()), &why);
    }

    /// Records that the destinations of some function were not read.
    pub(crate) fn destinations_unread(&mut self, fact: Fact, error: &CallError) {
        let why = format!("{fact} was not read of all functions ({})", error.outcome);
        self.merge_destinations(why);
    }

    fn merge_destinations(&mut self, why: String) {
        if self.destinations.as_ref().is_none_or(|known| why < *known) {
            self.destinations = Some(why);
        }
    }

    /// Adds what another reading found; the order of readings does not matter.
    pub(crate) fn merge(&mut self, other: Self) {
        for (key, what) in other.known {
            first(self.known.entry(key), &what);
        }
        for (function_arn, why) in other.unread {
            first(self.unread.entry(function_arn), &why);
        }
        if let Some(why) = other.destinations {
            self.merge_destinations(why);
        }
    }

    /// Whether something runs a version, as far as is known.
    pub(crate) fn runs(&self, function_arn: &str, version: &str) -> Runs {
        let key = (function_arn.to_owned(), version.to_owned());
        if let Some(what) = self.known.get(&key) {
            return Runs::Yes(what.clone());
        }
        let unread = self
            .unread
            .get(function_arn)
            .or_else(|| self.unread.get(""));
        match (unread, &self.destinations) {
            (Some(why), _) => Runs::Unknown(why.clone()),
            (None, Some(why)) => Runs::Unlikely(why.clone()),
            (None, None) => Runs::No,
        }
    }
}

impl Note for References {
    fn visit_texts(&mut self, visit: &mut dyn FnMut(Form, &mut String)) {
        // The reasons contain alias names; the keys are ARNs of listed functions, or are looked up
        // by them.
        self.known
            .values_mut()
            .for_each(|what| visit(Form::Text, what));
        let keys = std::mem::take(&mut self.known);
        for ((mut arn, mut version), what) in keys {
            visit(Form::Identifier, &mut arn);
            visit(Form::Identifier, &mut version);
            self.known.insert((arn, version), what);
        }
    }
}

/// Keeps the alphabetically first text.
fn first<K: Ord>(entry: Entry<'_, K, String>, text: &str) {
    let known = entry.or_insert_with(|| text.to_owned());
    if text < known.as_str() {
        text.clone_into(known);
    }
}

#[cfg(test)]
mod tests {
    use lambdasweep_aws::CallError;
    use lambdasweep_model::Outcome;
    use lambdasweep_tables::facts;

    use super::{References, Runs};

    const ORDERS: &str = "arn:aws:lambda:eu-west-1:111122223333:function:orders";

    fn denied() -> CallError {
        CallError {
            operation: "lambda:ListAliases",
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            outcome: Outcome::Denied,
            code: None,
            message: String::new(),
            attempts: 1,
        }
    }

    #[test]
    fn a_version_runs_where_something_refers_to_it_in_whatever_order_that_was_read() {
        for names in [
            ["alias live", "an event source mapping"],
            ["an event source mapping", "alias live"],
        ] {
            let mut references = References::default();
            for name in names {
                let mut read = References::default();
                read.refer(ORDERS, "7", name);
                references.merge(read);
            }
            assert_eq!(
                references.runs(ORDERS, "7"),
                Runs::Yes("alias live".to_owned())
            );
            assert_eq!(references.runs(ORDERS, "8"), Runs::No);
        }
        let mut references = References::default();
        references.refer_by_arn(&format!("{ORDERS}:7"), "a destination");
        // Neither of these names a version of the function.
        references.refer_by_arn(ORDERS, "a destination");
        references.refer_by_arn(
            "arn:aws:sqs:eu-west-1:111122223333:orders:8",
            "a destination",
        );
        assert_eq!(
            references.runs(ORDERS, "7"),
            Runs::Yes("a destination".to_owned())
        );
        assert_eq!(references.runs(ORDERS, "8"), Runs::No);
    }

    #[test]
    fn what_was_not_read_leaves_open_whether_a_version_runs() {
        let mut references = References::default();
        references.refer(ORDERS, "7", "alias live");
        references.unread(ORDERS, facts::PROVISIONED_CONCURRENCY, &denied());
        assert_eq!(
            references.runs(ORDERS, "7"),
            Runs::Yes("alias live".to_owned())
        );
        assert_eq!(
            references.runs(ORDERS, "8"),
            Runs::Unknown("provisioned_concurrency was not read (denied)".to_owned())
        );
        assert_eq!(
            references.runs("arn:aws:lambda:eu-west-1:111122223333:function:other", "8"),
            Runs::No
        );
        references.destinations_unread(facts::EVENT_INVOKE_CONFIGS, &denied());
        let other = references.runs("arn:aws:lambda:eu-west-1:111122223333:function:other", "8");
        assert_eq!(
            other,
            Runs::Unlikely(
                "event_invoke_configs was not read of all functions (denied)".to_owned()
            )
        );
        references.unread("", facts::EVENT_SOURCE_MAPPINGS, &denied());
        let other = references.runs("arn:aws:lambda:eu-west-1:111122223333:function:other", "8");
        assert_eq!(
            other,
            Runs::Unknown("event_source_mappings was not read (denied)".to_owned())
        );
    }
}
