//! Equality of values and bodies: converts those of the tests and of the mock to a comparable form.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use minicbor::Decoder;
use minicbor::data::Type as Kind;
use serde_json::{Map, Value};
use xmlparser::{ElementEnd, Token, Tokenizer};

use crate::model::{Member, Service, Shape, Type};

/// A value of the tests as the mock represents it: blobs in Base64, and JSON in headers as a
/// string.
pub(super) fn inside(service: &Service, shape: &Shape, value: &Value) -> Value {
    let member = |member: &Member, value: &Value| {
        let field = service.field(member);
        if field.member.jsonvalue && !value.is_null() && !value.is_string() {
            return Value::String(value.to_string());
        }
        inside(service, field.shape, value)
    };
    match (shape.kind, value) {
        _ if shape.document => value.clone(),
        (Type::Structure, Value::Object(given)) => {
            let known = |(name, value): (&String, &Value)| {
                let (_, of) = shape.find_member(name)?;
                (!value.is_null()).then(|| (name.clone(), member(of, value)))
            };
            Value::Object(given.iter().filter_map(known).collect())
        }
        (Type::List, Value::Array(values)) => {
            let of = shape.member.as_ref().expect("a member");
            values.iter().map(|value| member(of, value)).collect()
        }
        (Type::Map, Value::Object(given)) => {
            let of = shape.value.as_ref().expect("a value");
            let entries = given
                .iter()
                .map(|(key, value)| (key.clone(), member(of, value)));
            Value::Object(entries.collect())
        }
        (Type::Blob, Value::String(text)) => Value::String(BASE64.encode(text)),
        (_, value) => value.clone(),
    }
}

/// A value with all numbers in the same form and members sorted, for comparison.
pub(super) fn canonical(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::from(number.as_f64()),
        Value::Array(values) => values.iter().map(canonical).collect(),
        Value::Object(given) => {
            let sorted: BTreeMap<&String, Value> = given
                .iter()
                .map(|(key, value)| (key, canonical(value)))
                .collect();
            let entries = sorted.into_iter().map(|(key, value)| (key.clone(), value));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Value::String(text) => without_namespace(text).into(),
        value => value.clone(),
    }
}

/// The name of a shape without its namespace, which botocore's models do not have.
fn without_namespace(text: &str) -> &str {
    text.rsplit_once("#")
        .filter(|(_, name)| !name.contains(' '))
        .map_or(text, |(_, name)| name)
}

/// An XML element: its name, its attributes, and either its child elements or its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) elements: Vec<Element>,
    text: String,
}

impl Element {
    /// Removes default namespace declarations that elements inherit from those around them anyway.
    pub(super) fn without_repeated_namespaces(&mut self) {
        let own = self
            .attributes
            .iter()
            .find(|(name, _)| name == "xmlns")
            .cloned();
        for element in &mut self.elements {
            if let Some(own) = &own {
                element.attributes.retain(|it| it != own);
            }
            element.without_repeated_namespaces();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.elements.is_empty() && self.text.is_empty() && self.attributes.is_empty()
    }
}

impl Display for Element {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        write!(out, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(out, " {name}={value:?}")?;
        }
        write!(out, ">{}", self.text)?;
        self.elements
            .iter()
            .try_for_each(|element| element.fmt(out))?;
        out.write_str("</>")
    }
}

/// The root element of a document, read without any shape.
pub(super) fn document(text: &str) -> Element {
    let root = Element {
        name: String::new(),
        attributes: Vec::new(),
        elements: Vec::new(),
        text: String::new(),
    };
    let mut open = vec![root];
    for token in Tokenizer::from(text.trim_start()) {
        let innermost = open.last_mut().expect("an element");
        match token.unwrap_or_else(|error| panic!("{error}: {text}")) {
            Token::ElementStart { local, .. } => open.push(Element {
                name: local.as_str().to_owned(),
                ..open[0].clone()
            }),
            Token::Attribute { span, value, .. } => {
                let name = span.as_str().split('=').next().unwrap_or_default();
                innermost
                    .attributes
                    .push((name.to_owned(), value.as_str().to_owned()));
            }
            Token::Text { text } => innermost.text.push_str(&plain(text.as_str())),
            Token::ElementEnd {
                end: ElementEnd::Open,
                ..
            } => {}
            Token::ElementEnd { .. } => {
                let mut closed = open.pop().expect("an element");
                if !closed.elements.is_empty()
                    || closed.text.trim().is_empty() && closed.text.contains('\n')
                {
                    closed.text.clear();
                }
                // The order of members is not significant, but that of items is.
                closed
                    .elements
                    .sort_by(|one, other| one.name.cmp(&other.name));
                closed.attributes.sort();
                open.last_mut().expect("an element").elements.push(closed);
            }
            _ => {}
        }
    }
    open.pop()
        .and_then(|root| root.elements.into_iter().next())
        .unwrap_or_else(|| panic!("no root: {text}"))
}

fn plain(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#xD;", "\r"),
        ("&#13;", "\r"),
        ("&#10;", "\n"),
        ("&amp;", "&"),
    ];
    named
        .iter()
        .fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

/// A CBOR value as text: definite and indefinite lengths look the same, and so do numbers of all
/// sizes.
pub(super) fn cbor(decoder: &mut Decoder<'_>) -> String {
    match decoder.datatype().expect("a value") {
        Kind::Map | Kind::MapIndef => {
            let length = decoder.map().expect("a map");
            let mut entries = BTreeMap::new();
            while !at_end(decoder, length, entries.len()) {
                let key = cbor(decoder);
                entries.insert(key, cbor(decoder));
            }
            format!("{entries:?}")
        }
        Kind::Array | Kind::ArrayIndef => {
            let length = decoder.array().expect("an array");
            let mut items = Vec::new();
            while !at_end(decoder, length, items.len()) {
                items.push(cbor(decoder));
            }
            format!("{items:?}")
        }
        Kind::Tag => {
            let tag = decoder.tag().expect("a tag").as_u64();
            format!("tag {tag} of {}", cbor(decoder))
        }
        Kind::F16 => half(decoder).to_string(),
        Kind::F32 => decoder.f32().expect("a number").to_string(),
        Kind::F64 => decoder.f64().expect("a number").to_string(),
        Kind::Bytes | Kind::BytesIndef => {
            let bytes = decoder
                .bytes_iter()
                .expect("bytes")
                .map(|it| it.expect("bytes").to_vec());
            format!("bytes {:?}", bytes.collect::<Vec<_>>().concat())
        }
        Kind::String | Kind::StringIndef => {
            let text: String = decoder
                .str_iter()
                .expect("text")
                .map(|it| it.expect("text"))
                .collect();
            format!("{:?}", without_namespace(&text))
        }
        Kind::Bool => decoder.bool().expect("true or false").to_string(),
        Kind::Null => decoder.null().map(|()| "null".to_owned()).expect("null"),
        _ => i128::from(decoder.int().expect("a number")).to_string(),
    }
}

/// Whether a map or array has no more items; `length` is its declared length, if it has one.
fn at_end(decoder: &mut Decoder<'_>, length: Option<u64>, seen: usize) -> bool {
    let is_break = decoder.datatype().is_ok_and(|it| it == Kind::Break);
    if length.is_none() && is_break {
        decoder.set_position(decoder.position() + 1);
    }
    length.map_or(is_break, |length| length == seen as u64)
}

fn half(decoder: &mut Decoder<'_>) -> f64 {
    let at = decoder.position() + 1;
    let bits = decoder.input()[at..at + 2]
        .try_into()
        .map(u16::from_be_bytes)
        .expect("two bytes");
    decoder.set_position(at + 2);
    let rest = bits & 0x7fff;
    let number = match rest {
        0x7c01.. => f64::NAN,
        0x7c00 => f64::INFINITY,
        0x400.. => {
            (1.0 + f64::from(rest & 0x3ff) / 1024.0) * 2_f64.powi(i32::from(rest >> 10) - 15)
        }
        _ => f64::from(rest) / 16_777_216.0,
    };
    if bits == rest { number } else { -number }
}
