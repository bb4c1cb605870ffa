//! Queues: creating, finding, listing, purging, tagging and deleting them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::members;
use super::super::pages::Page;
use super::store::{Queue, Store};
use super::{
    Target, attributes, denied, invalid, lock, missing, not_there, nothing, queue_arn, queue_url,
    redrive, required, text,
};
use crate::call::{Answer, AwsError, Call, Handler, Input};

/// The maximum number of tags of a queue. Source: "Tagging Amazon SQS queues".
const MOST_TAGS: usize = 50;
/// How long the name of a deleted queue cannot be used, and the minimum time between purges, in
/// seconds.
const A_MINUTE: f64 = 60.0;
/// The largest page of a list.
const PAGE: usize = 1_000;

pub(super) fn handler(operation: &str) -> Option<Handler> {
    Some(match operation {
        "CreateQueue" => create,
        "DeleteQueue" => delete,
        "GetQueueUrl" => get_url,
        "ListDeadLetterSourceQueues" => list_sources,
        "ListQueueTags" => list_tags,
        "ListQueues" => list,
        "PurgeQueue" => purge,
        "TagQueue" => tag,
        "UntagQueue" => untag,
        _ => return None,
    })
}

/// A map of strings; empty if it is absent.
pub(super) fn texts(input: &Input, name: &str) -> BTreeMap<String, String> {
    let members = input.get(name).and_then(Value::as_object);
    members
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

pub(super) fn check_name(name: &str, is_fifo: bool) -> Result<(), AwsError> {
    let stem = name.strip_suffix(".fifo").filter(|_| is_fifo);
    let is_word = |stem: &str| {
        !stem.is_empty()
            && stem
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    if name.len() <= 80 && is_word(stem.unwrap_or(name)) && stem.is_some() == is_fifo {
        return Ok(());
    }
    Err(invalid(if is_fifo {
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length"
    } else {
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
    }))
}

fn create(call: &Call<'_>, input: &Input) -> Answer {
    let name = required(input, "QueueName")?;
    let given = texts(input, "Attributes");
    let is_fifo = given.get("FifoQueue").map(String::as_str) == Some("true");
    check_name(name, is_fifo)?;
    let url = queue_url(call, call.account(), name);
    let store = call.world.regional::<Store>(call.account(), call.region);
    let mut store = lock(&store);
    if let Some(queue) = store.queues.get(name) {
        let arn = queue_arn(call, call.account(), name);
        let different = given.iter().find(|(name, value)| {
            attributes::value(queue, name, &arn, call.now).as_ref() != Some(value)
        });
        return match different {
            Some((attribute, _)) => Err(AwsError::new(
                "QueueNameExists",
                format!(
                    "A queue already exists with the same name and a different value for attribute {attribute}"
                ),
            )),
            None => Ok(json!({"QueueUrl": url})),
        };
    }
    let wait = call.world.transition().min(A_MINUTE);
    if store
        .deleted
        .get(name)
        .is_some_and(|at| call.now < at + wait)
    {
        // Source: QueueDeletedRecently, SQS API Reference; the text as reported by users.
        return Err(AwsError::new(
            "QueueDeletedRecently",
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
        ));
    }
    let mut queue = Queue {
        created: call.now.floor(),
        changed: call.now.floor(),
        ..Queue::default()
    };
    attributes::set(&mut queue, given, true)?;
    redrive::check_target(call, &store, &queue)?;
    add_tags(&mut queue, texts(input, "tags"))?;
    store.deleted.remove(name);
    store.queues.insert(name.to_owned(), queue);
    store.modified = true;
    Ok(json!({"QueueUrl": url}))
}

fn delete(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let mut store = lock(&target.store);
    store.queues.remove(&target.name).ok_or_else(not_there)?;
    store.deleted.insert(target.name.clone(), call.now);
    store.modified = true;
    nothing()
}

fn get_url(call: &Call<'_>, input: &Input) -> Answer {
    let name = required(input, "QueueName")?;
    let account = text(input, "QueueOwnerAWSAccountId").unwrap_or(call.account());
    let target = Target::named(call, account, name);
    if account != call.account() && !(call.allowed || target.lets_in(call)) {
        return Err(denied(call, &target.arn));
    }
    target.look(|_| Ok(json!({"QueueUrl": queue_url(call, account, name)})))
}

/// A page of a list. Without a requested size, this is the largest page, without a token.
fn page(input: &Input, name: &str, urls: impl Iterator<Item = String>) -> Answer {
    let asked = input.get("MaxResults").filter(|asked| !asked.is_null());
    let page = Page::of(text(input, "NextToken"), asked, PAGE, PAGE);
    let page = page.ok_or_else(|| invalid("Invalid or expired next token."))?;
    let (urls, next) = page.of_items(urls);
    let next = next.filter(|_| asked.is_some());
    Ok(json!({name: urls, "NextToken": next}))
}

fn list(call: &Call<'_>, input: &Input) -> Answer {
    let prefix = text(input, "QueueNamePrefix").unwrap_or_default();
    let store = call.world.regional::<Store>(call.account(), call.region);
    let store = lock(&store);
    let names = store.queues.keys().filter(|name| name.starts_with(prefix));
    let urls = names.map(|name| queue_url(call, call.account(), name));
    let mut answer = page(input, "QueueUrls", urls)?;
    // AWS omits an empty list.
    if answer["QueueUrls"] == json!([]) {
        answer["QueueUrls"] = Value::Null;
    }
    Ok(answer)
}

fn list_sources(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    target.look(|_| Ok(()))?;
    let store = lock(&target.store);
    let sources = store
        .queues
        .iter()
        .filter(|(_, queue)| redrive::target(queue).as_deref() == Some(&target.arn));
    let urls = sources.map(|(name, _)| queue_url(call, &target.account, name));
    page(input, "queueUrls", urls)
}

fn purge(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    target.change(|queue| {
        if queue.purged.is_some_and(|at| call.now < at + A_MINUTE) {
            let message = format!(
                "Only one PurgeQueue operation on {} is allowed every 60 seconds.",
                target.name
            );
            return Err(AwsError::new("PurgeQueueInProgress", message));
        }
        queue.purged = Some(call.now);
        queue.messages.clear();
        nothing()
    })
}

fn add_tags(queue: &mut Queue, tags: BTreeMap<String, String>) -> Result<(), AwsError> {
    if let Some(key) = tags.keys().find(|key| members::is_reserved(key)) {
        return Err(invalid(format!(
            "Tag keys that begin with aws: are reserved: {key}"
        )));
    }
    let more = tags.keys().filter(|key| !queue.tags.contains_key(*key));
    if queue.tags.len() + more.count() > MOST_TAGS {
        return Err(invalid(format!(
            "Too many tags added for queue: at most {MOST_TAGS}."
        )));
    }
    queue.tags.extend(tags);
    Ok(())
}

fn tag(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    let tags = texts(input, "Tags");
    if tags.is_empty() {
        return Err(missing("Tags"));
    }
    target.change(|queue| add_tags(queue, tags))?;
    nothing()
}

fn untag(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    target.change(|queue| {
        members::texts(input, "TagKeys").for_each(|key| {
            queue.tags.remove(key);
        });
        nothing()
    })
}

fn list_tags(call: &Call<'_>, input: &Input) -> Answer {
    let target = Target::of(call, input)?;
    target.look(|queue| {
        let tags = (!queue.tags.is_empty()).then_some(&queue.tags);
        Ok(json!({"Tags": tags}))
    })
}
