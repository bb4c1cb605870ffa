//! A request with all policies that have a say in it.

use serde::Serialize;
use serde_json::Value;

use super::members::Members;
use super::{Further, WireError, account, wrong};
use crate::actions::is_action;
use crate::{
    Context, Decision, Document, Layer, Policies, PolicyRef, Principal, Request, StatementRef,
    Verdict, evaluate,
};

/// The members of the input.
const KNOWN: &[&str] = &[
    "principal",
    "principal_org_path",
    "principal_tags",
    "action",
    "resource",
    "resource_account",
    "resource_org_path",
    "context",
    "identity_policies",
    "permissions_boundary",
    "session_policies",
    "resource_policy",
    "scps",
    "rcps",
    "management_account",
    "service_linked",
];

/// Those that hold policies.
const HOLDERS: &[&str] = &[
    "identity_policies",
    "permissions_boundary",
    "session_policies",
    "resource_policy",
    "scps",
    "rcps",
];

/// The members of the answer; an input's members of these names do not come back.
const ANSWER: &[&str] = &[
    "line",
    "error",
    "decision",
    "decided_by",
    "denied_by",
    "statements",
];

/// A request, and the policies that it is decided by.
#[derive(Debug, Clone)]
pub struct EvaluateInput {
    principal: Principal,
    action: String,
    resource: String,
    resource_account: Option<String>,
    context: Context,
    identity: Vec<Document>,
    boundary: Option<Document>,
    session: Vec<Document>,
    resource_policy: Option<Document>,
    scps: Vec<Vec<Document>>,
    rcps: Vec<Vec<Document>>,
    management_account: Option<String>,
    service_linked: bool,
    /// Members that the engine does not know: they come back in the answer.
    pub further: Further,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvaluateAnswer {
    /// The input's further members.
    #[serde(flatten)]
    pub further: Further,
    /// `allowed`, `implicitly-denied`, `explicitly-denied` or `unknown`.
    pub decision: &'static str,
    /// The statements that decided: policy and index, as in `identity[0]#2`.
    pub decided_by: Vec<String>,
    /// The kind of policy that denied, explicitly or by its silence: `identity`, `boundary`,
    /// `session`, `resource`, `scp`, `rcp`.
    pub denied_by: Option<&'static str>,
    /// The statements of `decided_by`, taken apart.
    pub statements: Vec<DecidingStatement>,
}

/// A statement that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecidingStatement {
    /// The policy: `identity[0]`, `boundary`, `session[0]`, `resource`, `scp[1][0]`, `rcp[0][0]`.
    pub policy: String,
    /// The statement's index in it, from 0.
    pub statement: usize,
    /// The statement's id.
    pub sid: Option<String>,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
}

impl EvaluateInput {
    /// Reads an input: one JSON object.
    ///
    /// # Errors
    /// If it is not a JSON object, if a member is missing, misspelt or malformed, and where a
    /// policy cannot be read.
    pub fn parse(text: &str) -> Result<Self, WireError> {
        let mut members = Members::parse(text)?;
        members.each_once()?;
        let text = members
            .text("principal")?
            .ok_or(WireError::Missing("principal"))?;
        let mut principal =
            Principal::parse(&text).or_else(|error| wrong("principal", error.to_string()))?;
        if let Some(path) = organization_path(&mut members, "principal_org_path")? {
            principal = principal.in_organization(&path);
        }
        let action = members
            .text("action")?
            .ok_or(WireError::Missing("action"))?;
        if !is_action(&action) {
            return wrong(
                "action",
                "is not a valid action: use a service prefix and a name without wildcards, such as lambda:InvokeFunction",
            );
        }
        let twelve =
            |member: &str, id: Option<String>| id.map(|id| account(member, id)).transpose();
        Ok(Self {
            principal,
            action,
            resource: members
                .text("resource")?
                .ok_or(WireError::Missing("resource"))?,
            resource_account: twelve("resource_account", members.text("resource_account")?)?,
            context: context(&mut members)?,
            identity: members.policies("identity_policies")?,
            boundary: members.policy("permissions_boundary")?,
            session: members.policies("session_policies")?,
            resource_policy: members.policy("resource_policy")?,
            scps: members.levels("scps")?,
            rcps: members.levels("rcps")?,
            management_account: twelve("management_account", members.text("management_account")?)?,
            service_linked: members.boolean("service_linked")?.unwrap_or_default(),
            further: members.further(KNOWN, HOLDERS, ANSWER)?,
        })
    }

    /// The further members of an input that [`EvaluateInput::parse`] refuses, as far as it is an
    /// object.
    pub fn further_of(text: &str) -> Further {
        Members::parse(text)
            .map(|members| members.lenient(KNOWN, ANSWER))
            .unwrap_or_default()
    }

    /// The request.
    pub fn request(&self) -> Request<'_> {
        Request {
            principal: &self.principal,
            action: &self.action,
            resource: &self.resource,
            resource_account: self.resource_account.as_deref(),
            context: &self.context,
        }
    }

    /// The policies.
    pub fn policies(&self) -> Policies<'_> {
        Policies {
            identity: self.identity.iter().collect(),
            boundary: self.boundary.as_ref(),
            // A session to which no policy was passed has the permissions of its role.
            session: (!self.session.is_empty()).then(|| self.session.iter().collect()),
            resource: self.resource_policy.as_ref(),
            scps: levels(&self.scps),
            rcps: levels(&self.rcps),
            management_account: self.management_account.as_deref(),
            service_linked: self.service_linked,
        }
    }

    /// Decides the request.
    pub fn evaluate(&self) -> EvaluateAnswer {
        let Verdict {
            decision,
            decided_by,
            by,
        } = evaluate(&self.policies(), &self.request());
        EvaluateAnswer {
            further: self.further.clone(),
            decision: decision.as_str(),
            decided_by: decided_by.iter().map(ToString::to_string).collect(),
            denied_by: if decision == Decision::Allowed {
                None
            } else {
                by.map(Layer::word)
            },
            statements: decided_by
                .iter()
                .filter_map(|it| self.deciding(it))
                .collect(),
        }
    }

    fn deciding(&self, reference: &StatementRef) -> Option<DecidingStatement> {
        let document = match reference.policy {
            PolicyRef::Identity(at) => self.identity.get(at),
            PolicyRef::Boundary => self.boundary.as_ref(),
            PolicyRef::Session(at) => self.session.get(at),
            PolicyRef::Resource => self.resource_policy.as_ref(),
            PolicyRef::Scp(level, at) => self.scps.get(level)?.get(at),
            PolicyRef::Rcp(level, at) => self.rcps.get(level)?.get(at),
        };
        let statement = document?.statements.get(reference.statement)?;
        let (sid, effect) = (statement.sid.clone(), statement.effect.as_str());
        Some(DecidingStatement {
            policy: reference.policy.to_string(),
            statement: reference.statement,
            sid,
            effect,
        })
    }
}

fn levels(levels: &[Vec<Document>]) -> Vec<Vec<&Document>> {
    levels.iter().map(|level| level.iter().collect()).collect()
}

/// The context: the keys that are given, and beside them those that the resource's path and the
/// tags imply. A key that is given counts as it is given.
fn context(members: &mut Members<'_>) -> Result<Context, WireError> {
    let given = members.object("context")?;
    let mut names: Vec<String> = given
        .iter()
        .map(|(key, _)| key.to_ascii_lowercase())
        .collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(WireError::Twice(format!("context.{}", twice[0])));
    }
    let mut context = Context::default();
    for (key, value) in &given {
        let member = format!("context.{key}");
        context = match value {
            Value::Array(values) => context.with_all(
                key,
                values
                    .iter()
                    .map(|value| scalar(&member, value))
                    .collect::<Result<Vec<_>, _>>()?,
            ),
            value => context.with(key, scalar(&member, value)?),
        };
    }
    let mut implied = Vec::new();
    if let Some(path) = organization_path(members, "resource_org_path")? {
        let organization = path.split('/').next().unwrap_or_default();
        implied.push(("aws:ResourceOrgID".to_owned(), organization.to_owned()));
        implied.push(("aws:ResourceOrgPaths".to_owned(), path));
    }
    for (tag, value) in members.object("principal_tags")? {
        let value = scalar(&format!("principal_tags.{tag}"), &value)?;
        implied.push((format!("aws:PrincipalTag/{tag}"), value));
    }
    for (key, value) in implied {
        if names.binary_search(&key.to_ascii_lowercase()).is_err() {
            context = context.with(&key, value);
        }
    }
    Ok(context)
}

/// A path as conditions see it, with a slash at its end.
fn organization_path(members: &mut Members<'_>, member: &str) -> Result<Option<String>, WireError> {
    let Some(path) = members.text(member)? else {
        return Ok(None);
    };
    if !path.starts_with("o-") || !path.contains('/') {
        return wrong(
            member,
            "is not a valid path: it must begin with the organisation and its root, such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
        );
    }
    Ok(Some(format!("{}/", path.trim_end_matches('/'))))
}

fn scalar(member: &str, value: &Value) -> Result<String, WireError> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(boolean) => Ok(boolean.to_string()),
        Value::Null => wrong(member, "is null; omit a key that has no value"),
        Value::Array(_) | Value::Object(_) => {
            wrong(member, "is not a string, a number or a boolean")
        }
    }
}
