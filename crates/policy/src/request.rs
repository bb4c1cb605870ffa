//! A request and its context: condition keys with their values, those that AWS derives from the
//! principal and the resource among them.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::principal::{Kind, Principal, is_account};

/// A request.
///
/// ```
/// use lambdasweep_policy::{Context, Principal, Request};
///
/// let request = Request {
///     principal: &Principal::service("s3.amazonaws.com"),
///     action: "lambda:InvokeFunction",
///     resource: "arn:aws:lambda:eu-west-1:111122223333:function:f",
///     resource_account: None,
///     context: &Context::default().with("aws:SourceAccount", "111122223333"),
/// };
/// assert_eq!(request.owner(), Some("111122223333"));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The principal.
    pub principal: &'a Principal,
    /// The action (`sts:AssumeRole`).
    pub action: &'a str,
    /// The resource: an ARN, or `*` for an action without resources.
    pub resource: &'a str,
    /// The resource's account, if its ARN does not contain it.
    pub resource_account: Option<&'a str>,
    /// The condition keys. Those that follow from principal and resource need not be given.
    pub context: &'a Context,
}

impl<'a> Request<'a> {
    /// The account that owns the resource: the one given, else the ARN's.
    pub fn owner(&self) -> Option<&'a str> {
        self.resource_account.or_else(|| {
            self.resource
                .split(':')
                .nth(4)
                .filter(|account| is_account(account))
        })
    }
}

/// The context of a request: condition keys, which are case-insensitive, with their values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(HashMap<String, Vec<String>>);

impl Context {
    /// Adds a value to a key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0
            .entry(key.to_ascii_lowercase())
            .or_default()
            .push(value.into());
        self
    }

    /// Sets a key to several values, or to none: then the key is there and empty.
    #[must_use]
    pub fn with_all(mut self, key: &str, values: Vec<String>) -> Self {
        self.0.insert(key.to_ascii_lowercase(), values);
        self
    }

    /// The values of a key.
    pub fn get(&self, key: &str) -> Option<&[String]> {
        match self.0.get(key) {
            Some(values) => Some(values),
            None if key.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
            }
            None => None,
        }
    }
}

/// The values of one key.
#[derive(Debug)]
pub(crate) enum Values<'a> {
    Given(&'a [String]),
    Implied(Cow<'a, str>),
}

impl Values<'_> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let (given, implied) = match self {
            Self::Given(values) => (*values, None),
            Self::Implied(value) => (&[][..], Some(value.as_ref())),
        };
        given.iter().map(String::as_str).chain(implied)
    }
}

/// A request as the conditions of one policy see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) request: &'a Request<'a>,
    /// Whether the policy's version knows variables.
    pub(crate) variables: bool,
}

impl<'a> View<'a> {
    /// The values of a key in lower case: what the request says, else what follows from principal
    /// and resource.
    pub(crate) fn get(&self, key: &str) -> Option<Values<'a>> {
        match self.request.context.0.get(key) {
            Some(values) => Some(Values::Given(values)),
            None => implied(self.request, key).map(Values::Implied),
        }
    }

    /// The value of a key that has one.
    pub(crate) fn single(&self, key: &str) -> Option<Cow<'a, str>> {
        match self.get(key)? {
            Values::Given([value]) => Some(Cow::Borrowed(value)),
            Values::Given(_) => None,
            Values::Implied(value) => Some(value),
        }
    }
}

/// The keys that AWS sets itself. Source: "AWS global condition context keys", IAM User Guide.
fn implied<'a>(request: &Request<'a>, key: &str) -> Option<Cow<'a, str>> {
    let principal: &'a Principal = request.principal;
    let name = key.strip_prefix("aws:")?;
    let organization = || principal.organization_path.as_deref();
    let borrowed = match name {
        "principalarn" => principal.principal_arn(),
        "principalaccount" => principal.account(),
        "principalorgid" => {
            organization().map(|path| path.split_once('/').map_or(path, |(id, _)| id))
        }
        "principalorgpaths" => organization(),
        "principaltype" => match principal.kind {
            Kind::Root => Some("Account"),
            Kind::User => Some("User"),
            Kind::Role | Kind::Session => Some("AssumedRole"),
            Kind::FederatedUser => Some("FederatedUser"),
            Kind::Anonymous => Some("Anonymous"),
            Kind::Service | Kind::Federated => None,
        },
        "principalisawsservice" => Some(if principal.kind == Kind::Service {
            "true"
        } else {
            "false"
        }),
        "principalservicename" => {
            (principal.kind == Kind::Service).then_some(principal.name.as_str())
        }
        "username" => principal.user_name(),
        "resourceaccount" => request.owner(),
        _ => None,
    };
    borrowed.map(Cow::Borrowed)
}
