//! Checks queries and SELECTs.

use std::collections::BTreeSet;

use lambdasweep_model::Status;
use lambdasweep_tables::Kind;
use sqlparser::ast::{
    Expr, GroupByExpr, Query, Select, SelectFlavor, SelectItem, SetExpr, SetOperator,
    SetQuantifier, Value,
};

use super::expression::{Place, expect_kind};
use super::relation::{Column, Source};
use super::{Linter, MOST_DEPTH};
use crate::check::FURTHER_OUTPUT;

/// A CTE: its name and its columns.
pub(super) type Cte = (String, Answer);

/// The result of a query.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) columns: Vec<Column>,
    /// Whether it is made only from the organisation's rows.
    pub(super) shared: bool,
}

impl Linter<'_> {
    /// Checks a query, and returns its columns. `top` is for the check's own query, whose columns
    /// are the result.
    pub(super) fn query(&mut self, query: &Query, ctes: &[Cte], top: bool) -> Answer {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            locks,
            for_clause,
            settings,
            format_clause,
            pipe_operators,
        } = query;
        self.at(query);
        self.refuse_if(
            order_by.is_some() || limit_clause.is_some() || fetch.is_some(),
            "findings have their own order; remove ORDER BY, LIMIT and FETCH",
        );
        self.refuse_if(
            !locks.is_empty()
                || for_clause.is_some()
                || settings.is_some()
                || format_clause.is_some()
                || !pipe_operators.is_empty(),
            "FOR, SETTINGS, FORMAT and |> are not in the portable subset",
        );
        let mut ctes = ctes.to_vec();
        for cte in with.iter().flat_map(|with| &with.cte_tables) {
            self.refuse_if(
                with.as_ref().is_some_and(|with| with.recursive),
                "recursive CTEs are not in the portable subset",
            );
            self.refuse_if(
                cte.from.is_some()
                    || cte.materialized.is_some()
                    || !cte.alias.columns.is_empty()
                    || cte.alias.at.is_some(),
                "a CTE is written `name AS (SELECT …)`; name its columns inside",
            );
            let name = self.name(&cte.alias.name);
            // A CTE that hides a table would hide which facts the check depends on.
            if lambdasweep_tables::table(&name).is_some()
                || ctes.iter().any(|(known, _)| *known == name)
            {
                self.refuse(format!("the CTE `{name}` has the name of a table or of another CTE; give it another one"));
            }
            let answer = self.query(&cte.query, &ctes, false);
            ctes.push((name, answer));
        }
        self.body(body, &ctes, top)
    }

    fn body(&mut self, body: &SetExpr, ctes: &[Cte], top: bool) -> Answer {
        match body {
            SetExpr::Select(select) => self.select(select, ctes, top),
            SetExpr::Query(query) => self.query(query, ctes, top),
            SetExpr::SetOperation { .. } if self.depth == MOST_DEPTH => {
                self.refuse(format!(
                    "more than {MOST_DEPTH} SELECTs in UNION ALL are too many"
                ));
                Answer::default()
            }
            SetExpr::SetOperation {
                op: SetOperator::Union,
                set_quantifier: SetQuantifier::All,
                left,
                right,
            } => {
                self.depth += 1;
                let (mut left, right) = (self.body(left, ctes, top), self.body(right, ctes, top));
                let (here, there) = (left.columns.len(), right.columns.len());
                if here != there {
                    self.refuse(format!(
                        "the sides of UNION ALL have {here} and {there} columns; both sides need the same number"
                    ));
                }
                self.depth -= 1;
                left.shared &= right.shared;
                for (column, other) in left.columns.iter_mut().zip(&right.columns) {
                    if column.kind.zip(other.kind).is_some_and(|(a, b)| a != b) {
                        self.refuse(format!(
                            "the column `{}` has another type on the other side of UNION ALL",
                            column.name
                        ));
                    }
                    column.kind = column.kind.or(other.kind);
                    column.identifies_account &= other.identifies_account;
                    column.absent |= other.absent;
                }
                left
            }
            other => {
                self.at(other);
                self.refuse("UNION ALL is the only set operation in the portable subset");
                Answer::default()
            }
        }
    }

    fn select(&mut self, select: &Select, ctes: &[Cte], top: bool) -> Answer {
        self.at(select);
        self.refuse_if(
            select.distinct.is_some(),
            "DISTINCT is not in the portable subset; use GROUP BY",
        );
        self.refuse_if(
            select.top.is_some()
                || select.select_modifiers.is_some()
                || !select.optimizer_hints.is_empty()
                || select.exclude.is_some()
                || select.into.is_some()
                || !select.lateral_views.is_empty()
                || select.prewhere.is_some()
                || !select.connect_by.is_empty()
                || !select.cluster_by.is_empty()
                || !select.distribute_by.is_empty()
                || !select.sort_by.is_empty()
                || !select.named_window.is_empty()
                || select.qualify.is_some()
                || select.value_table_mode.is_some()
                || select.flavor != SelectFlavor::Standard,
            "the portable subset of SELECT has FROM, JOIN, WHERE, GROUP BY and HAVING; remove the rest",
        );
        let sources = match select.from.as_slice() {
            [from] => self.from(from, ctes),
            _ => {
                self.refuse("a SELECT must read FROM one relation and join the others");
                return Answer::default();
            }
        };
        if let Some(condition) = &select.selection {
            let typed = self.expression(condition, &sources, Place::Rows);
            expect_kind(self, &typed, Kind::Boolean, "WHERE");
        }
        let by = self.group_by(&select.group_by, &sources);
        let place = if by.is_empty() {
            Place::Rows
        } else {
            Place::Groups(&by)
        };
        if let Some(condition) = &select.having {
            self.refuse_if(by.is_empty(), "HAVING needs a GROUP BY");
            let typed = self.expression(condition, &sources, place);
            expect_kind(self, &typed, Kind::Boolean, "HAVING");
        }
        let mut columns: Vec<Column> = Vec::new();
        for item in &select.projection {
            self.at(item);
            let (expr, name) = match item {
                SelectItem::ExprWithAlias { expr, alias } => (expr, self.name(alias)),
                SelectItem::UnnamedExpr(expr) => {
                    let name = match expr {
                        Expr::Identifier(name) => name.value.clone(),
                        Expr::CompoundIdentifier(path) => path
                            .last()
                            .map(|name| name.value.clone())
                            .unwrap_or_default(),
                        _ => {
                            self.refuse("name computed columns, as in `… AS detail`: engines name them differently");
                            format!("column {}", columns.len() + 1)
                        }
                    };
                    (expr, name)
                }
                _ => {
                    self.refuse("name the columns: `*` changes with the tables");
                    continue;
                }
            };
            let typed = self.expression(expr, &sources, place);
            if columns.iter().any(|column| column.name == name) {
                self.refuse(format!("two columns are named `{name}`"));
            }
            let answer = self.rules.subject.output();
            // By position: in a UNION ALL only the first side names the columns.
            let misnamed = name != "status" && answer.contains(&name.as_str());
            let whole = (answer.len()..=answer.len() + FURTHER_OUTPUT.len())
                .contains(&select.projection.len());
            if top && whole && answer.get(columns.len()) == Some(&"status") && !misnamed {
                self.statuses(expr);
            }
            if top && name == "severity" {
                self.severities(expr);
            }
            if top {
                expect_kind(self, &typed, Kind::Text, "a column of the result");
            }
            columns.push(Column {
                name,
                kind: typed.kind,
                identifies_account: typed.identifies_account,
                absent: typed.absent,
            });
        }
        Answer {
            columns,
            shared: all_shared(&sources),
        }
    }

    /// All possible strings of a status must be valid statuses.
    fn statuses(&mut self, expr: &Expr) {
        match expr {
            Expr::Case {
                conditions,
                else_result,
                ..
            } => {
                conditions
                    .iter()
                    .for_each(|when| self.statuses(&when.result));
                match else_result {
                    Some(otherwise) => self.statuses(otherwise),
                    None => self.refuse(
                        "the CASE of a status needs an ELSE: without one a row may have no status",
                    ),
                }
            }
            Expr::Nested(inner) => self.statuses(inner),
            Expr::Value(value) => {
                self.at(expr);
                match &value.value {
                    Value::SingleQuotedString(text) => {
                        if let Err(error) = text.parse::<Status>() {
                            self.refuse(error.to_string());
                        }
                    }
                    Value::Null => {
                        self.refuse("a status must not be NULL; use UNKNOWN if nothing is known")
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// All possible strings of a severity must be listed in the front matter.
    fn severities(&mut self, expr: &Expr) {
        match expr {
            Expr::Case {
                conditions,
                else_result,
                ..
            } => {
                conditions
                    .iter()
                    .for_each(|when| self.severities(&when.result));
                else_result
                    .iter()
                    .for_each(|otherwise| self.severities(otherwise));
            }
            Expr::Nested(inner) => self.severities(inner),
            Expr::Value(value) => {
                self.at(expr);
                if let Value::SingleQuotedString(text) = &value.value
                    && !self
                        .rules
                        .severities
                        .iter()
                        .any(|severity| severity.as_str() == text)
                {
                    let shown = lambdasweep_model::printable(text);
                    self.refuse(format!("the query returns the severity `{shown}`, which the front matter does not list"));
                }
            }
            _ => {}
        }
    }

    /// The columns that a SELECT groups by, each as relation and name.
    fn group_by(
        &mut self,
        group_by: &GroupByExpr,
        sources: &[Source],
    ) -> BTreeSet<(String, String)> {
        let GroupByExpr::Expressions(by, modifiers) = group_by else {
            self.refuse("GROUP BY ALL is not in the portable subset; name the columns");
            return BTreeSet::new();
        };
        self.refuse_if(
            !modifiers.is_empty(),
            "ROLLUP, CUBE and TOTALS are not in the portable subset",
        );
        let (mut columns, mut identifies_account) =
            (BTreeSet::new(), by.is_empty() || all_shared(sources));
        for expr in by {
            let typed = self.expression(expr, sources, Place::Rows);
            identifies_account |= typed.identifies_account && !typed.absent;
            match (typed.source, typed.column) {
                (Some(source), Some(column)) => {
                    columns.insert((source, column));
                }
                _ => {
                    self.at(expr);
                    self.refuse("GROUP BY takes only columns; compute anything else in a CTE");
                }
            }
        }
        if !identifies_account && !self.rules.across_accounts {
            self.refuse(
                "a group must stay within an account: group by function_arn, role_arn or account_id as well, or set `across-accounts: true`",
            );
        }
        columns
    }
}

fn all_shared(sources: &[Source]) -> bool {
    sources.iter().all(|source| source.shared)
}
