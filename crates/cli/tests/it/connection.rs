//! What the environment, the profile and the options say of the connection: each value is used, or
//! refused in one sentence that repeats no secret.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::harness::{Mock, program, run};

const SMALL: &str = "accounts=1,regions=1,functions=2,seed=4";
/// Nothing listens there: whatever would leave this machine ends here.
const NOWHERE: &str = "http://127.0.0.1:9";

type Variables<'a> = &'a [(&'a str, &'a str)];

fn scan(out: &Path, variables: Variables<'_>, more: &[&str]) -> (i32, String) {
    let mut command = program("111122223333");
    command
        .args(["scan", "--attempts", "1", "--out"])
        .arg(out)
        .args(more);
    command
        .env("HTTPS_PROXY", NOWHERE)
        .env("HTTP_PROXY", NOWHERE)
        .envs(variables.iter().copied());
    run(command)
}

/// The only error, which neither panics nor repeats a secret.
fn refusal(said: &str) -> &str {
    assert!(
        !said.contains("panicked") && !said.contains("PASS"),
        "{said}"
    );
    assert!(
        !said.contains('\u{1b}') && !said.contains("kind:"),
        "{said}"
    );
    let errors: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("error:"))
        .collect();
    assert_eq!(errors.len(), 1, "{said}");
    errors[0]
}

#[test]
fn values_that_cannot_be_meant_are_refused_by_name() {
    let home = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let folder = home.path().to_str().unwrap().to_owned();
    let not_utf8 = file("latin1", b"[default]\nregion = \xe9\n");
    let broken = file("broken", b"[default\nregion = eu-west-1\n");
    let nowhere = file("nowhere", b"[default]\nregion = no where\n");
    let endpoint = file(
        "endpoint",
        b"[default]\nendpoint_url = http://user:PASS@127.0.0.1:1\n",
    );
    let services = file(
        "services",
        b"[default]\nservices = mine\n[services mine]\nlambda =\n  endpoint_url = garbage\n",
    );
    let fips = file("fips", b"[default]\nuse_fips_endpoint = perhaps\n");
    let bundle = file("bundle", b"[default]\nca_bundle = /nonexistent/ca.pem\n");
    let cases: &[(Variables<'_>, &[&str])] = &[
        (
            &[("AWS_ENDPOINT_URL", "garbage")],
            &["AWS_ENDPOINT_URL `garbage` is not an endpoint URL"],
        ),
        (
            &[("AWS_ENDPOINT_URL", "http://user:PASS@127.0.0.1:1")],
            &["AWS_ENDPOINT_URL holds a user name or a password"],
        ),
        (
            &[("AWS_ENDPOINT_URL", "user:PASS@")],
            &["AWS_ENDPOINT_URL holds a user name or a password"],
        ),
        (
            &[("AWS_ENDPOINT_URL", "http://mock:4566")],
            &["AWS_ENDPOINT_URL `http://mock:4566`", "--insecure-endpoint"],
        ),
        (
            &[("AWS_ENDPOINT_URL_LAMBDA", "garbage")],
            &["AWS_ENDPOINT_URL_LAMBDA `garbage`"],
        ),
        (
            &[("AWS_ENDPOINT_URL_ORGANIZATIONS", "http://x:PASS@y")],
            &["AWS_ENDPOINT_URL_ORGANIZATIONS holds"],
        ),
        (
            &[("AWS_ENDPOINT_URL_STS", "http://10.0.0.1")],
            &["AWS_ENDPOINT_URL_STS", "--insecure-endpoint"],
        ),
        (
            &[("AWS_CONFIG_FILE", &endpoint)],
            &["endpoint_url of profile default holds a user name"],
        ),
        (
            &[("AWS_CONFIG_FILE", &services)],
            &["endpoint_url of profile default `garbage`"],
        ),
        (
            &[("AWS_REGION", "us-east-1\n")],
            &["AWS_REGION: `us-east-1\\u{a}`"],
        ),
        (&[("AWS_REGION", "eu west 1")], &["AWS_REGION: `eu west 1`"]),
        (
            &[("AWS_DEFAULT_REGION", "evil.example/x")],
            &["AWS_DEFAULT_REGION: `evil.example/x`"],
        ),
        (
            &[("AWS_CONFIG_FILE", &nowhere)],
            &["region of profile default: `no where`"],
        ),
        (
            &[("AWS_PROFILE", "nope")],
            &["AWS_PROFILE: there is no profile `nope`"],
        ),
        (
            &[("AWS_PROFILE", "\u{1b}[31m")],
            &["there is no profile `\\u{1b}[31m`"],
        ),
        (
            &[("AWS_CONFIG_FILE", &folder)],
            &["AWS_CONFIG_FILE: cannot read", "it is a folder"],
        ),
        (
            &[("AWS_SHARED_CREDENTIALS_FILE", &folder)],
            &["AWS_SHARED_CREDENTIALS_FILE: cannot read", "it is a folder"],
        ),
        (
            &[("AWS_CONFIG_FILE", &not_utf8)],
            &["AWS_CONFIG_FILE: cannot read", "not valid UTF-8"],
        ),
        (
            &[("AWS_CONFIG_FILE", &broken)],
            &["the AWS configuration: could not parse", "broken"],
        ),
        (
            &[("AWS_ACCESS_KEY_ID", "111122223333\n")],
            &["AWS_ACCESS_KEY_ID: its value has a line break"],
        ),
        (
            &[("AWS_SECRET_ACCESS_KEY", "PASS\n")],
            &["AWS_SECRET_ACCESS_KEY: its value has a line break"],
        ),
        (
            &[("AWS_SESSION_TOKEN", "PASS\u{1}")],
            &["AWS_SESSION_TOKEN: its value has a line break"],
        ),
        (
            &[("AWS_SECRET_ACCESS_KEY", "")],
            &["AWS_SECRET_ACCESS_KEY: it is not set, though AWS_ACCESS_KEY_ID is"],
        ),
        (
            &[("AWS_USE_FIPS_ENDPOINT", "yes")],
            &["AWS_USE_FIPS_ENDPOINT: `yes` is neither true nor false"],
        ),
        (
            &[("AWS_USE_DUALSTACK_ENDPOINT", "1")],
            &["AWS_USE_DUALSTACK_ENDPOINT: `1` is neither true nor false"],
        ),
        (
            &[("AWS_CONFIG_FILE", &fips)],
            &["use_fips_endpoint of profile default: `perhaps`"],
        ),
        (
            &[
                ("AWS_USE_FIPS_ENDPOINT", "true"),
                ("AWS_ENDPOINT_URL", NOWHERE),
            ],
            &["AWS_USE_FIPS_ENDPOINT: it does not go together"],
        ),
        (
            &[("HTTPS_PROXY", "user:PASS word@proxy")],
            &["HTTPS_PROXY does not name a proxy"],
        ),
        (
            &[("https_proxy", "socks5://user:PASS@proxy")],
            &["https_proxy does not name a proxy"],
        ),
        (
            &[("AWS_CA_BUNDLE", "/nonexistent/ca.pem")],
            &["cannot read the certificates in /nonexistent/ca.pem, which AWS_CA_BUNDLE names"],
        ),
        (
            &[("AWS_CA_BUNDLE", &broken)],
            &["there is no certificate in PEM form", "AWS_CA_BUNDLE"],
        ),
        (
            &[("AWS_CONFIG_FILE", &bundle)],
            &["/nonexistent/ca.pem, which ca_bundle of profile default names"],
        ),
    ];
    for (variables, words) in cases {
        let out = home.path().join("out");
        let (code, said) = scan(&out, variables, &[]);
        assert_eq!(code, 1, "{variables:?}: {said}");
        let refusal = refusal(&said);
        for word in *words {
            assert!(refusal.contains(word), "{variables:?}: {word}: {refusal}");
        }
        assert!(!out.join("_scans").exists());
    }
}

/// As other SDKs have it, an empty variable is as good as none.
#[test]
fn empty_variables_stand_for_none() {
    for name in [
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS",
        "AWS_REGION",
        "AWS_PROFILE",
        "AWS_CA_BUNDLE",
        "AWS_SESSION_TOKEN",
        "AWS_USE_FIPS_ENDPOINT",
    ] {
        let out = tempfile::tempdir().unwrap();
        let (code, said) = scan(out.path(), &[(name, "")], &[]);
        assert_eq!(code, 1, "{name}: {said}");
        let refusal = refusal(&said);
        assert!(
            refusal.contains("cannot find out whose credentials these are")
                && refusal.contains("sts.us-east-1.amazonaws.com"),
            "{name}: {refusal}"
        );
    }
}

/// The SDK's own clients read the variables by themselves.
#[test]
fn an_empty_endpoint_is_refused_where_credentials_are_read_with_a_call() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    std::fs::write(&config, "[profile assumed]\nrole_arn = arn:aws:iam::111122223333:role/x\ncredential_source = Environment\n").unwrap();
    let (code, said) = scan(
        &home.path().join("out"),
        &[
            ("AWS_ENDPOINT_URL", ""),
            ("AWS_CONFIG_FILE", config.to_str().unwrap()),
        ],
        &["--profile", "assumed"],
    );
    assert_eq!(code, 1, "{said}");
    assert!(
        refusal(&said).contains("AWS_ENDPOINT_URL: it is empty"),
        "{said}"
    );
}

/// The mock is on this machine; what else is not encrypted has to be asked for.
#[test]
fn an_endpoint_elsewhere_needs_encryption_or_the_option() {
    let out = tempfile::tempdir().unwrap();
    let (code, said) = scan(
        out.path(),
        &[],
        &["--endpoint-url", "http://mock.example:4566"],
    );
    assert!(
        code == 1 && refusal(&said).contains("--insecure-endpoint"),
        "{said}"
    );
    let (code, said) = scan(
        out.path(),
        &[],
        &[
            "--endpoint-url",
            "http://mock.example:4566",
            "--insecure-endpoint",
        ],
    );
    assert!(
        code == 1 && refusal(&said).contains("cannot find out whose credentials"),
        "{said}"
    );
}

/// Each attempt passes the pacer, so that nothing else decides how often a call is tried; and a
/// demo rests on nothing that is set for AWS.
#[test]
fn what_does_not_count_does_no_harm() {
    let mock = Mock::start(SMALL);
    let url = mock.server().endpoint_url();
    for variables in [
        &[
            ("AWS_MAX_ATTEMPTS", "garbage"),
            ("AWS_RETRY_MODE", "garbage"),
        ][..],
        &[
            ("AWS_STS_REGIONAL_ENDPOINTS", "garbage"),
            ("AWS_ACCOUNT_ID_ENDPOINT_MODE", "garbage"),
            ("AWS_DEFAULTS_MODE", "garbage"),
        ],
        &[
            ("AWS_CONFIG_FILE", "/nonexistent/config"),
            ("ALL_PROXY", "socks5://nowhere:1"),
        ],
        // A home folder that is none.
        &[("HOME", "/dev/null")],
        &[
            ("AWS_SDK_UA_APP_ID", "\u{1b}garbage"),
            ("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "garbage"),
        ],
    ] {
        let out = tempfile::tempdir().unwrap();
        let variables: Vec<_> = variables
            .iter()
            .copied()
            .chain([("AWS_ACCESS_KEY_ID", mock.management_account())])
            .collect();
        let (code, said) = scan(
            out.path(),
            &variables,
            &["--endpoint-url", &url, "--quota-share", "off"],
        );
        assert_eq!(code, 0, "{variables:?}: {said}");
    }
}

#[test]
fn a_demo_rests_on_nothing_that_is_set_for_aws() {
    let out = tempfile::tempdir().unwrap();
    let set = [
        ("AWS_PROFILE", "nope"),
        ("AWS_REGION", "garbage"),
        ("AWS_ENDPOINT_URL", "garbage"),
        ("AWS_ENDPOINT_URL_LAMBDA", "garbage"),
        ("AWS_CA_BUNDLE", "/nonexistent"),
        ("AWS_USE_FIPS_ENDPOINT", "true"),
        ("AWS_CONFIG_FILE", "/"),
        ("AWS_ACCESS_KEY_ID", "x\n"),
        ("HTTPS_PROXY", "garbage PASS"),
    ];
    let (code, said) = scan(
        out.path(),
        &set,
        &["--demo", "--checks", "guardrail-missing"],
    );
    assert_eq!(code, 0, "{said}");
}

/// What names nothing that there is, is wrong usage wherever it shows.
#[test]
fn arguments_that_name_nothing_are_usage() {
    let out = tempfile::tempdir().unwrap();
    for more in [
        &["--checks", "nosuch"][..],
        &["--checks", "policy-public,nosuch"],
        &["--checks", ""],
        &["--facts", "nosuch"],
        &["--fail-on", "nosuch"],
        &["--scan-id", "no such"],
        &["--accounts", "nosuch"],
        &["--exclude-accounts", "1"],
        &["--regions", "nosuch"],
        &["--region", "nosuch"],
        &["--as-of", "nosuch"],
        &["--quota-share", "nosuch"],
        &["--resume", "no/such"],
        &["--fail-on", "\u{1b}[31m"],
        &["--\u{1b}[31m"],
    ] {
        let (code, said) = scan(out.path(), &[], more);
        assert_eq!(code, 2, "{more:?}: {said}");
        refusal(&said);
    }
    for command in [&["checks", "show", "nosuch"][..], &["\u{1b}[31m"]] {
        let mut of = program("111122223333");
        of.args(command);
        let (code, said) = run(of);
        assert_eq!(code, 2, "{command:?}: {said}");
        refusal(&said);
    }
}

#[test]
fn a_filter_that_is_none_is_told_and_ignored() {
    let list = |filter: &str| {
        let mut command = program("111122223333");
        command
            .args(["checks", "list"])
            .env("LAMBDASWEEP_LOG", filter);
        run(command)
    };
    for bad in [
        "garbage",
        "lambdasweep_aws",
        "aws_config=loud",
        "\u{1b}[31m",
    ] {
        let (code, said) = list(bad);
        assert_eq!(code, 0, "{said}");
        assert!(
            said.contains("LAMBDASWEEP_LOG is ignored: ") && !said.contains('\u{1b}'),
            "{said}"
        );
    }
    for fine in ["", "info", "lambdasweep_aws=debug", "off"] {
        assert!(!list(fine).1.contains("is ignored"), "{fine}");
    }
}

/// A path is whatever somebody made it: printed, it must not act on the terminal.
#[test]
fn paths_do_not_act_on_the_terminal() {
    let mock = Mock::start(SMALL);
    let folder = tempfile::tempdir().unwrap();
    let hostile = folder.path().join("a\u{1b}[31mb");
    let file = folder.path().join("f\u{1b}[31m");
    std::fs::write(&file, "x").unwrap();
    let url = mock.server().endpoint_url();
    for (out, more) in [
        (hostile.as_path(), vec![]),
        (file.as_path(), vec![]),
        (hostile.as_path(), vec!["--resume"]),
        (
            hostile.as_path(),
            vec!["--jsonl", "/nonexistent/\u{1b}[31m"],
        ),
        (
            hostile.as_path(),
            vec!["--checks-dir", "/nonexistent/\u{1b}[31m"],
        ),
    ] {
        let more: Vec<&str> = more
            .into_iter()
            .chain(["--endpoint-url", &url, "--quota-share", "off"])
            .collect();
        let (_, said) = scan(
            out,
            &[("AWS_ACCESS_KEY_ID", mock.management_account())],
            &more,
        );
        assert!(
            said.contains("\\u{1b}[31m") && !said.contains('\u{1b}'),
            "{said}"
        );
    }
}

/// Where a Region comes from: the option, a variable, the profile, one that it refers to, the
/// default.
#[test]
fn the_region_is_the_one_that_is_named_first() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    std::fs::write(
        &config,
        "[profile own]\nregion = eu-west-1\naws_access_key_id = 111122223333\naws_secret_access_key = x\n[profile bare]\noutput = json\n\
         [profile child]\nsource_profile = own\naws_access_key_id = 111122223333\naws_secret_access_key = x\n",
    )
    .unwrap();
    let config = ("AWS_CONFIG_FILE", config.to_str().unwrap());
    for (variables, more, region, from) in [
        (
            vec![("AWS_REGION", "ap-south-1")],
            vec!["--region", "sa-east-1"],
            "sa-east-1",
            "--region",
        ),
        (
            vec![
                ("AWS_REGION", "ap-south-1"),
                ("AWS_DEFAULT_REGION", "ap-east-1"),
            ],
            vec![],
            "ap-south-1",
            "AWS_REGION",
        ),
        (
            vec![("AWS_DEFAULT_REGION", "ap-east-1"), ("AWS_PROFILE", "own")],
            vec![],
            "ap-east-1",
            "AWS_DEFAULT_REGION",
        ),
        (
            vec![("AWS_PROFILE", "own")],
            vec![],
            "eu-west-1",
            "profile own",
        ),
        (vec![], vec!["--profile", "own"], "eu-west-1", "profile own"),
        (
            vec![],
            vec!["--profile", "child"],
            "eu-west-1",
            "profile child",
        ),
        (
            vec![("AWS_PROFILE", "bare")],
            vec![],
            "us-east-1",
            "default",
        ),
        (vec![], vec![], "us-east-1", "default"),
    ] {
        let mock = Mock::start(SMALL);
        let url = mock.server().endpoint_url();
        let variables: Vec<_> = variables.into_iter().chain([config]).collect();
        let more: Vec<&str> = more
            .into_iter()
            .chain(["-v", "--endpoint-url", &url])
            .collect();
        let (_, said) = scan(&home.path().join("out"), &variables, &more);
        let asked: BTreeSet<String> = mock
            .server()
            .ledger()
            .into_iter()
            .filter(|it| it.service == "sts")
            .map(|it| it.region)
            .collect();
        assert_eq!(
            asked,
            [region.to_owned()].into(),
            "{variables:?} {more:?}: {said}"
        );
        assert!(said.contains(&format!("from={from}")), "{from}: {said}");
    }
}

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
