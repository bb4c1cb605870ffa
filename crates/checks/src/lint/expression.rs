//! Checks expressions: what is allowed, their types, and the columns that they read.

use std::collections::BTreeSet;

use lambdasweep_tables::Kind;
use sqlparser::ast::{
    BinaryOperator, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArguments, UnaryOperator, Value,
};

use super::relation::{Source, resolve};
use super::{Linter, MOST_DEPTH};

/// Functions that all engines have, with the same meaning.
pub(crate) const SCALARS: [&str; 4] = ["COALESCE", "NULLIF", "LOWER", "UPPER"];
pub(crate) const AGGREGATES: [&str; 4] = ["COUNT", "MIN", "MAX", "SUM"];

/// The context of an expression.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// It is evaluated for each row: no aggregates.
    Rows,
    /// It is evaluated for each group: columns other than those of GROUP BY must be in aggregates.
    Groups(&'a BTreeSet<(String, String)>),
}

/// What is known about an expression.
#[derive(Debug, Clone, Default)]
pub(super) struct Typed {
    /// The type, if known.
    pub(super) kind: Option<Kind>,
    /// Whether rows with the same value belong to the same account.
    pub(super) identifies_account: bool,
    /// Whether it may be absent, as far as `identifies_account` goes.
    pub(super) absent: bool,
    /// For a plain column: its relation and its name.
    pub(super) source: Option<String>,
    pub(super) column: Option<String>,
    null: bool,
}

impl Typed {
    fn of(kind: Kind) -> Self {
        Self {
            kind: Some(kind),
            ..Self::default()
        }
    }
}

const fn shown(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Integer => "an integer",
        Kind::Boolean => "a boolean",
    }
}

/// Rejects an expression of another type.
pub(super) fn expect_kind(linter: &mut Linter<'_>, typed: &Typed, kind: Kind, place: &str) {
    if let Some(found) = typed.kind.filter(|found| *found != kind) {
        linter.refuse(format!(
            "{place} takes {}; this is {}",
            shown(kind),
            shown(found)
        ));
    }
}

impl Linter<'_> {
    /// Walks an expression.
    pub(super) fn expression(
        &mut self,
        expr: &Expr,
        sources: &[Source],
        place: Place<'_>,
    ) -> Typed {
        self.at(expr);
        if self.depth == MOST_DEPTH {
            self.refuse(format!("expressions are nested too deeply here: more than {MOST_DEPTH} levels; use IN with a list, or a CTE"));
            return Typed::default();
        }
        self.depth += 1;
        let typed = self.walk(expr, sources, place);
        self.depth -= 1;
        typed
    }

    fn walk(&mut self, expr: &Expr, sources: &[Source], place: Place<'_>) -> Typed {
        match expr {
            Expr::Identifier(name) => self.column(std::slice::from_ref(name), sources, place),
            Expr::CompoundIdentifier(path) => self.column(path, sources, place),
            Expr::Value(value) => self.literal(&value.value),
            Expr::Nested(inner) => self.expression(inner, sources, place),
            Expr::IsNull(inner) | Expr::IsNotNull(inner) => {
                self.expression(inner, sources, place);
                Typed::of(Kind::Boolean)
            }
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr,
            } => {
                let typed = self.expression(expr, sources, place);
                expect_kind(self, &typed, Kind::Boolean, "NOT");
                Typed::of(Kind::Boolean)
            }
            Expr::UnaryOp {
                op: UnaryOperator::Minus,
                expr,
            } => {
                let typed = self.expression(expr, sources, place);
                expect_kind(self, &typed, Kind::Integer, "-");
                Typed::of(Kind::Integer)
            }
            Expr::BinaryOp { left, op, right } => {
                let (left, right) = (
                    self.expression(left, sources, place),
                    self.expression(right, sources, place),
                );
                self.binary(op, &left, &right)
            }
            Expr::Between {
                expr, low, high, ..
            } => {
                let value = self.expression(expr, sources, place);
                for bound in [low, high] {
                    let bound = self.expression(bound, sources, place);
                    self.comparable(&value, &bound);
                }
                Typed::of(Kind::Boolean)
            }
            Expr::InList { expr, list, .. } => {
                let value = self.expression(expr, sources, place);
                self.refuse_if(list.is_empty(), "IN needs values");
                for item in list {
                    self.refuse_if(
                        !matches!(item, Expr::Value(_)),
                        "IN takes a list of literals",
                    );
                    let item = self.expression(item, sources, place);
                    self.comparable(&value, &item);
                }
                Typed::of(Kind::Boolean)
            }
            Expr::Like {
                any: false,
                expr,
                pattern,
                escape_char: None,
                ..
            } => {
                let typed = self.expression(expr, sources, place);
                expect_kind(self, &typed, Kind::Text, "LIKE");
                let literal = matches!(pattern.as_ref(), Expr::Value(value) if matches!(value.value, Value::SingleQuotedString(_)));
                self.refuse_if(!literal, "the pattern of LIKE must be a string literal");
                Typed::of(Kind::Boolean)
            }
            Expr::Case {
                operand,
                conditions,
                else_result,
                ..
            } => {
                let operand = operand
                    .as_ref()
                    .map(|operand| self.expression(operand, sources, place));
                let mut result = Typed::default();
                for when in conditions {
                    let condition = self.expression(&when.condition, sources, place);
                    match &operand {
                        Some(operand) => self.comparable(operand, &condition),
                        None => expect_kind(self, &condition, Kind::Boolean, "WHEN"),
                    }
                    let typed = self.expression(&when.result, sources, place);
                    self.alike(&mut result, &typed, "CASE");
                }
                if let Some(otherwise) = else_result {
                    let typed = self.expression(otherwise, sources, place);
                    self.alike(&mut result, &typed, "CASE");
                }
                result
            }
            Expr::Function(function) => self.function(function, sources, place),
            Expr::InSubquery { .. } | Expr::Subquery(_) | Expr::Exists { .. } => {
                self.refuse("subqueries in expressions are not in the portable subset; use a LEFT JOIN and IS NULL");
                Typed::default()
            }
            Expr::Cast { .. } => {
                self.refuse(
                    "CAST is not in the portable subset: engines name their types differently",
                );
                Typed::default()
            }
            Expr::IsTrue(_) | Expr::IsFalse(_) | Expr::IsNotTrue(_) | Expr::IsNotFalse(_) => {
                self.refuse("IS TRUE and IS FALSE are not in the portable subset; write `= TRUE`, and IS NULL for what is absent");
                Typed::default()
            }
            other => {
                let text: String = other.to_string().chars().take(60).collect();
                self.refuse(format!(
                    "`{}` is not in the portable subset of SQL",
                    lambdasweep_model::printable(&text)
                ));
                Typed::default()
            }
        }
    }

    fn column(
        &mut self,
        path: &[sqlparser::ast::Ident],
        sources: &[Source],
        place: Place<'_>,
    ) -> Typed {
        for part in path {
            self.name(part);
        }
        let (source, column) = match resolve(sources, path) {
            Ok(found) => found,
            // The relation itself was already rejected.
            Err(_) if sources.is_empty() => return Typed::default(),
            Err(problem) => {
                self.refuse(problem);
                return Typed::default();
            }
        };
        if let Some(table) = source.table
            && let Some(name) = table
                .columns
                .iter()
                .map(|it| it.name)
                .find(|name| *name == column.name)
        {
            self.reads.entry(table.name).or_default().insert(name);
        }
        if let Place::Groups(by) = place
            && !by.contains(&(source.alias.clone(), column.name.clone()))
        {
            self.refuse(format!(
                "`{}` is not in GROUP BY: add it there, or put it into MIN, MAX, SUM or COUNT",
                column.name
            ));
        }
        Typed {
            kind: column.kind,
            identifies_account: column.identifies_account,
            absent: column.absent,
            source: Some(source.alias.clone()),
            column: Some(column.name.clone()),
            null: false,
        }
    }

    fn literal(&mut self, value: &Value) -> Typed {
        match value {
            Value::SingleQuotedString(text) => {
                self.refuse_if(
                    text.contains('\\'),
                    "a backslash in a string has different meanings in different engines",
                );
                Typed::of(Kind::Text)
            }
            Value::Number(digits, false) => {
                self.refuse_if(
                    digits.parse::<i64>().is_err(),
                    "numbers must be 64-bit integers",
                );
                Typed::of(Kind::Integer)
            }
            Value::Boolean(_) => Typed::of(Kind::Boolean),
            Value::Null => Typed {
                null: true,
                ..Typed::default()
            },
            _ => {
                self.refuse(
                    "literals must be integers, TRUE, FALSE, NULL or strings in single quotes",
                );
                Typed::default()
            }
        }
    }

    fn binary(&mut self, op: &BinaryOperator, left: &Typed, right: &Typed) -> Typed {
        let (operand, result) = match op {
            BinaryOperator::And | BinaryOperator::Or => (Kind::Boolean, Kind::Boolean),
            BinaryOperator::StringConcat => (Kind::Text, Kind::Text),
            BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply => {
                (Kind::Integer, Kind::Integer)
            }
            BinaryOperator::Eq
            | BinaryOperator::NotEq
            | BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq => {
                self.comparable(left, right);
                return Typed::of(Kind::Boolean);
            }
            _ => {
                self.refuse(format!("the operator {op} is not in the portable subset"));
                return Typed::default();
            }
        };
        for side in [left, right] {
            expect_kind(self, side, operand, &op.to_string());
        }
        Typed::of(result)
    }

    fn comparable(&mut self, left: &Typed, right: &Typed) {
        self.refuse_if(
            left.null || right.null,
            "nothing is equal to NULL; use IS NULL or IS NOT NULL",
        );
        if let Some((a, b)) = left.kind.zip(right.kind).filter(|(a, b)| a != b) {
            self.refuse(format!("this compares {} with {}", shown(a), shown(b)));
        }
    }

    /// Records a further result, which must have the type of the previous ones.
    fn alike(&mut self, result: &mut Typed, next: &Typed, place: &str) {
        if let Some((a, b)) = result.kind.zip(next.kind).filter(|(a, b)| a != b) {
            self.refuse(format!(
                "the results of {place} are {} and {}; give them one type",
                shown(a),
                shown(b)
            ));
        }
        result.kind = result.kind.or(next.kind);
    }

    fn function(&mut self, function: &Function, sources: &[Source], place: Place<'_>) -> Typed {
        let name = function.name.to_string().to_ascii_uppercase();
        let aggregate = AGGREGATES.contains(&name.as_str());
        if !aggregate && !SCALARS.contains(&name.as_str()) {
            let shown: String = lambdasweep_model::printable(&name)
                .chars()
                .take(60)
                .collect();
            self.refuse(format!(
                "{shown} is not in the portable subset; it has {}, {}",
                SCALARS.join(", "),
                AGGREGATES.join(", ")
            ));
            return Typed::default();
        }
        self.refuse_if(
            function.over.is_some()
                || function.filter.is_some()
                || function.null_treatment.is_some()
                || !function.within_group.is_empty()
                || function.uses_odbc_syntax
                || !matches!(function.parameters, FunctionArguments::None),
            "window functions, FILTER and the like are not in the portable subset",
        );
        let FunctionArguments::List(list) = &function.args else {
            self.refuse(format!("{name} needs arguments in brackets"));
            return Typed::default();
        };
        let distinct = matches!(list.duplicate_treatment, Some(DuplicateTreatment::Distinct));
        self.refuse_if(
            !list.clauses.is_empty()
                || list.duplicate_treatment.is_some() && !(distinct && name == "COUNT"),
            "arguments take no modifiers, except DISTINCT in COUNT",
        );
        let inner = match place {
            Place::Groups(_) if aggregate => Place::Rows,
            Place::Rows if aggregate => {
                self.refuse(format!("{name} needs a GROUP BY in this SELECT, and is not allowed in WHERE, in ON or in another aggregate"));
                Place::Rows
            }
            place => place,
        };
        let (count, message) = match name.as_str() {
            "COALESCE" => (2..=usize::MAX, "two arguments or more"),
            "NULLIF" => (2..=2, "two arguments"),
            _ => (1..=1, "one argument"),
        };
        self.refuse_if(
            !count.contains(&list.args.len()),
            &format!("{name} takes {message}"),
        );
        let mut result = Typed::default();
        for argument in &list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => {
                    let typed = self.expression(expr, sources, inner);
                    if name != "COUNT" {
                        self.alike(&mut result, &typed, &name);
                    }
                }
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if name == "COUNT" && !distinct => {
                }
                _ => self.refuse(format!("the arguments of {name} are expressions")),
            }
        }
        match name.as_str() {
            "COUNT" => Typed::of(Kind::Integer),
            "SUM" => {
                expect_kind(self, &result, Kind::Integer, "SUM");
                Typed::of(Kind::Integer)
            }
            "LOWER" | "UPPER" => {
                expect_kind(self, &result, Kind::Text, &name);
                Typed::of(Kind::Text)
            }
            _ => result,
        }
    }
}
