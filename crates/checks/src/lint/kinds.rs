//! Tables with rows about several kinds of resources: a query has to say which kinds it means, and
//! these determine the facts that it depends on.

use std::collections::BTreeSet;

use lambdasweep_tables::{Fact, TABLES, Table};
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// The strings that a query compares its columns with, by the column's name in lower case: those in
/// `column = 'text'` and `column IN ('text', …)`.
pub(super) type Named = BTreeSet<(String, String)>;

/// Finds these strings.
pub(super) fn named(tokens: &[TokenWithSpan]) -> Named {
    let mut named = Named::new();
    let words: Vec<&Token> = tokens
        .iter()
        .map(|token| &token.token)
        .filter(|token| !matches!(token, Token::Whitespace(_)))
        .collect();
    for (at, pair) in words.windows(2).enumerate() {
        let Token::Word(column) = pair[0] else {
            continue;
        };
        let mut add = |text: &str| {
            named.insert((column.value.to_ascii_lowercase(), text.to_owned()));
        };
        let rest = &words[at + 2..];
        match (pair[1], rest.first()) {
            (Token::Eq, Some(Token::SingleQuotedString(text))) => add(text),
            (Token::Word(word), Some(Token::LParen)) if word.value.eq_ignore_ascii_case("in") => {
                let list = rest.iter().take_while(|token| ***token != Token::RParen);
                for token in list {
                    if let Token::SingleQuotedString(text) = token {
                        add(text);
                    }
                }
            }
            _ => {}
        }
    }
    named
}

/// The facts that have to be read for the rows of a table that a query means.
///
/// # Errors
/// A message, if it does not say which kinds of resources it means, or names one that does not
/// exist.
pub(super) fn facts(table: &Table, named: &Named) -> Result<Vec<Fact>, String> {
    let Some(column) = table.kinds else {
        return Ok(table.facts.to_vec());
    };
    let kinds: Vec<&str> = named
        .iter()
        .filter(|(of, _)| of == column)
        .map(|(_, kind)| kind.as_str())
        .collect();
    let with_policies = || TABLES.iter().filter_map(|table| table.subject);
    let known = |kind: &str| {
        let subject = with_policies().find(|subject| subject.name == kind)?;
        subject.policies
    };
    let all = || {
        let names = with_policies().filter(|subject| subject.policies.is_some());
        names
            .map(|subject| format!("'{}'", subject.name))
            .collect::<Vec<_>>()
            .join(", ")
    };
    if kinds.is_empty() {
        return Err(format!(
            "{} has rows about several kinds of resources: say which are meant, as in `{column} = 'function'`; there are {}",
            table.name,
            all()
        ));
    }
    kinds
        .into_iter()
        .map(|kind| {
            known(kind).ok_or_else(|| {
                let kind = lambdasweep_model::printable(kind);
                format!(
                    "no rows of {} are about a `{kind}`; use {}",
                    table.name,
                    all()
                )
            })
        })
        .collect()
}
