//! Deprecation dates of Lambda runtimes, as data.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;

/// When a runtime is deprecated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deprecation {
    /// On that date.
    On(Date),
    /// AWS has published no date.
    NotPlanned,
}

impl Deprecation {
    /// Whether the runtime is deprecated on a date, starting with the deprecation date itself.
    pub(crate) fn has_come(self, on: Date) -> bool {
        matches!(self, Self::On(date) if date <= on)
    }

    /// The date, if there is one.
    pub(crate) fn date(self) -> Option<Date> {
        match self {
            Self::On(date) => Some(date),
            Self::NotPlanned => None,
        }
    }
}

/// The deprecation of a runtime; `None` if it is unknown to this release.
pub(crate) fn deprecation(runtime: &str) -> Option<Deprecation> {
    static RUNTIMES: LazyLock<HashMap<&str, Deprecation>> =
        LazyLock::new(|| parse(include_str!("../data/runtimes.tsv")).collect());
    RUNTIMES.get(runtime).copied()
}

fn parse(table: &str) -> impl Iterator<Item = (&str, Deprecation)> {
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut cells = line.split('\t');
            let runtime = cells.next()?;
            let deprecation = match cells.next()? {
                "-" => Deprecation::NotPlanned,
                date => Deprecation::On(date.parse().ok()?),
            };
            Some((runtime, deprecation))
        })
}

#[cfg(test)]
mod tests {
    use super::{Deprecation, deprecation, parse};
    use jiff::civil::date;

    #[test]
    fn every_line_of_the_table_is_read() {
        let table = include_str!("../data/runtimes.tsv");
        let lines = table.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(parse(table).count(), lines);
        assert!(lines > 40);
    }

    #[test]
    fn a_runtime_is_deprecated_from_its_date_on() {
        let node = deprecation("nodejs20.x").expect("known");
        assert_eq!(node, Deprecation::On(date(2026, 4, 30)));
        assert!(!node.has_come(date(2026, 4, 29)) && node.has_come(date(2026, 4, 30)));
        assert_eq!(deprecation("python3.15"), Some(Deprecation::NotPlanned));
        assert_eq!(deprecation("cobol85"), None);
    }
}
