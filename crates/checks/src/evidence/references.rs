//! What resources refer to has to be read as well, wherever it is.

use std::collections::HashMap;

use lambdasweep_model::Outcome;
use lambdasweep_tables::{Fact, TablesError};
use polars::prelude::ChunkCompareEq;

use super::{Evidence, Gaps};
use crate::check::Check;
use crate::columns::{cells, text};
use crate::coverage::{Read, gap};
use crate::subject::{Link, SubjectKind};
use crate::subjects::Subjects;

impl Evidence<'_> {
    /// Why a fact does not count as read for what resources refer to, wherever that is. The linter
    /// sees to it that the query reads which they refer to.
    pub(super) fn of_references(
        &self,
        subjects: &Subjects,
        fact: Fact,
        other: SubjectKind,
        check: &Check,
    ) -> Result<Gaps, TablesError> {
        let links = subjects.kind.links(other, &check.reads);
        self.of_links(subjects, fact, &links)
    }

    /// A resource that is gone counts as read. One that is `not_found` does not, because services
    /// also return that to callers who may not see a resource of another account.
    fn of_links(
        &self,
        subjects: &Subjects,
        fact: Fact,
        links: &[Link],
    ) -> Result<Gaps, TablesError> {
        // By what refers, the first resource of which the fact was not read, and why.
        let mut gaps: HashMap<String, (String, String)> = HashMap::new();
        for link in links {
            let Some(frame) = self.frames.get(link.table) else {
                continue;
            };
            let named = text(frame, link.to)?;
            let frame = frame.filter(&(named.is_not_null() & named.not_equal("")))?;
            let named = text(&frame, link.to)?;
            let ends = self.ends(fact, named)?;
            let from = cells(text(&frame, link.from)?);
            for (row, (arn, end)) in cells(named).into_iter().zip(ends).enumerate() {
                let end = end.unwrap_or(Read::Uncovered);
                if matches!(end, Read::Not(Outcome::Gone, _)) {
                    continue;
                }
                let Some(gap) = gap(fact, &end) else { continue };
                let first = gaps.entry(from[row].to_owned());
                let first = first.or_insert_with(|| (arn.to_owned(), gap.clone()));
                if arn < first.0.as_str() {
                    *first = (arn.to_owned(), gap);
                }
            }
        }
        if gaps.is_empty() {
            return Ok(None);
        }
        let of = |(arn, account): (&str, &str)| {
            let own = gaps.get(arn).or_else(|| gaps.get(account));
            own.map(|(other, gap)| format!("{gap}, for {other}"))
        };
        let places = cells(&subjects.arn)
            .into_iter()
            .zip(cells(&subjects.account));
        Ok(Some(places.map(of).collect()))
    }
}

#[cfg(test)]
mod tests {
    use lambdasweep_tables::{CoverageRow, EventInvokeConfigRow, FunctionRow, Row, facts};

    use crate::evidence::{Evidence, Gaps};
    use crate::frames::Frames;
    use crate::registry::Registry;
    use crate::subject::{Link, SubjectKind};
    use crate::testing::row;

    /// What functions refer to has to be read wherever it is; what is gone was read. The link is
    /// made by hand, so that the test rests on no single table that is read by reference.
    #[test]
    fn what_is_referred_to_has_to_be_read() {
        let registry = Registry::builtin().expect("checks");
        let check = registry
            .get("failure-destination-missing")
            .expect("a check");
        let mut frames = Frames::new(&[check]);
        let names = [
            "ok",
            "gone",
            "hidden",
            "denied",
            "uncovered",
            "none",
            "several",
            "conflicting",
        ];
        let function =
            |name: &str| format!("arn:aws:lambda:eu-west-1:111111111111:function:{name}");
        let queue = |name: &str| format!("arn:aws:sqs:eu-west-1:999999999999:{name}");
        let functions: Vec<FunctionRow> = names
            .iter()
            .map(|name| {
                row(&[
                    ("account_id", "111111111111"),
                    ("region", "eu-west-1"),
                    ("function_arn", &function(name)),
                ])
            })
            .collect();
        let named = [
            ("ok", "ok"),
            ("gone", "gone"),
            ("hidden", "hidden"),
            ("denied", "denied"),
            ("uncovered", "uncovered"),
            ("several", "ok"),
            ("several", "uncovered"),
            ("several", "denied"),
            ("conflicting", "conflicting"),
        ];
        let configs: Vec<EventInvokeConfigRow> = named
            .iter()
            .map(|(of, target)| {
                row(&[
                    ("function_arn", &function(of)),
                    ("on_failure_destination_arn", &queue(target)),
                ])
            })
            .collect();
        let outcomes = [
            ("ok", "ok"),
            ("gone", "gone"),
            ("hidden", "not_found"),
            ("denied", "denied"),
            ("conflicting", "ok"),
            ("conflicting", "denied"),
        ];
        let coverage: Vec<CoverageRow> = outcomes
            .iter()
            .map(|(target, outcome)| {
                row(&[
                    ("account_id", "999999999999"),
                    ("region", "eu-west-1"),
                    ("resource_arn", &queue(target)),
                    ("fact", "event_invoke_configs"),
                    ("outcome", outcome),
                ])
            })
            .collect();
        for (table, frame) in [
            ("functions", FunctionRow::frame(&functions)),
            (
                "event_invoke_configs",
                EventInvokeConfigRow::frame(&configs),
            ),
            ("coverage", CoverageRow::frame(&coverage)),
        ] {
            frames.insert(table, [frame]).expect("inserted");
        }
        let evidence = Evidence::new(&frames).expect("evidence");
        let kind = SubjectKind::named("function").expect("a kind");
        let subjects = evidence.subjects(kind).expect("functions");
        let link = Link {
            table: "event_invoke_configs",
            from: "function_arn",
            to: "on_failure_destination_arn",
        };
        let gaps: Gaps = evidence
            .of_links(&subjects, facts::EVENT_INVOKE_CONFIGS, &[link])
            .expect("gaps");
        let gaps = gaps.expect("some");
        let of = |name: &str| {
            let at = subjects
                .arn
                .iter()
                .position(|arn| arn == Some(&function(name)));
            gaps.get(at.expect("a function")).map(str::to_owned)
        };
        let fact = "event_invoke_configs";
        let denied = format!("{fact} was not read: denied, for {}", queue("denied"));
        for read in ["ok", "gone", "none"] {
            assert_eq!(of(read), None, "{read}");
        }
        assert_eq!(of("denied").as_ref(), Some(&denied));
        assert_eq!(of("several"), Some(denied));
        let uncovered = format!("no coverage record for {fact}, for {}", queue("uncovered"));
        assert_eq!(of("uncovered"), Some(uncovered));
        let conflict = format!(
            "coverage records for {fact} conflict, for {}",
            queue("conflicting")
        );
        assert_eq!(of("conflicting"), Some(conflict));
    }

    /// Links follow the declarations, and only columns that the query reads.
    #[test]
    fn links_are_those_of_the_declarations() {
        let kind = |name| SubjectKind::named(name).expect("a kind");
        let reads = [
            ("functions", ["function_arn", "role_arn"].into()),
            ("function_versions", ["version", "role_arn"].into()),
            ("roles", ["role_arn"].into()),
        ];
        let link = |table| Link {
            table,
            from: "function_arn",
            to: "role_arn",
        };
        let links = kind("function").links(kind("role"), &reads.clone().into());
        assert_eq!(links, [link("function_versions"), link("functions")]);
        let fewer = [("functions", ["function_arn"].into())];
        assert_eq!(kind("function").links(kind("role"), &fewer.into()), []);
        assert_eq!(kind("role").links(kind("function"), &reads.into()), []);
    }
}
