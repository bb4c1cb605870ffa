//! The caller from the point of view of policies: the principal, its own policies, and the policies
//! that limit it.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use lambdasweep_policy::Principal;

use crate::call::{AwsError, Call, Session};
use crate::service;
use crate::services::documents::{Documents, Policy};
use crate::services::iam::managed;
use crate::services::iam::store::Store;
use crate::spec::Spec;

/// A caller's principal and policies.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) principal: Principal,
    pub(super) identity: Vec<Policy>,
    pub(super) boundary: Option<Policy>,
    /// Session policies; `None` if the session was started without any.
    pub(super) session: Option<Vec<Policy>>,
    pub(super) service_linked: bool,
    /// Tags of the role, overridden by those of the session.
    pub(super) tags: BTreeMap<String, String>,
}

impl Standing {
    /// The caller; `None` if its role no longer exists, so that its credentials are not valid.
    pub(super) fn of(call: &Call<'_>, documents: &Documents) -> Option<Self> {
        let caller = call.caller;
        let kind = caller
            .arn
            .splitn(6, ':')
            .nth(5)
            .and_then(|resource| resource.split('/').next())
            .unwrap_or_default();
        match (kind, &caller.session) {
            ("assumed-role", Some(session)) => Self::of_role(call, documents, session),
            ("federated-user", session) => {
                let session = session
                    .as_ref()
                    .map(|session| session_policies(call, documents, session))
                    .unwrap_or_default();
                // Only a root user can have requested this session, since the mock has no users:
                // its permissions are those of its session policies.
                let everything = documents.unnamed(managed::ADMINISTRATOR_ACCESS);
                Self::new(
                    Principal::parse(&caller.arn).ok()?,
                    vec![everything],
                    Some(session.unwrap_or_default()),
                )
            }
            _ => Self::new(Principal::parse(&caller.arn).ok()?, Vec::new(), None),
        }
    }

    fn new(
        principal: Principal,
        identity: Vec<Policy>,
        session: Option<Vec<Policy>>,
    ) -> Option<Self> {
        Some(Self {
            principal,
            identity,
            boundary: None,
            session,
            service_linked: false,
            tags: BTreeMap::new(),
        })
    }

    fn of_role(call: &Call<'_>, documents: &Documents, session: &Session) -> Option<Self> {
        let principal = Principal::session(&session.role_arn, &session.session_name).ok()?;
        let name = session.role_arn.rsplit('/').next().unwrap_or_default();
        let iam = call.world.global::<Store>(&call.caller.account);
        let iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
        let role = iam.roles.get(name)?;
        let inline = role.inline.values().map(|text| documents.unnamed(text));
        let identity = inline
            .chain(
                role.attached
                    .iter()
                    .map(|arn| managed_policy(&iam, documents, arn)),
            )
            .collect();
        let boundary = role
            .boundary
            .as_ref()
            .map(|arn| managed_policy(&iam, documents, arn));
        // Keys are case-insensitive. Source: "AssumeRole", STS API Reference.
        let is_of_session = |key: &str| {
            session
                .tags
                .keys()
                .any(|other| other.to_lowercase() == key.to_lowercase())
        };
        let of_role = role.tags.iter().filter(|(key, _)| !is_of_session(key));
        let tags = of_role
            .chain(&session.tags)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let service_linked = role.is_service_linked();
        drop(iam);
        Some(Self {
            principal,
            identity,
            boundary,
            session: session_policies(call, documents, session),
            service_linked,
            tags,
        })
    }
}

/// The policies that a session was started with.
fn session_policies(
    call: &Call<'_>,
    documents: &Documents,
    session: &Session,
) -> Option<Vec<Policy>> {
    if session.policy.is_none() && session.policy_arns.is_empty() {
        return None;
    }
    let iam = call.world.global::<Store>(&call.caller.account);
    let iam = iam.lock().unwrap_or_else(PoisonError::into_inner);
    let inline = session.policy.iter().map(|text| documents.unnamed(text));
    Some(
        inline
            .chain(
                session
                    .policy_arns
                    .iter()
                    .map(|arn| managed_policy(&iam, documents, arn)),
            )
            .collect(),
    )
}

/// A managed policy: a customer managed or AWS managed one. A policy that does not exist grants
/// nothing.
fn managed_policy(iam: &Store, documents: &Documents, arn: &str) -> Policy {
    let text = iam.managed_document(arn);
    if text.is_none() {
        tracing::warn!(
            "the policy {} is unknown to the mock and allows nothing",
            lambdasweep_model::printable(arn)
        );
    }
    documents.named(arn, text)
}

/// The error for credentials of a deleted role, as each service words it.
pub(super) fn token_invalid(service: &str) -> AwsError {
    let (code, status) = service::named(service)
        .map_or(Spec::DEFAULT, |service| service.spec)
        .token_invalid;
    AwsError::new(
        code,
        "The security token included in the request is invalid.",
    )
    .status(status)
}
