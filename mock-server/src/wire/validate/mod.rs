//! Checks an input against the model: required members, types, enums, lengths, ranges, patterns.
//!
//! Everything that a request breaks is told at once, in AWS's words. The wording was read off
//! errors that other projects recorded from AWS (the snapshot files of localstack/localstack,
//! 2025); where services word or number an error in their own way, see `own`.

use serde_json::{Map, Value};

use crate::call::AwsError;
use crate::model::{Member, Operation, Service, Shape, Type};

mod order;
mod own;
mod pattern;
mod wording;

pub(crate) use order::hash_set;
pub(crate) use own::check_size;
pub(crate) use pattern::Pattern;
use wording::{Place, Step};

/// Checks the input of an operation, which comes with its name.
///
/// # Errors
/// What is wrong, with the code and in the words that the service has for it. A value of another
/// type than the model's goes before all else, since AWS never gets as far as the constraints.
pub(crate) fn validate(
    service_name: &str,
    service: &Service,
    (name, operation): (&str, &Operation),
    input: &Map<String, Value>,
) -> Result<(), AwsError> {
    let Some(body) = &operation.input else {
        return Ok(());
    };
    let mut check = Check {
        service,
        service_name,
        unchecked: own::unchecked(service_name, name),
        ordinary: own::is_ordinary(service_name, name, input),
        broken: Vec::new(),
        mistyped: None,
    };
    check.structure(service.shape(&body.shape), input, None);
    if let Some(problem) = check.mistyped {
        return Err(wording::mistyped(service.metadata.protocol, problem));
    }
    if check.broken.is_empty() {
        own::check(service_name, name, input)
    } else {
        Err(own::refusal(service_name, service, &check.broken))
    }
}

/// What kind of constraint an input breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Constraint {
    Required,
    Enum,
    Pattern,
    Longest,
    Shortest,
    Greatest,
    Smallest,
    /// One of an item of a list, or of a key or value of a map.
    Inside,
}

/// A constraint that an input breaks.
#[derive(Debug)]
struct Broken {
    constraint: Constraint,
    /// `vpcConfig.subnetIds`, `tags.1.member.key`.
    place: String,
    /// `Value 'x' at 'place' failed to satisfy constraint: …`, whole.
    message: String,
}

struct Check<'a> {
    service: &'a Service,
    service_name: &'a str,
    /// A shape whose enum is not checked here.
    unchecked: Option<&'static str>,
    /// Whether the bounds of ordinary functions go before those of the model.
    ordinary: bool,
    broken: Vec<Broken>,
    /// What is wrong with the first value that is of another type than the model's.
    mistyped: Option<String>,
}

impl Check<'_> {
    fn structure(&mut self, shape: &Shape, given: &Map<String, Value>, within: Option<&Place<'_>>) {
        let begun = self.broken.len();
        // How many errors each member has that has any, and where AWS tells them.
        let mut counts: Vec<(u32, usize)> = Vec::new();
        for (name, member) in &shape.members {
            let place = Place {
                within,
                step: Step::Member(name),
            };
            let before = self.broken.len();
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
            if self.broken.len() > before {
                let told = order::place(&wording::lower_first(name), shape.members.len());
                counts.push((told, self.broken.len() - before));
            }
        }
        if counts.len() > 1 {
            let mut errors = self.broken.split_off(begun).into_iter();
            let mut of_members: Vec<(u32, Vec<Broken>)> = counts
                .into_iter()
                .map(|(told, count)| (told, errors.by_ref().take(count).collect()))
                .collect();
            of_members.sort_by_key(|(told, _)| *told);
            self.broken
                .extend(of_members.into_iter().flat_map(|(_, errors)| errors));
        }
    }

    fn value(&mut self, member: &Member, value: &Value, place: &Place<'_>) {
        let (name, shape) = (member.shape.as_str(), self.service.of(member));
        match (shape.kind, value) {
            (Type::Structure, Value::Object(given)) => self.structure(shape, given, Some(place)),
            (Type::List, Value::Array(values)) => self.list(name, shape, values, place),
            (Type::Map, Value::Object(entries)) => self.map(name, shape, entries, place),
            _ => match self.scalar(name, shape, value) {
                Ok(broken) if broken.is_empty() => {}
                Ok(broken) => {
                    let shown = self.shown(name, value);
                    broken
                        .into_iter()
                        .for_each(|(constraint, text)| self.add(constraint, place, &shown, &text));
                }
                Err(problem) => self.mistype(problem),
            },
        }
    }

    /// A structure, list or map within a list or map.
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

    fn list(&mut self, name: &str, shape: &Shape, values: &[Value], place: &Place<'_>) {
        self.size(
            name,
            shape,
            values.len(),
            || Value::Array(values.to_vec()),
            place,
        );
        let Some(item) = &shape.member else { return };
        let inner = self.service.of(item);
        if matches!(inner.kind, Type::Structure | Type::List | Type::Map) {
            for (at, value) in values.iter().enumerate() {
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
        for value in values {
            match value {
                Value::Null => broken = true,
                value => match self.scalar(&item.shape, inner, value) {
                    Ok(wrong) => broken |= !wrong.is_empty(),
                    Err(problem) => self.mistype(problem),
                },
            }
        }
        if broken {
            let shown = self.shown(name, &Value::Array(values.to_vec()));
            let text = wording::of_items(
                name,
                inner,
                wording::items_not_null(self.service_name, name),
            );
            self.add(Constraint::Inside, place, &shown, &text);
        }
    }

    fn map(&mut self, name: &str, shape: &Shape, entries: &Map<String, Value>, place: &Place<'_>) {
        self.size(
            name,
            shape,
            entries.len(),
            || Value::Object(entries.clone()),
            place,
        );
        let (Some(key), Some(member)) = (&shape.key, &shape.value) else {
            return;
        };
        let (key_shape, inner) = (self.service.of(key), self.service.of(member));
        let (mut broken_key, mut broken_value) = (false, false);
        for (entry, value) in entries {
            broken_key |= self
                .scalar(&key.shape, key_shape, &Value::String(entry.clone()))
                .is_ok_and(|wrong| !wrong.is_empty());
            if matches!(inner.kind, Type::Structure | Type::List | Type::Map) {
                self.item(
                    member,
                    value,
                    &Place {
                        within: Some(place),
                        step: Step::Entry(entry),
                    },
                );
                continue;
            }
            match value {
                Value::Null => broken_value = true,
                value => match self.scalar(&member.shape, inner, value) {
                    Ok(wrong) => broken_value |= !wrong.is_empty(),
                    Err(problem) => self.mistype(problem),
                },
            }
        }
        let whole = |check: &Self| check.shown(name, &Value::Object(entries.clone()));
        if broken_key {
            let text = format!(
                "Map keys must satisfy constraint: [{}]",
                wording::constraints(key_shape, false).join(", ")
            );
            self.add(Constraint::Inside, place, &whole(self), &text);
        }
        if broken_value {
            let not_null = wording::items_not_null(self.service_name, name);
            let text = format!(
                "Map value must satisfy constraint: [{}]",
                wording::constraints(inner, not_null).join(", ")
            );
            self.add(Constraint::Inside, place, &whole(self), &text);
        }
    }

    /// The constraints that a scalar breaks, in the order in which AWS tells them; the error is
    /// what is wrong with its type.
    fn scalar(
        &self,
        name: &str,
        shape: &Shape,
        value: &Value,
    ) -> Result<Vec<(Constraint, String)>, String> {
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
            (Type::Integer | Type::Long | Type::Float | Type::Double, Value::Number(number))
                if shape.kind.is_decimal() || number.is_i64() || number.is_u64() =>
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
            (kind, value) => return Err(wording::not_of_type(kind, value)),
        }
        Ok(broken)
    }

    /// Checks how many items a list or map has; `whole` is called where the message needs to show
    /// it.
    fn size(
        &mut self,
        name: &str,
        shape: &Shape,
        size: usize,
        whole: impl Fn() -> Value,
        place: &Place<'_>,
    ) {
        let mut broken = Vec::new();
        lengths(&mut broken, shape, size);
        for (constraint, text) in broken {
            let shown = self.shown(name, &whole());
            self.add(constraint, place, &shown, &text);
        }
    }

    fn shown(&self, name: &str, value: &Value) -> String {
        wording::shown(self.service, name, value)
    }

    fn add(&mut self, constraint: Constraint, place: &Place<'_>, shown: &str, text: &str) {
        let place = place.to_string();
        let message = format!("Value{shown} at '{place}' failed to satisfy constraint: {text}");
        self.broken.push(Broken {
            constraint,
            place,
            message,
        });
    }

    fn mistype(&mut self, problem: String) {
        self.mistyped.get_or_insert(problem);
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

#[cfg(test)]
mod tests;
