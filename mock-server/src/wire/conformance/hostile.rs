//! Malicious bodies: each is rejected with one error in the protocol's own form, or accepted
//! without its meaningless parts.

use minicbor::Decoder;
use serde_json::{Value, json};

use super::compare::{cbor, document};
use crate::call::{AwsError, Input};
use crate::model::{Protocol, Service};
use crate::wire::{RawRequest, Reply, parse};

/// A service with one operation whose input has a member of every type.
fn service(protocol: &str) -> &'static Service {
    let model = json!({
        "metadata": {"protocol": protocol, "apiVersion": "2026-11-24", "targetPrefix": "Hostile"},
        "operations": {"Take": {"http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "Everything"}}},
        "shapes": {
            "Everything": {"type": "structure", "members": {
                "Text": {"shape": "Text"}, "Number": {"shape": "Number"}, "Decimal": {"shape": "Decimal"},
                "Blob": {"shape": "Blob"}, "Time": {"shape": "Time"}, "Truth": {"shape": "Truth"},
                "List": {"shape": "List"}, "Map": {"shape": "Map"}, "Within": {"shape": "Everything"},
            }},
            "Text": {"type": "string"}, "Number": {"type": "long"}, "Decimal": {"type": "double"},
            "Blob": {"type": "blob"}, "Time": {"type": "timestamp"}, "Truth": {"type": "boolean"},
            "List": {"type": "list", "member": {"shape": "Everything"}},
            "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        },
    });
    Box::leak(Box::new(Service::load(&model.to_string())))
}

/// Sends a body to the operation.
fn send(service: &'static Service, body: &[u8]) -> Result<Input, AwsError> {
    let mut headers = http::HeaderMap::new();
    let path = match service.metadata.protocol {
        Protocol::RpcV2Cbor => {
            headers.insert(
                "smithy-protocol",
                http::HeaderValue::from_static("rpc-v2-cbor"),
            );
            "/service/Hostile/operation/Take"
        }
        _ => "/",
    };
    headers.insert(
        "x-amz-target",
        http::HeaderValue::from_static("Hostile.Take"),
    );
    let raw = RawRequest {
        method: "POST",
        path,
        query: "",
        headers: &headers,
        body,
    };
    parse("hostile", service, &raw).map(|parsed| parsed.input)
}

/// Asserts that a body is rejected as malformed, with an error in the protocol's form.
fn refused(service: &'static Service, body: &[u8], why: &str) {
    let error = send(service, body).expect_err(why);
    let shown = String::from_utf8_lossy(&body[..body.len().min(60)]);
    assert!(error.message.contains(why), "{shown}: {}", error.message);
    let headers = http::HeaderMap::new();
    let raw = RawRequest {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body,
    };
    let response = Reply::new(service, &raw, "id").error(&error);
    assert_eq!(response.status, 400, "{shown}");
    assert!(
        response.body.len() < 1_000,
        "{shown}: an error of {} bytes",
        response.body.len()
    );
    let (code, told) = match service.metadata.protocol {
        Protocol::RpcV2Cbor => (
            "SerializationException",
            cbor(&mut Decoder::new(&response.body)),
        ),
        Protocol::RestXml => {
            let text = String::from_utf8(response.body).expect("text");
            ("<Code>MalformedXML", document(&text).to_string())
        }
        Protocol::Query | Protocol::Ec2 => {
            let text = String::from_utf8(response.body).expect("text");
            ("<Code>MalformedQueryString", document(&text).to_string())
        }
        // rest-json has the code in a header.
        Protocol::RestJson => {
            let kind = response
                .headers
                .iter()
                .find(|(name, _)| name == "x-amzn-errortype");
            ("SerializationException", format!("{kind:?}"))
        }
        Protocol::Json => {
            let value: Value = serde_json::from_slice(&response.body).expect("JSON");
            ("SerializationException", value.to_string())
        }
    };
    assert!(told.contains(code), "{told}");
}

/// A CBOR map with one entry; `value` is already encoded.
fn entry(name: &str, value: &[u8]) -> Vec<u8> {
    let mut body = vec![0xa1, 0x60 + u8::try_from(name.len()).expect("a short name")];
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(value);
    body
}

#[test]
fn cbor_that_lies_about_lengths() {
    let service = service("smithy-rpc-v2-cbor");
    let huge = |kind: u8| [&[kind << 5 | 27][..], &u64::MAX.to_be_bytes()].concat();
    for (kind, members) in [
        (2, &["Blob", "Text", "Unknown"][..]),
        (3, &["Text", "Unknown"]),
        (4, &["List", "Map", "Unknown"]),
        (5, &["Map", "Within", "Unknown"]),
    ] {
        for member in members {
            let error = send(service, &entry(member, &huge(kind))).expect_err("it is refused");
            assert_eq!(
                (error.code.as_str(), error.status),
                ("SerializationException", Some(400))
            );
        }
    }
    refused(service, &huge(5), "the body ends within a value");
    refused(
        service,
        &entry("List", &huge(4)),
        "the body ends within a value",
    );
    refused(
        service,
        &entry("Text", &[0x7f, 0x61, b'a']),
        "the body ends within a value",
    );
    refused(
        service,
        &entry("Text", &[0x7f, 0x61, b'a', 0x41, b'b', 0xff]),
        "",
    );
    refused(
        service,
        &entry("List", &[0x9f]),
        "the body ends within a value",
    );
    refused(
        service,
        &entry("Decimal", &[0xf9, 0x3c]),
        "the body ends within a value",
    );
    refused(service, &[0xa1, 0x64], "the body ends within a value");
    refused(service, b"\xa0\xa0", "trailing bytes after the map");
}

#[test]
fn cbor_that_nests_and_repeats() {
    let service = service("smithy-rpc-v2-cbor");
    let within: Vec<u8> = entry("Within", &[]).repeat(100_000);
    refused(service, &within, "values are nested too deeply");
    for deep in [b"\x81".as_slice(), b"\xa1\x60", b"\xc1", b"\x9f"] {
        for member in ["Unknown", "Text", "List"] {
            let error =
                send(service, &entry(member, &deep.repeat(100_000))).expect_err("it is refused");
            assert_eq!(error.code, "SerializationException");
        }
    }
    refused(
        service,
        &entry("Unknown", &b"\xc1".repeat(100_000)),
        "values are nested too deeply",
    );
    let many = [&[0x9f][..], &vec![0xa0; 1_200_000], &[0xff]].concat();
    refused(service, &entry("List", &many), "there are too many values");
    refused(
        service,
        &entry("Unknown", &many),
        "there are too many values",
    );
    let twice = b"\xa2\x64Text\x61a\x64Text\x61b";
    refused(service, twice, "duplicate Text");
    refused(
        service,
        &entry("Map", b"\xa2\x61k\x61a\x61k\x61b"),
        "duplicate key in a map",
    );
}

#[test]
fn cbor_of_other_kinds() {
    let service = service("smithy-rpc-v2-cbor");
    for (body, why) in [
        (vec![0x80], "the body is not a map"),
        (vec![0xff], "the body is not a map"),
        (entry("Text", b"\x61\xff"), ""),
        (b"\xa1\x61\xff\x61a".to_vec(), ""),
        (b"\xa1\x01\x61a".to_vec(), ""),
        (entry("Text", b"\x41a"), "unexpected byte string"),
        (
            entry("Blob", b"\x61a"),
            "expected a byte string, found a text string",
        ),
        (
            entry("Time", b"\x01"),
            "a timestamp is not a number with tag 1",
        ),
        (
            entry("Time", b"\xc0\x01"),
            "a timestamp is not a number with tag 1",
        ),
        (
            entry("Time", b"\xc1\x61a"),
            "a timestamp is not a number with tag 1",
        ),
        (
            entry("Time", b"\xc1\xfb\x7f\xf0\0\0\0\0\0\0"),
            "a timestamp is out of range",
        ),
        (
            entry("Number", b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff"),
            "an integer does not fit into 64 bits",
        ),
        (entry("Text", b"\xff"), "unexpected break"),
        (entry("Text", b"\xfc"), ""),
        (entry("Unknown", b"\xff"), "unexpected end of a list or map"),
    ] {
        refused(service, &body, why);
    }
    for (body, input) in [
        (vec![], json!({})),
        (entry("Text", b"\xf6"), json!({})),
        (entry("Text", b"\xf7"), json!({})),
        (entry("Text", b"\x7f\x61a\x61b\xff"), json!({"Text": "ab"})),
        (
            entry("Blob", b"\x5f\x41a\x41b\xff"),
            json!({"Blob": "YWI="}),
        ),
        (
            entry("Number", b"\xfb\x40\x60\0\0\0\0\0\0"),
            json!({"Number": 128}),
        ),
        (
            entry("Number", b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff"),
            json!({"Number": u64::MAX}),
        ),
        (entry("Decimal", b"\xf9\x3c\0"), json!({"Decimal": 1.0})),
        (
            entry("Decimal", b"\xf9\x80\x01"),
            json!({"Decimal": -5.960_464_477_539_063e-8}),
        ),
        (
            entry("Decimal", b"\xf9\xfc\0"),
            json!({"Decimal": "-Infinity"}),
        ),
        (
            entry("Decimal", b"\xfa\x3f\x8c\xcc\xcd"),
            json!({"Decimal": 1.1}),
        ),
        (entry("Text", b"\xd8\x20\x61a"), json!({"Text": "a"})),
        (
            entry("Unknown", b"\xbf\x01\x9f\xf6\x5f\x41a\xff\xff\xff"),
            json!({}),
        ),
    ] {
        assert_eq!(
            send(service, &body).map(Value::Object),
            Ok(input),
            "{body:x?}"
        );
    }
}

#[test]
fn every_beginning_of_a_body_is_refused_or_taken() {
    let body = b"\xbf\x64Text\x7f\x61a\xff\x64Blob\x42ab\x64Time\xc1\xfb\x41\xd0\0\0\0\0\0\0\x64List\x82\xa0\xbf\xff\x63Map\xa1\x61k\x61v\x67Decimal\xf9\x3c\0\xff";
    let service = service("smithy-rpc-v2-cbor");
    assert!(send(service, body).is_ok());
    for end in 1..body.len() {
        refused(service, &body[..end], "the body ends within a value");
    }
    for at in 0..body.len() {
        for byte in 0..=255 {
            let mut changed = body.to_vec();
            changed[at] = byte;
            // Must neither panic nor run forever.
            let _ = send(service, &changed);
        }
    }
}

#[test]
fn xml_that_is_not_for_reading() {
    let service = service("rest-xml");
    let doctype = "<!DOCTYPE a [<!ENTITY b \"c\">]><Everything><Text>&b;</Text></Everything>";
    let laughs = format!(
        "<!DOCTYPE a [{}]><Everything/>",
        "<!ENTITY b \"&a;&a;\">".repeat(1_000)
    );
    let deep = "<Within>".repeat(100_000);
    let unknown = "<Unknown>".repeat(100_000);
    let many = format!(
        "<Everything><Map>{}</Map></Everything>",
        "<a/>".repeat(1_200_000)
    );
    let attributes: String = (0..100).map(|at| format!(" a{at}=''")).collect();
    for (body, why) in [
        (doctype, "document types are not allowed"),
        (&laughs, "document types are not allowed"),
        (
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><Everything/>",
            "document types are not allowed",
        ),
        (
            "<Everything><Text>&b;</Text></Everything>",
            "unknown entity or character reference",
        ),
        (
            "<Everything><Text>&#0;</Text></Everything>",
            "unknown entity or character reference",
        ),
        (
            "<Everything><Text>&#xd800;</Text></Everything>",
            "unknown entity or character reference",
        ),
        (
            "<Everything><Text>&#x110000;</Text></Everything>",
            "unknown entity or character reference",
        ),
        (
            "<Everything><Text>&amp</Text></Everything>",
            "unterminated entity reference",
        ),
        (
            "<Everything><Text>a</Everything></Text>",
            "mismatched closing tag",
        ),
        ("<a:Everything></b:Everything>", "mismatched closing tag"),
        (
            "<Everything><Text>a</Text>",
            "the document ends within an element",
        ),
        ("<Everything", ""),
        ("<Everything a", ""),
        ("<Everything a='b' a='b'/>", "duplicate attribute"),
        (
            &format!("<Everything{attributes}/>"),
            "an element has too many attributes",
        ),
        ("<Everything/><Everything/>", ""),
        ("<Everything/>text", ""),
        ("text", ""),
        ("<!-- nothing -->", "there is no root element"),
        (
            "<Everything><Text>a</Text><Text>b</Text></Everything>",
            "duplicate Text",
        ),
        (
            "<Everything><Text><b>a</b></Text></Everything>",
            "unexpected element within text",
        ),
        (
            "<Everything><Map><entry><key>a</key></entry></Map></Everything>",
            "a map entry lacks",
        ),
        (
            "<Everything><Map><entry><key>a</key><key>a</key></entry></Map></Everything>",
            "duplicate key",
        ),
        (
            "<Everything><Map><entry><key>a</key><value>a</value></entry><entry><key>a</key><value>a</value></entry></Map></Everything>",
            "duplicate key in a map",
        ),
        (
            &format!("<Everything>{deep}</Everything>"),
            "elements are nested too deeply",
        ),
        (
            &format!("<Everything>{unknown}</Everything>"),
            "elements are nested too deeply",
        ),
        (&many, "there are too many elements"),
    ] {
        refused(service, body.as_bytes(), why);
    }
    refused(
        service,
        b"<Everything><Text>\xff</Text></Everything>",
        "it is not UTF-8",
    );
    for (body, input) in [
        ("", json!({})),
        (
            "\u{feff}<?xml version='1.0'?><!-- a --><Everything/>\n",
            json!({}),
        ),
        (
            "<a:Everything xmlns:a='b'><a:Text>&lt;&#65;<![CDATA[<b>]]></a:Text></a:Everything>",
            json!({"Text": "<A<b>"}),
        ),
        (
            "<Everything><Number> 1 </Number><Text> 1 </Text></Everything>",
            json!({"Number": 1, "Text": " 1 "}),
        ),
        (
            "<Everything><Number>x</Number><Time>never</Time></Everything>",
            json!({"Number": "x", "Time": "never"}),
        ),
    ] {
        assert_eq!(
            send(service, body.as_bytes()).map(Value::Object),
            Ok(input),
            "{body}"
        );
    }
}

#[test]
fn json_and_forms() {
    for protocol in ["json", "rest-json"] {
        let service = service(protocol);
        let deep = "{\"Within\":".repeat(100_000);
        for body in [
            "{",
            "[1",
            "nul",
            "{\"Text\":\"\\ud800\"}",
            "{\"Text\":1e999}",
            "{\"Text\":\"a\"}}",
            &deep,
        ] {
            refused(
                service,
                body.as_bytes(),
                "The request body is not valid JSON",
            );
        }
        refused(service, b"[]", "The request body is not a JSON object");
        refused(
            service,
            b"{\"Text\":\"\xff\"}",
            "The request body is not valid JSON",
        );
    }
    for protocol in ["query", "ec2"] {
        let service = service(protocol);
        refused(service, b"Action=Take&Text=\xff", "it is not UTF-8");
        refused(service, b"Action=Take&Text=%ff", "it is not UTF-8");
        refused(service, &b"a&".repeat(20_000), "more than");
        let deep = format!("Action=Take&Text=a&{}Text=b", "Within.".repeat(100_000));
        assert_eq!(
            send(service, deep.as_bytes()).map(Value::Object),
            Ok(json!({"Text": "a"}))
        );
        let specials = "Action=Take&Decimal=NaN&Number=1e3";
        let taken = json!({"Number": "1e3", "Decimal": "NaN"});
        assert_eq!(
            send(service, specials.as_bytes()).map(Value::Object),
            Ok(taken)
        );
        let infinite = send(service, b"Action=Take&Decimal=inf").map(Value::Object);
        assert_eq!(infinite, Ok(json!({"Decimal": "inf"})));
    }
}
