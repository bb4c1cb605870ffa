//! What a call acts on: ARNs worked out from the input, with the tags and the policy that the
//! resource has.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use lambdasweep_model::Arn;
use lambdasweep_policy::Document;
use serde_json::{Value, json};

use super::documents::Documents;
use super::table::Resource;
use crate::call::{Call, Input};
use crate::services::iam::service_linked_name;
use crate::services::lambda::Written;

/// A resource that an action is asked for.
#[derive(Debug, Default)]
pub(super) struct Target {
    pub(super) arn: String,
    /// What a message says instead of the ARN: IAM names some resources by kind and name.
    pub(super) said: Option<String>,
    /// The account that decides over it, where the ARN does not tell.
    pub(super) account: Option<String>,
    pub(super) tags: BTreeMap<String, String>,
    /// The resource's own policy.
    pub(super) policy: Option<Arc<Document>>,
}

impl Target {
    fn at(arn: String) -> Self {
        Self {
            arn,
            ..Self::default()
        }
    }

    fn said(self, said: String) -> Self {
        Self {
            said: Some(said),
            ..self
        }
    }
}

fn text<'a>(input: &'a Input, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

/// The resources that an action is needed on: all of them have to allow it.
pub(super) fn targets(
    call: &Call<'_>,
    documents: &Documents,
    resource: Resource,
    input: &Input,
) -> Vec<Target> {
    let given = |member| text(input, member).unwrap_or_default();
    let iam = |kind: &str, path: &str, name: &str| {
        format!(
            "arn:{}:iam::{}:{kind}{path}{name}",
            call.partition(),
            call.account()
        )
    };
    let path = || {
        text(input, "Path")
            .filter(|path| !path.is_empty())
            .unwrap_or("/")
    };
    let one = match resource {
        Resource::Any => Target::at("*".to_owned()),
        Resource::Arns(member) => {
            return arns(input, member)
                .map(|arn| by_arn(call, documents, arn))
                .collect();
        }
        Resource::Function => by_arn(call, documents, &function_arn(call, input, true)),
        Resource::Layer => Target::at(layer_arn(call, input)),
        Resource::LayerVersion => {
            let version = input
                .get("VersionNumber")
                .map(ToString::to_string)
                .unwrap_or_default();
            by_arn(
                call,
                documents,
                &format!("{}:{version}", layer_arn(call, input)),
            )
        }
        Resource::EventSourceMapping => by_arn(
            call,
            documents,
            &lambda_arn(
                call,
                call.region,
                call.account(),
                "event-source-mapping",
                given("UUID"),
            ),
        ),
        Resource::Role => {
            let (path, tags) = role(call, given("RoleName"));
            Target {
                tags,
                ..Target::at(iam("role", &path, given("RoleName")))
            }
            .said(format!("role {}", given("RoleName")))
        }
        Resource::NewRole => Target::at(iam("role", path(), given("RoleName"))),
        Resource::ServiceLinkedRole => {
            let service = given("AWSServiceName");
            let name = service_linked_name(service, given("CustomSuffix")).unwrap_or_default();
            Target::at(iam("role", &format!("/aws-service-role/{service}/"), &name))
        }
        Resource::AssumedRole => by_arn(call, documents, given("RoleArn")),
        Resource::Policy => {
            Target::at(given("PolicyArn").to_owned()).said(format!("policy {}", given("PolicyArn")))
        }
        Resource::NewPolicy => Target::at(iam("policy", path(), given("PolicyName")))
            .said(format!("policy {}", given("PolicyName"))),
        Resource::Listed(kind) => {
            let prefix = text(input, "PathPrefix")
                .filter(|prefix| !prefix.is_empty())
                .unwrap_or("/");
            let target = Target::at(iam(kind, prefix, ""));
            if kind == "policy" {
                target.said(format!("policy path {prefix}"))
            } else {
                target
            }
        }
        Resource::FederatedUser => Target::at(format!(
            "arn:{}:sts::{}:federated-user/{}",
            call.partition(),
            call.account(),
            given("Name")
        )),
        Resource::Entity(member) => entity(call, given(member)),
        Resource::EffectiveTarget => entity(
            call,
            text(input, "TargetId")
                .filter(|id| !id.is_empty())
                .unwrap_or(call.account()),
        ),
        Resource::OwnPolicy => resource_policy(call),
        Resource::Account => account(call, text(input, "AccountId")),
    };
    vec![one]
}

/// The ARNs that a member holds.
fn arns<'a>(input: &'a Input, member: &str) -> impl Iterator<Item = &'a str> {
    let value = input.get(member);
    value.and_then(Value::as_str).into_iter().chain(
        value
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    )
}

fn lambda_arn(call: &Call<'_>, region: &str, account: &str, kind: &str, name: &str) -> String {
    format!(
        "arn:{}:lambda:{region}:{account}:{kind}:{name}",
        call.partition()
    )
}

/// The ARN of the function that `FunctionName` names; with its qualifier if that is asked for.
pub(super) fn function_arn(call: &Call<'_>, input: &Input, qualified: bool) -> String {
    let written = Written::read(text(input, "FunctionName").unwrap_or_default());
    let arn = lambda_arn(
        call,
        written.region.unwrap_or(call.region),
        written.account.unwrap_or(call.account()),
        "function",
        written.name,
    );
    match written
        .qualifier
        .or_else(|| text(input, "Qualifier"))
        .filter(|_| qualified)
    {
        Some(qualifier) => format!("{arn}:{qualifier}"),
        None => arn,
    }
}

fn layer_arn(call: &Call<'_>, input: &Input) -> String {
    let given = text(input, "LayerName").unwrap_or_default();
    if given.starts_with("arn:") {
        given.to_owned()
    } else {
        lambda_arn(call, call.region, call.account(), "layer", given)
    }
}

/// A resource that a question names: `*` or an ARN.
pub(super) fn given(
    call: &Call<'_>,
    documents: &Documents,
    action: &str,
    resource: &str,
) -> Target {
    if action.starts_with("kms:") && resource.contains(":key/") {
        return key(call, resource, documents);
    }
    let target = by_arn(call, documents, resource);
    // As in calls, the caller's own account decides.
    let account = ["account:", "organizations:"]
        .iter()
        .any(|prefix| action.starts_with(prefix))
        .then(|| call.account().to_owned());
    Target { account, ..target }
}

/// A key, whose policy leaves all to its account's own policies: keys are not kept here.
pub(super) fn key(call: &Call<'_>, key: &str, documents: &Documents) -> Target {
    let account = key.split(':').nth(4).unwrap_or_else(|| call.account());
    let principal = format!("arn:{}:iam::{account}:root", call.partition());
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"});
    let policy =
        documents.parse(&json!({"Version": "2012-10-17", "Statement": [statement]}).to_string());
    Target {
        policy: Some(policy),
        ..Target::at(key.to_owned())
    }
}

/// A resource by its ARN, with the tags and the policy that it has.
fn by_arn(call: &Call<'_>, documents: &Documents, given: &str) -> Target {
    let mut target = Target::at(given.to_owned());
    let Ok(arn) = given.parse::<Arn>() else {
        return target;
    };
    if arn.account.parse::<lambdasweep_model::AccountId>().is_err() {
        return target;
    }
    if arn.role_name().is_some() {
        let iam = call.world.iam(&arn.account);
        let iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(role) = iam.role(&arn) {
            target.tags = role.tags.clone();
            target.policy = Some(documents.parse(&role.trust));
        }
        return target;
    }
    if arn.service != "lambda" {
        return target;
    }
    let store = call.world.lambda(&arn.account, &arn.region);
    let store = store.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(name) = arn.function_name() {
        if let Some(function) = store.functions.get(name) {
            let qualifier = arn
                .qualifier()
                .filter(|qualifier| *qualifier != "$LATEST")
                .unwrap_or_default();
            target.tags = function.tags.clone();
            target.policy = function
                .policies
                .get(qualifier)
                .map(|policy| documents.parse(&policy.document.to_string()));
        }
    } else if let Some((name, version)) = arn
        .resource
        .strip_prefix("layer:")
        .and_then(|rest| rest.split_once(':'))
    {
        let layer = version
            .parse()
            .ok()
            .and_then(|version: u64| store.layers.get(name)?.get(&version));
        target.policy = layer
            .and_then(|layer| layer.policy.as_ref())
            .map(|policy| documents.parse(&policy.document.to_string()));
    } else {
        target.tags = store.tags.get(given).cloned().unwrap_or_default();
    }
    target
}

/// A role's path and tags; one that is not there would be at the root.
fn role(call: &Call<'_>, name: &str) -> (String, BTreeMap<String, String>) {
    let iam = call.world.iam(call.account());
    let iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
    iam.roles.get(name).map_or_else(
        || ("/".to_owned(), BTreeMap::new()),
        |role| (role.path.clone(), role.tags.clone()),
    )
}

/// What is in the organisation under an id. The caller's own account decides: that the organisation
/// is another account's is for the handler to judge.
fn entity(call: &Call<'_>, id: &str) -> Target {
    let store = call
        .world
        .organization()
        .read()
        .unwrap_or_else(PoisonError::into_inner);
    let arn = match store.policies.get(id) {
        Some(policy) => store.policy_arn(id, policy, call.partition()),
        None => {
            let kind = match id.split('-').next().unwrap_or_default() {
                "ou" => "ou",
                "r" => "root",
                "rp" => "resourcepolicy",
                "p" => "policy",
                _ => "account",
            };
            store.arn(kind, id, call.partition())
        }
    };
    Target {
        account: Some(call.account().to_owned()),
        tags: store.tags.get(id).cloned().unwrap_or_default(),
        ..Target::at(arn)
    }
}

fn resource_policy(call: &Call<'_>) -> Target {
    let id = {
        let store = call
            .world
            .organization()
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        format!("rp-{}", store.id.trim_start_matches("o-"))
    };
    entity(call, &id)
}

/// An account as Account Management names it: its own, or that of a member of the organisation.
fn account(call: &Call<'_>, given: Option<&str>) -> Target {
    let partition = call.partition();
    let arn = match given {
        Some(other) => {
            let store = call
                .world
                .organization()
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            format!(
                "arn:{partition}:account::{}:account/{}/{other}",
                store.management_account, store.id
            )
        }
        None => format!("arn:{partition}:account::{}:account", call.account()),
    };
    Target {
        account: Some(call.account().to_owned()),
        ..Target::at(arn)
    }
}
