//! Reads the parts of a document from its JSON, and applies the rules of its kind on the way.

use std::collections::{HashMap, HashSet};

use lambdasweep_model::nearest;

use crate::condition::Condition;
use crate::document::{Document, Effect, Match, Principals, Statement};
use crate::json::{Object, ObjectProp, Ranged, Value};
use crate::problems::{Findings, Places, PolicyKind, Rules, Text, quoted};

const OF_DOCUMENT: [&str; 3] = ["Version", "Id", "Statement"];

const OF_STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

const OF_PRINCIPAL: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// What is read so far.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) findings: Findings,
    rules: Option<Rules>,
    /// The statements that have each Sid.
    sids: HashMap<String, usize>,
}

/// Members of an object by the index of their name.
type Members<'v, 't, const N: usize> = [Option<&'v ObjectProp<'t>>; N];

impl Reader {
    /// Finds the members of an object by their names. Unknown and duplicate names make the document
    /// unreadable.
    fn members<'v, 't, const N: usize>(
        &mut self,
        object: &'v Object<'t>,
        known: [&str; N],
        whose: &str,
        member: Option<&str>,
    ) -> Members<'v, 't, N> {
        let mut found = [None; N];
        for property in &object.properties {
            let (name, at) = (property.name.as_str(), property.name.range().start);
            match known.iter().position(|it| *it == name) {
                Some(index) if found[index].is_none() => found[index] = Some(property),
                Some(_) => self.findings.unreadable(at, member.unwrap_or(name), || {
                    format!("{} appears twice.", quoted(name))
                }),
                None => self.findings.unreadable(at, member.unwrap_or(name), || {
                    let hint = nearest(name, known)
                        .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
                    format!(
                        "{} is not a member of {whose}{}",
                        quoted(name),
                        if hint.is_empty() { "." } else { &hint }
                    )
                }),
            }
        }
        found
    }

    pub(super) fn document(
        &mut self,
        text: &str,
        root: &Value<'_>,
        kind: Option<PolicyKind>,
    ) -> Option<Document> {
        let Value::Object(object) = root else {
            self.findings.unreadable(root.start(), None, || {
                "A policy must be a JSON object.".to_owned()
            });
            return None;
        };
        let [version, id, statements] = self.members(object, OF_DOCUMENT, "a policy", None);
        let version_text = version.and_then(|it| self.text(it, "Version"));
        if let Some(text) =
            version_text.filter(|it| !matches!(it.text, "2012-10-17" | "2008-10-17"))
        {
            self.findings.unreadable(text.at, "Version", || {
                format!(
                    "The Version must be 2012-10-17 or 2008-10-17, not {}.",
                    quoted(text.text)
                )
            });
        }
        let id_text = id.and_then(|it| self.text(it, "Id"));
        self.rules = kind.map(|kind| Rules {
            kind,
            variables: version_text.is_some_and(|it| it.text == "2012-10-17"),
        });
        if let Some(rules) = self.rules {
            rules.text(&mut self.findings, text);
            if version.is_none() || version_text.is_some() {
                rules.version(
                    &mut self.findings,
                    version_text.map_or(root.start(), |it| it.at),
                    version_text.map(|it| it.text),
                );
            }
            if let Some(id) = id {
                rules.id(&mut self.findings, id.start());
            }
        }
        let Some(property) = statements else {
            self.findings.unreadable(root.start(), "Statement", || {
                "The policy has no Statement.".to_owned()
            });
            return None;
        };
        let statements: Vec<&Value<'_>> = match &property.value {
            Value::Array(array) => array.elements.iter().collect(),
            value => vec![value],
        };
        if statements.is_empty() && self.rules.is_some() {
            self.findings
                .error(property.value.start(), "Statement", || {
                    "The policy has no statements.".to_owned()
                });
        }
        let statements: Vec<_> = statements
            .into_iter()
            .enumerate()
            .filter_map(|(index, value)| self.statement(index, value))
            .collect();
        self.findings.statement = None;
        Some(Document {
            version: version_text.map(|it| it.text.to_owned()),
            id: id_text.map(|it| it.text.to_owned()),
            statements,
        })
    }

    fn statement(&mut self, index: usize, value: &Value<'_>) -> Option<Statement> {
        self.findings.statement = Some(index);
        let Value::Object(object) = value else {
            self.findings.unreadable(value.start(), None, || {
                "A statement must be a JSON object.".to_owned()
            });
            return None;
        };
        let [
            sid,
            effect,
            principal,
            not_principal,
            action,
            not_action,
            resource,
            not_resource,
            condition,
        ] = self.members(object, OF_STATEMENT, "a statement", None);
        for (one, other) in [
            (principal, not_principal),
            (action, not_action),
            (resource, not_resource),
        ] {
            if let (Some(one), Some(other)) = (one, other) {
                let name = other.name.as_str();
                self.findings.unreadable(other.start(), name, || {
                    format!(
                        "A statement cannot have both {} and {name}.",
                        one.name.as_str()
                    )
                });
            }
        }
        let sid = sid.and_then(|it| self.text(it, "Sid"));
        if let (Some(rules), Some(sid)) = (self.rules, &sid) {
            rules.sid(&mut self.findings, sid, &mut self.sids, index);
        }
        let effect_place = effect.map(ObjectProp::start);
        let effect = self.effect(value, effect);
        let principals = principal.or(not_principal).map(|it| self.principals(it));
        let actions = action
            .or(not_action)
            .map(|it| self.patterns(it, Rules::action));
        if actions.is_none() {
            self.findings.unreadable(value.start(), "Action", || {
                "The statement has neither an Action nor a NotAction.".to_owned()
            });
        }
        let resources = resource
            .or(not_resource)
            .map(|it| self.patterns(it, Rules::resource));
        let conditions = condition.map(|it| self.conditions(it)).unwrap_or_default();
        let (effect, actions) = (effect?, actions?);
        if let Some(rules) = self.rules {
            rules.keys_of_actions(&mut self.findings, effect, &actions, &conditions);
        }
        let conditions = conditions.into_iter().map(|it| it.1).collect();
        let statement = Statement {
            sid: sid.map(|it| it.text.to_owned()),
            effect,
            principals,
            actions,
            resources,
            conditions,
        };
        if let Some(rules) = self.rules {
            let place = |property: Option<&ObjectProp<'_>>| property.map(ObjectProp::start);
            let places = Places {
                statement: value.start(),
                effect: effect_place,
                principal: place(principal),
                not_principal: place(not_principal),
                not_action: place(not_action),
                resource: place(resource),
                not_resource: place(not_resource),
            };
            rules.statement(&mut self.findings, &places, &statement);
        }
        Some(statement)
    }

    fn effect(
        &mut self,
        statement: &Value<'_>,
        property: Option<&ObjectProp<'_>>,
    ) -> Option<Effect> {
        let Some(property) = property else {
            self.findings.unreadable(statement.start(), "Effect", || {
                "The statement has no Effect.".to_owned()
            });
            return None;
        };
        let text = self.text(property, "Effect")?;
        match text.text {
            "Allow" => Some(Effect::Allow),
            "Deny" => Some(Effect::Deny),
            _ => {
                self.findings.unreadable(text.at, "Effect", || {
                    format!(
                        "The Effect must be `Allow` or `Deny` (case-sensitive), not {}.",
                        quoted(text.text)
                    )
                });
                None
            }
        }
    }

    /// `Action` or `NotAction`, `Resource` or `NotResource`, and applies a rule to each value.
    fn patterns(
        &mut self,
        property: &ObjectProp<'_>,
        rule: fn(Rules, &mut Findings, &str, &Text<'_>),
    ) -> Match {
        let member = property.name.as_str();
        let texts = self.texts(&property.value, member, false);
        if let Some(rules) = self.rules {
            if matches!(&property.value, Value::Array(array) if array.elements.is_empty()) {
                rules.empty(&mut self.findings, property.start(), member);
            }
            for text in &texts {
                rule(rules, &mut self.findings, member, text);
            }
        }
        let values = texts.iter().map(|it| it.text.into()).collect();
        if member.starts_with("Not") {
            Match::Not(values)
        } else {
            Match::Any(values)
        }
    }

    fn principals(&mut self, property: &ObjectProp<'_>) -> Principals {
        let member = property.name.as_str();
        let mut principals = Principals {
            negated: member == "NotPrincipal",
            ..Principals::default()
        };
        match &property.value {
            Value::StringLit(text) if text.value == "*" => {
                principals.everyone = true;
                if let Some(rules) = self.rules {
                    rules.everybody(&mut self.findings, property.value.start(), member);
                }
            }
            Value::Object(object) => {
                let members = self.members(object, OF_PRINCIPAL, "a Principal", Some(member));
                let mut named = 0;
                for (key, property) in OF_PRINCIPAL.into_iter().zip(members) {
                    let Some(property) = property else { continue };
                    let texts = self.texts(&property.value, member, false);
                    named += texts.len();
                    for text in &texts {
                        if let Some(rules) = self.rules {
                            rules.principal(&mut self.findings, member, key, text);
                        }
                        match key {
                            "AWS" if text.text == "*" => principals.everyone = true,
                            "AWS" => principals.aws.push(text.text.to_owned()),
                            "Service" => principals.services.push(text.text.to_owned()),
                            "Federated" => principals.federated.push(text.text.to_owned()),
                            _ => principals.canonical.push(text.text.to_owned()),
                        }
                    }
                }
                if let Some(rules) = self.rules.filter(|_| named == 0) {
                    rules.nobody(&mut self.findings, property.start(), member);
                }
            }
            value => self.findings.unreadable(value.start(), member, || {
                format!("{member} must be `*` or an object with the members AWS, Service, Federated and CanonicalUser.")
            }),
        }
        principals
    }

    /// The conditions, each with its position.
    fn conditions(&mut self, property: &ObjectProp<'_>) -> Vec<(usize, Condition)> {
        const MEMBER: &str = "Condition";
        let mut conditions = Vec::new();
        let Some(operators) =
            self.object(&property.value, "Condition must be an object of operators.")
        else {
            return Vec::new();
        };
        let mut written = HashSet::new();
        for operator in &operators.properties {
            let (name, at) = (operator.name.as_str(), operator.start());
            if !written.insert(name) {
                self.findings.unreadable(at, MEMBER, || {
                    format!("The operator {} appears twice.", quoted(name))
                });
            }
            if let Some(rules) = self.rules {
                rules.operator(&mut self.findings, at, name);
            }
            let Some(keys) = self.object(
                &operator.value,
                "The value of an operator must be an object of condition keys.",
            ) else {
                continue;
            };
            let mut folded = HashSet::new();
            for key in &keys.properties {
                if !folded.insert(key.name.as_str().to_ascii_lowercase()) {
                    self.findings.unreadable(key.start(), MEMBER, || {
                        format!(
                            "The key {} appears twice: keys are not case-sensitive.",
                            quoted(key.name.as_str())
                        )
                    });
                }
                let texts = self.texts(&key.value, MEMBER, true);
                let condition =
                    Condition::new(name, key.name.as_str(), texts.iter().map(|it| it.text));
                if let Some(rules) = self.rules {
                    rules.condition(&mut self.findings, key.start(), &condition, &texts);
                }
                conditions.push((key.start(), condition));
            }
            if let Some(rules) = self.rules.filter(|_| keys.properties.is_empty()) {
                rules.no_condition(&mut self.findings, at);
            }
        }
        if let Some(rules) = self.rules.filter(|_| operators.properties.is_empty()) {
            rules.no_condition(&mut self.findings, property.start());
        }
        if let Some(rules) = self.rules {
            rules.quantifiers(&mut self.findings, &conditions);
        }
        conditions
    }

    fn object<'v, 't>(&mut self, value: &'v Value<'t>, problem: &str) -> Option<&'v Object<'t>> {
        if let Value::Object(object) = value {
            return Some(object);
        }
        self.findings
            .unreadable(value.start(), "Condition", || problem.to_owned());
        None
    }

    /// The value of a member that must be a string.
    fn text<'v>(&mut self, property: &'v ObjectProp<'_>, member: &str) -> Option<Text<'v>> {
        match &property.value {
            Value::StringLit(text) => Some(Text {
                at: text.start(),
                text: &text.value,
                is_string: true,
            }),
            value => {
                self.findings.unreadable(value.start(), member, || {
                    format!("{member} must be a string.")
                });
                None
            }
        }
    }

    /// One value or a list of them: strings, and in conditions numbers and booleans too.
    fn texts<'v>(&mut self, value: &'v Value<'_>, member: &str, scalars: bool) -> Vec<Text<'v>> {
        let values = match value {
            Value::Array(array) => &array.elements[..],
            value => std::slice::from_ref(value),
        };
        let mut texts = Vec::with_capacity(values.len());
        for value in values {
            let (text, is_string) = match value {
                Value::StringLit(text) => (&*text.value, true),
                Value::NumberLit(number) if scalars => (number.value, false),
                Value::BooleanLit(boolean) if scalars => {
                    (if boolean.value { "true" } else { "false" }, false)
                }
                value => {
                    self.findings.unreadable(value.start(), member, || {
                        let what = if scalars {
                            "strings, numbers and booleans"
                        } else {
                            "strings"
                        };
                        format!("The values of {member} must be {what}, one or a list of them.")
                    });
                    continue;
                }
            };
            texts.push(Text {
                at: value.start(),
                text,
                is_string,
            });
        }
        texts
    }
}
