//! Determines the service of a request: the one that it is signed for or, if several share a
//! signing name, the one that has the operation.

use crate::identity::Credential;
use crate::service;
use crate::spec::Registered;
use crate::wire::{self, RawRequest};

/// The service of a request; `None` if it does not exist.
pub(crate) fn service(
    raw: &RawRequest<'_>,
    credential: Option<&Credential>,
) -> Option<&'static Registered> {
    let Some(credential) = credential else {
        return guess(raw);
    };
    let signed: Vec<&Registered> = service::signed_as(&credential.service).collect();
    meant(&signed, raw)
}

/// The service of a request among those that share a signing name. The first one rejects operations
/// that none of them has.
fn meant<'a>(signed: &[&'a Registered], raw: &RawRequest<'_>) -> Option<&'a Registered> {
    match signed {
        [] => None,
        [only] => Some(only),
        [first, ..] => {
            let with_operation = signed.iter().find(|service| has_operation(service, raw));
            Some(with_operation.unwrap_or(first))
        }
    }
}

/// Whether a service has the operation of a request, identified by target, by the path of rpc-v2,
/// by method and path, or by the action of a form.
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

#[cfg(test)]
mod tests {
    use super::meant;
    use crate::spec::{Registered, Spec};
    use crate::wire::RawRequest;

    const TARGETS: &str = r#"{"metadata":{"protocol":"json","targetPrefix":"AWSEvents","apiVersion":"1"},"operations":{"ListRules":{"http":{"method":"POST","requestUri":"/"}}},"shapes":{}}"#;
    const PATHS: &str = r#"{"metadata":{"protocol":"rest-json","apiVersion":"2"},"operations":{"ListBuses":{"http":{"method":"GET","requestUri":"/v2/buses"}}},"shapes":{}}"#;
    const RPC: &str = r#"{"metadata":{"protocol":"smithy-rpc-v2-cbor","targetPrefix":"Third","apiVersion":"3"},"operations":{"ListThings":{"http":{"method":"POST","requestUri":"/"}}},"shapes":{}}"#;

    #[test]
    fn of_services_with_one_signing_name_the_one_with_the_operation_is_meant() {
        let services =
            [TARGETS, PATHS, RPC].map(|model| Registered::new("events", model, Spec::DEFAULT));
        let signed: Vec<&Registered> = services.iter().collect();
        let at = |method: &str, path: &str, target: Option<&'static str>| {
            let headers = target
                .map(|target| ("x-amz-target", target))
                .into_iter()
                .map(|(name, value)| {
                    let value = http::HeaderValue::from_static(value);
                    (http::HeaderName::from_static(name), value)
                })
                .collect();
            let raw = RawRequest {
                method,
                path,
                query: "",
                headers: &headers,
                body: b"",
            };
            let found = meant(&signed, &raw).expect("a service");
            signed.iter().position(|it| std::ptr::eq(*it, found))
        };
        assert_eq!(at("POST", "/", Some("AWSEvents.ListRules")), Some(0));
        assert_eq!(at("GET", "/v2/buses", None), Some(1));
        assert_eq!(
            at("POST", "/service/Third/operation/ListThings", None),
            Some(2)
        );
        // The first one rejects operations that none of them has.
        assert_eq!(at("GET", "/v3/none", None), Some(0));
        let raw = RawRequest {
            method: "GET",
            path: "/",
            query: "",
            headers: &http::HeaderMap::new(),
            body: b"",
        };
        assert!(meant(&[], &raw).is_none());
    }
}
