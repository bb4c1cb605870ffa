//! Accounts that the configuration file trusts.

use crate::harness::{Mock, findings, only_scan, rows, run};

const WORLD: &str = "accounts=8,regions=2,functions=160,seed=5,suspended=0,roleless=0";

#[test]
fn what_concerns_a_trusted_account_passes_and_is_counted() {
    let mock = Mock::start(WORLD);
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("lambdasweep.toml");
    let text = r#"[trusted]
accounts = ["999988887777", "555566667777"]
layer-publishers = ["999988887777", "464622532012"]
"#;
    std::fs::write(&file, text).unwrap();
    let data = out.path().join("data");
    let config = ["--config", file.to_str().unwrap()];
    let (_, said) = run(mock.scan(&data, &config));
    let scan = only_scan(&data);
    let fails = findings(&scan, "FAIL");
    for check in [
        "policy-cross-account",
        "policy-grants-control",
        "layer-shared-outside",
        "layer-untrusted-publisher",
    ] {
        assert!(!fails.iter().any(|(id, _)| id == check), "{check}");
    }
    // Trust is about named accounts only.
    assert!(fails.iter().any(|(id, _)| id == "policy-public"));
    let details = rows(&scan, "findings", &["status", "detail"]);
    let trusted = "an account is trusted by configuration: 999988887777";
    let trusted = ["PASS", trusted].map(str::to_owned).to_vec();
    assert!(details.contains(&trusted));
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words
            .contains("findings pass because the configuration trusts the account: 999988887777 ("),
        "{said}"
    );
    assert!(
        words.contains("555566667777, which the configuration trusts: check the id, or remove it"),
        "{said}"
    );
    let manifest = std::fs::read_dir(data.join("_scans"))
        .unwrap()
        .next()
        .unwrap();
    let manifest = std::fs::read_to_string(manifest.unwrap().path()).unwrap();
    assert!(manifest.contains("555566667777"));
}

#[test]
fn a_key_that_does_not_exist_is_told_with_its_line() {
    let mock = Mock::start("accounts=2,regions=1,functions=2,seed=1");
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("lambdasweep.toml");
    std::fs::write(&file, "[trusted]\naccount = [\"999988887777\"]\n").unwrap();
    let data = out.path().join("data");
    let (code, said) = run(mock.scan(&data, &["--config", file.to_str().unwrap()]));
    assert_eq!(code, 2, "{said}");
    assert!(
        said.contains("lambdasweep.toml:2: unknown field `account`"),
        "{said}"
    );
}
