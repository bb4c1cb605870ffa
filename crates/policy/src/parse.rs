//! Reads policy documents as AWS accepts them, and says what is wrong with those that it does not.

use serde_json::{Map, Value};

use crate::condition::Condition;
use crate::document::{Document, Effect, Match, Principals, Statement};
use crate::pattern::Pattern;

/// The largest document that is looked at: many times what any AWS service accepts.
const MOST_BYTES: usize = 1 << 20;

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// It is no JSON.
    #[error("the policy is no JSON: {0}")]
    Json(String),
    /// It is larger than any policy.
    #[error("the policy has {0} bytes, more than any service accepts")]
    TooLarge(usize),
    /// A member is missing, not known, or not of its form.
    #[error("{place}: {problem}")]
    Member {
        /// Where (`Statement[2].Effect`).
        place: String,
        /// What is wrong.
        problem: String,
    },
}

fn wrong<T>(place: impl Into<String>, problem: impl Into<String>) -> Result<T, PolicyError> {
    Err(PolicyError::Member { place: place.into(), problem: problem.into() })
}

impl Document {
    /// Reads a policy document.
    ///
    /// ```
    /// let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*"}}"#;
    /// let policy = lambdasweep_policy::Document::parse(text)?;
    /// assert!(policy.statements[0].principals.as_ref().is_some_and(|it| it.everyone));
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// Where it is no policy; nothing that is not understood is passed over.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.len() > MOST_BYTES {
            return Err(PolicyError::TooLarge(text.len()));
        }
        let value: Value = serde_json::from_str(text).map_err(|error| PolicyError::Json(error.to_string()))?;
        let Value::Object(members) = value else { return wrong("the document", "is no object") };
        let (mut version, mut id) = (None, None);
        let mut statements = None;
        for (name, value) in &members {
            match name.as_str() {
                "Version" => version = Some(text_of(value, "Version")?),
                "Id" => id = Some(text_of(value, "Id")?),
                "Statement" => statements = Some(value),
                other => return wrong(other, "is no member of a policy"),
            }
        }
        let statements = match statements {
            Some(Value::Array(values)) => values.iter().collect(),
            Some(value) => vec![value],
            None => return wrong("the document", "has no Statement"),
        };
        let statements = statements
            .into_iter()
            .enumerate()
            .map(|(index, value)| statement(value, &format!("Statement[{index}]")))
            .collect::<Result<_, _>>()?;
        Ok(Self { version, id, statements })
    }

    /// Reads a document as IAM's API answers with it: percent-encoded.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_url_encoded(text: &str) -> Result<Self, PolicyError> {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8().map_err(|error| PolicyError::Json(error.to_string()))?;
        Self::parse(&decoded)
    }
}

fn statement(value: &Value, place: &str) -> Result<Statement, PolicyError> {
    let Value::Object(members) = value else { return wrong(place, "is no object") };
    let (mut sid, mut effect, mut principals, mut actions, mut resources, mut conditions) = (None, None, None, None, None, Vec::new());
    for (name, value) in members {
        let place = format!("{place}.{name}");
        match name.as_str() {
            "Sid" => sid = Some(text_of(value, &place)?),
            "Effect" => {
                effect = Some(match value.as_str() {
                    Some("Allow") => Effect::Allow,
                    Some("Deny") => Effect::Deny,
                    _ => return wrong(place, "is neither Allow nor Deny"),
                });
            }
            "Principal" | "NotPrincipal" if principals.is_some() => return wrong(place, "stands beside its opposite"),
            "Principal" => principals = Some(read_principals(value, &place, false)?),
            "NotPrincipal" => principals = Some(read_principals(value, &place, true)?),
            "Action" | "NotAction" if actions.is_some() => return wrong(place, "stands beside its opposite"),
            "Action" => actions = Some(Match::Any(patterns(value, &place)?)),
            "NotAction" => actions = Some(Match::Not(patterns(value, &place)?)),
            "Resource" | "NotResource" if resources.is_some() => return wrong(place, "stands beside its opposite"),
            "Resource" => resources = Some(Match::Any(patterns(value, &place)?)),
            "NotResource" => resources = Some(Match::Not(patterns(value, &place)?)),
            "Condition" => conditions = read_conditions(value, &place)?,
            _ => return wrong(place, "is no member of a statement"),
        }
    }
    let Some(effect) = effect else { return wrong(place, "has no Effect") };
    let Some(actions) = actions else { return wrong(place, "has no Action") };
    Ok(Statement { sid, effect, principals, actions, resources, conditions })
}

fn read_principals(value: &Value, place: &str, negated: bool) -> Result<Principals, PolicyError> {
    let mut principals = Principals { negated, ..Principals::default() };
    match value {
        Value::String(text) if text == "*" => principals.everyone = true,
        Value::Object(members) => {
            for (kind, value) in members {
                let place = format!("{place}.{kind}");
                let values = texts(value, &place)?;
                match kind.as_str() {
                    "AWS" => {
                        principals.everyone |= values.iter().any(|value| value == "*");
                        principals.aws.extend(values.into_iter().filter(|value| value != "*"));
                    }
                    "Service" => principals.services.extend(values),
                    "Federated" => principals.federated.extend(values),
                    "CanonicalUser" => principals.canonical.extend(values),
                    _ => return wrong(place, "is no kind of principal"),
                }
            }
        }
        _ => return wrong(place, "is neither `*` nor an object"),
    }
    Ok(principals)
}

fn read_conditions(value: &Value, place: &str) -> Result<Vec<Condition>, PolicyError> {
    let object = |value: &Value, place: &str| -> Result<Map<String, Value>, PolicyError> {
        value.as_object().cloned().map_or_else(|| wrong(place, "is no object"), Ok)
    };
    let mut conditions = Vec::new();
    for (operator, keys) in object(value, place)? {
        let place = format!("{place}.{operator}");
        for (key, values) in object(&keys, &place)? {
            conditions.push(Condition::new(&operator, &key, texts(&values, &format!("{place}.{key}"))?));
        }
    }
    Ok(conditions)
}

fn text_of(value: &Value, place: &str) -> Result<String, PolicyError> {
    value.as_str().map(str::to_owned).map_or_else(|| wrong(place, "is no text"), Ok)
}

fn patterns(value: &Value, place: &str) -> Result<Vec<Pattern>, PolicyError> {
    Ok(texts(value, place)?.into_iter().map(Pattern::from).collect())
}

/// One value or a list of them; AWS takes numbers and booleans for texts.
fn texts(value: &Value, place: &str) -> Result<Vec<String>, PolicyError> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(boolean) => Ok(boolean.to_string()),
        _ => wrong(place, "is neither a text nor a list of texts"),
    };
    match value {
        Value::Array(values) => values.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}
