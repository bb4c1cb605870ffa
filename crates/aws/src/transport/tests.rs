//! Proxies and bundles that are set, and such that cannot be.

use super::{Proxies, bundle, is_near};

fn proxies(variables: &[(&str, &str)]) -> Result<Proxies, String> {
    let variable = |name: &str| {
        variables
            .iter()
            .find(|(it, _)| *it == name)
            .map(|(_, value)| (*value).to_owned())
    };
    Proxies::of(variable).map_err(|error| error.to_string())
}

#[test]
fn proxies_are_those_of_the_environment() {
    let of = |variables: &[(&str, &str)]| {
        proxies(variables).map(|it| {
            (
                it.http.map(|it| it.address),
                it.https.map(|it| (it.setting, it.address)),
            )
        })
    };
    assert_eq!(of(&[("ALL_PROXY", "socks5://p:1")]), Ok((None, None)));
    assert_eq!(
        of(&[
            ("HTTPS_PROXY", "http://user:PASS@proxy.example:3128/"),
            ("http_proxy", "proxy.example")
        ]),
        Ok((
            Some("http://proxy.example".to_owned()),
            Some(("HTTPS_PROXY", "http://proxy.example:3128".to_owned()))
        ))
    );
    assert_eq!(
        of(&[
            ("HTTPS_PROXY", "http://a:1"),
            ("https_proxy", "https://b:2")
        ])
        .map(|it| it.1),
        Ok(Some(("https_proxy", "https://b:2".to_owned())))
    );
    assert_eq!(
        of(&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "")]),
        Ok((None, None)),
        "an empty name in lower case turns it off"
    );
    assert_eq!(
        of(&[("https_proxy", "http://[::1]:3128")]).map(|it| it.1),
        Ok(Some(("https_proxy", "http://[::1]:3128".to_owned())))
    );
}

#[test]
fn what_names_no_proxy_is_refused_and_not_repeated() {
    for bad in [
        "socks5://p:PASS1",
        "http://",
        "http://PASS:x",
        "http://u:PASS@",
        "http://u:PASS@h:99999",
        "PASS PASS",
        "http://h:0",
        "://PASS",
    ] {
        for name in ["HTTPS_PROXY", "http_proxy"] {
            let refused = proxies(&[(name, bad)])
                .err()
                .unwrap_or_else(|| panic!("{bad}"));
            assert!(
                refused.starts_with(name) && !refused.contains("PASS"),
                "{refused}"
            );
        }
    }
}

#[test]
fn no_proxy_stands_between_this_machine_and_its_credentials() {
    for near in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "169.254.169.254",
        "169.254.170.2",
        "[fd00:ec2::254]",
        "[fd00:ec2::23]",
        "[fe80::1]",
    ] {
        assert!(is_near(near), "{near}");
    }
    for far in [
        "sts.amazonaws.com",
        "10.0.0.1",
        "[fd00:ec2::1]",
        "",
        "169.253.169.254",
    ] {
        assert!(!is_near(far), "{far}");
    }
}

#[test]
fn a_bundle_without_a_certificate_is_refused() {
    let file = std::env::temp_dir().join(format!("lambdasweep-bundle-{}.pem", std::process::id()));
    let path = file.to_string_lossy().into_owned();
    for text in [
        "",
        "garbage",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA",
    ] {
        std::fs::write(&file, text).expect("a file");
        let refused = bundle("AWS_CA_BUNDLE", &path).expect_err(text).to_string();
        assert!(
            refused.contains("no certificate in PEM form") && refused.contains("AWS_CA_BUNDLE"),
            "{refused}"
        );
    }
    std::fs::remove_file(&file).expect("removed");
    assert!(
        bundle("AWS_CA_BUNDLE", &path)
            .expect_err("gone")
            .to_string()
            .contains("cannot read")
    );
}
