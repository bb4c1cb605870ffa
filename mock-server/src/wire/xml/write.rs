//! XML responses, by shape. Untrusted text is escaped, and characters that XML cannot represent are
//! replaced.

use serde_json::Value;

use crate::model::TimestampFormat::Iso8601;
use crate::model::{Field, Service, Shape, Type, XmlNamespace};
use crate::wire::scalar;

/// Writes the values of one service.
#[derive(Debug)]
pub(crate) struct Writer<'a> {
    pub(crate) service: &'a Service,
    pub(crate) out: String,
}

/// The declaration at the start of a document.
pub(crate) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

impl<'a> Writer<'a> {
    /// A writer of a document that starts with the XML declaration.
    pub(crate) fn document(service: &'a Service) -> Self {
        Self {
            service,
            out: DECLARATION.to_owned(),
        }
    }

    /// Writes the members of a structure that are elements.
    pub(crate) fn members(&mut self, shape: &'a Shape, value: &Value) {
        for (name, member) in &shape.members {
            if member.location.is_none()
                && !member.xml_attribute
                && let Some(value) = value.get(name).filter(|value| !value.is_null())
            {
                let field = self.service.field(member);
                self.element(field.wire_name(name), field, value);
            }
        }
    }

    /// Writes a value as an element; the items of a flattened list or map as one element each.
    pub(crate) fn element(&mut self, name: &str, field: Field<'a>, value: &Value) {
        let shape = field.shape;
        match (shape.kind, value) {
            (_, Value::Null) => {}
            (Type::List, Value::Array(values)) => {
                let Some(item) = &shape.member else { return };
                let item = self.service.field(item);
                if field.is_flattened() {
                    let name = item.wire_name(name);
                    values
                        .iter()
                        .for_each(|value| self.element(name, item, value));
                    return;
                }
                self.open(name, field.xml_namespace(), "");
                let of_item = item.wire_name("member");
                values
                    .iter()
                    .for_each(|value| self.element(of_item, item, value));
                self.close(name);
            }
            (Type::Map, Value::Object(entries)) if field.is_flattened() => {
                for entry in entries {
                    self.entry(name, field, entry);
                }
            }
            (Type::Map, Value::Object(entries)) => {
                self.open(name, field.xml_namespace(), "");
                for entry in entries {
                    self.entry(
                        "entry",
                        Field {
                            member: field.member,
                            shape,
                        },
                        entry,
                    );
                }
                self.close(name);
            }
            (Type::Structure, value) => {
                self.structure(name, field.xml_namespace(), shape, value);
            }
            (_, value) => {
                self.open(name, field.xml_namespace(), "");
                escape(&mut self.out, &scalar::write(field, Iso8601, value));
                self.close(name);
            }
        }
    }

    /// Writes a structure as an element.
    pub(crate) fn structure(
        &mut self,
        name: &str,
        namespace: Option<&XmlNamespace>,
        shape: &'a Shape,
        value: &Value,
    ) {
        let mut attributes = String::new();
        for (member_name, member) in shape.members.iter().filter(|(_, it)| it.xml_attribute) {
            if let Some(value) = value.get(member_name).filter(|value| !value.is_null()) {
                let field = self.service.field(member);
                attributes.push_str(&format!(" {}=\"", field.wire_name(member_name)));
                escape(&mut attributes, &scalar::write(field, Iso8601, value));
                attributes.push('"');
            }
        }
        self.open(name, namespace, &attributes);
        self.members(shape, value);
        self.close(name);
    }

    fn entry(&mut self, name: &str, map: Field<'a>, (key, value): (&String, &Value)) {
        let (Some(of_key), Some(of_value)) = (&map.shape.key, &map.shape.value) else {
            return;
        };
        let (of_key, of_value) = (self.service.field(of_key), self.service.field(of_value));
        // The entries of a flattened map have its namespace, since there is no element around them.
        let namespace = map.xml_namespace().filter(|_| map.is_flattened());
        self.open(name, namespace, "");
        self.element(of_key.wire_name("key"), of_key, &Value::String(key.clone()));
        self.element(of_value.wire_name("value"), of_value, value);
        self.close(name);
    }

    /// Writes a start tag; `attributes` is written without escaping.
    fn open(&mut self, name: &str, namespace: Option<&XmlNamespace>, attributes: &str) {
        self.out.push('<');
        self.out.push_str(name);
        if let Some(namespace) = namespace {
            let (prefix, uri) = namespace.parts();
            let prefix = prefix.map(|it| format!(":{it}")).unwrap_or_default();
            self.out.push_str(&format!(" xmlns{prefix}=\"{uri}\""));
        }
        self.out.push_str(attributes);
        self.out.push('>');
    }

    fn close(&mut self, name: &str) {
        close(&mut self.out, name);
    }
}

/// Writes an element that contains only text.
pub(crate) fn text_element(out: &mut String, name: &str, text: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    escape(out, text);
    close(out, name);
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}
