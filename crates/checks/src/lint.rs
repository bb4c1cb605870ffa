//! Keeps queries within the portable subset: what Polars, DuckDB, Spark SQL and Athena read alike.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use lambdasweep_model::Fact;
use sqlparser::ast::{
    Expr, FunctionArguments, GroupByExpr, JoinOperator, ObjectName, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier,
    Spanned, Statement, TableFactor, Visit, Visitor,
};
use sqlparser::dialect::AnsiDialect;
use sqlparser::parser::Parser;

/// Functions that all engines have, with one meaning.
const FUNCTIONS: &[&str] = &["COALESCE", "COUNT", "MIN", "MAX", "SUM", "LOWER", "UPPER", "NULLIF"];

/// Which facts have to be read so that a table is filled.
fn facts_of(table: &str) -> &'static [Fact] {
    match table {
        "functions" | "function_environment" | "function_layers" => &[Fact::Functions],
        "function_qualifiers" => &[Fact::Functions, Fact::Aliases],
        "function_urls" => &[Fact::FunctionUrls],
        "resource_policy_statements" => &[Fact::ResourcePolicies],
        "event_invoke_configs" => &[Fact::EventInvokeConfigs],
        "code_signing_configs" | "code_signing_attachments" => &[Fact::CodeSigning],
        "concurrency" | "function_states" | "function_tags" => &[Fact::FunctionDetails],
        "account_settings" => &[Fact::AccountSettings],
        "runtime_management" => &[Fact::RuntimeManagement],
        "roles" | "role_policies" => &[Fact::Roles],
        "regions" => &[Fact::Regions],
        _ => &[],
    }
}

/// A line within the query, from 0, and what is wrong there.
type Problem = (u64, String);

/// Checks a query, and tells which tables it reads.
pub(crate) fn lint(sql: &str, facts: &[Fact]) -> Result<BTreeSet<&'static str>, Problem> {
    let statements = Parser::parse_sql(&AnsiDialect {}, sql).map_err(|error| (0, format!("the query cannot be read: {error}")))?;
    let [Statement::Query(query)] = statements.as_slice() else {
        return Err((0, "a check has one query, a SELECT".to_owned()));
    };
    let mut linter = Linter {
        ctes: query.with.iter().flat_map(|with| with.cte_tables.iter().map(|cte| cte.alias.name.value.clone())).collect(),
        ..Linter::default()
    };
    if query.with.as_ref().is_some_and(|with| with.recursive) {
        return Err((0, "recursive CTEs are not portable".to_owned()));
    }
    if let ControlFlow::Break(problem) = query.visit(&mut linter) {
        return Err(problem);
    }
    check_output(query)?;
    for table in &linter.tables {
        for fact in facts_of(table) {
            if !facts.contains(fact) {
                return Err((0, format!("the query reads {table}, so that `facts` has to name {fact}")));
            }
        }
    }
    linter.check_columns()?;
    Ok(linter.tables)
}

/// The columns that come out have to be resource_arn, status and detail.
fn check_output(query: &Query) -> Result<(), Problem> {
    let mut body = query.body.as_ref();
    while let SetExpr::SetOperation { left, .. } = body {
        body = left;
    }
    let names: Vec<String> = match body {
        SetExpr::Select(select) => select
            .projection
            .iter()
            .map(|item| match item {
                SelectItem::ExprWithAlias { alias, .. } => alias.value.clone(),
                SelectItem::UnnamedExpr(Expr::Identifier(name)) => name.value.clone(),
                SelectItem::UnnamedExpr(Expr::CompoundIdentifier(names)) => names.last().map(|it| it.value.clone()).unwrap_or_default(),
                _ => String::new(),
            })
            .collect(),
        _ => Vec::new(),
    };
    if names == ["resource_arn", "status", "detail"] {
        Ok(())
    } else {
        Err((0, format!("the query has to answer with the columns resource_arn, status, detail; it answers with {}", names.join(", "))))
    }
}

#[derive(Default)]
struct Linter {
    ctes: BTreeSet<String>,
    tables: BTreeSet<&'static str>,
    /// Names that the query itself gives to columns.
    named: BTreeSet<String>,
    used: Vec<(u64, String)>,
}

fn line_of(node: &impl Spanned) -> u64 {
    node.span().start.line.saturating_sub(1)
}

fn refuse(node: &impl Spanned, problem: impl Into<String>) -> ControlFlow<Problem> {
    ControlFlow::Break((line_of(node), problem.into()))
}

impl Linter {
    fn check_columns(&self) -> Result<(), Problem> {
        let known: BTreeSet<&str> = self
            .tables
            .iter()
            .filter_map(|name| lambdasweep_tables::table(name))
            .flat_map(|table| table.columns.iter().map(|it| it.name))
            .collect();
        match self.used.iter().find(|(_, name)| !known.contains(name.as_str()) && !self.named.contains(name)) {
            Some((line, name)) => Err((*line, format!("no table that the query reads has a column `{name}`"))),
            None => Ok(()),
        }
    }

    fn select(&mut self, select: &Select) -> ControlFlow<Problem> {
        if select.distinct.is_some()
            || select.top.is_some()
            || select.having.is_some() && matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty())
        {
            return refuse(select, "DISTINCT, TOP and HAVING without GROUP BY are not in the portable subset; use GROUP BY");
        }
        for item in &select.projection {
            match item {
                SelectItem::ExprWithAlias { alias, .. } => {
                    self.named.insert(alias.value.clone());
                }
                SelectItem::UnnamedExpr(_) => {}
                _ => return refuse(item, "name the columns: `*` changes with the tables"),
            }
        }
        for joined in select.from.iter().flat_map(|from| &from.joins) {
            if !matches!(
                joined.join_operator,
                JoinOperator::Join(_) | JoinOperator::Inner(_) | JoinOperator::Left(_) | JoinOperator::LeftOuter(_)
            ) {
                return refuse(joined, "only JOIN and LEFT JOIN are in the portable subset");
            }
        }
        if select.from.len() != 1 {
            return refuse(select, "a SELECT reads FROM one table, and joins the others");
        }
        ControlFlow::Continue(())
    }
}

impl Visitor for Linter {
    type Break = Problem;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Problem> {
        if query.order_by.is_some() || query.limit_clause.is_some() || query.fetch.is_some() {
            return refuse(query, "findings have an order of their own: leave ORDER BY and LIMIT out");
        }
        let mut waiting = vec![query.body.as_ref()];
        while let Some(body) = waiting.pop() {
            match body {
                SetExpr::Select(select) => self.select(select)?,
                SetExpr::Query(_) => {}
                SetExpr::SetOperation { op: SetOperator::Union, set_quantifier: SetQuantifier::All, left, right } => {
                    waiting.extend([left.as_ref(), right.as_ref()])
                }
                other => return refuse(other, "of the set operations only UNION ALL is in the portable subset"),
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<Problem> {
        let name = relation.to_string();
        if self.ctes.contains(&name) {
            return ControlFlow::Continue(());
        }
        match lambdasweep_tables::table(&name) {
            Some(table) if !matches!(table.name, "findings" | "check_results" | "coverage") => {
                self.tables.insert(table.name);
                ControlFlow::Continue(())
            }
            _ => refuse(relation, format!("there is no table `{name}` for checks; docs/tables.md lists them")),
        }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<Problem> {
        match factor {
            TableFactor::Table { args: None, .. } | TableFactor::NestedJoin { .. } => ControlFlow::Continue(()),
            TableFactor::Derived { lateral: false, .. } => ControlFlow::Continue(()),
            other => refuse(other, "table functions, UNNEST and LATERAL are not in the portable subset"),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<Problem> {
        match expr {
            Expr::Identifier(name) => self.used.push((name.span.start.line.saturating_sub(1), name.value.clone())),
            Expr::CompoundIdentifier(names) => {
                if let Some(name) = names.last() {
                    self.used.push((name.span.start.line.saturating_sub(1), name.value.clone()));
                }
            }
            Expr::Function(function) => {
                let name = function.name.to_string().to_ascii_uppercase();
                if !FUNCTIONS.contains(&name.as_str()) {
                    return refuse(expr, format!("{name} is not in the portable subset; it has {}", FUNCTIONS.join(", ")));
                }
                if function.over.is_some() || function.filter.is_some() || !matches!(function.args, FunctionArguments::List(_)) {
                    return refuse(expr, "window functions and FILTER are not in the portable subset");
                }
            }
            Expr::InSubquery { .. } | Expr::Subquery(_) | Expr::Exists { .. } => {
                return refuse(expr, "subqueries in expressions are not in the portable subset; use a LEFT JOIN and IS NULL");
            }
            Expr::Like { any: false, escape_char: None, .. }
            | Expr::Value(_)
            | Expr::Nested(_)
            | Expr::BinaryOp { .. }
            | Expr::UnaryOp { .. }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsNotTrue(_)
            | Expr::IsNotFalse(_)
            | Expr::Between { .. }
            | Expr::Case { .. }
            | Expr::InList { .. }
            | Expr::Cast { .. } => {}
            other => return refuse(other, format!("`{other}` is not in the portable subset of SQL")),
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::lint;
    use lambdasweep_model::Fact;

    #[test]
    fn takes_the_portable_subset() {
        for sql in [
            "SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions",
            "SELECT f.function_arn AS resource_arn, CASE WHEN u.auth_type IS NULL THEN 'PASS' ELSE 'FAIL' END AS status, COALESCE(u.function_url, '') AS detail \
             FROM functions f LEFT JOIN function_urls u ON u.function_arn = f.function_arn AND u.auth_type IN ('NONE', 'AWS_IAM')",
            "WITH n AS (SELECT role_arn, COUNT(*) AS users FROM functions GROUP BY role_arn) SELECT role_arn AS resource_arn, 'FAIL' AS status, 'x' AS detail FROM n WHERE users > 1",
            "SELECT function_arn AS resource_arn, 'FAIL' AS status, '' AS detail FROM functions UNION ALL SELECT function_arn, 'PASS', '' FROM functions",
        ] {
            assert!(
                lint(sql, &[Fact::Functions, Fact::FunctionUrls]).is_ok(),
                "{sql}: {:?}",
                lint(sql, &[Fact::Functions, Fact::FunctionUrls])
            );
        }
    }

    #[test]
    fn refuses_the_rest_and_says_why() {
        for (sql, why) in [
            ("SELECT * FROM functions", "name the columns"),
            ("DELETE FROM functions", "one query"),
            ("SELECT function_arn AS resource_arn, 'PASS' AS status FROM functions", "columns resource_arn"),
            ("SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions; DROP TABLE functions", "one query"),
            (
                "SELECT function_arn AS resource_arn, 'PASS' AS status, nope AS detail FROM functions",
                "no table that the query reads has a column `nope`",
            ),
            ("SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM secrets", "there is no table `secrets`"),
            ("SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM findings", "there is no table `findings`"),
            ("SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM read_parquet('/etc/passwd')", "no"),
            (
                "SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions WHERE function_arn NOT IN (SELECT function_arn FROM function_urls)",
                "LEFT JOIN",
            ),
            (
                "SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions WHERE REGEXP_LIKE(function_name, 'a')",
                "REGEXP_LIKE",
            ),
            ("SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions ORDER BY 1", "ORDER BY"),
            (
                "SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions UNION SELECT function_arn, 'PASS', '' FROM functions",
                "UNION ALL",
            ),
            ("SELECT function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM concurrency", "facts"),
        ] {
            let (_, problem) = lint(sql, &[Fact::Functions, Fact::FunctionUrls]).expect_err(sql);
            assert!(problem.contains(why), "{sql}: {problem}");
        }
    }
}
