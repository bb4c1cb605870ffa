//! Existing resources that prevent new ones, and roles passed to services that the mock does not
//! have.

use lambdasweep_policy::role::EscalationPath;
use serde_json::json;

use super::super::accounts::{Account, Role, arn, name};
use super::super::attacker::Question;
use super::{InTheWay, Then, Try};
impl InTheWay {
    pub(super) fn arn(&self) -> &str {
        let (Self::Function(arn) | Self::Role(arn) | Self::Versions(arn)) = self;
        arn
    }
}

/// The existing resource whose name a new one would have.
pub(super) fn in_the_way(account: &Account, then: &Then) -> Option<InTheWay> {
    match then {
        Then::Function(name, ..) => {
            let function = arn(&format!("function/{name}"));
            account
                .functions
                .contains_key(&function)
                .then_some(InTheWay::Function(function))
        }
        // A policy can have at most five versions.
        Then::Version(policy) => {
            let is_full = |role: &Role| {
                role.stored
                    .get(policy)
                    .is_some_and(|stored| stored.len() >= 4)
            };
            account
                .roles
                .iter()
                .any(is_full)
                .then(|| InTheWay::Versions(policy.clone()))
        }
        Then::NewRole(named, _) => {
            let of_name = |role: &&Role| name(&role.arn).eq_ignore_ascii_case(name(named));
            account
                .roles
                .iter()
                .find(of_name)
                .map(|role| InTheWay::Role(role.arn.clone()))
        }
        _ => None,
    }
}

/// Adds the paths by which a role is passed to a service that the mock does not have, or by which
/// such a service runs as it.
pub(super) fn passed_elsewhere(role: &str, elsewhere: &[&EscalationPath], tries: &mut Vec<Try>) {
    let pass = |service: &str| {
        Question(
            "iam:PassRole".to_owned(),
            role.to_owned(),
            json!({"iam:PassedToService": service}),
        )
    };
    for path in elsewhere {
        let services = if path.passed_to.is_empty() {
            &path.runs_as
        } else {
            &path.passed_to
        };
        for service in services {
            let needs = if path.passed_to.is_empty() {
                Vec::new()
            } else {
                vec![pass(service)]
            };
            let then = Then::Start(role.to_owned(), service.clone());
            tries.push(Try {
                what: format!("{} for {service} as {role}", path.id),
                needs,
                then,
            });
        }
    }
}
