//! A mock with a role that Lambda can assume, and calls of Lambda in one account and Region.

use std::time::Duration;

use base64::Engine;
use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:";

const FUNCTIONS: &str = "/2015-03-31/functions";

pub(crate) struct Lambda {
    pub(crate) mock: Mock,
    pub(crate) role: String,
}

/// An archive of one empty file with a comment, so that each comment makes another package; it is
/// text, too.
pub(crate) fn zip(comment: &str) -> String {
    let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0a".to_vec();
    bytes.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a");
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0/\0\0\0\x1f\0\0\0");
    bytes.push(u8::try_from(comment.len()).unwrap());
    bytes.push(0);
    bytes.extend(comment.bytes());
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

impl Lambda {
    /// A mock in which all is ready at once.
    pub(crate) fn start() -> Self {
        Self::with_transition(Duration::ZERO)
    }

    pub(crate) fn with_transition(transition: Duration) -> Self {
        let mock = Mock::with(Options {
            transition,
            ..Options::new(Box::new(Empty))
        });
        let trust = json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
        let role = mock.role(ACCOUNT, "serves", &trust, &json!([]));
        Self { mock, role }
    }

    /// A call of Lambda: method and path after `/2015-03-31/functions`, and the body.
    pub(crate) fn call(&self, request: &str, body: &Value) -> Answer {
        let (method, path) = request.split_once(' ').unwrap();
        let path = if path.starts_with("/20") {
            path.to_owned()
        } else {
            format!("{FUNCTIONS}{path}")
        };
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.mock
            .rest(ACCOUNT, REGION, "lambda", method, &path, &body)
    }

    /// A call that succeeds, and what it answers.
    pub(crate) fn done(&self, request: &str, body: &Value) -> Value {
        let answer = self.call(request, body);
        assert!(
            (200..300).contains(&answer.status),
            "{request} {body}: {} {}",
            answer.status,
            answer.body
        );
        if answer.body.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        self.done(&format!("GET {path}"), &Value::Null)
    }

    /// What makes a function, with some members more or others.
    pub(crate) fn input(&self, name: &str, more: &Value) -> Value {
        let mut input = json!({"FunctionName": name, "Role": self.role, "Runtime": "python3.13", "Handler": "f.g", "Code": {"ZipFile": zip("first")}});
        for (member, value) in more.as_object().into_iter().flatten() {
            if value.is_null() {
                input.as_object_mut().unwrap().remove(member);
            } else {
                input[member] = value.clone();
            }
        }
        input
    }

    pub(crate) fn create(&self, name: &str, more: &Value) -> Value {
        self.done("POST ", &self.input(name, more))
    }

    /// A call that is refused with a status, a code and a message.
    pub(crate) fn refused(
        &self,
        request: &str,
        body: &Value,
        (status, code): (u16, &str),
        message: &str,
    ) {
        let answer = self.call(request, body);
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (status, Some(code)),
            "{request} {body}: {}",
            answer.body
        );
        let said = answer.json();
        assert_eq!(
            said["Message"]
                .as_str()
                .or_else(|| said["message"].as_str()),
            Some(message),
            "{request} {body}"
        );
    }
}

pub(crate) const INVALID: (u16, &str) = (400, "InvalidParameterValueException");
pub(crate) const CONFLICT: (u16, &str) = (409, "ResourceConflictException");
pub(crate) const NOT_FOUND: (u16, &str) = (404, "ResourceNotFoundException");
pub(crate) const PRECONDITION: (u16, &str) = (412, "PreconditionFailedException");
