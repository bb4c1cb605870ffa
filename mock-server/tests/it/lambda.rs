//! Lambda in one account and Region, for tests of its behaviour.

use std::time::Duration;

use base64::Engine;
use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER_ACCOUNT: &str = "444455556666";
pub(crate) const REGION: &str = "eu-west-1";
/// The prefix of the ARNs of the account's functions.
pub(crate) const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:";

/// The status and code of an error.
pub(crate) const INVALID: (u16, &str) = (400, "InvalidParameterValueException");
pub(crate) const NOT_FOUND: (u16, &str) = (404, "ResourceNotFoundException");
pub(crate) const CONFLICT: (u16, &str) = (409, "ResourceConflictException");
pub(crate) const PRECONDITION: (u16, &str) = (412, "PreconditionFailedException");
pub(crate) const DENIED: (u16, &str) = (403, "AccessDeniedException");

/// Lambda of [`ACCOUNT`] in [`REGION`], with a role that functions can have.
pub(crate) struct Lambda {
    pub(crate) mock: Mock,
    role: String,
}

impl Lambda {
    /// A mock in which changes complete immediately: the next call sees the final state.
    pub(crate) fn start() -> Self {
        Self::with_transition(Duration::ZERO)
    }

    /// A mock in which changes take some time.
    pub(crate) fn with_transition(transition: Duration) -> Self {
        let mock = Mock::with(Options {
            transition,
            ..Options::new(Box::new(Empty))
        });
        let role = mock.role(
            ACCOUNT,
            "serves",
            &trusting("lambda.amazonaws.com"),
            &json!([]),
        );
        Self { mock, role }
    }

    /// A call. A path without a version of the API is relative to that of the functions.
    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let path = if path.starts_with("/20") {
            path.to_owned()
        } else {
            format!("/2015-03-31/functions{path}")
        };
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.mock
            .rest(ACCOUNT, REGION, "lambda", method, &path, &body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null)
    }

    /// The representation of a resource, which must exist.
    pub(crate) fn read(&self, path: &str) -> Value {
        self.done("GET", path, &Value::Null)
    }

    /// The response to a call that must succeed.
    pub(crate) fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.call(method, path, body);
        assert!(
            (200..300).contains(&answer.status),
            "{method} {path} {body}: {} {}",
            answer.status,
            answer.body
        );
        if answer.body.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    /// The response to a call that must succeed with a status.
    pub(crate) fn expect(&self, status: u16, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.call(method, path, body);
        assert_eq!(
            answer.status, status,
            "{method} {path} {body}: {}",
            answer.body
        );
        if answer.body.is_empty() {
            Value::Null
        } else {
            answer.json()
        }
    }

    /// The input that creates a function, with further members, or without those that are `null`.
    pub(crate) fn input(&self, name: &str, further: &Value) -> Value {
        let mut input = function_input(name, &self.role);
        let members = input.as_object_mut().unwrap();
        members.extend(further.as_object().cloned().unwrap_or_default());
        members.retain(|_, value| !value.is_null());
        input
    }

    pub(crate) fn create(&self, name: &str, further: &Value) -> Answer {
        self.call("POST", "", &self.input(name, further))
    }

    /// Creates a function, which must succeed; returns the response.
    pub(crate) fn function(&self, name: &str, further: &Value) -> Value {
        self.expect(201, "POST", "", &self.input(name, further))
    }

    /// Publishes a version after a change, so that a new version is created.
    pub(crate) fn publish(&self, name: &str, description: &str) -> String {
        self.expect(
            200,
            "PUT",
            &format!("/{name}/configuration"),
            &json!({"Description": description}),
        );
        let version = self.expect(201, "POST", &format!("/{name}/versions"), &json!({}));
        version["Version"].as_str().unwrap().to_owned()
    }

    pub(crate) fn alias(&self, name: &str, alias: &str, version: &str) -> Value {
        self.expect(
            201,
            "POST",
            &format!("/{name}/aliases"),
            &json!({"Name": alias, "FunctionVersion": version}),
        )
    }

    /// Makes a call that must be rejected with this error, and asserts that the `watched` paths do
    /// not change.
    pub(crate) fn refused(
        &self,
        watched: &[&str],
        request: (&str, &str, &Value),
        (status, code): (u16, &str),
        message: &str,
    ) {
        let look = || {
            watched
                .iter()
                .map(|path| (self.get(path).status, self.get(path).body))
                .collect::<Vec<_>>()
        };
        let before = look();
        let (method, path, body) = request;
        let answer = self.call(method, path, body);
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (status, Some(code)),
            "{method} {path} {body}: {}",
            answer.body
        );
        assert_eq!(told(&answer), message, "{method} {path} {body}");
        assert_eq!(
            look(),
            before,
            "{method} {path} {body} has changed something"
        );
    }
}

/// The input that creates a function with a role.
pub(crate) fn function_input(name: &str, role: &str) -> Value {
    json!({"FunctionName": name, "Role": role, "Runtime": "python3.13", "Handler": "f.g", "Code": {"ZipFile": zip("the package")}})
}

/// The Base64 of an archive of one empty file with a comment, so that each comment gives another
/// package; the archive is also text. It has 100 bytes in addition to the comment.
pub(crate) fn zip(comment: &str) -> String {
    let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0a".to_vec();
    bytes.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0a");
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0/\0\0\0\x1f\0\0\0");
    bytes.push(u8::try_from(comment.len()).unwrap());
    bytes.push(0);
    bytes.extend(comment.bytes());
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// The statements of a trust policy that lets a service assume a role.
pub(crate) fn trusting(service: &str) -> Value {
    json!([{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}])
}

/// The message of an error, whose member models spell either way.
pub(crate) fn told(answer: &Answer) -> String {
    let said = answer.json();
    said["Message"]
        .as_str()
        .or_else(|| said["message"].as_str())
        .unwrap_or_else(|| panic!("no message: {said}"))
        .to_owned()
}

/// The ARN of a resource of the account and Region.
pub(crate) fn arn(resource: &str) -> String {
    format!("arn:aws:lambda:{REGION}:{ACCOUNT}:{resource}")
}

/// The value of a response member that contains JSON as a string.
pub(crate) fn embedded(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap_or_else(|| panic!("no text: {text}"))).unwrap()
}
