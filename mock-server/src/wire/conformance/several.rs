//! Services with several protocols: SQS, which formerly used query, and CloudWatch, for which each
//! generation of SDKs uses another protocol.

use std::io::Write;

use minicbor::Decoder;
use serde_json::{Value, json};

use super::compare::{cbor, document};
use crate::call::AwsError;
use crate::model::{Protocol, Service};
use crate::wire::{RawRequest, RawResponse, Reply, parse};

/// SQS according to botocore's models before and after its change of protocol, combined: members
/// have the query protocol's names where these differ.
fn sqs() -> &'static Service {
    let model = json!({
        "metadata": {
            "protocol": "json", "protocols": ["json", "query"], "jsonVersion": "1.0", "apiVersion": "2012-11-05",
            "awsQueryCompatible": {}, "serviceId": "SQS", "targetPrefix": "AmazonSQS",
            "xmlNamespace": "http://queue.amazonaws.com/doc/2012-11-05/",
        },
        "operations": {"GetQueueAttributes": {
            "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": "Request"}, "output": {"shape": "Result"},
        }},
        "shapes": {
            "Request": {"type": "structure", "members": {
                "QueueUrl": {"shape": "String"}, "AttributeNames": {"shape": "Names"}, "Tags": {"shape": "TagMap"},
            }},
            "TagMap": {
                "type": "map", "flattened": true, "locationName": "Tag",
                "key": {"shape": "String", "locationName": "Key"},
                "value": {"shape": "String", "locationName": "Value"},
            },
            "Names": {"type": "list", "flattened": true, "member": {"shape": "String", "locationName": "AttributeName"}},
            "Result": {"type": "structure", "members": {"Attributes": {"shape": "Attributes", "locationName": "Attribute"}}},
            "Attributes": {
                "type": "map", "flattened": true,
                "key": {"shape": "String", "locationName": "Name"},
                "value": {"shape": "String", "locationName": "Value"},
            },
            "QueueDoesNotExist": {
                "type": "structure", "members": {"message": {"shape": "String"}}, "exception": true,
                "error": {"code": "AWS.SimpleQueueService.NonExistentQueue", "httpStatusCode": 400, "senderFault": true},
            },
            "String": {"type": "string"},
        },
    });
    Box::leak(Box::new(Service::load(&model.to_string())))
}

/// Parses a request; returns its protocol and input, and the responses for an output and an error.
fn exchange(
    service: &'static Service,
    path: &str,
    given: &[(&'static str, &'static str)],
    body: &[u8],
    answer: &Value,
    error: &AwsError,
) -> (Protocol, Value, RawResponse, RawResponse) {
    let named = given.iter().map(|(name, value)| {
        (
            http::HeaderName::from_static(name),
            http::HeaderValue::from_static(value),
        )
    });
    let headers: http::HeaderMap = named.collect();
    let raw = RawRequest {
        method: "POST",
        path,
        query: "",
        headers: &headers,
        body,
    };
    let parsed = parse("test", service, &raw).expect("a request");
    let reply = Reply::new(service, &raw, "id");
    assert_eq!(reply.protocol(), parsed.protocol);
    let success = reply.success(&parsed.name, parsed.operation, answer);
    (
        parsed.protocol,
        parsed.input.into(),
        success,
        reply.error(error),
    )
}

fn header<'a>(response: &'a RawResponse, name: &str) -> Option<&'a str> {
    let found = response.headers.iter().find(|(known, _)| known == name)?;
    found.1.to_str().ok()
}

fn text(response: &RawResponse) -> &str {
    std::str::from_utf8(&response.body).expect("text")
}

#[test]
fn sqs_in_json_and_query() {
    let answer = json!({"Attributes": {"DelaySeconds": "0"}});
    let error = AwsError::new("QueueDoesNotExist", "The specified queue does not exist.");
    let expected =
        json!({"QueueUrl": "u", "AttributeNames": ["All", "Policy"], "Tags": {"a": "b"}});

    let json_headers = [
        ("x-amz-target", "AmazonSQS.GetQueueAttributes"),
        ("content-type", "application/x-amz-json-1.0"),
    ];
    let body = br#"{"QueueUrl":"u","AttributeNames":["All","Policy"],"Tags":{"a":"b"}}"#;
    let (protocol, input, success, failure) =
        exchange(sqs(), "/", &json_headers, body, &answer, &error);
    assert_eq!((protocol, input), (Protocol::Json, expected.clone()));
    assert_eq!(
        header(&success, "content-type"),
        Some("application/x-amz-json-1.0")
    );
    assert_eq!(text(&success), r#"{"Attributes":{"DelaySeconds":"0"}}"#);
    assert_eq!(
        header(&failure, "x-amzn-query-error"),
        Some("AWS.SimpleQueueService.NonExistentQueue;Sender")
    );
    let told: Value = serde_json::from_slice(&failure.body).expect("JSON");
    assert_eq!(
        told,
        json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "The specified queue does not exist."})
    );

    let query_headers = [(
        "content-type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )];
    let form = b"Action=GetQueueAttributes&Version=2012-11-05&QueueUrl=u&AttributeName.1=All&AttributeName.2=Policy&Tag.1.Key=a&Tag.1.Value=b";
    let (protocol, input, success, failure) =
        exchange(sqs(), "/", &query_headers, form, &answer, &error);
    assert_eq!((protocol, input), (Protocol::Query, expected));
    let root = document(text(&success));
    assert_eq!(root.name, "GetQueueAttributesResponse");
    let result = "<GetQueueAttributesResult><Attribute><Name>DelaySeconds</><Value>0</></></>";
    assert_eq!(root.elements[0].to_string(), result);
    assert_eq!(header(&failure, "x-amzn-query-error"), None);
    let told = document(text(&failure)).to_string();
    assert!(
        told.contains("<Code>AWS.SimpleQueueService.NonExistentQueue</>"),
        "{told}"
    );
    assert!(told.contains("<Type>Sender</>"), "{told}");
}

/// CloudWatch, with the protocols in botocore's current model.
fn cloudwatch() -> &'static Service {
    let model = json!({
        "metadata": {
            "protocol": "smithy-rpc-v2-cbor", "protocols": ["smithy-rpc-v2-cbor", "json", "query"], "jsonVersion": "1.0",
            "apiVersion": "2010-08-01", "awsQueryCompatible": {}, "serviceId": "CloudWatch",
            "targetPrefix": "GraniteServiceVersion20100801",
            "xmlNamespace": "http://monitoring.amazonaws.com/doc/2010-08-01/",
        },
        "operations": {"Ask": {
            "requestcompression": {"encodings": ["gzip"]},
            "http": {"method": "POST", "requestUri": "/"},
            "input": {"shape": "Input"}, "output": {"shape": "Input", "resultWrapper": "AskResult"},
        }},
        "shapes": {
            "Input": {"type": "structure", "members": {"When": {"shape": "Time"}, "Values": {"shape": "Values"}}},
            "Values": {"type": "list", "member": {"shape": "Value"}},
            "Value": {"type": "double"},
            "Time": {"type": "timestamp"},
            "LimitExceededFault": {
                "type": "structure", "members": {"message": {"shape": "Text"}}, "exception": true,
                "error": {"code": "LimitExceeded", "httpStatusCode": 400, "senderFault": true},
            },
            "Text": {"type": "string"},
        },
    });
    Box::leak(Box::new(Service::load(&model.to_string())))
}

#[test]
fn cloudwatch_in_three_protocols() {
    let error = AwsError::new("LimitExceededFault", "Too many");
    let values = json!({"When": 1_398_796_238, "Values": [1.5, 2.0]});

    let headers = [
        ("smithy-protocol", "rpc-v2-cbor"),
        ("content-type", "application/cbor"),
    ];
    let body = b"\xbf\x64When\xc1\xfb\x41\xd4\xd7\xfb\xf3\x80\x00\x00\x66Values\x9f\xfb\x3f\xf8\0\0\0\0\0\0\x02\xff\xff";
    let path = "/service/GraniteServiceVersion20100801/operation/Ask";
    let (protocol, input, success, failure) =
        exchange(cloudwatch(), path, &headers, body, &values, &error);
    assert_eq!(protocol, Protocol::RpcV2Cbor);
    assert_eq!(input, json!({"When": 1_398_796_238.0, "Values": [1.5, 2]}));
    assert_eq!(header(&success, "smithy-protocol"), Some("rpc-v2-cbor"));
    assert_eq!(success.body, b"\xa2\x64When\xc1\x1a\x53\x5f\xef\xce\x66Values\x82\xfb\x3f\xf8\0\0\0\0\0\0\xfb\x40\0\0\0\0\0\0\0");
    assert_eq!(
        header(&failure, "x-amzn-query-error"),
        Some("LimitExceeded;Sender")
    );
    let told = cbor(&mut Decoder::new(&failure.body));
    assert!(
        told.contains("LimitExceededFault") && told.contains("Too many"),
        "{told}"
    );

    let headers = [("x-amz-target", "GraniteServiceVersion20100801.Ask")];
    let body = br#"{"When":1398796238,"Values":[1.5,2]}"#;
    let (protocol, input, success, _) =
        exchange(cloudwatch(), "/", &headers, body, &values, &error);
    assert_eq!(
        (protocol, input),
        (
            Protocol::Json,
            json!({"When": 1_398_796_238, "Values": [1.5, 2]})
        )
    );
    assert_eq!(text(&success), r#"{"When":1398796238,"Values":[1.5,2.0]}"#);

    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let form = b"Action=Ask&When=2014-04-29T18%3A30%3A38Z&Values.member.1=1.5&Values.member.2=2";
    let (protocol, input, success, failure) =
        exchange(cloudwatch(), "/", &headers, form, &values, &error);
    assert_eq!(
        (protocol, input),
        (
            Protocol::Query,
            json!({"When": 1_398_796_238.0, "Values": [1.5, 2.0]})
        )
    );
    let root = document(text(&success));
    let result =
        "<AskResult><Values><member>1.5</><member>2.0</></><When>2014-04-29T18:30:38Z</></>";
    assert_eq!(root.elements[0].to_string(), result);
    assert!(text(&failure).contains("<Code>LimitExceeded</Code>"));
}

#[test]
fn requests_that_are_compressed_or_in_chunks() {
    let gzip = |plain: &[u8]| {
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(plain).expect("memory");
        writer.finish().expect("memory")
    };
    let send = |headers: &[(&'static str, &'static str)], body: &[u8]| {
        let named = headers.iter().map(|(name, value)| {
            (
                http::HeaderName::from_static(name),
                http::HeaderValue::from_static(value),
            )
        });
        let headers = named.collect();
        let raw = RawRequest {
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
            body,
        };
        parse("test", cloudwatch(), &raw).map(|parsed| Value::Object(parsed.input))
    };
    let target = ("x-amz-target", "GraniteServiceVersion20100801.Ask");
    let form = ("content-type", "application/x-www-form-urlencoded");
    let (zipped, chunked) = (
        ("content-encoding", "gzip"),
        ("content-encoding", "aws-chunked"),
    );
    let plain = br#"{"Values":[1]}"#;
    let expected = json!({"Values": [1]});
    assert_eq!(send(&[target, zipped], &gzip(plain)), Ok(expected.clone()));
    let query = gzip(b"Action=Ask&Values.member.1=1");
    assert_eq!(send(&[form, zipped], &query), Ok(json!({"Values": [1.0]})));
    let chunks = b"5;chunk-signature=0\r\n{\"Val\r\n9\r\nues\":[1]}\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
    assert_eq!(send(&[target, chunked], chunks), Ok(expected.clone()));
    assert_eq!(
        send(&[target, ("content-encoding", "identity")], plain),
        Ok(expected)
    );

    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(bomb.len() < 100_000);
    for (coding, body, why) in [
        (zipped, &bomb[..], "bytes when it is not compressed"),
        (zipped, plain, "it is not compressed"),
        (zipped, &gzip(plain)[..20], "it is not compressed"),
        (chunked, b"", "a chunk has no length"),
        (chunked, b"-1\r\n", "not a number"),
        (
            chunked,
            b"ffffffffffffffff\r\na",
            "the body ends within a chunk",
        ),
        (chunked, b"fffffffffffffffff\r\na", "not a number"),
        (chunked, b"1\r\nab\r\n0\r\n", "a chunk is longer"),
        (chunked, b"1\r\na\r\n", "a chunk has no length"),
    ] {
        let error = send(&[target, coding], body).expect_err(why);
        assert!(error.message.contains(why), "{}", error.message);
        assert_eq!(
            (error.code.as_str(), error.status),
            ("SerializationException", Some(400))
        );
    }
}

/// S3's operations share paths; their required members distinguish them.
#[test]
fn operations_that_share_a_path() {
    let operation = |method: &str, uri: &str, input: &str| json!({"http": {"method": method, "requestUri": uri}, "input": {"shape": input}});
    let bound = |location: &str, name: &str| json!({"shape": "Text", "location": location, "locationName": name});
    let key = || json!({"Bucket": bound("uri", "Bucket"), "Key": bound("uri", "Key")});
    let with = |more: &[(&str, &str, &str)]| {
        let mut members = key();
        let mut required = vec!["Bucket", "Key"];
        for (member, location, name) in more {
            members[*member] = bound(location, name);
            required.push(member);
        }
        json!({"type": "structure", "members": members, "required": required})
    };
    let (part, id) = (
        ("Part", "querystring", "partNumber"),
        ("Id", "querystring", "uploadId"),
    );
    let source = ("Source", "header", "x-amz-copy-source");
    let model = json!({
        "metadata": {"protocol": "rest-xml", "apiVersion": "2006-03-01", "serviceId": "S3"},
        "operations": {
            "CopyObject": operation("PUT", "/{Bucket}/{Key+}", "Copy"),
            "PutObject": operation("PUT", "/{Bucket}/{Key+}", "Put"),
            "PutObjectTagging": operation("PUT", "/{Bucket}/{Key+}?tagging", "Put"),
            "UploadPart": operation("PUT", "/{Bucket}/{Key+}", "Upload"),
            "UploadPartCopy": operation("PUT", "/{Bucket}/{Key+}", "UploadCopy"),
            "Select": operation("POST", "/{Bucket}/{Key+}?select&select-type=2", "Put"),
        },
        "shapes": {
            "Put": with(&[]), "Copy": with(&[source]), "Upload": with(&[part, id]), "UploadCopy": with(&[part, id, source]),
            "Text": {"type": "string"},
        },
    });
    let service: &'static Service = Box::leak(Box::new(Service::load(&model.to_string())));
    let copying = [("x-amz-copy-source", "b/k")];
    for (method, query, headers, wanted) in [
        ("PUT", "", &[][..], Some("PutObject")),
        ("PUT", "", &copying[..], Some("CopyObject")),
        ("PUT", "partNumber=1&uploadId=x", &[], Some("UploadPart")),
        (
            "PUT",
            "partNumber=1&uploadId=x",
            &copying,
            Some("UploadPartCopy"),
        ),
        ("PUT", "tagging", &[], Some("PutObjectTagging")),
        ("PUT", "tagging=", &[], Some("PutObjectTagging")),
        ("POST", "select&select-type=2", &[], Some("Select")),
        ("POST", "select", &[], None),
    ] {
        let named = headers.iter().map(|(name, value)| {
            (
                http::HeaderName::from_static(name),
                http::HeaderValue::from_static(value),
            )
        });
        let headers = named.collect();
        let raw = RawRequest {
            method,
            path: "/bucket/a/b%20c",
            query,
            headers: &headers,
            body: b"",
        };
        let found = service.route(&raw);
        assert_eq!(
            found.as_ref().map(|(name, _)| *name),
            wanted,
            "{method} {query}"
        );
        if let Some((_, labels)) = found {
            assert_eq!(
                labels,
                [("Bucket", "bucket".to_owned()), ("Key", "a/b c".to_owned())]
            );
        }
    }
    // S3's errors have no element around them, and its request id has its own header.
    let headers = http::HeaderMap::new();
    let raw = RawRequest {
        method: "PUT",
        path: "/b/k",
        query: "",
        headers: &headers,
        body: b"",
    };
    let failure =
        Reply::new(service, &raw, "id").error(&AwsError::new("NoSuchBucket", "None").status(404));
    assert_eq!(
        document(text(&failure)).to_string(),
        "<Error><Code>NoSuchBucket</><Message>None</><RequestId>id</></>"
    );
    assert_eq!(header(&failure, "x-amz-request-id"), Some("id"));
}
