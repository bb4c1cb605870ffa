//! What the environment, the profile and the options say of the connection: each value is used, or
//! refused in one sentence that repeats no secret.

mod credentials;
mod usage;

use std::collections::BTreeSet;
use std::path::Path;

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
            &["AWS_ENDPOINT_URL contains a user name or a password"],
        ),
        (
            &[("AWS_ENDPOINT_URL", "user:PASS@")],
            &["AWS_ENDPOINT_URL contains a user name or a password"],
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
            &["AWS_ENDPOINT_URL_ORGANIZATIONS contains"],
        ),
        (
            &[("AWS_ENDPOINT_URL_STS", "http://10.0.0.1")],
            &["AWS_ENDPOINT_URL_STS", "--insecure-endpoint"],
        ),
        (
            &[("AWS_CONFIG_FILE", &endpoint)],
            &["endpoint_url of profile default contains a user name"],
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
            &["AWS_PROFILE: the profile `nope` does not exist"],
        ),
        (
            &[("AWS_PROFILE", "\u{1b}[31m")],
            &["the profile `\\u{1b}[31m` does not exist"],
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
            &["AWS_ACCESS_KEY_ID: its value contains a line break"],
        ),
        (
            &[("AWS_SECRET_ACCESS_KEY", "PASS\n")],
            &["AWS_SECRET_ACCESS_KEY: its value contains a line break"],
        ),
        (
            &[("AWS_SESSION_TOKEN", "PASS\u{1}")],
            &["AWS_SESSION_TOKEN: its value contains a line break"],
        ),
        (
            &[("AWS_SECRET_ACCESS_KEY", "")],
            &["AWS_SECRET_ACCESS_KEY: it is not set although AWS_ACCESS_KEY_ID is"],
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
            &["AWS_USE_FIPS_ENDPOINT: it cannot be combined"],
        ),
        (
            &[("HTTPS_PROXY", "user:PASS word@proxy")],
            &["HTTPS_PROXY is not a valid proxy"],
        ),
        (
            &[("https_proxy", "socks5://user:PASS@proxy")],
            &["https_proxy is not a valid proxy"],
        ),
        (
            &[("AWS_CA_BUNDLE", "/nonexistent/ca.pem")],
            &["cannot read the certificates in /nonexistent/ca.pem, which AWS_CA_BUNDLE names"],
        ),
        (
            &[("AWS_CA_BUNDLE", &broken)],
            &["contains no certificate in PEM format", "AWS_CA_BUNDLE"],
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
            refusal.contains("cannot determine the caller's identity")
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
        code == 1 && refusal(&said).contains("cannot determine the caller's identity"),
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
