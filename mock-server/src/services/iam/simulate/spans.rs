//! The positions of the statements in a document's text.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

/// The position after a character.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Position {
    /// Counted from 1.
    line: usize,
    /// One more than the column of the character, which counts from 1: AWS reports the position of
    /// its parser after it has read the brace. Source: LocalStack's recording of
    /// SimulatePrincipalPolicy.
    column: usize,
}

impl Position {
    pub(super) fn told(self) -> Value {
        json!({"Line": self.line, "Column": self.column})
    }

    /// The position after the first `length` bytes.
    fn behind(text: &str, length: usize) -> Self {
        let before = text.get(..length).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        Self { line, column }
    }
}

#[derive(Deserialize)]
struct Statements<'a> {
    #[serde(rename = "Statement", borrow)]
    statement: &'a RawValue,
}

/// The positions after the first and the last brace of each statement.
pub(super) fn of_statements(text: &str) -> Vec<(Position, Position)> {
    let Ok(Statements { statement }) = serde_json::from_str(text) else {
        return Vec::new();
    };
    let list: Vec<&RawValue> =
        serde_json::from_str(statement.get()).unwrap_or_else(|_| vec![statement]);
    // The statements are slices of the text, so the pointer offsets are their positions in it.
    let start = |part: &RawValue| {
        part.get()
            .as_ptr()
            .addr()
            .saturating_sub(text.as_ptr().addr())
    };
    let span = |part: &&RawValue| {
        let at = start(part);
        (
            Position::behind(text, at + 1),
            Position::behind(text, at + part.get().len()),
        )
    };
    list.iter().map(span).collect()
}

#[cfg(test)]
mod tests {
    use super::{Position, of_statements};

    fn at(line: usize, column: usize) -> Position {
        Position { line, column }
    }

    #[test]
    fn statements_are_found_alone_and_in_a_list() {
        // The document and the positions of LocalStack's recording.
        let one = r#"{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}"#;
        assert_eq!(of_statements(one), [(at(1, 41), at(1, 113))]);
        let two = "{\n \"Id\": \"Statement\",\n \"Statement\": [\n  {\"a\": \"\u{e9}\"},\n  {\n  }\n ]\n}";
        assert_eq!(
            of_statements(two),
            [(at(4, 4), at(4, 13)), (at(5, 4), at(6, 4))]
        );
        assert_eq!(of_statements("{}"), []);
    }
}
