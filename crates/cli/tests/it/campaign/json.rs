//! Answers in JSON that AWS could not give: members and lists that are missing, null, of another
//! type, or there twice.

use serde_json::{Map, Value, json};

use super::mangle::{IDENTITIES, Mangle};

/// What becomes of a body; nothing where it has nothing that could be changed in this way.
pub(crate) fn mangle(body: &[u8], how: Mangle, random: u64) -> Option<Vec<u8>> {
    let Value::Object(mut whole) = serde_json::from_slice(body).ok()? else {
        return None;
    };
    if let Mangle::TwiceTheMember = how {
        return twice(&whole);
    }
    let list = whole
        .iter()
        .find(|(_, value)| value.is_array())
        .map(|(name, _)| name.clone());
    let first = list.clone().or_else(|| whole.keys().next().cloned())?;
    match how {
        Mangle::MemberMissing => drop(whole.shift_remove(&first)),
        Mangle::MemberNull => drop(whole.insert(first, Value::Null)),
        // A text in place of a text is of the right type.
        Mangle::MemberText if whole.get(&first).is_some_and(Value::is_string) => return None,
        Mangle::MemberText => drop(whole.insert(first, json!("mistyped"))),
        Mangle::MemberOther => drop(whole.insert(
            first.clone(),
            if list.is_some() {
                json!({"member": []})
            } else {
                json!(["mistyped"])
            },
        )),
        Mangle::InnerIdentityMissing => {
            let inner = whole.get_mut(&first)?.as_object_mut()?;
            without_identities(inner)?;
        }
        Mangle::Emptied => whole
            .get_mut(list.as_ref()?)?
            .as_array_mut()
            .filter(|it| !it.is_empty())?
            .clear(),
        _ => items(whole.get_mut(list.as_ref()?)?.as_array_mut()?, how, random)?,
    }
    Some(Value::Object(whole).to_string().into_bytes())
}

fn items(items: &mut Vec<Value>, how: Mangle, random: u64) -> Option<()> {
    let count = u64::try_from(items.len()).ok().filter(|count| *count > 0)?;
    let at = usize::try_from(random % count).ok()?;
    match how {
        Mangle::ItemNull => items[at] = Value::Null,
        Mangle::ItemEmpty => {
            items[at] = if items[at].is_object() {
                json!({})
            } else {
                json!("")
            }
        }
        Mangle::ItemText => {
            items[at] = if items[at].is_object() {
                json!("mistyped")
            } else {
                json!({"Arn": "mistyped"})
            }
        }
        Mangle::ItemWithoutIdentity => without_identities(items[at].as_object_mut()?)?,
        Mangle::ItemMemberMistyped => {
            let item = items[at].as_object_mut()?;
            let name = item
                .keys()
                .find(|name| IDENTITIES.contains(&name.as_str()))?
                .clone();
            item.insert(name, json!(7));
        }
        Mangle::ItemTwice => items.push(items[at].clone()),
        Mangle::ItemTwiceConflicting => {
            let mut other = items[at].clone();
            conflict(other.as_object_mut()?)?;
            items.push(other);
        }
        // Published versions are counted by nothing.
        Mangle::ItemLost => {
            let counted = |it: &Value| it.get("Version").is_none_or(|version| version == "$LATEST");
            let at = (at..items.len())
                .chain(0..at)
                .find(|at| counted(&items[*at]))?;
            items.remove(at);
        }
        _ => return None,
    }
    Some(())
}

fn without_identities(item: &mut Map<String, Value>) -> Option<()> {
    let before = item.len();
    item.retain(|name, _| !IDENTITIES.contains(&name.as_str()));
    (item.len() < before).then_some(())
}

/// Another answer for the same identity: every other text is another one.
fn conflict(item: &mut Map<String, Value>) -> Option<()> {
    let mut changed = false;
    for (name, value) in item.iter_mut() {
        if !IDENTITIES.contains(&name.as_str())
            && let Value::String(text) = value
        {
            text.push_str("-2");
            changed = true;
        }
    }
    changed.then_some(())
}

/// The first list is there twice, and the second one is empty; an answer without one has its first
/// member twice.
fn twice(whole: &Map<String, Value>) -> Option<Vec<u8>> {
    let (name, value) = whole
        .iter()
        .find(|(_, value)| value.is_array())
        .or_else(|| whole.iter().next())?;
    let second = match value {
        Value::Array(_) => json!([]),
        Value::Object(_) => json!({}),
        Value::String(_) => json!("twice"),
        _ => Value::Null,
    };
    let text = Value::Object(whole.clone()).to_string();
    Some(format!("{},{}:{second}}}", text.strip_suffix('}')?, json!(name)).into_bytes())
}

/// Sets the token of the next page.
pub(crate) fn set_token(body: &[u8], name: &str, token: Value) -> Option<Vec<u8>> {
    let Value::Object(mut whole) = serde_json::from_slice(body).ok()? else {
        return None;
    };
    whole.insert(name.to_owned(), token);
    Some(Value::Object(whole).to_string().into_bytes())
}
