//! Reads the assertion in a SAML response. Signatures and namespaces are not checked; document
//! types and entities are rejected.

use std::collections::BTreeMap;

use base64::Engine;
use xmlparser::{ElementEnd, Token, Tokenizer};

use crate::wire::{parse_iso8601, unescaped};

/// What a response asserts.
#[derive(Debug, Default, Clone, PartialEq)]
pub(super) struct Assertion {
    pub(super) issuer: String,
    pub(super) subject: String,
    /// The format of the subject's name: the last part of its URN.
    pub(super) subject_type: String,
    pub(super) audiences: Vec<String>,
    /// Until when the assertion may be used, in seconds since the epoch.
    pub(super) expires: Option<f64>,
    /// Until when the user's session lasts, in seconds since the epoch.
    pub(super) session_expires: Option<f64>,
    /// Values, by the attribute's name.
    pub(super) attributes: BTreeMap<String, Vec<String>>,
}

/// An open element: its name, the attribute that identifies it, and its text.
struct Open<'a> {
    name: &'a str,
    about: String,
    text: String,
}

impl Assertion {
    /// Reads a response in Base64; `None` if it has no readable assertion.
    pub(super) fn read(encoded: &str) -> Option<Self> {
        let plain: String = encoded
            .chars()
            .filter(|c| !c.is_ascii_whitespace())
            .collect();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(plain)
            .ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let mut assertion = Self::default();
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut found = false;
        for token in Tokenizer::from(text.trim_start()) {
            match token.ok()? {
                Token::ElementStart { local, .. } => {
                    open.push(Open {
                        name: local.as_str(),
                        about: String::new(),
                        text: String::new(),
                    });
                }
                Token::Attribute { local, value, .. } => assertion.attribute(
                    open.last_mut()?,
                    local.as_str(),
                    &unescaped(value.as_str()).ok()?,
                ),
                Token::Text { text } => {
                    if let Some(innermost) = open.last_mut() {
                        innermost.text.push_str(&unescaped(text.as_str()).ok()?);
                    }
                }
                Token::Cdata { text, .. } => open.last_mut()?.text.push_str(text.as_str()),
                Token::ElementEnd {
                    end: ElementEnd::Open,
                    ..
                } => {}
                Token::ElementEnd {
                    end: ElementEnd::Empty,
                    ..
                } => {
                    open.pop()?;
                }
                Token::ElementEnd {
                    end: ElementEnd::Close(_, name),
                    ..
                } => {
                    let closed = open.pop().filter(|it| it.name == name.as_str())?;
                    found |= closed.name == "Assertion" && open.len() == 1;
                    assertion.element(&open, &closed);
                }
                Token::Declaration { .. }
                | Token::Comment { .. }
                | Token::ProcessingInstruction { .. } => {}
                _ => return None,
            }
        }
        (found && open.is_empty()).then_some(assertion)
    }

    fn attribute(&mut self, element: &mut Open<'_>, name: &str, value: &str) {
        match (element.name, name) {
            ("Attribute", "Name") => value.clone_into(&mut element.about),
            ("NameID", "Format") => value
                .rsplit(':')
                .next()
                .unwrap_or_default()
                .clone_into(&mut self.subject_type),
            ("Conditions", "NotOnOrAfter") => self.expires = parse_iso8601(value),
            ("AuthnStatement", "SessionNotOnOrAfter") => {
                self.session_expires = parse_iso8601(value)
            }
            _ => {}
        }
    }

    /// Reads the value of an element of the assertion, which has just been closed.
    fn element(&mut self, above: &[Open<'_>], closed: &Open<'_>) {
        let way: Vec<&str> = above.iter().skip(1).map(|it| it.name).collect();
        let text = closed.text.trim().to_owned();
        match (way.as_slice(), closed.name) {
            (["Assertion"], "Issuer") => self.issuer = text,
            (["Assertion", "Subject"], "NameID") => self.subject = text,
            (["Assertion", "Conditions", "AudienceRestriction"], "Audience") => {
                self.audiences.push(text)
            }
            (["Assertion", "AttributeStatement", "Attribute"], "AttributeValue") => {
                let name = above.last().map(|it| it.about.clone()).unwrap_or_default();
                self.attributes.entry(name).or_default().push(text);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;

    use super::Assertion;

    fn read(text: &str) -> Option<Assertion> {
        Assertion::read(&base64::engine::general_purpose::STANDARD.encode(text))
    }

    #[test]
    fn an_assertion_is_read_whatever_its_prefixes() {
        let text = r#"<?xml version="1.0"?><p:Response><Issuer>of the response</Issuer><a:Assertion><a:Issuer>https://idp.example.com</a:Issuer>
            <a:Subject><a:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">ann &amp; co</a:NameID></a:Subject>
            <a:Conditions NotOnOrAfter="2012-01-01T13:00:00Z"><a:AudienceRestriction><a:Audience>urn:x</a:Audience></a:AudienceRestriction></a:Conditions>
            <a:AttributeStatement><a:Attribute Name="n"><a:AttributeValue>1</a:AttributeValue><a:AttributeValue><![CDATA[2]]></a:AttributeValue></a:Attribute>
            </a:AttributeStatement></a:Assertion></p:Response>"#;
        let assertion = read(text).expect("an assertion");
        assert_eq!(
            (assertion.issuer.as_str(), assertion.subject.as_str()),
            ("https://idp.example.com", "ann & co")
        );
        assert_eq!(
            (assertion.subject_type.as_str(), assertion.expires),
            ("persistent", Some(1_325_422_800.0))
        );
        assert_eq!(
            (&assertion.audiences[..], &assertion.attributes["n"][..]),
            (
                &["urn:x".to_owned()][..],
                &["1".to_owned(), "2".to_owned()][..]
            )
        );
    }

    #[test]
    fn what_is_no_assertion_is_none() {
        for text in [
            "",
            "text",
            "<Response/>",
            "<Response></Response>",
            "<Response><Assertion></Response></Assertion>",
            "<Response><Assertion>",
            "<Assertion></Assertion>",
            "<!DOCTYPE r [<!ENTITY e 'x'>]><Response><Assertion></Assertion></Response>",
            "<Response><Assertion>&e;</Assertion></Response>",
        ] {
            assert!(read(text).is_none(), "{text}");
        }
        assert!(Assertion::read("not Base64").is_none());
        assert!(read("<Response><Assertion></Assertion></Response>").is_some());
    }
}
