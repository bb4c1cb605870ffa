//! Deprecation dates of Lambda runtimes, as data.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;

/// When something happens to a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// On that date.
    On(Date),
    /// AWS has published no date.
    NotPlanned,
}

impl When {
    /// Whether it has happened on a date, starting with its own date.
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

    /// How many days after a date it happens; negative if it has.
    pub(crate) fn days_after(self, date: Date) -> Option<i64> {
        let days = date.until(self.date()?).ok()?.get_days();
        Some(days.into())
    }
}

/// What happens to a runtime, and when.
#[derive(Debug, Clone, Copy)]
struct Runtime {
    deprecated: When,
    /// From then on, functions that use it cannot be updated.
    updates_blocked: When,
}

/// The deprecation of a runtime; `None` if it is unknown to this release.
pub(crate) fn deprecation(runtime: &str) -> Option<When> {
    known(runtime).map(|it| it.deprecated)
}

/// When AWS stops updates of functions with a runtime; `None` if it is unknown to this release.
pub(crate) fn updates_blocked(runtime: &str) -> Option<When> {
    known(runtime).map(|it| it.updates_blocked)
}

fn known(runtime: &str) -> Option<Runtime> {
    static RUNTIMES: LazyLock<HashMap<&str, Runtime>> =
        LazyLock::new(|| parse(include_str!("../data/runtimes.tsv")).collect());
    RUNTIMES.get(runtime).copied()
}

fn parse(table: &str) -> impl Iterator<Item = (&str, Runtime)> {
    let when = |cell: &str| match cell {
        "-" => Some(When::NotPlanned),
        date => Some(When::On(date.parse().ok()?)),
    };
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(move |line| {
            let mut cells = line.split('\t');
            let runtime = cells.next()?;
            let deprecated = when(cells.next()?)?;
            let updates_blocked = when(cells.nth(1)?)?;
            let runtime_dates = Runtime {
                deprecated,
                updates_blocked,
            };
            Some((runtime, runtime_dates))
        })
}

#[cfg(test)]
mod tests {
    use super::{When, deprecation, parse, updates_blocked};
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
        assert_eq!(node, When::On(date(2026, 4, 30)));
        assert!(!node.has_come(date(2026, 4, 29)) && node.has_come(date(2026, 4, 30)));
        assert_eq!(deprecation("python3.15"), Some(When::NotPlanned));
        assert_eq!(deprecation("cobol85"), None);
        assert_eq!(node.days_after(date(2026, 4, 20)), Some(10));
        assert_eq!(node.days_after(date(2027, 4, 30)), Some(-365));
    }

    #[test]
    fn updates_are_blocked_later_than_a_runtime_is_deprecated() {
        let blocked = |runtime| updates_blocked(runtime).expect("known");
        assert_eq!(blocked("nodejs20.x"), When::On(date(2027, 3, 3)));
        assert_eq!(blocked("nodejs12.x"), When::On(date(2023, 4, 30)));
        assert_eq!(blocked("python3.15"), When::NotPlanned);
    }
}
