//! The query protocol's input: `Name=value` pairs whose names tell the structure (`Filters.member.1.Name`).

use serde_json::{Map, Value};

use crate::model::{Service, Shape, Type};

/// The pairs of a form, decoded.
pub(crate) fn pairs(form: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    form.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').map_or((decode(pair), String::new()), |(name, value)| (decode(name), decode(value))))
        .collect()
}

/// Takes a structure out of the pairs below a prefix.
pub(crate) fn take(service: &Service, shape: &Shape, pairs: &[(String, String)], prefix: &str) -> Option<Value> {
    let exact = || pairs.iter().find(|(name, _)| name == prefix).map(|(_, value)| value.as_str());
    let below = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
    match shape.kind {
        Type::Structure => {
            let mut taken = Map::new();
            for (name, member) in &shape.members {
                let name_there = below(member.location_name.as_deref().unwrap_or(name));
                if has(pairs, &name_there)
                    && let Some(value) = take(service, service.shape(&member.shape), pairs, &name_there)
                {
                    taken.insert(name.clone(), value);
                }
            }
            Some(Value::Object(taken))
        }
        Type::List => {
            let member = shape.member.as_ref()?;
            let prefix = if shape.flattened { prefix.to_owned() } else { below(member.location_name.as_deref().unwrap_or("member")) };
            let items = (1..).map(|at| format!("{prefix}.{at}")).take_while(|name| has(pairs, name));
            Some(Value::Array(items.filter_map(|name| take(service, service.shape(&member.shape), pairs, &name)).collect()))
        }
        Type::Map => {
            let (key, value) = (shape.key.as_ref()?, shape.value.as_ref()?);
            let prefix = if shape.flattened { prefix.to_owned() } else { below("entry") };
            let entries = (1..).map(|at| format!("{prefix}.{at}")).take_while(|name| has(pairs, name)).filter_map(|name| {
                let key = format!("{name}.{}", key.location_name.as_deref().unwrap_or("key"));
                let key = pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())?;
                let value_name = format!("{name}.{}", value.location_name.as_deref().unwrap_or("value"));
                Some((key, take(service, service.shape(&value.shape), pairs, &value_name)?))
            });
            Some(Value::Object(entries.collect()))
        }
        kind => exact().map(|text| scalar(kind, text)),
    }
}

/// A scalar from its text; what does not fit stays text and is refused by validation.
pub(crate) fn scalar(kind: Type, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match kind {
        Type::Integer | Type::Long => text.parse::<i64>().map_or_else(|_| as_text(), Value::from),
        Type::Float | Type::Double => text.parse::<f64>().map_or_else(|_| as_text(), Value::from),
        Type::Boolean => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => as_text(),
        },
        Type::Timestamp => super::time::parse_iso8601(text).or_else(|| text.parse().ok()).map_or_else(as_text, Value::from),
        _ => as_text(),
    }
}

fn has(pairs: &[(String, String)], name: &str) -> bool {
    pairs.iter().any(|(given, _)| given.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}
