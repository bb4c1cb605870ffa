//! What came of each security practice.

use std::collections::BTreeMap;

use lambdasweep_checks::{PRACTICES, practice};
use lambdasweep_model::Status;

use super::Summary;
use super::render::{header, number};
use crate::layout::{Cell, Look, Style, columns};

/// The figures of one practice.
#[derive(Debug, Clone, Copy, Default)]
struct OfPractice {
    checks: u64,
    faults: u64,
    unknown: u64,
}

/// A line for each practice: its checks, what they found, and what is unknown. A practice without a
/// check was not judged, which must not look like one without a fault.
pub(super) fn practices_table(out: &mut String, summary: &Summary, style: Style) {
    let known = (1..).take(PRACTICES.len());
    let mut practices: BTreeMap<u8, OfPractice> = known
        .map(|number| (number, OfPractice::default()))
        .collect();
    for (check, number) in &summary.practices {
        let figures = practices.entry(*number).or_default();
        figures.checks += 1;
        if let Some(counts) = summary.checks.get(check) {
            figures.faults += counts.faults();
            figures.unknown += counts.of(Status::Unknown);
        }
    }
    let titles = ["Checks", "Faults", "UNKNOWN"];
    let titles = titles.map(|title| header(title).right());
    let mut rows = vec![[vec![header("Practice"), header("")], titles.to_vec()].concat()];
    for (at, figures) in practices {
        let name = practice(at).unwrap_or("your own");
        let mut row = vec![number(at.into())];
        if figures.checks == 0 {
            row.push(Cell::new(&format!("{name}: not judged")).look(Look::DOUBTFUL));
            row.push(number(0));
            row.extend(["-"; 2].map(|none| Cell::new(none).right()));
        } else {
            row.push(Cell::new(name));
            let OfPractice {
                checks,
                faults,
                unknown,
            } = figures;
            row.extend([checks, faults, unknown].map(number));
        }
        rows.push(row);
    }
    columns(out, &rows, 0, style);
}
