//! The walk over queries, SELECTs and what stands in their FROM.

use std::collections::BTreeSet;

use lambdasweep_model::Status;
use lambdasweep_tables::{Fact, Grain, Kind, Table};
use sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, JoinConstraint, JoinOperator, Query, Select, SelectFlavor,
    SelectItem, SetExpr, SetOperator, SetQuantifier, TableAlias, TableFactor, TableWithJoins,
    Value,
};

use super::expression::{Place, expect_kind};
use super::relation::{Column, Source, columns_of};
use super::{Linter, MOST_DEPTH};
use crate::check::FURTHER_OUTPUT;

/// A CTE: its name and what it answers.
type Cte = (String, Answer);

/// What a query answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) columns: Vec<Column>,
    /// Whether it is made of the organisation's rows alone.
    shared: bool,
}

impl Linter<'_> {
    /// Walks a query, and tells its columns. `top` is for the check's own query, whose columns are
    /// the answer.
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
            "findings have an order of their own: leave ORDER BY, LIMIT and FETCH out",
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
            // A CTE that hides a table would hide which facts the check rests on.
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
                        "the sides of UNION ALL have {here} and {there} columns; give them as many"
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
                    column.tells_account &= other.tells_account;
                    column.absent |= other.absent;
                }
                left
            }
            other => {
                self.at(other);
                self.refuse("of the set operations only UNION ALL is in the portable subset");
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
            "of SELECT the portable subset has FROM, JOIN, WHERE, GROUP BY and HAVING; leave the rest out",
        );
        let sources = match select.from.as_slice() {
            [from] => self.from(from, ctes),
            _ => {
                self.refuse("a SELECT reads FROM one relation, and joins the others");
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
                            self.refuse("name what is worked out, as in `… AS detail`: engines give it names of their own");
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
            // By its place: of the sides of a UNION ALL only the first names its columns.
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
                expect_kind(self, &typed, Kind::Text, "a column of the answer");
            }
            columns.push(Column {
                name,
                kind: typed.kind,
                tells_account: typed.tells_account,
                absent: typed.absent,
            });
        }
        Answer {
            columns,
            shared: all_shared(&sources),
        }
    }

    /// The texts that a status can be have to be statuses.
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
                        self.refuse("a status is never NULL; where nothing is known it is UNKNOWN")
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// The texts that a severity can be have to be among those that the front matter lists.
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
                    self.refuse(format!("the query answers with the severity `{shown}`, which the front matter does not list"));
                }
            }
            _ => {}
        }
    }

    fn from(&mut self, from: &TableWithJoins, ctes: &[Cte]) -> Vec<Source> {
        let mut sources: Vec<Source> = self.relation(&from.relation, ctes).into_iter().collect();
        for join in &from.joins {
            self.at(join);
            let joined = self.relation(&join.relation, ctes);
            let before = sources.len();
            if let Some(joined) = joined {
                if sources.iter().any(|source| source.alias == joined.alias) {
                    self.refuse(format!(
                        "two relations are named `{}`; give each an alias of its own",
                        joined.alias
                    ));
                }
                sources.push(joined);
            }
            let constraint = match &join.join_operator {
                JoinOperator::Join(constraint)
                | JoinOperator::Inner(constraint)
                | JoinOperator::Left(constraint)
                | JoinOperator::LeftOuter(constraint)
                    if !join.global =>
                {
                    constraint
                }
                _ => {
                    self.refuse("of the joins only JOIN and LEFT JOIN are in the portable subset");
                    continue;
                }
            };
            let JoinConstraint::On(condition) = constraint else {
                self.refuse("a join needs `ON left.column = right.column`; USING and NATURAL differ from engine to engine");
                continue;
            };
            let within = self.join_condition(condition, &sources, before);
            let left = matches!(
                join.join_operator,
                JoinOperator::Left(_) | JoinOperator::LeftOuter(_)
            );
            let shared = sources.get(before).is_some_and(|joined| joined.shared);
            if !within && !shared && !self.rules.across_accounts {
                self.refuse(
                    "a join has to keep within the account: join on function_arn, role_arn or account_id, or say `across-accounts: true`",
                );
            }
            for column in sources
                .get_mut(before)
                .into_iter()
                .flat_map(|joined| &mut joined.columns)
            {
                // The organisation's row that was found may be another account's.
                column.tells_account &= within;
                column.absent |= left;
            }
        }
        sources
    }

    /// Walks a join's condition: columns that are equal, joined by AND. Tells whether it keeps
    /// within the account.
    fn join_condition(&mut self, condition: &Expr, sources: &[Source], before: usize) -> bool {
        self.at(condition);
        match condition {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::And,
                right,
            } => {
                let left = self.join_condition(left, sources, before);
                self.join_condition(right, sources, before) || left
            }
            Expr::BinaryOp {
                left,
                op: BinaryOperator::Eq,
                right,
            } => {
                let (a, b) = (
                    self.expression(left, sources, Place::Rows),
                    self.expression(right, sources, Place::Rows),
                );
                let joined = sources.get(before).map(|source| source.alias.as_str());
                let sides = [&a, &b]
                    .map(|side| side.source.as_deref().map(|source| Some(source) == joined));
                if !matches!(sides, [Some(true), Some(false)] | [Some(false), Some(true)]) {
                    self.refuse(
                        "ON compares columns of the joined relation with columns of one before it; put other conditions into WHERE or a CTE",
                    );
                }
                a.tells_account && b.tells_account
            }
            _ => {
                self.refuse("ON holds `left.column = right.column`, several joined by AND, without brackets; put other conditions into WHERE or a CTE");
                true
            }
        }
    }

    fn relation(&mut self, factor: &TableFactor, ctes: &[Cte]) -> Option<Source> {
        self.at(factor);
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
                let name = name.to_string();
                let alias = self.alias(alias.as_ref()).unwrap_or_else(|| name.clone());
                if let Some((_, answer)) = ctes.iter().find(|(cte, _)| *cte == name) {
                    return Some(Source {
                        alias,
                        table: None,
                        columns: answer.columns.clone(),
                        shared: answer.shared,
                    });
                }
                match lambdasweep_tables::table(&name).filter(|table| is_for_checks(table)) {
                    Some(table) => {
                        self.reads.entry(table.name).or_default();
                        let of_organization = |fact: &Fact| fact.grain() == Grain::Organization;
                        let shared = table.facts.iter().all(of_organization);
                        Some(Source {
                            alias,
                            table: Some(table),
                            columns: columns_of(table),
                            shared,
                        })
                    }
                    None => {
                        let known = lambdasweep_tables::TABLES
                            .iter()
                            .filter(|table| is_for_checks(table))
                            .map(|table| table.name);
                        let near = crate::nearest::nearest(&name, known);
                        let hint =
                            near.map_or_else(String::new, |near| format!("did you mean {near}? "));
                        let shown = lambdasweep_model::printable(&name);
                        self.refuse(format!("there is no table `{shown}` for checks; {hint}docs/tables.md lists them"));
                        None
                    }
                }
            }
            TableFactor::Derived {
                lateral: false,
                subquery,
                alias,
                sample: None,
            } => {
                let Answer { columns, shared } = self.query(subquery, ctes, false);
                self.at(factor);
                match self.alias(alias.as_ref()) {
                    Some(alias) => Some(Source {
                        alias,
                        table: None,
                        columns,
                        shared,
                    }),
                    None => {
                        self.refuse("a subquery in FROM needs an alias");
                        None
                    }
                }
            }
            _ => {
                self.refuse(
                    "FROM holds tables, CTEs and subqueries; table functions, UNNEST, LATERAL, samples and nested joins are not portable",
                );
                None
            }
        }
    }

    fn alias(&mut self, alias: Option<&TableAlias>) -> Option<String> {
        let alias = alias?;
        self.refuse_if(
            !alias.columns.is_empty() || alias.at.is_some(),
            "an alias is a name only; name the columns inside",
        );
        Some(self.name(&alias.name))
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
        let (mut columns, mut tells_account) =
            (BTreeSet::new(), by.is_empty() || all_shared(sources));
        for expr in by {
            let typed = self.expression(expr, sources, Place::Rows);
            tells_account |= typed.tells_account && !typed.absent;
            match (typed.source, typed.column) {
                (Some(source), Some(column)) => {
                    columns.insert((source, column));
                }
                _ => {
                    self.at(expr);
                    self.refuse("GROUP BY names columns; work out anything else in a CTE");
                }
            }
        }
        if !tells_account && !self.rules.across_accounts {
            self.refuse(
                "a group has to keep within the account: group by function_arn, role_arn or account_id too, or say `across-accounts: true`",
            );
        }
        columns
    }
}

fn all_shared(sources: &[Source]) -> bool {
    sources.iter().all(|source| source.shared)
}

/// Whether checks may read a table: what was read and what was found is the engine's business.
fn is_for_checks(table: &Table) -> bool {
    !table.facts.is_empty()
}
