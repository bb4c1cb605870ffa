//! What a request of the scanner calls: service, operation, account, Region, and the function that
//! it is about.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

use serde_json::Value;

use super::http::Request;

/// A call that a request makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) service: String,
    pub(crate) operation: String,
    /// The account that is read: that of the role for `sts:AssumeRole`, else the caller's.
    pub(crate) account: String,
    /// The Region of the signature.
    pub(crate) region: String,
    /// The function's name, where the call is about one.
    pub(crate) function: Option<String>,
    /// Whether the caller is a session of an assumed role, whose credentials can be renewed.
    pub(crate) session: bool,
    /// The same for two requests that ask the same.
    pub(crate) identity: u64,
}

impl Call {
    /// `lambda:GetPolicy`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// Reads a request; `sessions` tells the account of each access key that STS issued.
    pub(crate) fn of(request: &Request, sessions: &HashMap<String, String>) -> Option<Self> {
        let credential = request
            .header("authorization")?
            .split("Credential=")
            .nth(1)?
            .split([',', ' '])
            .next()?;
        let mut parts = credential.rsplitn(5, '/');
        let (_, service, region, _, key) = (
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
            parts.next()?,
        );
        let body = String::from_utf8_lossy(&request.body);
        let (operation, function) = match (request.header("x-amz-target"), service) {
            (Some(target), _) => (target.rsplit('.').next()?.to_owned(), None),
            (None, "iam" | "sts") => (form(&body, "Action")?, None),
            _ => route(service, &request.method, &request.target)?,
        };
        let role = if operation == "AssumeRole" {
            form(&body, "RoleArn")
        } else {
            None
        };
        let session = sessions.get(key);
        let account = match role.as_deref().and_then(|arn| arn.split(':').nth(4)) {
            Some(account) => account.to_owned(),
            None => session.cloned().unwrap_or_else(|| key.to_owned()),
        };
        let mut hasher = DefaultHasher::new();
        (
            &request.method,
            &request.target,
            &request.body,
            service,
            region,
            &account,
        )
            .hash(&mut hasher);
        Some(Self {
            service: service.to_owned(),
            operation,
            account,
            region: region.to_owned(),
            function,
            session: session.is_some(),
            identity: hasher.finish(),
        })
    }
}

/// The value of a parameter of a form.
pub(crate) fn form(form: &str, name: &str) -> Option<String> {
    let value = form
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(decode(value))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = (byte == b'%')
            .then(|| {
                after
                    .get(..2)
                    .and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok())
            })
            .flatten();
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A way to an operation of a REST service.
#[derive(Debug)]
struct Route {
    method: String,
    segments: Vec<String>,
    /// A parameter by which the operation is told from another one with the same path.
    query: Option<String>,
    operation: String,
}

static ROUTES: LazyLock<HashMap<&'static str, Vec<Route>>> = LazyLock::new(|| {
    let models = [
        (
            "account",
            include_str!("../../../../../mock-server/models/account.json"),
        ),
        (
            "lambda",
            include_str!("../../../../../mock-server/models/lambda.json"),
        ),
    ];
    models
        .into_iter()
        .map(|(service, model)| (service, routes(model)))
        .collect()
});

fn routes(model: &str) -> Vec<Route> {
    let model: Value = serde_json::from_str(model).unwrap();
    let mut routes: Vec<Route> = model["operations"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(operation, it)| {
            let uri = it["http"]["requestUri"].as_str().unwrap();
            let (path, query) = uri
                .split_once('?')
                .map_or((uri, None), |(path, query)| (path, Some(query.to_owned())));
            let method = it["http"]["method"].as_str().unwrap().to_owned();
            Route {
                method,
                segments: segments(path),
                query,
                operation: operation.clone(),
            }
        })
        .collect();
    // What asks for more comes first: a parameter, then fixed words before labels.
    routes.sort_by_key(|it| {
        (
            it.query.is_none(),
            it.segments
                .iter()
                .filter(|segment| segment.starts_with('{'))
                .count(),
        )
    });
    routes
}

fn segments(path: &str) -> Vec<String> {
    path.trim_matches('/')
        .split('/')
        .map(str::to_owned)
        .collect()
}

fn route(service: &str, method: &str, target: &str) -> Option<(String, Option<String>)> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = segments(path);
    let is_path = |pattern: &[String]| {
        pattern.len() == path.len()
            && pattern
                .iter()
                .zip(&path)
                .all(|(pattern, part)| pattern.starts_with('{') || pattern == part)
    };
    let is_query = |wanted: &Option<String>| {
        wanted
            .as_ref()
            .is_none_or(|wanted| query.split('&').any(|pair| pair == wanted))
    };
    let found = ROUTES
        .get(service)?
        .iter()
        .find(|it| it.method == method && is_path(&it.segments) && is_query(&it.query))?;
    let function = found
        .segments
        .iter()
        .position(|segment| segment == "{FunctionName}")
        .map(|at| decode(&path[at]));
    // A name, or an ARN with or without a qualifier.
    let name = |it: String| {
        it.split(":function:")
            .nth(1)
            .and_then(|rest| rest.split(':').next())
            .map_or(it.clone(), str::to_owned)
    };
    Some((found.operation.clone(), function.map(name)))
}
