//! Checks FROM: tables, CTEs and subqueries, and how they are joined.

use lambdasweep_tables::{Fact, Grain, Table};
use sqlparser::ast::{
    BinaryOperator, Expr, JoinConstraint, JoinOperator, TableAlias, TableFactor, TableWithJoins,
};

use super::Linter;
use super::expression::Place;
use super::relation::{Source, columns_of};
use super::select::{Answer, Cte};
use crate::subject::is_read_by_reference;

impl Linter<'_> {
    pub(super) fn from(&mut self, from: &TableWithJoins, ctes: &[Cte]) -> Vec<Source> {
        let mut sources: Vec<Source> = self.relation(&from.relation, ctes).into_iter().collect();
        for join in &from.joins {
            self.at(join);
            let joined = self.relation(&join.relation, ctes);
            let before = sources.len();
            if let Some(joined) = joined {
                if sources.iter().any(|source| source.alias == joined.alias) {
                    self.refuse(format!(
                        "two relations are named `{}`; give each its own alias",
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
                    self.refuse("JOIN and LEFT JOIN are the only joins in the portable subset");
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
                    "a join must stay within an account: join on function_arn, role_arn or account_id, or set `across-accounts: true`",
                );
            }
            for column in sources
                .get_mut(before)
                .into_iter()
                .flat_map(|joined| &mut joined.columns)
            {
                // The matching row of the organisation may be that of another account.
                column.identifies_account &= within;
                column.absent |= left;
            }
        }
        sources
    }

    /// Checks a join's condition: equal columns, joined by AND. Returns whether it stays within an
    /// account.
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
                a.identifies_account && b.identifies_account
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
                        let shared =
                            table.facts.iter().all(of_organization) || is_read_by_reference(table);
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
}

/// Whether checks may read a table: coverage and findings are reserved for the engine.
fn is_for_checks(table: &Table) -> bool {
    !table.facts.is_empty()
}
