//! Service-linked roles, which only their service may change.

use std::sync::LazyLock;

use serde_json::json;

use super::roles::{Shown, missing, remove, shown};
use super::store::{Role, SERVICE_LINKED, unique_id};
use super::{encoded, lock, no_entity, store, text};
use crate::call::{Answer, AwsError, Call, Handler, Input};

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateServiceLinkedRole" => create,
        "DeleteServiceLinkedRole" => delete,
        "GetServiceLinkedRoleDeletionStatus" => status,
        _ => return None,
    })
}

/// A service and its service-linked role.
#[derive(Debug, Clone, Copy)]
struct Link {
    /// The service principal without its domain.
    service: &'static str,
    role: &'static str,
    takes_suffix: bool,
    /// The name of the managed policy that the role has.
    policy: &'static str,
    description: &'static str,
}

/// Source: the first lines of the file.
static LINKS: LazyLock<Vec<Link>> = LazyLock::new(|| {
    let lines = include_str!("../../../policies/service-linked-roles.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .filter_map(link)
        .collect()
});

fn link(line: &'static str) -> Option<Link> {
    let mut fields = line.split('\t');
    Some(Link {
        service: fields.next()?,
        role: fields.next()?,
        takes_suffix: fields.next()? == "+",
        policy: fields.next()?,
        description: fields.next()?,
    })
}

fn find(service: &str) -> Option<Link> {
    let short = service.strip_suffix(".amazonaws.com")?;
    LINKS.iter().find(|link| link.service == short).copied()
}

/// The name of a service's linked role; `None` if it is not a valid service principal. A service
/// that the table does not know gets a name of the usual form.
pub(crate) fn service_linked_name(service: &str, suffix: &str) -> Option<String> {
    let short = service
        .strip_suffix(".amazonaws.com")
        .filter(|short| !short.is_empty())?;
    let capital = |word: &str| {
        word.chars()
            .take(1)
            .map(|c| c.to_ascii_uppercase())
            .chain(word.chars().skip(1))
            .collect::<String>()
    };
    let usual = || {
        format!(
            "AWSServiceRoleFor{}",
            short.split(['-', '.']).map(capital).collect::<String>()
        )
    };
    let role = find(service).map_or_else(usual, |link| link.role.to_owned());
    Some(if suffix.is_empty() {
        role
    } else {
        format!("{role}_{suffix}")
    })
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let (service, suffix) = (text(input, "AWSServiceName"), text(input, "CustomSuffix"));
    let invalid = |message: String| AwsError::new("InvalidInputException", message);
    let name = service_linked_name(service, suffix)
        .ok_or_else(|| invalid(format!("{service} is not a service principal.")))?;
    let link = find(service);
    if !suffix.is_empty() && link.is_some_and(|link| !link.takes_suffix) {
        return Err(invalid(format!(
            "Custom suffix is not allowed for {service}"
        )));
    }
    let store = store(call);
    let mut store = lock(&store);
    if store
        .roles
        .keys()
        .any(|known| known.eq_ignore_ascii_case(&name))
    {
        return Err(invalid(format!(
            "Service role name {name} has been taken in this account, please try a different suffix."
        )));
    }
    store.modified = true;
    let statement =
        json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"});
    let given = text(input, "Description");
    let description = if given.is_empty() {
        link.map_or("", |link| link.description)
    } else {
        given
    };
    let attached = link.map(|link| {
        format!(
            "arn:{}:iam::aws:policy{SERVICE_LINKED}{}",
            call.partition(),
            link.policy
        )
    });
    let role = Role {
        path: format!("{SERVICE_LINKED}{service}/"),
        id: unique_id(
            "AROA",
            &format!("{}{name}{}", call.account(), call.request_id),
        ),
        trust: json!({"Version": "2012-10-17", "Statement": [statement]}).to_string(),
        description: description.to_owned(),
        attached: attached.into_iter().collect(),
        created: call.now.floor(),
        ..Role::default()
    };
    let mut answer = shown(call, &name, &role, Shown::Created);
    // Only this response has lists where GetRole has strings. Sources:
    // "create-service-linked-role", AWS CLI Command Reference; LocalStack's recordings.
    let listed = json!({"Action": ["sts:AssumeRole"], "Principal": {"Service": [service]}, "Effect": "Allow"});
    answer["AssumeRolePolicyDocument"] = json!(encoded(
        &json!({"Version": "2012-10-17", "Statement": [listed]}).to_string()
    ));
    store.roles.insert(name, role);
    Ok(json!({"Role": answer}))
}

/// Deletes the role immediately and returns the id of a task: no service uses its role here.
fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let name = text(input, "RoleName");
    let store = store(call);
    let mut store = lock(&store);
    let role = store
        .roles
        .get(name)
        .filter(|role| role.is_service_linked())
        .ok_or_else(|| missing(name))?;
    let task = format!("task{}{name}/{}", role.path, call.request_id);
    remove(call, &mut store, name);
    store.deletions.insert(task.clone());
    Ok(json!({"DeletionTaskId": task}))
}

fn status(call: &Call<'_>, input: &Input) -> Answer {
    let task = text(input, "DeletionTaskId");
    match lock(&store(call)).deletions.contains(task) {
        true => Ok(json!({"Status": "SUCCEEDED"})),
        false => Err(no_entity(format!(
            "The deletion task {task} cannot be found."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::{LINKS, SERVICE_LINKED, service_linked_name};
    use crate::services::iam::managed;

    #[test]
    fn every_service_has_a_role_and_a_policy_that_is_there() {
        let mut services: Vec<&str> = LINKS.iter().map(|link| link.service).collect();
        services.sort_unstable();
        services.dedup();
        assert_eq!(services.len(), LINKS.len(), "a service stands there twice");
        assert!(LINKS.iter().filter(|link| link.takes_suffix).count() == 3);
        for link in LINKS.iter() {
            assert!(
                link.role.starts_with("AWSServiceRoleFor"),
                "{}",
                link.service
            );
            let arn = format!("arn:aws:iam::aws:policy{SERVICE_LINKED}{}", link.policy);
            // Lex V1, whose role was recorded, no longer exists, nor does its policy.
            assert!(
                link.service == "lex"
                    || managed::find(&arn).is_some_and(|policy| policy.is_of_service()),
                "{arn}"
            );
        }
    }

    #[test]
    fn names_come_from_the_table_and_else_from_the_service() {
        let name = |service, suffix| service_linked_name(service, suffix);
        assert_eq!(
            name("replicator.lambda.amazonaws.com", "").as_deref(),
            Some("AWSServiceRoleForLambdaReplicator")
        );
        assert_eq!(
            name("autoscaling.amazonaws.com", "blue").as_deref(),
            Some("AWSServiceRoleForAutoScaling_blue")
        );
        assert_eq!(
            name("some-new.thing.amazonaws.com", "").as_deref(),
            Some("AWSServiceRoleForSomeNewThing")
        );
        assert_eq!(name("example.com", ""), None);
        assert_eq!(name(".amazonaws.com", ""), None);
    }
}
