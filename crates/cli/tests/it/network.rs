//! Proxies, private certificates and AWS's other endpoints: whole scans through a proxy and a TLS
//! front that stand before the mock.

mod proxy;

use self::proxy::{Manner, Network};
use crate::harness::{findings, only_scan, program, run};

const WORLD: &str = "accounts=3,regions=1,functions=20,seed=4,suspended=0,roleless=0";
/// Only the proxy knows the way there.
const ELSEWHERE: &str = "https://mock.example";

fn refusal(said: &str) -> &str {
    assert!(
        !said.contains("panicked") && !said.contains("PASSword"),
        "{said}"
    );
    said.lines()
        .find(|line| line.starts_with("error:"))
        .unwrap_or_else(|| panic!("{said}"))
}

#[test]
fn a_scan_goes_through_the_proxy_and_trusts_the_private_authority() {
    let network = Network::start(WORLD, &["mock.example"], Manner::Obliging);
    let direct = tempfile::tempdir().unwrap();
    assert_eq!(run(network.mock.scan(direct.path(), &[])).0, 0);
    let expected = findings(&only_scan(direct.path()), "FAIL");
    assert!(!expected.is_empty());

    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(network.scan(out.path(), &["-vv", "--endpoint-url", ELSEWHERE]));
    assert_eq!(code, 0, "{said}");
    assert!(
        !said.contains("PASSword") && !said.contains("UEFTU3dvcmQ"),
        "neither in plain nor in Base64: {said}"
    );
    assert_eq!(findings(&only_scan(out.path()), "FAIL"), expected);
    assert_eq!(network.hosts(), ["mock.example".to_owned()].into());
    // user@example:PASSword
    assert!(
        network
            .asked
            .lock()
            .unwrap()
            .iter()
            .all(|(_, authorization)| authorization == "Basic dXNlckBleGFtcGxlOlBBU1N3b3Jk")
    );

    // The profile names the certificates as well, and names in lower case count.
    let config = network.file("config");
    std::fs::write(
        &config,
        format!(
            "[default]\nca_bundle = {}\nendpoint_url = {ELSEWHERE}\n",
            network.file("ca.pem").display()
        ),
    )
    .unwrap();
    let mut command = network.scan(out.path(), &[]);
    command
        .env_remove("AWS_CA_BUNDLE")
        .env_remove("HTTPS_PROXY")
        .env("AWS_CONFIG_FILE", &config);
    command.env("https_proxy", network.proxy.to_string());
    let (code, said) = run(command);
    assert_eq!(code, 0, "{said}");
}

/// The names that AWS's own rules make for the Region, with FIPS and dual stack where they are
/// asked for.
#[test]
fn the_endpoints_are_those_that_are_asked_for() {
    let names = [
        "*.amazonaws.com",
        "*.us-east-1.amazonaws.com",
        "*.us-east-1.api.aws",
        "*.global.api.aws",
        "*.eu-west-1.amazonaws.com",
    ];
    let cases: [(&[&str], &str, [&str; 6]); 5] = [
        (
            &[],
            "us-east-1",
            [
                "sts.us-east-1.amazonaws.com",
                "organizations.us-east-1.amazonaws.com",
                "account.us-east-1.amazonaws.com",
                "iam.amazonaws.com",
                "lambda.us-east-1.amazonaws.com",
                "sqs.us-east-1.amazonaws.com",
            ],
        ),
        (
            &[],
            "eu-west-1",
            [
                "sts.eu-west-1.amazonaws.com",
                "organizations.us-east-1.amazonaws.com",
                "account.us-east-1.amazonaws.com",
                "iam.amazonaws.com",
                "lambda.us-east-1.amazonaws.com",
                "sqs.us-east-1.amazonaws.com",
            ],
        ),
        (
            &["AWS_USE_FIPS_ENDPOINT"],
            "us-east-1",
            [
                "sts-fips.us-east-1.amazonaws.com",
                "organizations-fips.us-east-1.amazonaws.com",
                "account-fips.us-east-1.amazonaws.com",
                "iam-fips.amazonaws.com",
                "lambda-fips.us-east-1.amazonaws.com",
                "sqs-fips.us-east-1.amazonaws.com",
            ],
        ),
        (
            &["AWS_USE_DUALSTACK_ENDPOINT"],
            "us-east-1",
            [
                "sts.us-east-1.api.aws",
                "organizations.us-east-1.api.aws",
                "account.us-east-1.api.aws",
                "iam.global.api.aws",
                "lambda.us-east-1.api.aws",
                "sqs.us-east-1.api.aws",
            ],
        ),
        (
            &["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"],
            "us-east-1",
            [
                "sts-fips.us-east-1.api.aws",
                "organizations-fips.us-east-1.api.aws",
                "account-fips.us-east-1.api.aws",
                "iam-fips.global.api.aws",
                "lambda-fips.us-east-1.api.aws",
                "sqs-fips.us-east-1.api.aws",
            ],
        ),
    ];
    for (variables, region, hosts) in cases {
        let network = Network::start(WORLD, &names, Manner::Obliging);
        let out = tempfile::tempdir().unwrap();
        // The default is told, and what is asked for is not.
        let more: &[&str] = if variables.is_empty() && region == "us-east-1" {
            &[]
        } else {
            &["--region", region]
        };
        let mut command = network.scan(out.path(), more);
        command.envs(variables.iter().map(|name| (*name, "true")));
        let (code, said) = run(command);
        assert_eq!(
            network.hosts(),
            hosts.map(str::to_owned).into(),
            "{variables:?}: {said}"
        );
        assert_eq!(code, 0, "{variables:?}: {said}");
        assert_eq!(
            said.contains("No Region is set; STS and global services are called in us-east-1"),
            more.is_empty(),
            "{said}"
        );
    }
}

#[test]
fn a_certificate_that_is_not_trusted_is_told_at_once() {
    let network = Network::start(WORLD, &["mock.example"], Manner::Obliging);
    let out = tempfile::tempdir().unwrap();
    for (bundle, endpoint, words) in [
        (
            None,
            ELSEWHERE,
            "the certificate of mock.example is not trusted (UnknownIssuer); name the certificates to trust with AWS_CA_BUNDLE",
        ),
        (
            Some("other.pem"),
            ELSEWHERE,
            "the certificate of mock.example is not trusted",
        ),
        (
            Some("ca.pem"),
            "https://another.example",
            "the certificate of another.example is not trusted",
        ),
    ] {
        let before = network.asked.lock().unwrap().len();
        let mut command = network.scan(out.path(), &["--endpoint-url", endpoint]);
        match bundle {
            Some(bundle) => command.env("AWS_CA_BUNDLE", network.file(bundle)),
            None => command.env_remove("AWS_CA_BUNDLE"),
        };
        let (code, said) = run(command);
        assert_eq!(code, 1, "{said}");
        assert!(refusal(&said).contains(words), "{said}");
        assert_eq!(
            network.asked.lock().unwrap().len(),
            before + 1,
            "no attempt can mend it: {said}"
        );
    }
}

#[test]
fn a_proxy_that_does_not_oblige_is_told() {
    for (answer, words) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "requires a user name and a password",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            "does not connect to mock.example",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
            "does not connect to mock.example",
        ),
        ("<html>", "does not connect to mock.example"),
        ("", "does not connect to mock.example"),
    ] {
        let network = Network::start(
            "accounts=1,regions=1,functions=1,seed=4",
            &["mock.example"],
            Manner::Answering(answer),
        );
        let out = tempfile::tempdir().unwrap();
        let (code, said) = run(network.scan(out.path(), &["-vv", "--endpoint-url", ELSEWHERE]));
        assert_eq!(code, 1, "{said}");
        let refusal = refusal(&said);
        assert!(
            refusal.contains(words)
                && refusal.contains(&format!("the proxy http://{}", network.proxy)),
            "{answer}: {refusal}"
        );
        assert!(refusal.contains("HTTPS_PROXY"), "{refusal}");
    }
    let out = tempfile::tempdir().unwrap();
    let mut command = program("111122223333");
    command
        .args([
            "scan",
            "--attempts",
            "1",
            "--endpoint-url",
            ELSEWHERE,
            "--out",
        ])
        .arg(out.path());
    command.env("HTTPS_PROXY", "http://user:PASSword@127.0.0.1:9");
    let (code, said) = run(command);
    assert_eq!(code, 1, "{said}");
    assert!(
        refusal(&said).contains("the proxy http://127.0.0.1:9"),
        "{said}"
    );
}

/// Hosts that NO_PROXY names, and whatever is on this machine, are not asked through the proxy.
#[test]
fn the_proxy_is_left_out_where_it_does_not_belong() {
    let network = Network::start(
        WORLD,
        &["localhost", "127.0.0.1"],
        Manner::Answering("HTTP/1.1 502 Bad Gateway\r\n\r\n"),
    );
    let out = tempfile::tempdir().unwrap();
    for none in [
        "mock.example",
        "example",
        ".example",
        "*",
        "other.test, mock.example",
    ] {
        for name in ["NO_PROXY", "no_proxy"] {
            let mut command = network.scan(
                out.path(),
                &["--attempts", "1", "--endpoint-url", ELSEWHERE],
            );
            command.env(name, none);
            let (code, said) = run(command);
            assert_eq!(code, 1, "{said}");
            assert!(!refusal(&said).contains("proxy"), "{none}: {said}");
        }
    }
    for endpoint in [
        network.mock.server().endpoint_url(),
        format!("https://localhost:{}", network.front.port()),
        format!("https://{}", network.front),
    ] {
        let mut command = network.scan(out.path(), &["--endpoint-url", &endpoint]);
        command.env("HTTP_PROXY", format!("http://{}", network.proxy));
        let (code, said) = run(command);
        assert_eq!(code, 0, "{endpoint}: {said}");
    }
    assert!(
        network.asked.lock().unwrap().is_empty(),
        "{:?}",
        network.asked
    );
}

/// A plain request stands on the proxy's own line.
#[test]
fn plain_requests_go_through_the_proxy_for_http() {
    let network = Network::start(WORLD, &[], Manner::Obliging);
    let out = tempfile::tempdir().unwrap();
    let plain = [
        "--endpoint-url",
        "http://mock.example:4566",
        "--insecure-endpoint",
    ];
    let mut command = network.scan(out.path(), &plain);
    command.env(
        "HTTP_PROXY",
        format!("http://user:PASSword@{}", network.proxy),
    );
    let (code, said) = run(command);
    assert_eq!(code, 0, "{said}");
    assert!(network.asked.lock().unwrap().iter().all(|(line, _)| {
        line.starts_with("POST http://mock.example:4566/") || line.starts_with("GET ")
    }));

    let refusing = Network::start(
        WORLD,
        &[],
        Manner::Answering(
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        ),
    );
    let mut command = refusing.scan(out.path(), &plain);
    command.env(
        "HTTP_PROXY",
        format!("http://user:PASSword@{}", refusing.proxy),
    );
    let (code, said) = run(command);
    assert_eq!(code, 1, "{said}");
    assert!(
        refusal(&said).contains("requires a user name and a password"),
        "{said}"
    );
}

/// AWS has no FIPS endpoint for STS there, in no network.
#[test]
fn a_fips_endpoint_that_does_not_exist_is_told() {
    let out = tempfile::tempdir().unwrap();
    let mut command = program("111122223333");
    command
        .args(["scan", "--attempts", "1", "--region", "eu-west-1", "--out"])
        .arg(out.path())
        .env("AWS_USE_FIPS_ENDPOINT", "true");
    let (code, said) = run(command);
    assert_eq!(code, 1, "{said}");
    assert!(
        refusal(&said).contains("sts-fips.eu-west-1.amazonaws.com does not exist"),
        "{said}"
    );
}
