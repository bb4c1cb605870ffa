//! Lambda in one account and Region, as tests of its behaviour use it.

use std::time::Duration;

use lambdasweep_mock::Options;
use lambdasweep_mock::seed::Empty;
use serde_json::{Value, json};

use crate::client::{Answer, Mock};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const OTHER_ACCOUNT: &str = "444455556666";
pub(crate) const REGION: &str = "eu-west-1";
/// The Base64 of an archive of one file of three bytes; the archive has 111.
pub(crate) const ZIP: &str = "UEsDBBQAAAAAAAAAIQDCQSQ1AwAAAAMAAAAFAAAAYS50eHRhYmNQSwECFAMUAAAAAAAAACEAwkEkNQMAAAADAAAABQAAAAAAAAAAAAAAgAEAAAAAYS50eHRQSwUGAAAAAAEAAQAzAAAAJgAAAAAA";

/// What the API says of the code of an error, its status, and what it tells.
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
    pub(crate) fn start() -> Self {
        Self::with_transition(Duration::ZERO)
    }

    /// With some time that changes take.
    pub(crate) fn with_transition(transition: Duration) -> Self {
        let mock = Mock::with(Options {
            transition,
            ..Options::new(Box::new(Empty))
        });
        let trust = json!([{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]);
        let role = mock.role(ACCOUNT, "serves", &trust, &json!([]));
        Self { mock, role }
    }

    pub(crate) fn call(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.mock
            .rest(ACCOUNT, REGION, "lambda", method, path, &body)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &Value::Null)
    }

    /// The answer to a call that has to succeed with a status.
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

    /// Makes a function with further members, or without those that are `null`, and waits until it
    /// can be changed.
    pub(crate) fn function(&self, name: &str, further: &Value) {
        let answer = self.create(name, further);
        assert_eq!(answer.status, 201, "{name}: {}", answer.body);
        settle();
    }

    pub(crate) fn create(&self, name: &str, further: &Value) -> Answer {
        let mut body = json!({"FunctionName": name, "Role": self.role, "Runtime": "python3.13", "Handler": "f.g", "Code": {"ZipFile": ZIP}});
        let members = body.as_object_mut().unwrap();
        members.extend(further.as_object().cloned().unwrap_or_default());
        members.retain(|_, value| !value.is_null());
        self.call("POST", "/2015-03-31/functions", &body)
    }

    /// Publishes a version after a change, so that it is a new one.
    pub(crate) fn publish(&self, name: &str, description: &str) -> String {
        self.expect(
            200,
            "PUT",
            &format!("/2015-03-31/functions/{name}/configuration"),
            &json!({"Description": description}),
        );
        settle();
        let version = self.expect(
            201,
            "POST",
            &format!("/2015-03-31/functions/{name}/versions"),
            &json!({}),
        );
        settle();
        version["Version"].as_str().unwrap().to_owned()
    }

    pub(crate) fn alias(&self, name: &str, alias: &str, version: &str) -> Value {
        self.expect(
            201,
            "POST",
            &format!("/2015-03-31/functions/{name}/aliases"),
            &json!({"Name": alias, "FunctionVersion": version}),
        )
    }

    /// Makes a call that has to be refused in these words, and holds that it changes nothing that
    /// `watched` tells.
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

/// The message of an error: models spell the member either way.
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

/// Waits until changes are over.
pub(crate) fn settle() {
    std::thread::sleep(Duration::from_millis(150));
}

/// Some value that is told in an answer as text that holds JSON.
pub(crate) fn embedded(text: &Value) -> Value {
    serde_json::from_str(text.as_str().unwrap_or_else(|| panic!("no text: {text}"))).unwrap()
}
