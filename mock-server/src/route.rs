//! Which service a request is for: the one that it is signed for, and of several that share a
//! signing name the one that has the operation.

use crate::identity::Credential;
use crate::service::{self, Registered};
use crate::wire::{self, RawRequest};

/// The service of a request; nothing where there is none.
pub(crate) fn service(
    raw: &RawRequest<'_>,
    credential: Option<&Credential>,
) -> Option<&'static Registered> {
    let Some(credential) = credential else {
        return guess(raw);
    };
    let mut signed = service::signed_as(&credential.service);
    let first = signed.next()?;
    let mut others = signed.peekable();
    if others.peek().is_none() {
        return Some(first);
    }
    // What none of them has is the first one's to refuse.
    let mut candidates = std::iter::once(first).chain(others);
    Some(
        candidates
            .find(|it| has_operation(it, raw))
            .unwrap_or(first),
    )
}

/// Whether a service has the operation of a request: by target, by the path of rpc-v2, by method
/// and path, or by the action of a form.
fn has_operation(service: &Registered, raw: &RawRequest<'_>) -> bool {
    let model = service.model();
    if let Some(target) = target(raw) {
        return has_target(service, target);
    }
    if let Some((service_id, operation)) = raw
        .path
        .strip_prefix("/service/")
        .and_then(|rest| rest.split_once("/operation/"))
    {
        let is_named = model.metadata.target_prefix.as_deref() == Some(service_id);
        return is_named && model.operations.contains_key(operation);
    }
    model.route(raw).is_some() || model.operations.contains_key(&wire::operation_of(raw))
}

fn has_target(service: &Registered, target: &str) -> bool {
    let prefix = service.model().metadata.target_prefix.as_deref();
    prefix.is_some_and(|prefix| target.split('.').next() == Some(prefix))
}

fn target<'a>(raw: &RawRequest<'a>) -> Option<&'a str> {
    raw.headers.get("x-amz-target")?.to_str().ok()
}

/// The service of an unsigned request.
fn guess(raw: &RawRequest<'_>) -> Option<&'static Registered> {
    let by_target = || {
        let target = target(raw)?;
        service::all().find(|it| has_target(it, target))
    };
    let host = raw
        .headers
        .get(http::header::HOST)
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    let by_host = || service::all().find(|it| host.starts_with(&format!("{}.", it.name)));
    let by_version = || {
        let body = String::from_utf8_lossy(raw.body);
        service::all()
            .find(|it| body.contains(&format!("Version={}", it.model().metadata.api_version)))
    };
    by_target().or_else(by_host).or_else(by_version)
}
