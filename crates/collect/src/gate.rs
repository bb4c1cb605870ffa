//! The only way for rows and notes into the journal: every text passes a gate that removes secrets,
//! whatever its source. The journal's content is what is judged, published and reported, so nothing
//! after it has to deal with secrets.
//!
//! A column's declaration says what kind of text it has. Account owners write most of these texts,
//! and may put a password into any of them: a layer's description, a statement's id, the name of an
//! account. Identifiers must not change, so only text whose format is certainly a secret is removed
//! from them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use lambdasweep_secrets::{redact, redact_certain};
use lambdasweep_tables::{Batch, Form, Journal, Retraction, Row, TablesError, Unit};

use crate::notes::Note;

/// The maximum length of a word: longer than all enums and dates of AWS, and shorter than most
/// secrets with the text around them.
const LONGEST_WORD: usize = 100;
/// The maximum length of an identifier. Source: the longest ARNs of the services that are read,
/// "Lambda quotas" and "IAM and AWS STS quotas".
const LONGEST_IDENTIFIER: usize = 2048;

/// A unit in the journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate<'a> {
    journal: &'a Journal,
    unit: &'a Unit,
}

/// A part of a unit in the journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    gate: Gate<'a>,
    name: &'a str,
}

impl<'a> Gate<'a> {
    pub(crate) fn new(journal: &'a Journal, unit: &'a Unit) -> Self {
        Self { journal, unit }
    }

    /// A part of the unit.
    pub(crate) fn part(self, name: &'a str) -> Part<'a> {
        Part { gate: self, name }
    }

    /// Appends the last of the unit's rows, and removes all rows of functions that were deleted.
    pub(crate) async fn complete(
        self,
        batch: Batch,
        deleted: &BTreeSet<String>,
    ) -> Result<(), TablesError> {
        let values = &deleted
            .iter()
            .map(|arn| clean(Form::Identifier, arn).into_owned())
            .collect();
        let retraction = Retraction {
            column: "function_arn",
            values,
        };
        let batch = cleaned(batch);
        self.journal
            .complete(self.unit, batch, Some(retraction))
            .await
    }
}

impl Part<'_> {
    /// Appends some of the part's rows.
    pub(crate) async fn append(self, batch: Batch) -> Result<(), TablesError> {
        let Gate { journal, unit } = self.gate;
        journal.append(unit, self.name, cleaned(batch)).await
    }

    /// Appends the last of the part's rows, with a note: from now on the part is complete, and is
    /// not read again.
    pub(crate) async fn finish<N: Note>(self, batch: Batch, note: N) -> Result<(), TablesError> {
        let Gate { journal, unit } = self.gate;
        let (batch, note) = (cleaned(batch), cleaned_note(note));
        journal.finish(unit, self.name, batch, &note).await
    }
}

/// Removes secrets from a row that is not yet in a batch.
pub(crate) fn clean_row<R: Row>(row: &mut R) {
    row.visit_texts(&mut |column, text| clean_text(column.form, text));
}

/// Whether an identifier passes unchanged.
pub(crate) fn passes(identifier: &str) -> bool {
    clean(Form::Identifier, identifier) == identifier
}

fn cleaned(mut batch: Batch) -> Batch {
    batch.visit_texts(&mut |column, text| clean_text(column.form, text));
    batch
}

fn cleaned_note<N: Note>(mut note: N) -> N {
    note.visit_texts(&mut |form, text| clean_text(form, text));
    note
}

fn clean_text(form: Form, text: &mut String) {
    if let Cow::Owned(clean) = clean(form, text) {
        *text = clean;
    }
}

/// A text of a column of this form, without secrets.
fn clean(form: Form, text: &str) -> Cow<'_, str> {
    match form {
        Form::Word if is_word(text) => Cow::Borrowed(text),
        Form::Identifier if is_identifier(text) => redact_certain(text),
        _ => redact(text),
    }
}

fn is_word(text: &str) -> bool {
    text.len() <= LONGEST_WORD
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b" ,.:;_+-/=()*".contains(&byte))
}

/// Whether a text has only characters of ARNs and AWS names, and none that assigns a value to a
/// name.
fn is_identifier(text: &str) -> bool {
    text.len() <= LONGEST_IDENTIFIER
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+,.@:/_-$*?!#[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use lambdasweep_aws::CallError;
    use lambdasweep_model::Outcome;
    use lambdasweep_tables::Form;

    use super::{clean, cleaned_note};
    use crate::context::FunctionTarget;
    use crate::notes::{Group, Listing, ReadFunction};
    use crate::references::References;

    #[test]
    fn a_form_decides_what_is_looked_at() {
        let key = ["AKIA", "Q4ZT2RVM7WKX3JHN"].concat();
        for (form, text, kept) in [
            (Form::Word, "python3.12".to_owned(), true),
            (Form::Word, "2026-11-24T10:00:00Z".to_owned(), true),
            (
                Form::Word,
                "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned(),
                true,
            ),
            (Form::Word, "password: \"kX9mQ2vL7p!\"".to_owned(), false),
            (
                Form::Identifier,
                "arn:aws:lambda:eu-west-1:111122223333:function:token:kX9mQ2vL7pTz".to_owned(),
                true,
            ),
            (
                Form::Identifier,
                format!("arn:aws:iam::111122223333:role/{key}/app"),
                false,
            ),
            (Form::Identifier, "password=kX9mQ2vL7p!".to_owned(), false),
            (Form::Text, "Payments, production".to_owned(), true),
            (Form::Text, "db password=kX9mQ2vL7p!".to_owned(), false),
            (Form::Text, format!("owner {key}"), false),
        ] {
            assert_eq!(clean(form, &text) == text, kept, "{form:?} {text}");
        }
    }

    /// Notes are on disk until the scan is finished.
    #[test]
    fn notes_hold_no_secrets() {
        let secret = ["kX9mQ2", "vL7pTzW4"].concat();
        let error = CallError {
            operation: "lambda:ListVersionsByFunction",
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            outcome: Outcome::Failed,
            code: Some("Unreadable".to_owned()),
            message: format!("cannot parse password={secret}!"),
            attempts: 1,
        };
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:orders";
        let mut target = FunctionTarget::new(arn.to_owned(), true, false);
        target.versions_gap = Some(error.clone());
        let mut references = References::default();
        references.refer(arn, "7", &format!("alias password={secret}!"));
        let group = Group {
            functions: vec![ReadFunction::of(&target, false, true)],
            references,
        };
        let listing = Listing::of(&[target], &Err(error), 1);
        let holds = |text: String| text.contains(&secret);
        assert!(holds(format!("{group:?}")) && holds(format!("{listing:?}")));
        let (group, listing) = (cleaned_note(group), cleaned_note(listing));
        assert!(!holds(format!("{group:?}")) && !holds(format!("{listing:?}")));
        assert!(format!("{group:?}").contains(arn) && format!("{listing:?}").contains(arn));
    }

    /// Any other way into the journal would bypass the gate.
    #[test]
    fn nothing_else_writes_to_the_journal() {
        let mut files = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        while let Some(path) = files.pop() {
            if path.is_dir() {
                files.extend(
                    std::fs::read_dir(&path)
                        .expect("a folder")
                        .map(|entry| entry.expect("an entry").path()),
                );
            } else if !path.ends_with("gate.rs") {
                let text = std::fs::read_to_string(&path).expect("a file");
                for way in ["journal.append(", "journal.finish(", "journal.complete("] {
                    assert!(!text.contains(way), "{}: {way}", path.display());
                }
            }
        }
    }
}
