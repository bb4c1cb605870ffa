//! The table of condition keys in memory: decompressed when a key is asked for, which no decision
//! does, and read a service at a time.

use std::collections::HashSet;
use std::io::Read;
use std::sync::LazyLock;

use super::{Action, lower};
use crate::pattern::glob;

static COMPRESSED: &[u8] = include_bytes!("../../data/keys.txt.zst");

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    // The data is part of the program and a test reads it.
    if let Ok(mut decoder) = zstd::Decoder::new(COMPRESSED) {
        let _ = decoder.read_to_string(&mut text);
    }
    text
});

/// The services that have keys of their own, in order, each with its lines.
static SERVICES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    TEXT.split("\n@")
        .skip(1)
        .filter_map(|lines| lines.split_once('\n'))
        .collect()
});

pub(super) fn header() -> impl Iterator<Item = &'static str> {
    TEXT.lines().map_while(|line| line.strip_prefix("# "))
}

/// A line: the actions it is about, and what it says.
#[derive(Debug, Clone, Copy)]
enum Line {
    /// What every action on a type of resource knows.
    Type(&'static str, &'static str),
    /// What some actions know besides.
    Actions(&'static str, &'static str),
    /// Keys that may come with any action.
    Anywhere(&'static str),
    /// Actions whose keys are unknown.
    Unknown(&'static str),
}

fn lines(service: &str) -> impl Iterator<Item = Line> {
    let found = SERVICES
        .binary_search_by(|(name, _)| (*name).cmp(service))
        .ok();
    let lines = found
        .and_then(|index| SERVICES.get(index))
        .map_or("", |(_, lines)| lines)
        .lines();
    lines.filter_map(|line| {
        let (who, what) = line.split_once('\t')?;
        Some(match (who, who.strip_prefix('=')) {
            (_, Some(kind)) => Line::Type(kind, what),
            ("*", None) => Line::Anywhere(what),
            ("?", None) => Line::Unknown(what),
            _ => Line::Actions(who, what),
        })
    })
}

/// Whether one of the keys of a service's line is a key in lower case.
fn has(keys: &str, service: &str, key: &str) -> bool {
    keys.split('\t').any(|known| {
        let of_service = known.strip_prefix(':').map(|name| {
            (
                name,
                key.strip_prefix(service)
                    .and_then(|rest| rest.strip_prefix(':')),
            )
        });
        let (known, key) = match of_service {
            Some((known, Some(name))) => (known, name),
            Some((_, None)) => return false,
            None => (known, key),
        };
        if known.contains('*') {
            glob(&lower(known), key)
        } else {
            known.eq_ignore_ascii_case(key)
        }
    })
}

/// The keys that an action supports; `None` if the table does not list them.
pub(super) fn of(action: &Action) -> Option<Vec<String>> {
    let mut keys = Vec::new();
    for line in lines(action.service) {
        match line {
            Line::Type(kind, what) if action.resource_types().any(|it| it == kind) => {
                keys.extend(what.split('\t'))
            }
            Line::Actions(names, what) if names.split(',').any(|it| it == action.name) => {
                keys.extend(what.split('\t'))
            }
            Line::Unknown(names) if names.split(',').any(|it| it == action.name) => return None,
            _ => {}
        }
    }
    let whole = |key: &str| {
        if key.starts_with(':') {
            format!("{}{key}", action.service)
        } else {
            key.to_owned()
        }
    };
    let mut keys: Vec<String> = keys.into_iter().map(whole).collect();
    keys.sort_unstable();
    keys.dedup();
    Some(keys)
}

/// Whether a key in lower case may come with any action, as far as the table shows.
pub(crate) fn is_anywhere(key: &str) -> bool {
    let Some((service, _)) = key.split_once(':') else {
        return true;
    };
    lines(service).any(|line| matches!(line, Line::Anywhere(keys) if has(keys, service, key)))
}

/// The names of a service's own keys without its prefix, but for those that a policy completes.
pub(crate) fn names(service: &str) -> impl Iterator<Item = &'static str> {
    let keys = lines(service).flat_map(|line| match line {
        Line::Type(_, keys) | Line::Actions(_, keys) | Line::Anywhere(keys) => keys.split('\t'),
        Line::Unknown(_) => "".split('\t'),
    });
    keys.filter_map(|key| key.strip_prefix(':'))
        .filter(|name| !name.contains('*'))
}

/// The actions of a service that know a key.
#[derive(Debug, Default)]
pub(crate) struct Knowers {
    types: HashSet<&'static str>,
    actions: HashSet<&'static str>,
    unknown: HashSet<&'static str>,
}

impl Knowers {
    /// Those that know a key in lower case.
    pub(crate) fn of(service: &str, key: &str) -> Self {
        let mut knowers = Self::default();
        for line in lines(service) {
            match line {
                Line::Type(kind, keys) if has(keys, service, key) => {
                    knowers.types.insert(kind);
                }
                Line::Actions(names, keys) if has(keys, service, key) => {
                    knowers.actions.extend(names.split(','))
                }
                // Keys of other services are rare enough to be listed.
                Line::Unknown(names) if key.split(':').next() == Some(service) => {
                    knowers.unknown.extend(names.split(','))
                }
                _ => {}
            }
        }
        knowers
    }

    /// Whether an action of the service is among them.
    pub(crate) fn has(&self, action: &Action) -> bool {
        self.actions.contains(action.name)
            || action
                .resource_types()
                .any(|kind| self.types.contains(kind))
    }

    /// Whether it may have the key: true if its keys are unknown.
    pub(crate) fn may_have(&self, action: &Action) -> bool {
        self.has(action) || self.unknown.contains(action.name)
    }

    /// How much is looked through to find them, in lines of about a hundred bytes.
    pub(crate) fn cost(service: &str) -> usize {
        let found = SERVICES
            .binary_search_by(|(name, _)| (*name).cmp(service))
            .ok();
        1 + found
            .and_then(|index| SERVICES.get(index))
            .map_or(0, |(_, lines)| lines.len() / 100)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Line, SERVICES, header, is_anywhere, lines};
    use crate::actions::{expand, is_service};

    #[test]
    fn each_line_is_of_actions_and_types_that_there_are() {
        assert!(SERVICES.len() > 100 && SERVICES.is_sorted_by(|one, other| one.0 < other.0));
        let mut keys = BTreeSet::new();
        for (service, _) in SERVICES.iter() {
            assert!(is_service(service), "{service}");
            let actions = expand(&format!("{service}:*"));
            let is_action = |name: &str| actions.iter().any(|action| action.name == name);
            for line in lines(service) {
                let of_line = match line {
                    Line::Type(kind, keys) => {
                        assert!(
                            actions
                                .iter()
                                .any(|action| action.resource_types().any(|it| it == kind)),
                            "{service} {kind}"
                        );
                        keys
                    }
                    Line::Actions(names, keys) => {
                        assert!(names.split(',').all(is_action), "{service} {names}");
                        keys
                    }
                    Line::Anywhere(keys) => keys,
                    Line::Unknown(names) => {
                        assert!(names.split(',').all(is_action), "{service} {names}");
                        continue;
                    }
                };
                let whole = |key: &str| {
                    if key.starts_with(':') {
                        format!("{service}{key}")
                    } else {
                        key.to_owned()
                    }
                };
                keys.extend(of_line.split('\t').map(whole));
            }
        }
        assert_eq!(
            header().find_map(|line| line.strip_prefix("keys: ")),
            Some(keys.len().to_string().as_str())
        );
    }

    #[test]
    fn some_keys_come_with_any_action() {
        assert!(is_anywhere("lambda:sourcefunctionarn") && is_anywhere("ec2:sourceinstancearn"));
        assert!(!is_anywhere("lambda:principal") && !is_anywhere("s3:prefix"));
    }
}
