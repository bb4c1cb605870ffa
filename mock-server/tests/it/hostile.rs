//! Malicious inputs: each is rejected with the service's own error or accepted as data, quickly,
//! and with a response of limited size.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock};
use crate::lambda::{ACCOUNT, Lambda, REGION, arn, zip};

const ROLE: &str = "arn:aws:iam::111122223333:role/r";
/// The maximum time for any request of these tests, on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(5);
const LARGEST_ANSWER: usize = 100_000;

/// The response to a call, which must come quickly, be small, and have this status and code.
fn expect(what: &str, status: u16, code: &str, call: impl FnOnce() -> Answer) -> Answer {
    let begin = Instant::now();
    let answer = call();
    let told: String = answer.body.chars().take(300).collect();
    assert!(
        begin.elapsed() < AT_ONCE,
        "{what} took {:?}",
        begin.elapsed()
    );
    let given = answer
        .element("Code")
        .or_else(|| answer.header("x-amzn-errortype"))
        .unwrap_or_default();
    assert_eq!((answer.status, given), (status, code), "{what}: {told}");
    assert!(
        answer.body.len() < LARGEST_ANSWER,
        "{what}: {} bytes",
        answer.body.len()
    );
    answer
}

#[test]
fn assertions_that_grow_or_nest_are_refused() {
    let mock = Mock::start(Empty);
    let entities: String = (1..9)
        .map(|at| {
            format!(
                "<!ENTITY e{at} \"{}\">",
                format!("&e{};", at - 1).repeat(10)
            )
        })
        .collect();
    let attributes: String = (0..7_000).map(|at| format!(" a{at}=\"x\"")).collect();
    for (what, text) in [
        (
            "entities",
            format!(
                "<!DOCTYPE r [<!ENTITY e0 \"e\">{entities}]><Response><Assertion>&e8;</Assertion></Response>"
            ),
        ),
        (
            "an external entity",
            "<!DOCTYPE r [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Response>&e;</Response>"
                .to_owned(),
        ),
        (
            "depth",
            format!("{}{}", "<a>".repeat(10_000), "</a>".repeat(10_000)),
        ),
        (
            "attributes",
            format!("<Response><Assertion{attributes}></Assertion></Response>"),
        ),
        (
            "escapes",
            format!(
                "<Response><Assertion>{}</Assertion></Response>",
                "&amp;".repeat(14_000)
            ),
        ),
        (
            "characters that are none",
            "<Response>&#0;&#xD800;&#99999999999;</Response>".to_owned(),
        ),
    ] {
        let assertion = STANDARD.encode(text);
        let provider = "arn:aws:iam::111122223333:saml-provider/p";
        let parameters = [
            ("RoleArn", ROLE),
            ("PrincipalArn", provider),
            ("SAMLAssertion", assertion.as_str()),
        ];
        expect(what, 400, "InvalidIdentityToken", || {
            mock.sts(ACCOUNT, "AssumeRoleWithSAML", &parameters)
        });
    }
    let token = format!("a.{}.c", URL_SAFE_NO_PAD.encode("[".repeat(10_000)));
    let parameters = [
        ("RoleArn", ROLE),
        ("RoleSessionName", "ann"),
        ("WebIdentityToken", token.as_str()),
    ];
    expect("a token", 400, "InvalidIdentityToken", || {
        mock.sts(ACCOUNT, "AssumeRoleWithWebIdentity", &parameters)
    });
}

#[test]
fn policies_that_nest_or_are_full_of_wildcards_are_looked_through_at_once() {
    let mock = Mock::start(Empty);
    let nested = format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":{}{}}}",
        "[".repeat(60_000),
        "]".repeat(60_000)
    );
    let objects = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    let twice = format!(
        "{{\"Statement\":[],{}\"Id\":\"y\"}}",
        "\"Id\":\"x\",".repeat(9_000)
    );
    for document in [&nested, &objects, &twice] {
        let code = "MalformedPolicyDocument";
        expect("a policy", 400, code, || {
            mock.iam(
                ACCOUNT,
                "CreatePolicy",
                &[("PolicyName", "p"), ("PolicyDocument", document)],
            )
        });
        let role = [
            ("RoleName", "r"),
            ("AssumeRolePolicyDocument", document.as_str()),
        ];
        expect("a trust policy", 400, code, || {
            mock.iam(ACCOUNT, "CreateRole", &role)
        });
        let simulated = [
            ("PolicyInputList.member.1", document.as_str()),
            ("ActionNames.member.1", "s3:GetObject"),
        ];
        expect("a simulation", 400, "InvalidInput", || {
            mock.iam(ACCOUNT, "SimulateCustomPolicy", &simulated)
        });
        let session = [("Name", "ann"), ("Policy", document.as_str())];
        expect("a session policy", 400, "ValidationError", || {
            mock.sts(ACCOUNT, "GetFederationToken", &session)
        });
    }
    let statement = json!({"Effect": "Allow", "Action": format!("s3:{}", "*?".repeat(2_000)), "Resource": format!("arn:aws:s3:::{}", "*a".repeat(2_000))});
    let document = crate::client::policy(&json!([statement]));
    let resource = format!("arn:aws:s3:::{}", "a".repeat(500));
    let simulated = [
        ("PolicyInputList.member.1", document.as_str()),
        ("ActionNames.member.1", "s3:GetObject"),
        ("ResourceArns.member.1", &resource),
    ];
    expect("wildcards", 200, "", || {
        mock.iam(ACCOUNT, "SimulateCustomPolicy", &simulated)
    });
    let marker = "A".repeat(300_000);
    expect("a marker", 400, "ValidationError", || {
        mock.iam(ACCOUNT, "ListRoles", &[("Marker", &marker)])
    });
}

/// A ZIP directory of `count` entries with the same name, each with this uncompressed size.
fn directory(count: u16, name: &[u8], size: u32) -> Vec<u8> {
    let mut entry = b"PK\x01\x02".to_vec();
    entry.extend([0; 20]);
    entry.extend(size.to_le_bytes());
    entry.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    entry.extend([0; 16]);
    entry.extend(name);
    let mut archive = entry.repeat(count.into());
    let length = u32::try_from(archive.len()).unwrap();
    archive.extend(b"PK\x05\x06\0\0\0\0");
    archive.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    archive.extend(length.to_le_bytes());
    archive.extend([0; 6]);
    archive
}

#[test]
fn archives_that_lie_are_refused_or_kept_unopened() {
    let lambda = Lambda::start();
    let invalid = "InvalidParameterValueException";
    let mut zip64 = b"PK\x05\x06".to_vec();
    zip64.extend([0xff; 16]);
    zip64.extend([0; 2]);
    for (what, archive, status) in [
        ("many entries", directory(u16::MAX, b"a", 0), 201),
        ("a bomb", directory(u16::MAX, b"a", u32::MAX), 400),
        (
            "a name that leads out",
            directory(1, b"../../etc/passwd", 1),
            201,
        ),
        (
            "a name that is no text",
            directory(1, b"\xff\0\x1b[31m", 1),
            201,
        ),
        (
            "ends without a directory",
            b"PK\x05\x06".repeat(20_000),
            400,
        ),
        ("records of ZIP64", zip64, 400),
    ] {
        let content = json!({"ZipFile": STANDARD.encode(archive)});
        let code = if status == 201 { "" } else { invalid };
        expect(what, status, code, || {
            lambda.call(
                "POST",
                "/2018-10-31/layers/l/versions",
                &json!({"Content": content}),
            )
        });
        expect(what, status, code, || {
            lambda.create(&what.replace(' ', "-"), &json!({"Code": content}))
        });
    }
}

#[test]
fn requests_that_are_full_or_no_text_change_nothing() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    let before = lambda.get("/2015-03-31/functions/orders").body;
    let invalid = "InvalidParameterValueException";
    let many: Value = (0..10_000)
        .map(|at| (format!("k{at}"), json!("v")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let tags = format!("/2017-03-31/tags/{}", arn("function:orders"));
    let settings = "/2015-03-31/functions/orders/configuration";
    expect("tags", 400, invalid, || {
        lambda.call("POST", &tags, &json!({"Tags": many}))
    });
    expect("tags of a new function", 400, invalid, || {
        lambda.create(
            "other",
            &json!({"Code": {"ZipFile": zip("the package")}, "Tags": many}),
        )
    });
    expect("variables", 400, invalid, || {
        lambda.call(
            "PUT",
            settings,
            &json!({"Environment": {"Variables": many}}),
        )
    });
    let layers: Vec<String> = (0..10_000)
        .map(|at| arn(&format!("layer:l:{at}")))
        .collect();
    expect("layers", 400, invalid, || {
        lambda.call("PUT", settings, &json!({"Layers": layers}))
    });
    let pattern = format!("{}1{}", "{\"a\":".repeat(600), "}".repeat(600));
    let mapping = json!({"FunctionName": "orders", "EventSourceArn": "arn:aws:sqs:eu-west-1:111122223333:q", "FilterCriteria": {"Filters": [{"Pattern": pattern}]}});
    expect("a filter", 400, invalid, || {
        lambda.call("POST", "/2015-03-31/event-source-mappings", &mapping)
    });
    for path in [
        "%00",
        "%ff",
        "%2f..%2f",
        "%F0%9F%98%80",
        &"a".repeat(20_000),
    ] {
        expect(path, 400, "ValidationException", || {
            lambda.get(&format!("/2015-03-31/functions/{path}"))
        });
        expect(path, 400, "ValidationException", || {
            lambda.get(&format!("/2017-03-31/tags/{path}"))
        });
    }
    for body in ["{\"Timeout\":1e400}", "{\"Description\":\"\\ud800\"}"] {
        expect(body, 400, "SerializationException", || {
            lambda
                .mock
                .rest(ACCOUNT, REGION, "lambda", "PUT", settings, body)
        });
    }
    for marker in ["A".repeat(60_000), "%00%ff%fe".to_owned()] {
        expect("a marker", 200, "", || {
            lambda.get(&format!("/2015-03-31/functions?Marker={marker}"))
        });
    }
    assert_eq!(lambda.get("/2015-03-31/functions/orders").body, before);
}

/// A header that is not text is rejected, and not ignored as if it were missing.
#[test]
fn headers_that_are_no_text_are_looked_at() {
    let lambda = Lambda::start();
    lambda.function("orders", &json!({}));
    let invoke = |headers: &[(&str, &str)]| {
        lambda.mock.rest_with(
            ACCOUNT,
            REGION,
            "lambda",
            (
                "POST",
                "/2015-03-31/functions/orders/invocations",
                headers,
                "{}",
            ),
        )
    };
    expect("an invocation", 200, "", || {
        invoke(&[("x-amz-invocation-type", "RequestResponse")])
    });
    for (name, value) in [
        ("x-amz-invocation-type", "Évent"),
        ("x-amz-log-type", "Täil"),
    ] {
        expect(name, 400, "ValidationException", || {
            invoke(&[(name, value)])
        });
    }
}

#[test]
fn credentials_that_name_nothing_are_none() {
    let mock = Mock::start(Empty);
    for (key, region, service) in [
        ("", "us-east-1", "iam"),
        (ACCOUNT, "", "iam"),
        (ACCOUNT, "us-east-1", ""),
    ] {
        let answer = mock.rest(key, region, service, "GET", "/2015-03-31/functions", "");
        assert_eq!(
            answer.status, 403,
            "{key} {region} {service}: {}",
            answer.body
        );
    }
}
