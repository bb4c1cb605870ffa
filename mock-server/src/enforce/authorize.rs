//! Authorisation queries without a call: whether a principal may perform an action on a resource,
//! decided in the same way as for a call.
//!
//! A role stands for a new session of it that a service started, without session policies; a
//! session's ARN stands for the newest session with that ARN that has not expired, else for a new
//! one of its role. Context keys in the query override those that a call would have.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::PoisonError;

use lambdasweep_model::{Arn, printable};
use lambdasweep_policy::{Context, Decision, Kind, Layer, Principal, Verdict};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Enforcement, Origin, context, decide, resource};
use crate::call::{Call, Caller, Input};
use crate::identity;
use crate::permission::Key;
use crate::service;
use crate::services::iam::store::{Store, unique_id};
use crate::services::sts::begun_by_service;
use crate::world::World;

/// The session name for a role without a real session.
const SESSION_NAME: &str = "authorize";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    principal: String,
    action: String,
    resource: String,
    #[serde(default)]
    context: BTreeMap<String, Value>,
}

impl Enforcement {
    /// Answers one query or a list of them, whether enforcement is on or off; the error is a
    /// message.
    pub(crate) fn authorize(
        &self,
        world: &World,
        body: &[u8],
        address: IpAddr,
        now: f64,
    ) -> Result<Value, String> {
        let form = r#"send {"principal": ARN, "action": "service:Action", "resource": "ARN or *", "context": {}}, or a list of such objects"#;
        let given: Value = serde_json::from_slice(body)
            .map_err(|error| format!("The body is not JSON ({error}): {form}."))?;
        match given {
            Value::Array(questions) => {
                let answer = |(at, question)| {
                    self.answer(world, question, address, now)
                        .map_err(|error| format!("Question {}: {error}", at + 1))
                };
                questions
                    .into_iter()
                    .enumerate()
                    .map(answer)
                    .collect::<Result<Vec<Value>, String>>()
                    .map(Value::Array)
            }
            question @ Value::Object(_) => self.answer(world, question, address, now),
            _ => Err(format!("The body is neither an object nor a list: {form}.")),
        }
    }

    fn answer(
        &self,
        world: &World,
        question: Value,
        address: IpAddr,
        now: f64,
    ) -> Result<Value, String> {
        let mut question: Question = serde_json::from_value(question)
            .map_err(|error| format!("{}.", printable(&error.to_string())))?;
        // Actions are case-insensitive; lookups use the service in lower case.
        if let Some((service, name)) = question.action.split_once(':') {
            question.action = format!("{}:{name}", service.to_ascii_lowercase());
        }
        let given = given_context(&question.context)?;
        check_form(&question)?;
        let caller = caller(world, &question, now)?;
        let region = region(&question);
        let call = Call {
            world,
            caller: &caller,
            region: &region,
            operation: question.action.split(':').nth(1).unwrap_or_default(),
            request_id: "",
            base_url: "",
            now,
            allowed: true,
        };
        Ok(told(&self.decision(&call, &question, given, address)?))
    }

    fn decision(
        &self,
        call: &Call<'_>,
        question: &Question,
        given: BTreeMap<&str, Vec<String>>,
        address: IpAddr,
    ) -> Result<Verdict, String> {
        let action = question.action.as_str();
        if action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
            return Ok(Verdict {
                decision: Decision::Allowed,
                decided_by: Vec::new(),
                by: None,
            });
        }
        let arn: Option<Arn> = question.resource.parse().ok();
        if action.eq_ignore_ascii_case("iam:PassRole")
            && arn
                .as_ref()
                .is_some_and(|arn| arn.account != call.account())
        {
            return Ok(Verdict {
                decision: Decision::ImplicitlyDenied,
                decided_by: Vec::new(),
                by: None,
            });
        }
        let input: Input = arn
            .as_ref()
            .and_then(Arn::role_name)
            .map(|name| ("RoleName".to_owned(), json!(name)))
            .into_iter()
            .collect();
        let service = action.split(':').next().unwrap_or_default();
        let asked = self
            .asked(
                call,
                service,
                &input,
                Origin {
                    address,
                    user_agent: None,
                },
            )
            .map_err(|_| {
                format!(
                    "The role of {} no longer exists.",
                    printable(&question.principal)
                )
            })?;
        let target = resource::given(call, &self.documents, action, &question.resource);
        let there = self.place_of(&asked, action, &target);
        let boundary = boundary_key(action);
        let context = context::of_action(
            asked.context.clone(),
            call,
            &input,
            boundary.as_slice(),
            &target,
            &there,
        );
        let context: Context = given.into_iter().fold(context, |context, (key, values)| {
            context.with_all(key, values)
        });
        Ok(decide(&asked, action, &target, &there, &context))
    }
}

/// The condition key with a role's boundary, if the action has it.
fn boundary_key(action: &str) -> Option<Key> {
    let needs = service::all().flat_map(|service| service.spec.needs);
    let same_action = needs
        .flat_map(|(_, needs)| *needs)
        .filter(|need| need.action.eq_ignore_ascii_case(action));
    same_action
        .flat_map(|need| need.keys)
        .find(|key| matches!(key, Key::Of("iam:PermissionsBoundary", ..)))
        .copied()
}

fn told(verdict: &Verdict) -> Value {
    let by = verdict.by.map(Layer::word);
    let decided_by: Vec<String> = verdict.decided_by.iter().map(ToString::to_string).collect();
    json!({"decision": verdict.decision.as_str(), "decided_by": decided_by, "by": by})
}

fn check_form(question: &Question) -> Result<(), String> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    if !question
        .action
        .split_once(':')
        .is_some_and(|(service, name)| is_word(service) && is_word(name))
    {
        return Err(format!(
            "{} is not an action: write service:Action, without wildcards.",
            printable(&question.action)
        ));
    }
    if question.resource != "*" && question.resource.parse::<Arn>().is_err() {
        return Err(format!(
            "{} is not a resource: write an ARN or *.",
            printable(&question.resource)
        ));
    }
    Ok(())
}

/// The context of a query: strings, numbers and booleans, or lists of them.
fn given_context(given: &BTreeMap<String, Value>) -> Result<BTreeMap<&str, Vec<String>>, String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let values = |value: &Value| match value {
        Value::Array(several) => several.iter().map(text).collect::<Option<Vec<String>>>(),
        one => text(one).map(|one| vec![one]),
    };
    let wrong = |key: &str| {
        format!(
            "The value of the context key {} is neither a string nor a list of strings.",
            printable(key)
        )
    };
    given
        .iter()
        .map(|(key, value)| {
            values(value)
                .map(|values| (key.as_str(), values))
                .ok_or_else(|| wrong(key))
        })
        .collect()
}

/// The Region of the call: the one in the context, that of the resource, or one of the partition.
fn region(question: &Question) -> String {
    let asked = question
        .context
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("aws:RequestedRegion"))
        .and_then(|(_, value)| value.as_str());
    let of_resource = || {
        question
            .resource
            .split(':')
            .nth(3)
            .filter(|region| !region.is_empty())
    };
    let partition = question.principal.split(':').nth(1).unwrap_or("aws");
    let default = match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    };
    asked.or_else(of_resource).unwrap_or(default).to_owned()
}

/// The caller.
fn caller(world: &World, question: &Question, now: f64) -> Result<Caller, String> {
    let name = question.principal.as_str();
    let shown = printable(name);
    let form = || {
        format!(
            "{shown} is not a principal: write the ARN of a role, session, user or root user, or the name of a service."
        )
    };
    let principal = Principal::parse(name).map_err(|_| form())?;
    let account = principal.account().unwrap_or_default();
    let partition = name.split(':').nth(1).unwrap_or("aws");
    let plain = |account: &str, user_id: String| Caller {
        account: account.to_owned(),
        arn: name.to_owned(),
        user_id,
        session: None,
    };
    match principal.kind() {
        Kind::Root => Ok(identity::of_key(account, partition)),
        Kind::User => Ok(plain(account, unique_id("AIDA", name))),
        Kind::Role => begun_by_service(world, name, SESSION_NAME, now)
            .ok_or_else(|| format!("The role {shown} does not exist.")),
        Kind::Session => {
            let began = || of_session(world, name, partition, account, now);
            world
                .session_of(name, now)
                .or_else(began)
                .ok_or_else(|| format!("The role of the session {shown} does not exist."))
        }
        Kind::FederatedUser => world
            .session_of(name, now)
            .ok_or_else(|| format!("The session {shown} does not exist.")),
        // A service acts in the resource's account.
        Kind::Service => {
            let owner = question.resource.split(':').nth(4).unwrap_or_default();
            Ok(plain(owner, String::new()))
        }
        Kind::Federated | Kind::Anonymous => Err(form()),
    }
}

/// A session that was never started, derived from the role in its ARN.
fn of_session(
    world: &World,
    arn: &str,
    partition: &str,
    account: &str,
    now: f64,
) -> Option<Caller> {
    let mut parts = arn.split_once(":assumed-role/")?.1.splitn(2, '/');
    let (name, session_name) = (parts.next()?, parts.next()?);
    let path = {
        let iam = world.global::<Store>(account);
        let iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
        iam.roles.get(name)?.path.clone()
    };
    begun_by_service(
        world,
        &format!("arn:{partition}:iam::{account}:role{path}{name}"),
        session_name,
        now,
    )
}
