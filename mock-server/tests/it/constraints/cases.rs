//! For each constraint that a model sets on the inputs of an operation: an input that violates it,
//! and inputs at its limit.

use serde_json::{Map, Value, json};

use super::model::Model;
use super::samples;
use super::words::{allowed, inside, written};

/// An input with one value under test.
pub(super) struct Case {
    pub(super) input: Value,
    /// Where the value is, as AWS names it.
    pub(super) place: String,
    /// AWS's message.
    pub(super) words: String,
    /// The reason in Organizations' error.
    pub(super) reason: &'static str,
    /// Whether a value of this length may also violate the pattern, which Organizations may then
    /// give as the reason.
    pub(super) patterned: bool,
    /// Whether the constraint is violated, or just satisfied.
    pub(super) broken: bool,
}

/// A step from the input to a value; the value is put into the sample at each step.
#[derive(Clone)]
enum Step {
    Member(String),
    Item,
    /// A value of a map, under this key.
    Entry(String),
}

struct Walk<'a> {
    model: &'a Model,
    operation: &'a str,
    /// The steps from the input's shape to the current value.
    steps: Vec<(String, Step)>,
    /// Whether the current value has a pattern that excludes something.
    patterned: bool,
    cases: Vec<Case>,
}

/// All cases of an operation.
pub(super) fn of(model: &Model, operation: &str) -> Vec<Case> {
    let mut walk = Walk {
        model,
        operation,
        steps: Vec::new(),
        patterned: false,
        cases: Vec::new(),
    };
    walk.structure(model.input_name(operation));
    walk.cases
}

/// The smallest input that fits the model.
pub(super) fn minimal(model: &Model, operation: &str) -> Value {
    value(model, model.input_name(operation))
}

/// A value that fits a shape.
fn value(model: &Model, name: &str) -> Value {
    let shape = model.shape(name);
    let min = shape["min"].as_f64();
    match shape["type"].as_str().unwrap() {
        "structure" => {
            let mut required = Model::required(shape);
            // The query protocol cannot distinguish an empty structure from a missing one.
            if required.is_empty() && model.protocol() == "query" {
                required.extend(
                    shape["members"]
                        .as_object()
                        .unwrap()
                        .keys()
                        .next()
                        .map(String::as_str),
                );
            }
            required
                .into_iter()
                .map(|it| {
                    (
                        it.to_owned(),
                        value(model, shape["members"][it]["shape"].as_str().unwrap()),
                    )
                })
                .collect::<Map<_, _>>()
                .into()
        }
        "list" => vec![
            value(model, shape["member"]["shape"].as_str().unwrap());
            1.max(min.unwrap_or(0.0) as usize)
        ]
        .into(),
        "map" => {
            let key = value(model, shape["key"]["shape"].as_str().unwrap());
            json!({key.as_str().unwrap(): value(model, shape["value"]["shape"].as_str().unwrap())})
        }
        "string" => match shape["enum"].as_array() {
            Some(allowed) => allowed[0].clone(),
            None => samples::good(model.name, name)
                .map_or_else(
                    || "a".repeat(1.max(min.unwrap_or(0.0) as usize)),
                    str::to_owned,
                )
                .into(),
        },
        "integer" | "long" => json!(min.unwrap_or(1.0) as i64),
        "float" | "double" => json!(min.unwrap_or(1.0)),
        "boolean" => json!(true),
        "blob" => json!("e30="),
        "timestamp" => json!(1_700_000_000),
        other => panic!("{name} is a {other}"),
    }
}

impl Walk<'_> {
    fn structure(&mut self, name: &str) {
        let shape = self.model.shape(name);
        let required = Model::required(shape);
        for (member_name, member) in shape["members"].as_object().unwrap() {
            let inner = member["shape"].as_str().unwrap();
            self.steps
                .push((name.to_owned(), Step::Member(member_name.clone())));
            if required.contains(&member_name.as_str()) && member["location"] != "uri" {
                self.missing(name, member_name);
            }
            // Other values in a header may not be valid header text.
            if member["location"] != "header" || self.model.shape(inner).get("enum").is_some() {
                self.reached(inner);
            }
            self.steps.pop();
        }
    }

    fn missing(&mut self, within: &str, member: &str) {
        let mut around = value(self.model, within);
        around.as_object_mut().unwrap().remove(member);
        // The query protocol cannot distinguish an empty structure from a missing one.
        if self.model.protocol() == "query"
            && self.steps.len() > 1
            && around.as_object().unwrap().is_empty()
        {
            return;
        }
        let place = self.place();
        let input = self.wrap(self.steps.len() - 1, around);
        self.cases.push(Case {
            input,
            place,
            words: "Member must not be null".to_owned(),
            reason: "INPUT_REQUIRED",
            patterned: false,
            broken: true,
        });
    }

    /// Adds the cases for a value of a shape.
    fn reached(&mut self, name: &str) {
        // A recursive shape adds no further cases.
        if self.steps.iter().any(|(shape, _)| shape == name) {
            return;
        }
        let shape = self.model.shape(name);
        self.patterned = shape["pattern"]
            .as_str()
            .is_some_and(|pattern| samples::bad(pattern).is_some());
        match shape["type"].as_str().unwrap() {
            "structure" => self.structure(name),
            "list" => {
                self.sizes(name, "length");
                self.steps.push((name.to_owned(), Step::Item));
                self.reached(shape["member"]["shape"].as_str().unwrap());
                self.steps.pop();
            }
            "map" => {
                self.sizes(name, "length");
                self.keys(name);
                let sample = value(self.model, name);
                let key = sample.as_object().unwrap().keys().next().unwrap().clone();
                self.steps.push((name.to_owned(), Step::Entry(key)));
                self.reached(shape["value"]["shape"].as_str().unwrap());
                self.steps.pop();
            }
            "string" if shape.get("enum").is_some() => self.members_of_enum(name),
            "string" => {
                self.sizes(name, "length");
                self.pattern(name);
            }
            "integer" | "long" | "float" | "double" => self.sizes(name, "value"),
            _ => {}
        }
    }

    /// The minimum and maximum of a length or a value, and the values just outside of them.
    fn sizes(&mut self, name: &str, of: &str) {
        let shape = self.model.shape(name);
        for (bound, words, outside, reason) in [
            (
                "min",
                "greater",
                -1.0,
                if of == "length" {
                    "MIN_LENGTH_EXCEEDED"
                } else {
                    "MIN_VALUE_EXCEEDED"
                },
            ),
            (
                "max",
                "less",
                1.0,
                if of == "length" {
                    "MAX_LENGTH_EXCEEDED"
                } else {
                    "MAX_VALUE_EXCEEDED"
                },
            ),
        ] {
            let Some(model_bound) = shape[bound].as_f64() else {
                continue;
            };
            let limit = self.stricter(bound).unwrap_or(model_bound);
            let words = format!(
                "Member must have {of} {words} than or equal to {}",
                written(shape, limit)
            );
            for (size, broken) in [(limit, false), (limit + outside, true)] {
                if let Some(value) = self.sized(name, size) {
                    self.push(value, &words, reason, broken);
                }
            }
        }
    }

    /// Lambda's limit for ordinary functions, if its model has the limit of functions on capacity
    /// providers ("Lambda quotas").
    fn stricter(&self, bound: &str) -> Option<f64> {
        let of_function = matches!(
            (self.model.name, self.operation),
            ("lambda", "CreateFunction" | "UpdateFunctionConfiguration")
        );
        let of_storage = self.steps.len() > 1
            && matches!(&self.steps[0].1, Step::Member(name) if name == "EphemeralStorage");
        match self.steps.last() {
            Some((_, Step::Member(name))) if of_function && bound == "max" => match name.as_str() {
                "Timeout" => Some(900.0),
                "MemorySize" => Some(10_240.0),
                "Size" if of_storage => Some(10_240.0),
                _ => None,
            },
            _ => None,
        }
    }

    /// A value of a size; `None` if the protocol cannot represent it.
    fn sized(&self, name: &str, size: f64) -> Option<Value> {
        let shape = self.model.shape(name);
        let in_path = matches!(self.steps.as_slice(), [(within, Step::Member(member))] if self.model.shape(within)["members"][member]["location"] == "uri");
        match shape["type"].as_str().unwrap() {
            "integer" | "long" => Some(json!(size as i64)),
            "float" | "double" => Some(json!(size)),
            _ if size < 0.0 => None,
            "string" if size == 0.0 && in_path => None,
            "string" => {
                let good = value(self.model, name).as_str().unwrap().to_owned();
                let last = good.chars().last().unwrap_or('a').to_string();
                Some(
                    good.chars()
                        .chain(last.repeat(size as usize).chars())
                        .take(size as usize)
                        .collect::<String>()
                        .into(),
                )
            }
            "list" if size == 0.0 && self.model.protocol() == "query" => None,
            "list" if size == 0.0 && self.steps.len() == 1 && self.in_query() => None,
            "list" => Some(
                vec![value(self.model, shape["member"]["shape"].as_str().unwrap()); size as usize]
                    .into(),
            ),
            "map" => {
                let item = value(self.model, shape["value"]["shape"].as_str().unwrap());
                Some(
                    (0..size as usize)
                        .map(|at| (format!("k{at}"), item.clone()))
                        .collect::<Map<_, _>>()
                        .into(),
                )
            }
            other => panic!("{name} is a {other}"),
        }
    }

    fn in_query(&self) -> bool {
        matches!(self.steps.last(), Some((within, Step::Member(member))) if self.model.shape(within)["members"][member]["location"] == "querystring")
    }

    fn pattern(&mut self, name: &str) {
        let shape = self.model.shape(name);
        let Some(pattern) = shape["pattern"].as_str() else {
            return;
        };
        let words = format!("Member must satisfy regular expression pattern: {pattern}");
        self.push(value(self.model, name), &words, "INVALID_PATTERN", false);
        let Some(bad) = samples::bad(pattern) else {
            return;
        };
        let (least, most) = (
            shape["min"].as_u64().unwrap_or(1) as usize,
            shape["max"].as_u64().unwrap_or(u64::MAX) as usize,
        );
        let bad: String = bad
            .chars()
            .cycle()
            .take(bad.chars().count().max(least).min(most))
            .collect();
        self.push(bad.into(), &words, "INVALID_PATTERN", true);
    }

    fn members_of_enum(&mut self, name: &str) {
        let allowed = allowed(self.model.shape(name)).unwrap();
        let words = format!(
            "Member must satisfy enum value set: [{}]",
            allowed.join(", ")
        );
        for value in &allowed {
            self.push(json!(value), &words, "INVALID_ENUM", false);
        }
        self.push(json!("NotOneOfThem"), &words, "INVALID_ENUM", true);
    }

    fn keys(&mut self, name: &str) {
        let shape = self.model.shape(name);
        let key = self.model.shape(shape["key"]["shape"].as_str().unwrap());
        let Some(bad) = key["pattern"].as_str().and_then(samples::bad) else {
            return;
        };
        let item = value(self.model, shape["value"]["shape"].as_str().unwrap());
        let words = format!(
            "Map keys must satisfy constraint: [{}]",
            inside(key).join(", ")
        );
        self.push(json!({bad: item}), &words, "INVALID_LIST_MEMBER", true);
        self.push(
            value(self.model, name),
            &words,
            "INVALID_LIST_MEMBER",
            false,
        );
    }

    /// Adds a case with a value at the current place.
    fn push(&mut self, value: Value, words: &str, reason: &'static str, broken: bool) {
        let Some((around, step)) = self.steps.last() else {
            return;
        };
        let around_shape = self.model.shape(around);
        // AWS reports violations by items of a list or map of plain values at the list or map, with
        // all constraints of the items.
        let (place, words, reason) = match step {
            Step::Member(..) => (self.place(), words.to_owned(), reason),
            Step::Item | Step::Entry(_) if structured(self.model, around_shape) => {
                (self.place(), words.to_owned(), reason)
            }
            Step::Item | Step::Entry(_) => {
                // Values of a given size are extended samples, which may violate the pattern that
                // is part of the same message.
                if !broken && value != sample(self.model, around_shape) {
                    return;
                }
                let outer = &self.steps[..self.steps.len() - 1];
                let mut all = inside(self.model.shape(item_of(around_shape)));
                let no_null = ["SubnetIds", "SecurityGroupIds", "EnvironmentVariables"]
                    .contains(&around.as_str());
                if self.model.name == "lambda" && !no_null {
                    all.push("Member must not be null".to_owned());
                }
                let words = match step {
                    // The supported runtimes change with the date.
                    Step::Item if around == "CompatibleRuntimes" => {
                        "Member must satisfy enum value set: [".to_owned()
                    }
                    Step::Item => format!("Member must satisfy constraint: [{}]", all.join(", ")),
                    _ => format!("Map value must satisfy constraint: [{}]", all.join(", ")),
                };
                (place_of(outer), words, "INVALID_LIST_MEMBER")
            }
        };
        let input = self.wrap(self.steps.len(), value);
        let patterned = reason.ends_with("_EXCEEDED") && self.patterned;
        self.cases.push(Case {
            input,
            place,
            words,
            reason,
            patterned,
            broken,
        });
    }

    fn place(&self) -> String {
        place_of(&self.steps)
    }

    /// The input with a value at the place that the first `depth` steps lead to.
    fn wrap(&self, depth: usize, inner: Value) -> Value {
        self.steps[..depth]
            .iter()
            .rev()
            .fold(inner, |inner, (shape, step)| {
                let mut around = value(self.model, shape);
                match step {
                    Step::Member(name) | Step::Entry(name) => around[name.as_str()] = inner,
                    Step::Item => around[0] = inner,
                }
                around
            })
    }
}

/// The shape of the items of a list or the values of a map.
fn item_of(shape: &Value) -> &str {
    shape.get("member").or_else(|| shape.get("value")).unwrap()["shape"]
        .as_str()
        .unwrap()
}

/// Whether the items of a list or map are reported at their own places.
fn structured(model: &Model, shape: &Value) -> bool {
    matches!(
        model.shape(item_of(shape))["type"].as_str(),
        Some("structure" | "list" | "map")
    )
}

/// The item that the smallest inputs have in a list or map.
fn sample(model: &Model, shape: &Value) -> Value {
    value(model, item_of(shape))
}

/// `tags.1.member.key`.
fn place_of(steps: &[(String, Step)]) -> String {
    let named = steps.iter().map(|(_, step)| match step {
        Step::Member(name) => format!("{}{}", name[..1].to_lowercase(), &name[1..]),
        Step::Item => "1.member".to_owned(),
        Step::Entry(key) => format!("{key}.member"),
    });
    named.collect::<Vec<_>>().join(".")
}
