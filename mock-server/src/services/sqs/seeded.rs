//! The initial queues of a world: those that the functions of a generated organisation refer to,
//! and those in a file.

use std::collections::BTreeMap;

use lambdasweep_model::{AccountId, Region};
use serde::Deserialize;
use serde_json::{Value, json};

use super::store::{Queue, Store};
use crate::plan::queues::{PARTNER, Target};
use crate::plan::{BEGAN, Plan};
use crate::store::{Place, Seed};

/// The name of the tables of queues in a file.
pub(super) const SECTION: &str = "queue";

/// A queue in a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    account: String,
    region: String,
    name: String,
    /// By the API's names; a policy's statements are given below.
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    /// Statements of the queue's policy.
    #[serde(default)]
    policy: Vec<Value>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

/// The error in a table of a file, if there is one.
pub(super) fn problem(table: &Value) -> Option<String> {
    let entry: Entry = match serde_json::from_value(table.clone()) {
        Ok(entry) => entry,
        Err(error) => return Some(format!("a queue: {error}")),
    };
    let name = &entry.name;
    if entry.account.parse::<AccountId>().is_err() {
        return Some(format!(
            "queue {name} is in {}, which is not an account",
            entry.account
        ));
    }
    if entry.region.parse::<Region>().is_err() {
        return Some(format!(
            "queue {name} is in {}, which is not a Region",
            entry.region
        ));
    }
    let is_fifo = entry.attributes.get("FifoQueue").map(String::as_str) == Some("true");
    let wrong = super::queues::check_name(name, is_fifo)
        .and_then(|()| super::attributes::set(&mut Queue::default(), entry.attributes(), true));
    wrong
        .err()
        .map(|error| format!("queue {name}: {}", error.message))
}

impl Entry {
    /// All attributes, the policy among them.
    fn attributes(&self) -> BTreeMap<String, String> {
        let mut attributes = self.attributes.clone();
        if !self.policy.is_empty() {
            attributes.insert("Policy".to_owned(), document(&json!(self.policy)));
        }
        attributes
    }
}

fn document(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// Fills a store.
pub(super) fn fill(store: &mut Store, seed: &dyn Seed, place: Place<'_>) {
    if let Some(plan) = seed.plan() {
        generate(store, plan, place);
    }
    // A file is checked when it is loaded.
    let entries = seed
        .section(SECTION)
        .iter()
        .filter_map(|table| serde_json::from_value::<Entry>(table.clone()).ok());
    for entry in entries.filter(|it| it.account == place.account && it.region == place.region) {
        let queue = Queue {
            attributes: entry.attributes(),
            tags: entry.tags,
            created: BEGAN,
            changed: BEGAN,
            ..Queue::default()
        };
        store.queues.insert(entry.name, queue);
    }
}

/// The queues of an account and Region in a generated organisation.
fn generate(store: &mut Store, plan: &Plan, place: Place<'_>) {
    if !plan.regions().contains(&place.region) {
        return;
    }
    let own = [
        Target::Own,
        Target::AwsKey,
        Target::Secured,
        Target::Fifo,
        Target::Guarded,
        Target::CustomerKey,
    ];
    let central = [
        Target::Central,
        Target::CentralClosed,
        Target::CentralAwsKey,
    ];
    let outside = [Target::Partner, Target::PartnerClosed];
    let mut here = Vec::new();
    if plan.by_id.contains_key(place.account) {
        here.extend(own);
    }
    if place.account == plan.central_account() {
        here.extend(central);
    }
    if place.account == PARTNER {
        here.extend(outside);
    }
    for target in here {
        let queue = Queue {
            attributes: attributes(target, plan, place),
            created: BEGAN,
            changed: BEGAN,
            ..Queue::default()
        };
        store.queues.insert(target.name().to_owned(), queue);
    }
}

fn attributes(target: Target, plan: &Plan, place: Place<'_>) -> BTreeMap<String, String> {
    let Place { account, region } = place;
    let arn = format!("arn:aws:sqs:{region}:{account}:{}", target.name());
    let of_organization = json!({"StringEquals": {"aws:PrincipalOrgID": plan.organization_id()}});
    let let_in = |actions: Value| {
        document(
            &json!([{"Sid": "organization", "Effect": "Allow", "Principal": "*", "Action": actions, "Resource": arn, "Condition": of_organization}]),
        )
    };
    let given: Vec<(&str, String)> = match target {
        Target::AwsKey => vec![("KmsMasterKeyId", "alias/aws/sqs".to_owned())],
        Target::CustomerKey => {
            let key =
                format!("arn:aws:kms:{region}:{account}:key/11111111-2222-3333-4444-555555555555");
            vec![("KmsMasterKeyId", key)]
        }
        Target::Fifo => vec![("FifoQueue", "true".to_owned())],
        Target::Guarded => {
            let roles = json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}});
            let statement = json!({"Sid": "guard", "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn, "Condition": roles});
            vec![("Policy", document(&json!([statement])))]
        }
        Target::Secured => {
            let plain = json!({"Bool": {"aws:SecureTransport": "false"}});
            let statement = json!({"Sid": "tls", "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn, "Condition": plain});
            vec![("Policy", document(&json!([statement])))]
        }
        Target::Central => vec![("Policy", let_in(json!("sqs:SendMessage")))],
        Target::CentralAwsKey => vec![
            ("Policy", let_in(json!("sqs:SendMessage"))),
            ("KmsMasterKeyId", "alias/aws/sqs".to_owned()),
        ],
        Target::Partner => vec![(
            "Policy",
            let_in(json!(["sqs:SendMessage", "sqs:GetQueueAttributes"])),
        )],
        Target::Own | Target::Gone | Target::CentralClosed | Target::PartnerClosed => Vec::new(),
    };
    given
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
