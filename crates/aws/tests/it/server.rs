//! A server that answers with the bytes that a test gives it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lambdasweep_aws::{
    AccountSession, CallError, Caller, Clients, ConnectOptions, Connection, Entrance, Member,
    Operation, Pacer, PacerOptions, Quota, QuotaShare, RetryPartition, RoleToAssume, SdkConfig,
    Service, SessionPolicy, aws_sdk_lambda,
};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const MEMBER: &str = "444455556666";

pub(crate) const REMAINDER: Quota = Quota::regional("remainder", 15.0, "");
const POLICY: Quota = Quota::regional("policy", 15.0, "");

pub(crate) struct Lambda;

impl Service for Lambda {
    type Client = aws_sdk_lambda::Client;

    const NAME: &'static str = "lambda";

    fn client(config: &SdkConfig, retries: RetryPartition) -> Self::Client {
        let config = aws_sdk_lambda::config::Builder::from(config).retry_partition(retries);
        Self::Client::from_conf(config.build())
    }
}

/// A client in the one Region of the tests.
pub(crate) fn lambda(session: AccountSession) -> aws_sdk_lambda::Client {
    Clients::new(session, "us-east-1").get::<Lambda>()
}

pub(crate) const LIST_ALIASES: Operation = Operation::new("lambda:ListAliases", &REMAINDER)
    .lists("Aliases", 1_000)
    .items_have(&[Member::text("Aliases[].Name")])
    .not_there(&["ResourceNotFoundException"]);
pub(crate) const GET_POLICY: Operation = Operation::new("lambda:GetPolicy", &POLICY)
    .sends(&[Member::text("Policy")])
    .not_there(&["ResourceNotFoundException"]);

/// A request, as far as tests look at it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    /// The access key that it was signed with.
    pub(crate) fn key(&self) -> &str {
        self.head
            .split("Credential=")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_default()
    }

    fn is_sts(&self) -> bool {
        self.head.contains("/sts/aws4_request")
    }
}

/// What goes back: bytes, whatever they are, and whether the connection is closed after them.
pub(crate) enum Reply {
    Whole(Vec<u8>),
    Cut(Vec<u8>),
    /// Some bytes, and then nothing for so long.
    Slow(Vec<u8>, Duration),
    /// A head, and then bytes without end.
    Endless(&'static str),
}

pub(crate) fn http(status: u16, headers: &str, body: &str) -> Reply {
    Reply::Whole(
        format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
        .into_bytes(),
    )
}

pub(crate) fn json(status: u16, body: &str) -> Reply {
    http(status, "content-type: application/json\r\n", body)
}

/// An error in the form of Lambda's.
pub(crate) fn lambda_error(status: u16, code: &str) -> Reply {
    http(
        status,
        &format!("content-type: application/json\r\nx-amzn-errortype: {code}\r\n"),
        r#"{"Type":"User","message":"said by the service"}"#,
    )
}

/// The server, and how often it was asked.
pub(crate) struct Server {
    pub(crate) connection: Connection,
    pub(crate) asked: Arc<AtomicUsize>,
    pub(crate) assumed: Arc<AtomicUsize>,
}

pub(crate) fn options() -> PacerOptions {
    PacerOptions {
        quota_share: QuotaShare::Off,
        attempts: 3,
        patience: Duration::from_secs(1),
        first_wait: Duration::from_millis(1),
        attempt_timeout: Duration::from_secs(20),
        ..PacerOptions::default()
    }
}

impl Server {
    /// A server that answers everything but STS by `answer`, which learns how many requests came
    /// before.
    pub(crate) async fn start(
        options: PacerOptions,
        answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, assumed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (counter, roles, answer) = (Arc::clone(&asked), Arc::clone(&assumed), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (counter, roles, answer) = (
                    Arc::clone(&counter),
                    Arc::clone(&roles),
                    Arc::clone(&answer),
                );
                std::thread::spawn(move || {
                    let _ = serve(&stream.unwrap(), |request| {
                        if request.is_sts() {
                            sts(request, &roles)
                        } else {
                            answer(request, counter.fetch_add(1, Ordering::SeqCst))
                        }
                    });
                });
            }
        });
        let connect = ConnectOptions {
            endpoint_url: Some(format!("http://{address}")),
            static_credentials: Some(("own".to_owned(), "secret".to_owned())),
            ..ConnectOptions::default()
        };
        let connection = Connection::open(&connect, Arc::new(Pacer::new(options)))
            .await
            .unwrap();
        Self {
            connection,
            asked,
            assumed,
        }
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn caller(&self) -> Caller {
        Caller::new(self.connection.pacer(), ACCOUNT, "us-east-1")
    }

    pub(crate) async fn member(&self) -> AccountSession {
        let role = RoleToAssume {
            name: "scan".to_owned(),
            external_id: None,
            source_identity: None,
            session_policies: vec![SessionPolicy {
                services: vec!["lambda"],
                document: "{}".to_owned(),
            }],
        };
        Entrance::new(&self.connection, role)
            .enter(&MEMBER.parse().unwrap())
            .await
            .unwrap()
    }

    /// The names of a function's aliases.
    pub(crate) async fn aliases(&self) -> (Vec<String>, Result<(), CallError>) {
        let lambda = lambda(AccountSession::own(&self.connection));
        let caller = self.caller();
        let send = |marker| {
            lambda
                .list_aliases()
                .function_name("f")
                .set_marker(marker)
                .send()
        };
        let name = |alias: &lambdasweep_aws::aws_sdk_lambda::types::AliasConfiguration| {
            alias.name().unwrap_or_default().to_owned()
        };
        let (aliases, ended) = caller
            .list(
                &LIST_ALIASES,
                send,
                |page| (page.aliases, page.next_marker),
                name,
            )
            .await;
        (aliases.iter().map(name).collect(), ended)
    }

    /// A function's policy, by a session or by the caller's own credentials.
    pub(crate) async fn policy(
        &self,
        session: Option<&AccountSession>,
    ) -> Result<String, CallError> {
        let own = AccountSession::own(&self.connection);
        let lambda = lambda(session.unwrap_or(&own).clone());
        let caller = self.caller();
        let answer = caller
            .call(&GET_POLICY, || {
                lambda.get_policy().function_name("f").send()
            })
            .await?;
        Ok(answer.policy.unwrap_or_default())
    }
}

/// STS that always answers: the sessions' keys are numbered.
fn sts(request: &Request, roles: &AtomicUsize) -> Reply {
    let answer = if request.body.contains("Action=AssumeRole") {
        let number = roles.fetch_add(1, Ordering::SeqCst);
        format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>session{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t{number}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        )
    } else {
        format!(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:root</Arn><UserId>{ACCOUNT}</UserId>\
             <Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
        )
    };
    http(200, "content-type: text/xml\r\n", &answer)
}

fn serve(stream: &TcpStream, mut answer: impl FnMut(&Request) -> Reply) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let length = head.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(|it| it.trim().parse().unwrap())
        });
        let mut body = vec![0; length.unwrap_or(0)];
        reader.read_exact(&mut body)?;
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        match answer(&Request {
            path,
            head,
            body: String::from_utf8_lossy(&body).into_owned(),
        }) {
            Reply::Whole(bytes) => writer.write_all(&bytes)?,
            Reply::Cut(bytes) => return writer.write_all(&bytes),
            Reply::Slow(bytes, time) => {
                writer.write_all(&bytes)?;
                std::thread::sleep(time);
                return Ok(());
            }
            Reply::Endless(head) => {
                writer.write_all(head.as_bytes())?;
                loop {
                    writer.write_all(b"10000\r\n")?;
                    writer.write_all(&[b' '; 0x10000])?;
                    writer.write_all(b"\r\n")?;
                }
            }
        }
    }
}
