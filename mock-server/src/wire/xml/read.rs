//! XML requests, by shape. Document types are rejected, so that no entities can be declared.

use std::borrow::Cow;

use serde_json::{Map, Value};
use xmlparser::{ElementEnd, Token, Tokenizer};

use super::super::{MOST_DEPTH, MOST_VALUES};
use crate::model::TimestampFormat::Iso8601;
use crate::model::{Field, Member, Service, Shape, Type};
use crate::wire::scalar;

/// Why a body was rejected, for the error message.
type Problem = String;

/// An attribute: its name as written, and its value.
type Attribute<'a> = (&'a str, String);

/// The maximum number of attributes of an element. No model has more than one; namespaces are also
/// declared as attributes.
const MOST_ATTRIBUTES: usize = 32;

/// Reads a structure, which is the root element. Elements that the shape does not have are ignored,
/// as AWS does.
///
/// # Errors
/// If the body is not a well-formed document, its root has none of these names (if any are given),
/// or a member appears twice.
pub(crate) fn take(
    service: &Service,
    shape: &Shape,
    roots: &[&str],
    body: &str,
) -> Result<Map<String, Value>, Problem> {
    let mut reader = Reader {
        service,
        tokens: Tokenizer::from(body.trim_start_matches('\u{feff}').trim_start()),
        open: Vec::new(),
        closes: false,
        left: MOST_VALUES,
    };
    let attributes = loop {
        match reader.next()? {
            Some(Event::Start(name, attributes)) => {
                if !roots.is_empty() && !roots.contains(&name) {
                    return Err(format!("the root element is not {}", roots.join(" or ")));
                }
                break attributes;
            }
            Some(Event::Text(text)) if text.trim().is_empty() => {}
            Some(_) => return Err("text outside of the root element".to_owned()),
            None => return Err("there is no root element".to_owned()),
        }
    };
    let taken = reader.structure(shape, &attributes)?;
    while let Some(event) = reader.next()? {
        match event {
            Event::Text(text) if text.trim().is_empty() => {}
            _ => return Err("content after the root element".to_owned()),
        }
    }
    Ok(taken)
}

enum Event<'a> {
    /// The start of an element: its name without prefix, and its attributes.
    Start(&'a str, Vec<Attribute<'a>>),
    Text(Cow<'a, str>),
    End,
}

struct Reader<'a, 'b> {
    service: &'a Service,
    tokens: Tokenizer<'b>,
    /// The names of the open elements, with their prefixes.
    open: Vec<(&'b str, &'b str)>,
    /// Whether the innermost element was written as an empty element (`<a/>`).
    closes: bool,
    /// How many more elements the body may contain.
    left: usize,
}

impl<'a, 'b> Reader<'a, 'b> {
    /// The next event; `None` at the end of the document.
    fn next(&mut self) -> Result<Option<Event<'b>>, Problem> {
        if std::mem::take(&mut self.closes) {
            self.open.pop();
            return Ok(Some(Event::End));
        }
        while let Some(token) = self.tokens.next() {
            match token.map_err(|error| error.to_string())? {
                Token::Declaration { .. }
                | Token::Comment { .. }
                | Token::ProcessingInstruction { .. } => {}
                Token::ElementStart { prefix, local, .. } => {
                    self.left = self
                        .left
                        .checked_sub(1)
                        .ok_or("there are too many elements")?;
                    if self.open.len() >= MOST_DEPTH {
                        return Err("elements are nested too deeply".to_owned());
                    }
                    self.open.push((prefix.as_str(), local.as_str()));
                    let attributes = self.attributes()?;
                    return Ok(Some(Event::Start(local.as_str(), attributes)));
                }
                Token::ElementEnd {
                    end: ElementEnd::Close(prefix, local),
                    ..
                } => {
                    return match self.open.pop() {
                        Some(open) if open == (prefix.as_str(), local.as_str()) => {
                            Ok(Some(Event::End))
                        }
                        _ => Err("mismatched closing tag".to_owned()),
                    };
                }
                Token::Text { text } => {
                    return unescaped(text.as_str()).map(|text| Some(Event::Text(text)));
                }
                Token::Cdata { text, .. } => return Ok(Some(Event::Text(text.as_str().into()))),
                Token::DtdStart { .. }
                | Token::EmptyDtd { .. }
                | Token::EntityDeclaration { .. }
                | Token::DtdEnd { .. } => {
                    return Err("document types are not allowed".to_owned());
                }
                Token::Attribute { .. } | Token::ElementEnd { .. } => {
                    return Err("attribute outside of an element".to_owned());
                }
            }
        }
        if self.open.is_empty() {
            Ok(None)
        } else {
            Err("the document ends within an element".to_owned())
        }
    }

    /// The attributes of an element whose start was just read.
    fn attributes(&mut self) -> Result<Vec<Attribute<'b>>, Problem> {
        let mut attributes: Vec<Attribute<'b>> = Vec::new();
        for token in self.tokens.by_ref() {
            match token.map_err(|error| error.to_string())? {
                Token::Attribute {
                    span, local, value, ..
                } => {
                    // The span begins with the prefix, if there is one.
                    let name = &span.as_str()[..local.end() - span.start()];
                    if attributes.len() == MOST_ATTRIBUTES {
                        return Err("an element has too many attributes".to_owned());
                    }
                    if attributes.iter().any(|(known, _)| *known == name) {
                        return Err("duplicate attribute".to_owned());
                    }
                    attributes.push((name, unescaped(value.as_str())?.into_owned()));
                }
                Token::ElementEnd {
                    end: ElementEnd::Open,
                    ..
                } => return Ok(attributes),
                Token::ElementEnd {
                    end: ElementEnd::Empty,
                    ..
                } => {
                    self.closes = true;
                    return Ok(attributes);
                }
                _ => break,
            }
        }
        Err("the document ends within an element".to_owned())
    }

    /// Calls a function for each child of the open element, up to its end. Text between the
    /// children is ignored.
    fn children(
        &mut self,
        mut take: impl FnMut(&mut Self, &'b str, Vec<Attribute<'b>>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        loop {
            match self.next()? {
                Some(Event::Start(name, attributes)) => take(self, name, attributes)?,
                Some(Event::Text(_)) => {}
                Some(Event::End) | None => return Ok(()),
            }
        }
    }

    fn structure(
        &mut self,
        shape: &'a Shape,
        attributes: &[Attribute<'_>],
    ) -> Result<Map<String, Value>, Problem> {
        let service = self.service;
        let mut taken = Map::new();
        for (name, member) in shape
            .members
            .iter()
            .filter(|(_, member)| member.xml_attribute)
        {
            let field = service.field(member);
            let wire = field.wire_name(name);
            if let Some((_, value)) = attributes.iter().find(|(known, _)| *known == wire) {
                taken.insert(name.clone(), scalar::read(field, Iso8601, value));
            }
        }
        self.children(|reader, wire, attributes| {
            let Some((name, member)) = element_of(service, shape, wire) else {
                return reader.skip();
            };
            let field = service.field(member);
            let (kind, item) = (field.shape.kind, &field.shape.member);
            match (field.is_flattened(), kind, item) {
                (true, Type::List, Some(item)) => {
                    let value = reader.value(item, &attributes)?;
                    if let Value::Array(values) = taken
                        .entry(name)
                        .or_insert_with(|| Value::Array(Vec::new()))
                    {
                        values.push(value);
                    }
                }
                (true, Type::Map, _) => {
                    if let Value::Object(values) = taken
                        .entry(name)
                        .or_insert_with(|| Value::Object(Map::new()))
                    {
                        reader.entry(field, values)?;
                    }
                }
                _ => {
                    let value = reader.value(member, &attributes)?;
                    if taken.insert(name.to_owned(), value).is_some() {
                        return Err(format!("duplicate {wire}"));
                    }
                }
            }
            Ok(())
        })?;
        Ok(taken)
    }

    /// The value of an element whose start was just read, up to its end.
    fn value(
        &mut self,
        member: &'a Member,
        attributes: &[Attribute<'_>],
    ) -> Result<Value, Problem> {
        let service = self.service;
        let field = service.field(member);
        match field.shape.kind {
            Type::Structure => self.structure(field.shape, attributes).map(Value::Object),
            Type::List => {
                let mut values = Vec::new();
                let Some(item) = &field.shape.member else {
                    return self.skip().map(|()| Value::Array(values));
                };
                let wanted = service.field(item).wire_name("member");
                self.children(|reader, name, attributes| {
                    if name != wanted {
                        return reader.skip();
                    }
                    values.push(reader.value(item, &attributes)?);
                    Ok(())
                })?;
                Ok(Value::Array(values))
            }
            Type::Map => {
                let mut values = Map::new();
                self.children(|reader, name, _| match name {
                    "entry" => reader.entry(field, &mut values),
                    _ => reader.skip(),
                })?;
                Ok(Value::Object(values))
            }
            kind => {
                let text = self.text()?;
                let text = if matches!(kind, Type::String | Type::Character) {
                    &text
                } else {
                    text.trim()
                };
                Ok(scalar::read(field, Iso8601, text))
            }
        }
    }

    /// Reads an entry of a map whose start was just read.
    fn entry(&mut self, map: Field<'a>, values: &mut Map<String, Value>) -> Result<(), Problem> {
        let service = self.service;
        let (Some(of_key), Some(of_value)) = (&map.shape.key, &map.shape.value) else {
            return self.skip();
        };
        let key_name = service.field(of_key).wire_name("key");
        let value_name = service.field(of_value).wire_name("value");
        let (mut key, mut value) = (None, None);
        self.children(|reader, name, attributes| {
            if name == key_name && key.is_none() {
                key = Some(reader.text()?);
            } else if name == value_name && value.is_none() {
                value = Some(reader.value(of_value, &attributes)?);
            } else if name == key_name || name == value_name {
                return Err(format!("duplicate {name}"));
            } else {
                reader.skip()?;
            }
            Ok(())
        })?;
        let (Some(key), Some(value)) = (key, value) else {
            return Err(format!("a map entry lacks {key_name} or {value_name}"));
        };
        match values.insert(key, value) {
            None => Ok(()),
            Some(_) => Err("duplicate key in a map".to_owned()),
        }
    }

    /// The text of an element whose start was just read, up to its end.
    fn text(&mut self) -> Result<String, Problem> {
        let mut whole = String::new();
        loop {
            match self.next()? {
                Some(Event::Text(text)) => whole.push_str(&text),
                Some(Event::Start(..)) => {
                    return Err("unexpected element within text".to_owned());
                }
                Some(Event::End) | None => return Ok(whole),
            }
        }
    }

    /// Skips an element whose start was just read.
    fn skip(&mut self) -> Result<(), Problem> {
        self.children(|reader, _, _| reader.skip())
    }
}

/// The member that an element of a structure belongs to. In botocore, the items of a flattened list
/// have the name that the model gives items; in Smithy, that of the member.
fn element_of<'a>(
    service: &'a Service,
    shape: &'a Shape,
    wire: &str,
) -> Option<(&'a str, &'a Member)> {
    let elements = shape
        .members
        .iter()
        .filter(|(_, it)| it.location.is_none() && !it.xml_attribute);
    let mut elements = elements.map(|(name, member)| (name.as_str(), member));
    elements.find(|(name, member)| {
        let field = service.field(member);
        let item = field.shape.member.as_ref().filter(|_| field.is_flattened());
        let of_item = item.and_then(|item| item.location_name.as_deref());
        field.wire_name(name) == wire || of_item == Some(wire)
    })
}

/// Text with XML's five entities and character references resolved.
///
/// # Errors
/// If it contains another entity, or a reference to a character that XML does not allow.
pub(crate) fn unescaped(text: &str) -> Result<Cow<'_, str>, Problem> {
    if !text.contains('&') {
        return Ok(Cow::Borrowed(text));
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (name, after) = after
            .split_once(';')
            .ok_or("unterminated entity reference")?;
        plain.push(entity(name).ok_or("unknown entity or character reference")?);
        rest = after;
    }
    plain.push_str(rest);
    Ok(Cow::Owned(plain))
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        number => {
            let number = number.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            let c = char::from_u32(code.ok()?)?;
            // The characters that XML 1.0 allows (production 2).
            let allowed = !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{7f}'..='\u{9f}');
            allowed
                .then_some(c)
                .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        }
    }
}
