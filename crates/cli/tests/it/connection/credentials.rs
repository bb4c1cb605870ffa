//! Credentials of an instance, of a container and of a login session.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{NOWHERE, SMALL, refusal};
use crate::harness::{Mock, program, run};

/// A stand-in for the metadata service of an instance or of a container.
struct Metadata {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicU64>,
}

impl Metadata {
    fn start(answer: impl Fn(&str) -> Option<String> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, connections) = (
            Arc::new(Mutex::new(Vec::new())),
            Arc::new(AtomicU64::new(0)),
        );
        let (log, count) = (Arc::clone(&asked), Arc::clone(&connections));
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                count.fetch_add(1, Ordering::Relaxed);
                let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
                let mut head = [0; 4096];
                let length = stream.read(&mut head).unwrap_or(0);
                let line = String::from_utf8_lossy(&head[..length])
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                log.lock().unwrap().push(line.clone());
                match answer(&line) {
                    Some(body) => {
                        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nx-aws-ec2-metadata-token-ttl-seconds: 600\r\nContent-Length";
                        let _ = stream
                            .write_all(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes());
                    }
                    // It takes the connection and never answers, as behind a hop too many.
                    None => open.push(stream),
                }
            }
        });
        Self {
            url,
            asked,
            connections,
        }
    }
}

fn without_credentials(out: &Path) -> Command {
    let mut command = program("");
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env_remove("AWS_EC2_METADATA_DISABLED");
    command
        .args([
            "scan",
            "--attempts",
            "1",
            "--quota-share",
            "off",
            "--as-of",
            crate::harness::AS_OF,
            "--out",
        ])
        .arg(out);
    command
}

/// Off EC2 something may take the connection and never answer. Whoever has credentials elsewhere
/// never waits for that, and others wait once.
#[test]
fn the_metadata_service_is_asked_last_and_once() {
    let metadata = Metadata::start(|_| None);
    let mock = Mock::start(SMALL);
    let out = tempfile::tempdir().unwrap();
    let mut command = mock.scan(out.path(), &[]);
    command
        .env_remove("AWS_EC2_METADATA_DISABLED")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url);
    let (code, said) = run(command);
    assert_eq!(
        (code, metadata.connections.load(Ordering::Relaxed)),
        (0, 0),
        "{said}"
    );

    let mut command = without_credentials(out.path());
    command.args(["--endpoint-url", &mock.server().endpoint_url()]);
    command
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url)
        .env("LAMBDASWEEP_LOG", "info");
    let (code, said) = run(command);
    assert_eq!(code, 1, "{said}");
    assert!(
        refusal(&said).contains("no AWS credentials were found"),
        "{said}"
    );
    assert_eq!(
        metadata.asked.lock().unwrap().as_slice(),
        ["PUT /latest/api/token HTTP/1.1"],
        "{said}"
    );
    assert!(said.lines().count() <= 3, "no pages of warnings: {said}");

    let mut command = without_credentials(out.path());
    command.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "gar bage");
    let (code, said) = run(command);
    assert_eq!(code, 1, "{said}");
    refusal(&said);
}

#[test]
fn credentials_of_an_instance_and_of_a_container_serve() {
    let mock = Mock::start(SMALL);
    let account = mock.management_account().to_owned();
    let credentials = format!(
        r#"{{"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "{account}", "SecretAccessKey": "x", "Token": "t", "Expiration": "2099-01-01T00:00:00Z"}}"#
    );
    let body = credentials.clone();
    let instance = Metadata::start(move |line| {
        Some(match line.split(' ').nth(1)? {
            "/latest/api/token" => "token".to_owned(),
            "/latest/meta-data/iam/security-credentials/" => "role".to_owned(),
            "/latest/meta-data/iam/security-credentials/role" => body.clone(),
            _ => String::new(),
        })
    });
    let container = Metadata::start(move |_| Some(credentials.clone()));
    let of_container = format!("{}/credentials", container.url);
    for (name, url, metadata) in [
        (
            "AWS_EC2_METADATA_SERVICE_ENDPOINT",
            instance.url.as_str(),
            &instance,
        ),
        (
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            &of_container,
            &container,
        ),
    ] {
        let out = tempfile::tempdir().unwrap();
        let mut command = without_credentials(out.path());
        command
            .args(["--endpoint-url", &mock.server().endpoint_url()])
            .env(name, url)
            .env("HTTP_PROXY", NOWHERE);
        let (code, said) = run(command);
        assert_eq!(code, 0, "{name}: {said}");
        let asked = metadata.asked.lock().unwrap();
        let times = asked
            .iter()
            .filter(|line| line.contains("credentials"))
            .count();
        assert!(
            times <= 2,
            "once for the role and once for its keys: {asked:?}"
        );
    }
}

/// A profile of `aws login`: its session is in a file that is named by the hash of the session's
/// ARN.
#[test]
fn profiles_of_a_login_session_serve() {
    const SESSION: &str = "arn:aws:iam::111122223333:user/Admin";
    const HASH_OF_SESSION: &str =
        "15ad6a9800868e2ba5939d78849f67465e0f8392752060b3bfa16b8e10b47063";
    let mock = Mock::start(SMALL);
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    std::fs::write(
        &config,
        format!("[profile admin]\nlogin_session = {SESSION}\nregion = eu-west-1\n"),
    )
    .unwrap();
    let scan = || {
        let mut command = without_credentials(&home.path().join("out"));
        command.args([
            "--profile",
            "admin",
            "--endpoint-url",
            &mock.server().endpoint_url(),
        ]);
        command
            .env("AWS_CONFIG_FILE", &config)
            .env("AWS_LOGIN_CACHE_DIRECTORY", home.path());
        run(command)
    };
    let (code, said) = scan();
    assert_eq!(code, 1, "{said}");
    let told = refusal(&said);
    assert!(
        told.contains("profile admin")
            && told.contains("`aws login`")
            && told.contains(HASH_OF_SESSION),
        "{told}"
    );

    let cache = home.path().join(HASH_OF_SESSION).with_extension("json");
    for garbage in [
        "",
        "{}",
        "{\"accessToken\": {\"accessKeyId\": \"PASS\"}}",
        "[1]",
    ] {
        std::fs::write(&cache, garbage).unwrap();
        let (code, said) = scan();
        assert_eq!(code, 1, "{said}");
        assert!(refusal(&said).contains("`aws login`"), "{said}");
    }
    let account = mock.management_account();
    let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
    let token = serde_json::json!({
        "accessToken": {"accessKeyId": account, "secretAccessKey": "x", "sessionToken": "t", "accountId": account, "expiresAt": "2099-01-01T00:00:00Z"},
        "tokenType": "aws_sigv4", "refreshToken": "r", "idToken": "i", "clientId": "arn:aws:signin:::devtools/same-device", "dpopKey": key,
    });
    std::fs::write(&cache, token.to_string()).unwrap();
    let (code, said) = scan();
    assert_eq!(code, 0, "{said}");
}
