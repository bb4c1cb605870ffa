//! The permissions that the operations of a service need: actions on resources, with their
//! condition keys. Each service declares its own table.
//!
//! Source of the tables: "Actions, resources, and condition keys for AWS services", Service
//! Authorization Reference; where an operation needs another service's action too
//! (`iam:PassRole`), the service's own guide.

use std::collections::BTreeMap;
use std::sync::Arc;

use lambdasweep_policy::{Context, Document};

use crate::call::{Call, Input};

/// An operation and everything that it needs; empty if AWS allows everyone to make the call.
pub(crate) type Row = (&'static str, &'static [Need]);

/// An action on a resource.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// `lambda:GetPolicy`.
    pub(crate) action: &'static str,
    pub(crate) resource: Resource,
    pub(crate) keys: &'static [Key],
    /// The member of the input without which the action is not needed.
    pub(crate) when: Option<&'static str>,
}

/// An action that a call always needs.
pub(crate) const fn need(action: &'static str, resource: Resource) -> Need {
    Need {
        action,
        resource,
        keys: &[],
        when: None,
    }
}

impl Need {
    /// Adds the action's own condition keys.
    pub(crate) const fn with(self, keys: &'static [Key]) -> Self {
        Self { keys, ..self }
    }

    /// Makes the action necessary only if a member of the input is given.
    pub(crate) const fn when(self, member: &'static str) -> Self {
        Self {
            when: Some(member),
            ..self
        }
    }
}

/// How a resource is found from the input.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Resource {
    /// `*`: the action has no resource type.
    Any,
    /// The ARNs in a member: one, or a list of them.
    Arns(&'static str),
    /// Computed by a function of the service from these members of the input.
    Of(
        fn(&Call<'_>, &Input) -> Named,
        #[cfg_attr(
            not(test),
            expect(dead_code, reason = "a test compares them with the models")
        )]
        &'static [&'static str],
    ),
}

/// A resource as named in an input.
#[derive(Debug, Default)]
pub(crate) struct Named {
    pub(crate) arn: String,
    /// The text that messages use instead of the ARN: IAM names some resources by kind and name.
    pub(crate) said: Option<String>,
    /// The account that owns it, if the ARN does not contain it.
    pub(crate) account: Option<String>,
    /// Whether the call creates it, so that it has neither tags nor a policy.
    pub(crate) is_new: bool,
}

impl Named {
    pub(crate) fn at(arn: String) -> Self {
        Self {
            arn,
            ..Self::default()
        }
    }

    pub(crate) fn said(self, said: String) -> Self {
        Self {
            said: Some(said),
            ..self
        }
    }

    /// A resource that the call creates.
    pub(crate) fn unmade(self) -> Self {
        Self {
            is_new: true,
            ..self
        }
    }
}

/// The properties of an existing resource that policies can use.
#[derive(Debug, Default)]
pub(crate) struct Existing {
    pub(crate) tags: BTreeMap<String, String>,
    /// The text of the resource's own policy.
    pub(crate) policy: Option<String>,
}

/// A resource for which an action is requested.
#[derive(Debug, Default)]
pub(crate) struct Target {
    pub(crate) arn: String,
    pub(crate) said: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// The resource's own policy.
    pub(crate) policy: Option<Arc<Document>>,
}

/// A condition key, and where its values come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Key {
    /// A member's value, or its values if it is a list.
    Member(&'static str, &'static str),
    /// A constant.
    Fixed(&'static str, &'static str),
    /// `aws:RequestTag/…` and `aws:TagKeys` from a member with tags.
    Tags(&'static str),
    /// Keys that a function of the service adds from these members of the input; the first string
    /// is the name of the key, or of the first of them.
    Of(
        &'static str,
        Adds,
        #[cfg_attr(
            not(test),
            expect(dead_code, reason = "a test compares them with the models")
        )]
        &'static [&'static str],
    ),
}

/// Adds keys to the context of a call that acts on a resource.
pub(crate) type Adds = fn(Context, &Call<'_>, &Input, &Target) -> Context;
