//! Says a check's query in the dialect of an engine.

use sqlparser::ast::{Query, SelectItem, SetExpr, Statement};
use sqlparser::dialect::AnsiDialect;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::ExportError;
use super::dialect::{Dialect, function};
use crate::check::Check;

/// Words of the portable subset behind which a bracket may stand though they are no functions.
const GRAMMAR: [&str; 22] = [
    "ALL", "AND", "AS", "BETWEEN", "BY", "CASE", "ELSE", "FROM", "HAVING", "IN", "JOIN", "LIKE",
    "NOT", "ON", "OR", "SELECT", "THEN", "UNION", "WHEN", "WHERE", "WITH", "DISTINCT",
];

/// The query with the dialect's names of functions and its way to quote texts; lines and spaces
/// stay as they are.
///
/// # Errors
/// Where it uses a function whose name is not known.
pub(super) fn translated(check: &Check, dialect: Dialect) -> Result<String, ExportError> {
    let tokens = Tokenizer::new(&AnsiDialect {}, &check.query)
        .tokenize()
        .map_err(|error| unreadable(check, &error.to_string()))?;
    let mut out = String::with_capacity(check.query.len());
    for (at, token) in tokens.iter().enumerate() {
        let before_bracket = || {
            let mut next = tokens[at + 1..]
                .iter()
                .skip_while(|it| matches!(it, Token::Whitespace(_)));
            matches!(next.next(), Some(Token::LParen))
        };
        match token {
            Token::SingleQuotedString(text) => out.push_str(&dialect.text(text)),
            Token::Word(word) if before_bracket() => {
                let is_grammar = GRAMMAR
                    .iter()
                    .any(|known| word.value.eq_ignore_ascii_case(known));
                // A CTE's name stands before AS, never before a bracket.
                match function(&word.value, dialect) {
                    Some(name) => out.push_str(name),
                    None if is_grammar => out.push_str(&word.value),
                    None => {
                        return Err(ExportError::Function {
                            check: check.id.clone(),
                            function: lambdasweep_model::printable(&word.value),
                            dialect,
                        });
                    }
                }
            }
            token => out.push_str(&token.to_string()),
        }
    }
    Ok(out.trim().to_owned())
}

/// The names of the columns that a query answers with.
///
/// # Errors
/// Where it cannot be read.
pub(super) fn columns(check: &Check) -> Result<Vec<String>, ExportError> {
    let statements = Parser::parse_sql(&AnsiDialect {}, &check.query)
        .map_err(|error| unreadable(check, &error.to_string()))?;
    let names = match statements.as_slice() {
        [Statement::Query(query)] => names(query),
        _ => None,
    };
    names.ok_or_else(|| unreadable(check, "it is not a SELECT"))
}

fn names(query: &Query) -> Option<Vec<String>> {
    let mut body = query.body.as_ref();
    loop {
        body = match body {
            SetExpr::Select(select) => {
                let names = select.projection.iter().map(|item| match item {
                    SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
                    SelectItem::UnnamedExpr(expr) => {
                        let path = expr.to_string();
                        path.rsplit('.').next().map(str::to_owned)
                    }
                    _ => None,
                });
                return names.collect();
            }
            SetExpr::Query(query) => query.body.as_ref(),
            // Of the sides of a UNION ALL the first names its columns.
            SetExpr::SetOperation { left, .. } => left.as_ref(),
            _ => return None,
        };
    }
}

fn unreadable(check: &Check, problem: &str) -> ExportError {
    ExportError::Query {
        check: check.id.clone(),
        problem: lambdasweep_model::printable(problem),
    }
}
