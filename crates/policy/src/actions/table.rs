//! The table of actions in memory: decompressed at its first use, and searched by service and by
//! the beginning of a name.

use std::borrow::Cow;
use std::io::Read;
use std::sync::LazyLock;

use super::{AccessLevel, Action, LevelSet, lower};
use crate::overlap;
use crate::pattern::glob;

static COMPRESSED: &[u8] = include_bytes!("../../data/actions.txt.zst");

/// The text, once as it is and once in lower case, at the same places.
static TEXT: LazyLock<(String, String)> = LazyLock::new(|| {
    let mut text = String::new();
    // The data is part of the program and a test reads it; were it broken, every action would be
    // unknown.
    if let Ok(mut decoder) = zstd::Decoder::new(COMPRESSED) {
        let _ = decoder.read_to_string(&mut text);
    }
    let small = text.to_ascii_lowercase();
    (text, small)
});

static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(&TEXT.0, &TEXT.1));

#[derive(Default)]
struct Table {
    header: Vec<&'static str>,
    services: Vec<Service>,
    entries: Vec<Entry>,
    levels: LevelSet,
}

/// A service: its prefix, and where its actions are among the entries.
pub(super) struct Service {
    name: &'static str,
    from: usize,
    to: usize,
    levels: LevelSet,
}

/// An action within its service.
pub(super) struct Entry {
    name: &'static str,
    small: &'static str,
    level: AccessLevel,
    types: &'static str,
}

impl Table {
    fn read(text: &'static str, small: &'static str) -> Self {
        let mut table = Self::default();
        for (line, small) in text.lines().zip(small.lines()) {
            if let Some(header) = line.strip_prefix("# ") {
                table.header.push(header);
            } else if let Some(name) = line.strip_prefix('@') {
                let at = table.entries.len();
                table.services.push(Service {
                    name,
                    from: at,
                    to: at,
                    levels: LevelSet::default(),
                });
            } else if let Some(service) = table.services.last_mut() {
                let mut fields = line.split('\t');
                let name = fields.next().unwrap_or_default();
                let level = match fields.next() {
                    Some("L") => AccessLevel::List,
                    Some("R") => AccessLevel::Read,
                    Some("T") => AccessLevel::Tagging,
                    Some("W") => AccessLevel::Write,
                    Some("P") => AccessLevel::PermissionsManagement,
                    _ => AccessLevel::Unknown,
                };
                let types = fields.next().unwrap_or_default();
                let entry = Entry {
                    name,
                    small: small.split('\t').next().unwrap_or_default(),
                    level,
                    types,
                };
                service.to += 1;
                service.levels = service.levels.with(&entry);
                table.entries.push(entry);
            }
        }
        table.levels = table
            .services
            .iter()
            .fold(LevelSet::default(), |levels, service| {
                levels.or(service.levels)
            });
        table
    }

    /// The services whose prefix matches a pattern in lower case.
    fn services(&self, pattern: &str) -> &[Service] {
        if overlap::is_pattern(pattern) {
            return &self.services;
        }
        match self
            .services
            .binary_search_by(|service| service.name.cmp(pattern))
        {
            Ok(index) => &self.services[index..=index],
            Err(_) => &[],
        }
    }
}

impl LevelSet {
    fn with(self, entry: &Entry) -> Self {
        let with_resources = if entry.types.is_empty() {
            self.with_resources
        } else {
            self.with_resources.with(entry.level)
        };
        Self {
            all: self.all.with(entry.level),
            with_resources,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            all: self.all.or(other.all),
            with_resources: self.with_resources.or(other.with_resources),
        }
    }
}

impl Service {
    fn entries(&self) -> &'static [Entry] {
        &TABLE.entries[self.from..self.to]
    }
}

pub(super) fn header() -> impl Iterator<Item = &'static str> {
    TABLE.header.iter().copied()
}

pub(super) fn action(service: &Service, entry: &Entry) -> Action {
    Action {
        service: service.name,
        name: entry.name,
        level: entry.level,
        types: entry.types,
    }
}

/// A pattern in lower case, as a pattern of the service and one of the name. One without a colon is
/// either all wildcard, or nothing that AWS accepts.
fn split(pattern: &str) -> Option<(&str, &str)> {
    match pattern.split_once(':') {
        Some(parts) => Some(parts),
        None if !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*') => Some(("*", "*")),
        None => None,
    }
}

/// The actions of a service that begin with a text.
fn beginning(entries: &'static [Entry], fixed: &str) -> &'static [Entry] {
    if fixed.is_empty() {
        return entries;
    }
    let from = entries.partition_point(|entry| entry.small < fixed);
    let run = entries[from..].partition_point(|entry| entry.small.starts_with(fixed));
    &entries[from..from + run]
}

/// Calls a function with each run of actions that a pattern in lower case covers.
pub(super) fn visit(pattern: &str, mut each: impl FnMut(&'static Service, &'static [Entry])) {
    let Some((services, names)) = split(pattern) else {
        return;
    };
    let fixed = names.split(['*', '?']).next().unwrap_or_default();
    for service in TABLE.services(services) {
        if !glob(services, service.name) {
            continue;
        }
        let entries = beginning(service.entries(), fixed);
        // A pattern that ends in its only wildcard covers the whole run.
        if names.len() == fixed.len() + 1 && names.ends_with('*') {
            each(service, entries);
            continue;
        }
        for entry in entries.iter().filter(|entry| glob(names, entry.small)) {
            each(service, std::slice::from_ref(entry));
        }
    }
}

/// Whether the table has a service by this prefix, in lower case.
pub(super) fn is_service(prefix: &str) -> bool {
    !overlap::is_pattern(prefix) && !TABLE.services(prefix).is_empty()
}

/// Whether a service has an action that matches a pattern; both are in lower case.
pub(super) fn has(prefix: &str, names: &str) -> bool {
    let fixed = names.split(['*', '?']).next().unwrap_or_default();
    TABLE.services(prefix).iter().any(|service| {
        let mut run = beginning(service.entries(), fixed).iter();
        run.any(|entry| glob(names, entry.small))
    })
}

/// The prefixes of the services.
pub(super) fn prefixes() -> impl Iterator<Item = &'static str> {
    TABLE.services.iter().map(|service| service.name)
}

/// The names of a service's actions, as they are written.
pub(super) fn names(prefix: &str) -> impl Iterator<Item = &'static str> {
    TABLE
        .services(prefix)
        .iter()
        .flat_map(Service::entries)
        .map(|entry| entry.name)
}

/// The levels of what a pattern in lower case covers but for the exceptions.
pub(super) fn levels(pattern: &str, exceptions: &[&str]) -> LevelSet {
    let exceptions = Exceptions::new(exceptions);
    let everything = split(pattern) == Some(("*", "*"));
    if everything && exceptions.is_empty() {
        return TABLE.levels;
    }
    let (mut levels, mut known) = (LevelSet::default(), false);
    visit(pattern, |service, entries| {
        known = known || !entries.is_empty();
        let whole = entries.len() == service.to - service.from;
        match exceptions.of(service) {
            Left::Nothing => {}
            Left::Everything if whole => levels = levels.or(service.levels),
            left => {
                levels = entries
                    .iter()
                    .filter(|entry| left.keeps(entry))
                    .fold(levels, LevelSet::with)
            }
        }
    });
    if known { levels } else { LevelSet::UNKNOWN }
}

pub(super) fn share(exceptions: &[&str]) -> (usize, usize) {
    let exceptions = Exceptions::new(exceptions);
    let left = TABLE
        .services
        .iter()
        .map(|service| match exceptions.of(service) {
            Left::Nothing => 0,
            Left::Everything => service.to - service.from,
            left @ Left::But(_) => service
                .entries()
                .iter()
                .filter(|entry| left.keeps(entry))
                .count(),
        });
    (TABLE.entries.len(), left.sum())
}

/// Patterns of services and names in lower case whose actions do not count.
struct Exceptions<'p>(Vec<(Cow<'p, str>, Cow<'p, str>)>);

/// What exceptions leave of a service.
enum Left<'a> {
    Everything,
    Nothing,
    But(Vec<&'a str>),
}

impl<'p> Exceptions<'p> {
    fn new(patterns: &[&'p str]) -> Self {
        let parts = patterns.iter().filter_map(|pattern| split(pattern));
        Self(
            parts
                .map(|(service, name)| (lower(service), lower(name)))
                .collect(),
        )
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, service: &Service) -> Left<'_> {
        let names: Vec<&str> = self
            .0
            .iter()
            .filter(|(pattern, _)| glob(pattern, service.name))
            .map(|(_, name)| &**name)
            .collect();
        if names.is_empty() {
            Left::Everything
        } else if names
            .iter()
            .any(|name| name.bytes().all(|byte| byte == b'*'))
        {
            Left::Nothing
        } else {
            Left::But(names)
        }
    }
}

impl Left<'_> {
    fn keeps(&self, entry: &Entry) -> bool {
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::But(names) => !names.iter().any(|name| glob(name, entry.small)),
        }
    }
}
