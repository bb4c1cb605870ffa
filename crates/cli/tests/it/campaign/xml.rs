//! The same for answers in XML: a tree of elements that is taken apart and put together again.

use super::mangle::{IDENTITIES, Mangle};

/// An element: its name, attributes included, and either text or further elements.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

/// What becomes of a body; nothing where it has nothing that could be changed in this way.
pub(crate) fn mangle(body: &[u8], how: Mangle, random: u64) -> Option<Vec<u8>> {
    let mut whole = parse(std::str::from_utf8(body).ok()?)?;
    let result = result(&mut whole)?;
    let is_list = |it: &Element| {
        !it.children.is_empty() && it.children.iter().all(|child| child.name == "member")
    };
    let list = result.children.iter().position(is_list);
    let first = list.or_else(|| (!result.children.is_empty()).then_some(0))?;
    match how {
        // An empty element is a list without items.
        Mangle::MemberNull if list.is_some() => return None,
        Mangle::MemberMissing => drop(result.children.remove(first)),
        Mangle::MemberNull => {
            result.children[first] = Element::text(&result.children[first].name, "")
        }
        Mangle::MemberText => {
            result.children[first] = Element::text(&result.children[first].name, "mistyped")
        }
        Mangle::MemberOther => {
            let wrong = Element {
                children: vec![Element::text("Wrong", "mistyped")],
                ..Element::text(&result.children[first].name, "")
            };
            result.children[first] = wrong;
        }
        Mangle::InnerIdentityMissing if list.is_none() => {
            without_identities(&mut result.children[first])?
        }
        Mangle::TwiceTheMember => {
            let second = Element::text(&result.children[first].name, "");
            result.children.push(second);
        }
        Mangle::Emptied => result.children[list?].children.clear(),
        _ => items(&mut result.children[list?].children, how, random)?,
    }
    let mut out = String::new();
    whole.write(&mut out);
    Some(out.into_bytes())
}

fn items(items: &mut Vec<Element>, how: Mangle, random: u64) -> Option<()> {
    let at = usize::try_from(random % u64::try_from(items.len()).ok()?).ok()?;
    match how {
        Mangle::ItemNull | Mangle::ItemEmpty => items[at] = Element::text("member", ""),
        Mangle::ItemText => items[at] = Element::text("member", "mistyped"),
        Mangle::ItemWithoutIdentity => without_identities(&mut items[at])?,
        Mangle::ItemTwice => items.push(items[at].clone()),
        Mangle::ItemTwiceConflicting => {
            let mut other = items[at].clone();
            let texts = other
                .children
                .iter_mut()
                .filter(|it| it.children.is_empty() && !IDENTITIES.contains(&it.name.as_str()));
            texts.for_each(|it| it.text.push_str("-2"));
            (other != items[at]).then_some(())?;
            items.push(other);
        }
        _ => return None,
    }
    Some(())
}

fn without_identities(item: &mut Element) -> Option<()> {
    let before = item.children.len();
    item.children
        .retain(|child| !IDENTITIES.contains(&child.name.as_str()));
    (item.children.len() < before).then_some(())
}

/// Sets the token of the next page.
pub(crate) fn set_token(body: &[u8], name: &str, token: &str) -> Option<Vec<u8>> {
    let mut whole = parse(std::str::from_utf8(body).ok()?)?;
    let result = result(&mut whole)?;
    result
        .children
        .retain(|child| child.name != name && child.name != "IsTruncated");
    result.children.extend([
        Element::text("IsTruncated", "true"),
        Element::text(name, token),
    ]);
    let mut out = String::new();
    whole.write(&mut out);
    Some(out.into_bytes())
}

/// The element that holds the output's members.
fn result(whole: &mut Element) -> Option<&mut Element> {
    whole
        .children
        .iter_mut()
        .find(|child| child.name.ends_with("Result"))
}

impl Element {
    fn text(name: &str, text: &str) -> Self {
        Self {
            name: name.to_owned(),
            text: text.to_owned(),
            children: Vec::new(),
        }
    }

    fn write(&self, out: &mut String) {
        out.push_str(&format!("<{}>{}", self.name, self.text));
        self.children.iter().for_each(|child| child.write(out));
        out.push_str(&format!(
            "</{}>",
            self.name.split(' ').next().unwrap_or_default()
        ));
    }
}

/// Reads what the mock writes: no comments, no empty-element tags; entities stay as they are.
fn parse(text: &str) -> Option<Element> {
    let mut open: Vec<Element> = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let (before, after) = rest.split_once('<')?;
        if let Some(top) = open.last_mut() {
            top.text.push_str(before);
        }
        let (tag, after) = after.split_once('>')?;
        rest = after;
        if tag.starts_with('/') {
            let mut done = open.pop()?;
            if !done.children.is_empty() {
                done.text.clear();
            }
            match open.last_mut() {
                Some(parent) => parent.children.push(done),
                None => return Some(done),
            }
        } else {
            open.push(Element::text(tag, ""));
        }
    }
}
