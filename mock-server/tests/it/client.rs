//! A client that knows HTTP but not AWS: it sends what a test writes, and returns the response.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use lambdasweep_mock::seed::Seed;
use lambdasweep_mock::{MockServer, Options};
use serde_json::Value;

/// How long a response may take on a busy machine, so that a test fails instead of waiting forever.
const MOST_PATIENCE: Duration = Duration::from_secs(60);

/// A mock with its own runtime.
pub(crate) struct Mock {
    server: MockServer,
    /// The session tokens of temporary keys that were issued, which calls with these keys carry.
    tokens: Mutex<HashMap<String, String>>,
    runtime: tokio::runtime::Runtime,
}

/// A response.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            line.split_once(": ")
                .filter(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        })
    }

    /// The text of the first element with a name in an XML response.
    pub(crate) fn element(&self, name: &str) -> Option<&str> {
        let begin = self.body.find(&format!("<{name}>"))? + name.len() + 2;
        self.body[begin..].split('<').next()
    }
}

impl Mock {
    pub(crate) fn start(seed: impl Seed + 'static) -> Self {
        Self::with(Options::new(Box::new(seed)))
    }

    pub(crate) fn with(options: Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let server = runtime.block_on(MockServer::start(options)).unwrap();
        Self {
            server,
            tokens: Mutex::default(),
            runtime,
        }
    }

    pub(crate) fn server(&self) -> &MockServer {
        &self.server
    }

    /// Waits for a future of the mock, for at most ten seconds.
    pub(crate) fn wait(&self, what: impl Future<Output = ()>) {
        self.runtime
            .block_on(async { tokio::time::timeout(Duration::from_secs(10), what).await })
            .unwrap();
    }

    /// Requests one of the mock's own pages.
    pub(crate) fn page(&self, method: &str, path: &str) -> Answer {
        self.post(method, path, "")
    }

    /// Requests one of the mock's own pages with a body.
    pub(crate) fn post(&self, method: &str, path: &str, body: &str) -> Answer {
        let answer = send(self.server.address(), method, path, &[], body);
        if let Ok(page) = serde_json::from_str::<Value>(&answer.body)
            && let (Some(key), Some(token)) =
                (page["AccessKeyId"].as_str(), page["SessionToken"].as_str())
        {
            self.tokens
                .lock()
                .unwrap()
                .insert(key.to_owned(), token.to_owned());
        }
        answer
    }

    /// A digest of everything that calls have created and changed.
    pub(crate) fn state(&self) -> String {
        let answer = self.page("GET", "/_mock/state");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["fingerprint"].as_str().unwrap().to_owned()
    }

    /// Creates a role with a trust policy and, if there are statements for it, one inline policy,
    /// as the account's root user; returns its ARN.
    pub(crate) fn role(
        &self,
        account: &str,
        name: &str,
        trust: &Value,
        statements: &Value,
    ) -> String {
        let created = self.iam(
            account,
            "CreateRole",
            &[
                ("RoleName", name),
                ("AssumeRolePolicyDocument", &policy(trust)),
            ],
        );
        assert_eq!(created.status, 200, "{name}: {}", created.body);
        if statements
            .as_array()
            .is_none_or(|statements| !statements.is_empty())
        {
            let input = [
                ("RoleName", name),
                ("PolicyName", "own"),
                ("PolicyDocument", &policy(statements)),
            ];
            let put = self.iam(account, "PutRolePolicy", &input);
            assert_eq!(put.status, 200, "{name}: {}", put.body);
        }
        format!("arn:aws:iam::{account}:role/{name}")
    }

    /// A call of IAM; the parameters are encoded here.
    pub(crate) fn iam(&self, key: &str, operation: &str, parameters: &[(&str, &str)]) -> Answer {
        self.query(key, "iam", &form(operation, parameters))
    }

    /// A call of STS; the parameters are encoded here.
    pub(crate) fn sts(&self, key: &str, operation: &str, parameters: &[(&str, &str)]) -> Answer {
        self.query(key, "sts", &form(operation, parameters))
    }

    /// An unsigned call of STS.
    pub(crate) fn unsigned_sts(&self, operation: &str, parameters: &[(&str, &str)]) -> Answer {
        let body = format!("{}&Version=2011-06-15", form(operation, parameters));
        let answer = send(
            self.server.address(),
            "POST",
            "/",
            &[("content-type", "application/x-www-form-urlencoded")],
            &body,
        );
        self.remember(&answer);
        answer
    }

    /// Stores the token of temporary credentials in a response of STS.
    fn remember(&self, answer: &Answer) {
        if let (Some(key), Some(token)) = (
            answer.element("AccessKeyId"),
            answer.element("SessionToken"),
        ) {
            self.tokens
                .lock()
                .unwrap()
                .insert(key.to_owned(), token.to_owned());
        }
    }

    /// The access key of credentials for code that runs with a role, or for a function's code:
    /// `{"role": ARN}` or `{"function": ARN}`.
    pub(crate) fn credentials(&self, of: &Value) -> String {
        let answer = self.post("POST", "/_mock/credentials", &of.to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["AccessKeyId"].as_str().unwrap().to_owned()
    }

    /// A signed call. The mock reads only the credential scope and does not verify the signature.
    fn signed(
        &self,
        key: &str,
        region: &str,
        service: &str,
        request: (&str, &str, &[(&str, &str)], &str),
    ) -> Answer {
        let (method, path, headers, body) = request;
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={key}/20261124/{region}/{service}/aws4_request, SignedHeaders=host, Signature=00"
        );
        let mut headers = headers.to_vec();
        headers.push(("authorization", &authorization));
        let token = self.tokens.lock().unwrap().get(key).cloned();
        headers.extend(
            token
                .as_deref()
                .map(|token| ("x-amz-security-token", token)),
        );
        let answer = send(self.server.address(), method, path, &headers, body);
        self.remember(&answer);
        answer
    }

    /// A call of Lambda or Account (rest-json).
    pub(crate) fn rest(
        &self,
        key: &str,
        region: &str,
        service: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> Answer {
        self.signed(
            key,
            region,
            service,
            (method, path, &[("content-type", "application/json")], body),
        )
    }

    /// A call of a rest-json service with additional headers.
    pub(crate) fn rest_with(
        &self,
        key: &str,
        region: &str,
        service: &str,
        request: (&str, &str, &[(&str, &str)], &str),
    ) -> Answer {
        self.signed(key, region, service, request)
    }

    /// Invokes a function in one of the three ways.
    pub(crate) fn invoke(&self, key: &str, region: &str, function: &str, kind: &str) -> Answer {
        let path = format!("/2015-03-31/functions/{function}/invocations");
        self.signed(
            key,
            region,
            "lambda",
            ("POST", &path, &[("x-amz-invocation-type", kind)], "{}"),
        )
    }

    /// A call of IAM or STS (query); `form` holds operation and input, percent-encoded.
    pub(crate) fn query(&self, key: &str, service: &str, form: &str) -> Answer {
        let version = if service == "sts" {
            "2011-06-15"
        } else {
            "2010-05-08"
        };
        let body = format!("{form}&Version={version}");
        self.signed(
            key,
            "us-east-1",
            service,
            (
                "POST",
                "/",
                &[("content-type", "application/x-www-form-urlencoded")],
                &body,
            ),
        )
    }

    /// A call of Organizations (json 1.1).
    pub(crate) fn organizations(&self, key: &str, operation: &str, body: &str) -> Answer {
        let target = format!("AWSOrganizationsV20161128.{operation}");
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        self.signed(
            key,
            "us-east-1",
            "organizations",
            ("POST", "/", &headers, body),
        )
    }
}

/// A policy document of some statements.
pub(crate) fn policy(statements: &Value) -> String {
    serde_json::json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn form(operation: &str, parameters: &[(&str, &str)]) -> String {
    let encoded =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let parameters = parameters
        .iter()
        .map(|(name, value)| format!("&{name}={}", encoded(value)));
    format!("Action={operation}{}", parameters.collect::<String>())
}

fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(MOST_PATIENCE)).unwrap();
    stream
        .write_all(format!("{request}\r\n{body}").as_bytes())
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {answer}"));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or_else(|| panic!("no status: {head}"));
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}
