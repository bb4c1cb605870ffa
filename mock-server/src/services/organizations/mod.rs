//! Organizations: the tree, accounts, policies, delegated administrators.
//!
//! Intentional differences from AWS: a mock has one organisation, with AWS's rules and quotas
//! except those on the number of accounts; what AWS does in the background (creating and closing
//! accounts, enabling and disabling policy types) is done at once; a new account may be removed at
//! once, which AWS allows only after four days.

use std::sync::{RwLockReadGuard, RwLockWriteGuard};

use lambdasweep_model::Arn;
use serde_json::{Value, json};

use super::pages::Page;
use crate::call::{Answer, AwsError, Call, Handler, Input};
use crate::permission::Existing;
use crate::shelf::Kind;
use crate::spec::{Quota, Spec};
use crate::world::World;

mod accounts;
mod attachments;
mod delegated;
mod documents;
mod effective;
mod errors;
mod handshakes;
mod needs;
mod organization;
pub(crate) mod places;
mod policies;
mod policy_types;
mod resource_policy;
mod service_access;
pub mod store;
mod tags;
mod tree;

use errors::{denied, invalid, no_organization};
use store::{Organization, Store};

pub(crate) use policy_types::add_full_access;

/// Organizations. Source of the quotas: "Quotas for AWS Organizations", rates and bursts.
pub(crate) const SERVICE: Spec = Spec {
    signs_as: &["organizations"],
    prefix: "organizations",
    handler,
    stores: &[Kind::part::<Organization>()],
    regional: false,
    quotas: &[
        Quota::global(&["ListAccounts"], 8.0, 12.0),
        Quota::global(
            &[
                "ListAccountsForParent",
                "ListParents",
                "ListOrganizationalUnitsForParent",
            ],
            5.0,
            8.0,
        ),
        Quota::global(&["ListRoots"], 1.0, 2.0),
        Quota::global(&["DescribeOrganization"], 1.0, 2.0),
        Quota::global(&["DescribePolicy"], 2.0, 2.0),
        Quota::global(
            &[
                "ListPolicies",
                "ListPoliciesForTarget",
                "ListTargetsForPolicy",
                "ListDelegatedAdministrators",
            ],
            5.0,
            8.0,
        ),
        Quota::global(&["ListTagsForResource"], 10.0, 15.0),
    ],
    throttled,
    needs: needs::NEEDS,
    denied: ("AccessDeniedException", 400),
    token_invalid: ("UnrecognizedClientException", 400),
    resource: existing,
    ..Spec::DEFAULT
};

fn throttled() -> AwsError {
    let message = "You have exceeded the rate limit for this operation.";
    AwsError::new("TooManyRequestsException", message)
        .status(400)
        .member("Type", "Account")
}

/// The tags of an entity of the organisation, whose ARN ends with its id.
fn existing(world: &World, arn: &Arn) -> Option<Existing> {
    let store = world.part::<Organization>().read();
    let id = arn.resource.rsplit('/').next()?;
    Some(Existing {
        tags: store.tags.get(id)?.clone(),
        policy: None,
    })
}

/// Finds an operation's handler.
fn handler(operation: &str) -> Option<Handler> {
    organization::handler(operation)
        .or_else(|| tree::handler(operation))
        .or_else(|| accounts::handler(operation))
        .or_else(|| policies::handler(operation))
        .or_else(|| policy_types::handler(operation))
        .or_else(|| attachments::handler(operation))
        .or_else(|| effective::handler(operation))
        .or_else(|| service_access::handler(operation))
        .or_else(|| delegated::handler(operation))
        .or_else(|| tags::handler(operation))
        .or_else(|| resource_policy::handler(operation))
        .or_else(|| handshakes::handler(operation))
}

/// The largest page of every list (botocore's model).
const PAGE: usize = 20;

pub(super) fn read<'a>(call: &'a Call<'_>) -> RwLockReadGuard<'a, Store> {
    call.world.part::<Organization>().read()
}

fn write<'a>(call: &'a Call<'_>) -> RwLockWriteGuard<'a, Store> {
    call.world.part::<Organization>().write()
}

fn text<'a>(input: &'a Input, name: &str) -> &'a str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The caller has to belong to the organisation.
fn member(call: &Call<'_>, store: &Store) -> Result<(), AwsError> {
    if store.id.is_empty() || !store.accounts.contains_key(call.account()) {
        return Err(no_organization());
    }
    Ok(())
}

/// The caller has to be the management account or a delegated administrator.
fn reader(call: &Call<'_>, store: &Store) -> Result<(), AwsError> {
    member(call, store)?;
    if call.account() == store.management_account
        || store.delegated.contains_key(call.account())
        || resource_policy::allows(call, store)
    {
        Ok(())
    } else {
        Err(denied())
    }
}

/// The caller has to be the management account.
fn manager(call: &Call<'_>, store: &Store) -> Result<(), AwsError> {
    member(call, store)?;
    if call.account() == store.management_account {
        Ok(())
    } else {
        Err(denied())
    }
}

/// The caller has to be the management account or one that the organisation's resource policy lets
/// manage policies.
fn policy_manager(call: &Call<'_>, store: &Store) -> Result<(), AwsError> {
    member(call, store)?;
    if call.account() == store.management_account || resource_policy::allows(call, store) {
        Ok(())
    } else {
        Err(denied())
    }
}

fn org_arn(call: &Call<'_>, store: &Store, kind: &str, id: &str) -> String {
    store.arn(kind, id, call.partition())
}

/// A page of a list.
fn page(input: &Input, name: &str, items: impl Iterator<Item = Value>) -> Answer {
    let page = Page::of(
        input.get("NextToken").and_then(Value::as_str),
        input.get("MaxResults"),
        PAGE,
        PAGE,
    );
    let page = page.ok_or_else(|| {
        invalid(
            "INVALID_NEXT_TOKEN",
            "You specified an invalid pagination token.",
        )
    })?;
    let (items, next) = page.of_items(items);
    Ok(json!({name: items, "NextToken": next}))
}

/// An id of letters and digits that is unique to the call.
fn fresh_id(call: &Call<'_>, length: usize) -> String {
    let mut number = call
        .request_id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    (0..length)
        .map(|_| {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = usize::try_from(number >> 33).unwrap_or(0) % 36;
            char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[at])
        })
        .collect()
}
