//! Checks an input against the model: required members, types, enums, lengths, ranges, patterns.
//!
//! All violations of a request are reported at once, with AWS's messages. The messages are from
//! errors that other projects recorded from AWS (the snapshot files of localstack/localstack,
//! 2025); for services that word or number an error differently, see `own`.

use serde_json::{Map, Value};

use crate::call::AwsError;
use crate::model::{Member, Service, Shape, Type};
use crate::wire::{Parsed, scalar};

mod order;
mod own;
mod wording;

pub(crate) use order::hash_set;
pub(crate) use own::check_size;
use wording::{Place, Step};

/// A service's requirements on inputs beyond its model.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Checks an input of an operation that satisfies the model.
    pub(crate) check: fn(&str, &Map<String, Value>) -> Result<(), AwsError>,
    /// The allowed values of a list's items, by the name of the list's shape, if they differ from
    /// the model's.
    pub(crate) items: fn(&str) -> Option<Vec<&'static str>>,
}

impl Rules {
    /// No requirements beyond the model.
    pub(crate) const NONE: Self = Self {
        check: |_, _| Ok(()),
        items: |_| None,
    };
}

/// Checks the input of an operation.
///
/// # Errors
/// What is wrong, with the service's own code and message. A value of the wrong type takes
/// precedence over all else, since AWS does not check constraints in that case.
pub(crate) fn validate(
    service_name: &str,
    service: &Service,
    parsed: &Parsed,
    rules: &Rules,
) -> Result<(), AwsError> {
    let Parsed {
        name,
        operation,
        input,
        protocol,
    } = parsed;
    let Some(body) = &operation.input else {
        return Ok(());
    };
    let mut check = Check {
        service,
        service_name,
        rules,
        unchecked: own::unchecked(service_name, name),
        ordinary: own::is_ordinary(service_name, name, input),
        broken: Vec::new(),
        count: 0,
        mistyped: None,
    };
    check.structure(service.shape(&body.shape), input, None);
    if let Some(problem) = check.mistyped {
        return Err(wording::mistyped(*protocol, problem));
    }
    if check.broken.is_empty() {
        (rules.check)(name, input)
    } else {
        Err(own::refusal(
            service_name,
            *protocol,
            check.count,
            &check.broken,
        ))
    }
}

/// The maximum number of errors reported for one input. AWS has not been observed to omit any; the
/// limit prevents a response many times the size of a body full of empty structures.
const MOST_TOLD: usize = 100;

/// The kind of constraint that an input violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Constraint {
    Required,
    Enum,
    Pattern,
    Longest,
    Shortest,
    Greatest,
    Smallest,
    /// A constraint on an item of a list, or on a key or value of a map.
    Inside,
}

/// A constraint that an input violates.
#[derive(Debug)]
struct Broken {
    constraint: Constraint,
    /// `vpcConfig.subnetIds`, `tags.1.member.key`.
    place: String,
    /// The complete message: `Value 'x' at 'place' failed to satisfy constraint: …`.
    message: String,
}

struct Check<'a> {
    service: &'a Service,
    service_name: &'a str,
    rules: &'a Rules,
    /// A shape whose enum is not checked here.
    unchecked: Option<&'static str>,
    /// Whether the limits of ordinary functions apply instead of those of the model.
    ordinary: bool,
    /// The first violations, in AWS's order.
    broken: Vec<Broken>,
    /// The number of all violations.
    count: usize,
    /// What is wrong with the first value of the wrong type.
    mistyped: Option<String>,
}

impl Check<'_> {
    fn structure(&mut self, shape: &Shape, given: &Map<String, Value>, within: Option<&Place<'_>>) {
        let before = std::mem::take(&mut self.broken);
        // The violations of each member, with its position in AWS's order.
        let mut of_members = Vec::new();
        for (name, member) in &shape.members {
            let place = Place {
                within,
                step: Step::Member(name),
            };
            match given.get(name) {
                Some(value) => self.value(member, value, &place),
                None if shape.required.contains(name) => self.add(
                    Constraint::Required,
                    &place,
                    " null",
                    "Member must not be null",
                ),
                None => {}
            }
            if !self.broken.is_empty() {
                let told = order::place(&wording::lower_first(name), shape.members.len());
                of_members.push((told, std::mem::take(&mut self.broken)));
            }
        }
        of_members.sort_by_key(|(told, _)| *told);
        self.broken = before;
        self.broken
            .extend(of_members.into_iter().flat_map(|(_, errors)| errors));
    }

    fn value(&mut self, member: &Member, value: &Value, place: &Place<'_>) {
        let (name, shape) = (member.shape.as_str(), self.service.of(member));
        match (shape.kind, value) {
            _ if shape.document => {}
            (Type::Structure, Value::Object(given)) => self.structure(shape, given, Some(place)),
            (Type::List, Value::Array(values)) => self.list(member, value, values, place),
            (Type::Map, Value::Object(entries)) => self.map(member, value, entries, place),
            _ => match self.scalar(member, value) {
                Ok(broken) if broken.is_empty() => {}
                Ok(broken) => {
                    let shown = self.shown(name, value);
                    broken
                        .into_iter()
                        .for_each(|(constraint, text)| self.add(constraint, place, &shown, &text));
                }
                Err(problem) => {
                    self.mistyped.get_or_insert(problem);
                }
            },
        }
    }

    /// Checks a structure, list or map within a list or map, which is reported at its own place.
    fn item(&mut self, member: &Member, value: &Value, place: &Place<'_>) {
        if value.is_null() {
            self.add(
                Constraint::Required,
                place,
                " null",
                "Member must not be null",
            );
        } else {
            self.value(member, value, place);
        }
    }

    /// Whether a scalar within a list or map violates a constraint, which AWS reports at the list
    /// or map. Null is a violation.
    fn breaks(&mut self, member: &Member, value: &Value) -> bool {
        if value.is_null() {
            return true;
        }
        match self.scalar(member, value) {
            Ok(broken) => !broken.is_empty(),
            Err(problem) => {
                self.mistyped.get_or_insert(problem);
                false
            }
        }
    }

    /// Checks a list; `whole` is the same as `values`.
    fn list(&mut self, list: &Member, whole: &Value, values: &[Value], place: &Place<'_>) {
        let (name, shape) = (list.shape.as_str(), self.service.of(list));
        self.size(list, values.len(), whole, place);
        let Some(item) = &shape.member else { return };
        let inner = self.service.of(item);
        if inner.kind.has_parts() {
            let present = values
                .iter()
                .enumerate()
                .filter(|(_, it)| !(shape.sparse && it.is_null()));
            for (at, value) in present {
                self.item(
                    item,
                    value,
                    &Place {
                        within: Some(place),
                        step: Step::Item(at + 1),
                    },
                );
            }
            return;
        }
        let mut broken = false;
        for value in values
            .iter()
            .filter(|value| !(shape.sparse && value.is_null()))
        {
            // All are checked: a value of the wrong type takes precedence over violated
            // constraints.
            broken |= self.breaks(item, value);
        }
        if broken {
            let not_null = wording::items_not_null(self.service_name, name);
            let text = wording::of_items((self.rules.items)(name), inner, not_null);
            self.add(Constraint::Inside, place, &self.shown(name, whole), &text);
        }
    }

    /// Checks a map; `whole` is the same as `entries`.
    fn map(
        &mut self,
        map: &Member,
        whole: &Value,
        entries: &Map<String, Value>,
        place: &Place<'_>,
    ) {
        let (name, shape) = (map.shape.as_str(), self.service.of(map));
        self.size(map, entries.len(), whole, place);
        let (Some(key), Some(member)) = (&shape.key, &shape.value) else {
            return;
        };
        let inner = self.service.of(member);
        let (mut broken_key, mut broken_value) = (false, false);
        for (entry, value) in entries {
            broken_key |= self.breaks(key, &Value::String(entry.clone()));
            if shape.sparse && value.is_null() {
                continue;
            }
            if inner.kind.has_parts() {
                self.item(
                    member,
                    value,
                    &Place {
                        within: Some(place),
                        step: Step::Entry(entry),
                    },
                );
            } else {
                broken_value |= self.breaks(member, value);
            }
        }
        if broken_key {
            let constraints = wording::constraints(self.service.of(key), false).join(", ");
            self.add(
                Constraint::Inside,
                place,
                &self.shown(name, whole),
                &format!("Map keys must satisfy constraint: [{constraints}]"),
            );
        }
        if broken_value {
            let constraints =
                wording::constraints(inner, wording::items_not_null(self.service_name, name))
                    .join(", ");
            self.add(
                Constraint::Inside,
                place,
                &self.shown(name, whole),
                &format!("Map value must satisfy constraint: [{constraints}]"),
            );
        }
    }

    /// The constraints that a scalar violates, in AWS's order; the error is what is wrong with its
    /// type.
    fn scalar(&self, member: &Member, value: &Value) -> Result<Vec<(Constraint, String)>, String> {
        let (name, shape) = (member.shape.as_str(), self.service.of(member));
        let mut broken = Vec::new();
        match (shape.kind, value) {
            (Type::String | Type::Character, Value::String(text)) => {
                if !shape.allowed.is_empty() {
                    if self.unchecked != Some(name) && !shape.allowed.contains(text) {
                        broken.push((Constraint::Enum, wording::enum_set(shape)));
                    }
                    return Ok(broken);
                }
                if let Some(pattern) = shape.pattern.as_ref().filter(|pattern| !pattern.fits(text))
                {
                    broken.push((Constraint::Pattern, wording::pattern(pattern)));
                }
                if shape.min.is_some() || shape.max.is_some() {
                    lengths(&mut broken, shape, text.chars().count());
                }
            }
            (Type::Blob, Value::String(text)) => {
                lengths(&mut broken, shape, text.trim_end_matches('=').len() * 3 / 4)
            }
            (kind, Value::Number(number))
                if kind.is_decimal() || kind.is_whole() && !number.is_f64() =>
            {
                let number = number.as_f64().unwrap_or(0.0);
                let max = own::greatest_of_ordinary(name)
                    .filter(|_| self.ordinary)
                    .or(shape.max);
                if let Some(max) = max.filter(|max| number > *max) {
                    broken.push((Constraint::Greatest, wording::greatest(shape, max)));
                }
                if let Some(min) = shape.min.filter(|min| number < *min) {
                    broken.push((Constraint::Smallest, wording::smallest(shape, min)));
                }
            }
            (Type::Boolean, Value::Bool(_)) | (Type::Timestamp, Value::Number(_)) => {}
            (kind, Value::String(text)) if kind.is_decimal() && scalar::is_special_float(text) => {}
            (kind, value) => return Err(wording::not_of_type(kind, value)),
        }
        Ok(broken)
    }

    /// Checks how many items a list or map has.
    fn size(&mut self, member: &Member, size: usize, whole: &Value, place: &Place<'_>) {
        let mut broken = Vec::new();
        lengths(&mut broken, self.service.of(member), size);
        for (constraint, text) in broken {
            self.add(constraint, place, &self.shown(&member.shape, whole), &text);
        }
    }

    fn shown(&self, name: &str, value: &Value) -> String {
        wording::shown(self.service, name, value)
    }

    fn add(&mut self, constraint: Constraint, place: &Place<'_>, shown: &str, text: &str) {
        self.count += 1;
        if self.count > MOST_TOLD {
            return;
        }
        let place = place.to_string();
        let message = format!("Value{shown} at '{place}' failed to satisfy constraint: {text}");
        self.broken.push(Broken {
            constraint,
            place,
            message,
        });
    }
}

/// Lengths count code points, as Smithy's `length` trait does.
#[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^52")]
fn lengths(broken: &mut Vec<(Constraint, String)>, shape: &Shape, length: usize) {
    if let Some(max) = shape.max.filter(|max| (length as f64) > *max) {
        broken.push((Constraint::Longest, wording::longest(max)));
    }
    if let Some(min) = shape.min.filter(|min| (length as f64) < *min) {
        broken.push((Constraint::Shortest, wording::shortest(min)));
    }
}
