//! Reads policy documents as AWS accepts them; nothing that is not understood is passed over.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use lambdasweep_model::nearest;

use crate::condition::Condition;
use crate::document::{Document, Effect, Match, Principals, Statement};
use crate::json::{self, Object, ObjectProp, Ranged, Value};
use crate::problems::{Findings, Places, PolicyKind, Problem, Rules, Text, quoted};

/// The largest document that is looked at: many times what any AWS service accepts.
const MOST_BYTES: usize = 1 << 20;

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

/// Why a document cannot be read: the first thing in it that is not understood.
///
/// ```
/// let error = lambdasweep_policy::Document::parse(r#"{"Statement": [{"Effect": "Permit", "Action": "*"}]}"#).unwrap_err();
/// assert_eq!(error.problem().member.as_deref(), Some("Effect"));
/// assert!(error.to_string().starts_with("Statement[0].Effect, line 1, column 27: "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct PolicyError {
    problem: Box<Problem>,
}

impl PolicyError {
    /// What is wrong, and where.
    ///
    /// ```
    /// let error = lambdasweep_policy::Document::parse("{\n}").unwrap_err();
    /// assert_eq!(error.problem().member.as_deref(), Some("Statement"));
    /// ```
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

/// A document together with what is wrong with it, from one pass.
///
/// ```
/// use lambdasweep_policy::{Parsed, PolicyKind};
///
/// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "Invoke", "Resource": "*"}}"#;
/// let parsed = Parsed::of(text, PolicyKind::Identity);
/// assert!(parsed.document.is_some(), "what it would mean is clear");
/// assert_eq!(parsed.problems[0].message, "`Invoke` is no action: it consists of a service, a colon and a name, such as `lambda:InvokeFunction`.");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The document, where all of it is understood; what it allows is unknown otherwise.
    pub document: Option<Document>,
    /// What is wrong with it, in the order of its text.
    pub problems: Vec<Problem>,
}

impl Parsed {
    /// Reads a document of a kind, and checks it by the rules of that kind. A percent-encoded one
    /// is decoded first.
    ///
    /// ```
    /// use lambdasweep_policy::{Parsed, PolicyKind};
    /// assert!(Parsed::of("%7B%22Statement%22:%5B%5D%7D", PolicyKind::Identity).document.is_some());
    /// ```
    pub fn of(text: &str, kind: PolicyKind) -> Self {
        let (document, problems, _) = match decoded(text) {
            Ok(text) => read(&text, Some(kind)),
            Err(problem) => (None, vec![problem], None),
        };
        Self { document, problems }
    }
}

/// What is wrong with a document of a kind, in the order of its text. Takes time in proportion to
/// its length.
///
/// The first 100 errors and 100 warnings are listed, and the first error that makes the document
/// unreadable; a last one says that there are more.
///
/// ```
/// use lambdasweep_policy::{PolicyKind, problems};
///
/// let text = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}"#;
/// assert_eq!(problems(text, PolicyKind::Trust)[0].member.as_deref(), Some("Principal"));
/// assert_eq!(problems(text, PolicyKind::Resource)[0].member.as_deref(), Some("Resource"));
/// ```
pub fn problems(text: &str, kind: PolicyKind) -> Vec<Problem> {
    Parsed::of(text, kind).problems
}

impl Document {
    /// Reads a policy document.
    ///
    /// It takes what AWS takes of any kind of policy, and what is refused but clear; [`Parsed`]
    /// tells what is wrong by the rules of a kind. An unknown operator is kept as
    /// [`Operator::Unknown`](crate::Operator::Unknown).
    ///
    /// ```
    /// let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"*"}}"#;
    /// let policy = lambdasweep_policy::Document::parse(text)?;
    /// assert!(policy.statements[0].principals.as_ref().is_some_and(|it| it.everyone));
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// Where it is no policy, or something in it is not understood.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        match read(text, None) {
            (Some(document), ..) => Ok(document),
            (None, problems, first) => Err(PolicyError {
                problem: Box::new(first.unwrap_or_else(|| unread(problems))),
            }),
        }
    }

    /// Reads a document as IAM's API answers with it, percent-encoded; one that is not encoded is
    /// read as it is.
    ///
    /// ```
    /// let text = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
    /// assert!(lambdasweep_policy::Document::parse_url_encoded(text)?.statements.is_empty());
    /// # Ok::<(), lambdasweep_policy::PolicyError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_url_encoded(text: &str) -> Result<Self, PolicyError> {
        match decoded(text) {
            Ok(text) => Self::parse(&text),
            Err(problem) => Err(PolicyError {
                problem: Box::new(problem),
            }),
        }
    }
}

/// JSON never begins with a percent sign, so that it tells an encoded document.
fn decoded(text: &str) -> Result<Cow<'_, str>, Problem> {
    if text.len() > 3 * MOST_BYTES || !text.trim_start().starts_with('%') {
        return Ok(Cow::Borrowed(text));
    }
    percent_encoding::percent_decode_str(text)
        .decode_utf8()
        .map_err(|_| whole("The policy is percent-encoded, but not as UTF-8."))
}

fn whole(message: &str) -> Problem {
    Problem {
        level: crate::Level::Error,
        statement: None,
        member: None,
        line: 1,
        column: 1,
        message: message.to_owned(),
    }
}

fn unread(problems: Vec<Problem>) -> Problem {
    problems
        .into_iter()
        .next()
        .unwrap_or_else(|| whole("The policy cannot be read."))
}

/// The document, what is wrong with it, and the first thing that makes it unreadable. Without a
/// kind no rule of any kind is checked.
fn read(text: &str, kind: Option<PolicyKind>) -> (Option<Document>, Vec<Problem>, Option<Problem>) {
    let mut reader = Reader {
        findings: Findings::default(),
        rules: None,
        sids: HashMap::new(),
    };
    let mut document = None;
    if text.len() > MOST_BYTES {
        let message = format!(
            "The policy has {} bytes, more than any service takes.",
            text.len()
        );
        reader.findings.unreadable(0, None, || message);
    } else {
        match json::parse(text) {
            Ok(root) => document = reader.document(text, &root, kind),
            Err(error) => reader.findings.unreadable(error.at, None, || {
                format!("The policy is no JSON: {}.", error.message)
            }),
        }
    }
    let (problems, first) = reader.findings.finish(text);
    (document.filter(|_| first.is_none()), problems, first)
}

struct Reader {
    findings: Findings,
    rules: Option<Rules>,
    /// The statements that have each Sid.
    sids: HashMap<String, usize>,
}

/// Members of an object by the index of their name.
type Members<'v, 't, const N: usize> = [Option<&'v ObjectProp<'t>>; N];

impl Reader {
    /// Sorts the members of an object by their names; what has another name, or stands there twice,
    /// is not understood.
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
                    format!("{} stands here twice.", quoted(name))
                }),
                None => self.findings.unreadable(at, member.unwrap_or(name), || {
                    let hint = nearest(name, known)
                        .map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
                    format!(
                        "{} is no member of {whose}{}",
                        quoted(name),
                        if hint.is_empty() { "." } else { &hint }
                    )
                }),
            }
        }
        found
    }

    fn document(
        &mut self,
        text: &str,
        root: &Value<'_>,
        kind: Option<PolicyKind>,
    ) -> Option<Document> {
        let Value::Object(object) = root else {
            self.findings.unreadable(root.start(), None, || {
                "A policy is a JSON object.".to_owned()
            });
            return None;
        };
        let [version, id, statements] = self.members(object, OF_DOCUMENT, "a policy", None);
        let version_text = version.and_then(|it| self.text(it, "Version"));
        if let Some(text) =
            version_text.filter(|it| !matches!(it.text, "2012-10-17" | "2008-10-17"))
        {
            self.findings.unreadable(text.at, "Version", || {
                format!("The Version is that of the policy language, 2012-10-17 or 2008-10-17, but this is {}.", quoted(text.text))
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
                "A statement is a JSON object.".to_owned()
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
                        "{name} stands beside {}, and only one can.",
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
                        "The Effect is `Allow` or `Deny`, in these capitals, but this is {}.",
                        quoted(text.text)
                    )
                });
                None
            }
        }
    }

    /// `Action` or `NotAction`, `Resource` or `NotResource`, and what a rule says of each value.
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
                format!("{member} is `*` or an object with the members AWS, Service, Federated and CanonicalUser.")
            }),
        }
        principals
    }

    /// The conditions, each with its place.
    fn conditions(&mut self, property: &ObjectProp<'_>) -> Vec<(usize, Condition)> {
        const MEMBER: &str = "Condition";
        let mut conditions = Vec::new();
        let Some(operators) = self.object(&property.value, "Condition is an object of operators.")
        else {
            return Vec::new();
        };
        let mut written = HashSet::new();
        for operator in &operators.properties {
            let (name, at) = (operator.name.as_str(), operator.start());
            if !written.insert(name) {
                self.findings.unreadable(at, MEMBER, || {
                    format!("The operator {} stands here twice.", quoted(name))
                });
            }
            if let Some(rules) = self.rules {
                rules.operator(&mut self.findings, at, name);
            }
            let Some(keys) = self.object(
                &operator.value,
                "Under an operator stands an object of condition keys.",
            ) else {
                continue;
            };
            let mut folded = HashSet::new();
            for key in &keys.properties {
                if !folded.insert(key.name.as_str().to_ascii_lowercase()) {
                    self.findings.unreadable(key.start(), MEMBER, || {
                        format!(
                            "The key {} stands here twice: keys know no case.",
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

    /// The string that a member is.
    fn text<'v>(&mut self, property: &'v ObjectProp<'_>, member: &str) -> Option<Text<'v>> {
        match &property.value {
            Value::StringLit(text) => Some(Text {
                at: text.start(),
                text: &text.value,
                is_string: true,
            }),
            value => {
                self.findings
                    .unreadable(value.start(), member, || format!("{member} is a string."));
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
                        format!("The values of {member} are {what}, one or a list of them.")
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
