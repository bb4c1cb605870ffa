//! Strict validation of XML responses of the query protocol: every element closed, no duplicates,
//! and every member that AWS always sends.

use xmlparser::{ElementEnd, Token, Tokenizer};

use crate::operation::{Kind, Member};

/// An element that is open.
struct Open<'a> {
    name: &'a str,
    children: Vec<&'a str>,
    text: bool,
}

/// Checks a successful response.
pub(super) fn check(
    body: &[u8],
    action: &str,
    wanted: impl Iterator<Item = Member>,
) -> Result<(), String> {
    let (root, result) = (format!("{action}Response"), format!("{action}Result"));
    let (of_items, wanted): (Vec<Member>, Vec<Member>) =
        wanted.partition(|member| member.path.contains("[]."));
    let mut found: Vec<(String, bool)> = Vec::new();
    let (mut has_result, mut problem) = (false, None);
    let name = walk(body, |way, text| {
        if way.first().is_none_or(|it| it.name != root)
            || way.get(1).is_none_or(|it| it.name != result)
        {
            return;
        }
        match &way[2..] {
            [] => has_result = true,
            [list, item] if item.name == "member" => {
                problem = problem
                    .take()
                    .or_else(|| problem_of_item(list.name, item, &of_items));
            }
            // Expected members are at the top level or one below it.
            inner @ ([_] | [_, _]) => {
                if let [list] = inner
                    && wanted
                        .iter()
                        .any(|it| it.kind == Kind::List && it.path == list.name)
                    && (!text.trim().is_empty()
                        || list.children.iter().any(|child| *child != "member"))
                {
                    problem.get_or_insert_with(|| {
                        format!("the response's member `{}` is not a list", list.name)
                    });
                }
                found.push((
                    inner.iter().map(|it| it.name).collect::<Vec<_>>().join("."),
                    !text.trim().is_empty(),
                ));
            }
            _ => {}
        }
    })?;
    if name != root {
        return Err(format!(
            "the response is `{}`, not `{root}`",
            name.chars().take(60).collect::<String>()
        ));
    }
    if !has_result {
        return Err(format!(
            "the response lacks `{result}`, which AWS always sends"
        ));
    }
    for member in wanted {
        match found.iter().find(|(path, _)| path == member.path) {
            None => {
                return Err(format!(
                    "the response lacks `{}`, which AWS always sends",
                    member.path
                ));
            }
            Some((_, false)) if matches!(member.kind, Kind::Text | Kind::Own) => {
                return Err(format!("the response's member `{}` is empty", member.path));
            }
            Some(_) => {}
        }
    }
    problem.map_or(Ok(()), Err)
}

/// What is wrong with an item of a list: all that are listed here are structures.
fn problem_of_item(list: &str, item: &Open<'_>, of_items: &[Member]) -> Option<String> {
    if item.children.is_empty() {
        return Some(format!("the response's member `{list}` has an empty item"));
    }
    let lacking = of_items.iter().find_map(|member| {
        let (of, name) = member.path.split_once("[].")?;
        (of == list && !item.children.contains(&name)).then_some(name)
    })?;
    Some(format!(
        "an item of `{list}` lacks `{lacking}`, which AWS always sends"
    ))
}

/// The error code of an error response.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    let mut code = None;
    walk(body, |way, text| {
        if way
            .iter()
            .map(|it| it.name)
            .eq(["ErrorResponse", "Error", "Code"])
        {
            code = Some(text.to_owned());
        }
    })
    .ok()?;
    code
}

/// Walks an XML text, calls `closed` for every element with the path to it and its last text, and
/// returns the root's name.
fn walk(body: &[u8], mut closed: impl FnMut(&[Open<'_>], &str)) -> Result<String, String> {
    let text = std::str::from_utf8(body)
        .map_err(|_| "the response is not valid XML (it is not UTF-8)".to_owned())?;
    let invalid = |why: String| format!("the response is not valid XML ({why})");
    let mut way: Vec<Open<'_>> = Vec::new();
    let mut root = None;
    let mut last = "";
    for token in Tokenizer::from(text) {
        match token.map_err(|error| invalid(error.to_string()))? {
            Token::ElementStart { local, .. } => {
                last = "";
                if let Some(parent) = way.last_mut() {
                    parent.children.push(local.as_str());
                } else if root.replace(local.as_str()).is_some() {
                    return Err(invalid("it has two roots".to_owned()));
                }
                way.push(Open {
                    name: local.as_str(),
                    children: Vec::new(),
                    text: false,
                });
            }
            Token::ElementEnd {
                end: ElementEnd::Open,
                ..
            } => {}
            Token::ElementEnd { end, .. } => {
                if let (ElementEnd::Close(_, name), Some(open)) = (end, way.last())
                    && open.name != name.as_str()
                {
                    return Err(invalid(format!("`{}` is closed by `{name}`", open.name)));
                }
                let Some(open) = way.last() else {
                    return Err(invalid("an element is closed that was not open".to_owned()));
                };
                if let Some(twice) = twice(&open.children) {
                    return Err(format!("the response's member `{twice}` appears twice"));
                }
                closed(&way, if open.text { last } else { "" });
                way.pop();
                last = "";
            }
            Token::Text { text } | Token::Cdata { text, .. } => {
                if let Some(open) = way.last_mut() {
                    open.text |= open.children.is_empty();
                    last = text.as_str();
                }
            }
            Token::EntityDeclaration { .. }
            | Token::DtdStart { .. }
            | Token::EmptyDtd { .. }
            | Token::DtdEnd { .. } => {
                return Err(invalid("it has a document type".to_owned()));
            }
            _ => {}
        }
    }
    if let Some(open) = way.last() {
        return Err(invalid(format!("`{}` is not closed", open.name)));
    }
    root.map(str::to_owned)
        .ok_or_else(|| invalid("it is empty".to_owned()))
}

/// A name that two children share although they are not items of a list or a map. Source: the query
/// protocol's serialisation of lists (`member`) and maps (`entry`); IAM and STS flatten neither.
fn twice<'a>(children: &[&'a str]) -> Option<&'a str> {
    let mut names: Vec<&str> = children
        .iter()
        .copied()
        .filter(|name| !matches!(*name, "member" | "entry"))
        .collect();
    names.sort_unstable();
    names
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
}
