//! Organisations from files: invalid files are rejected with one sentence, which contains nothing
//! that acts on a terminal.

use std::path::{Path, PathBuf};

use lambdasweep_mock::seed::{File, Place, seeded};
use lambdasweep_mock::services::iam::store::Store as Iam;
use lambdasweep_mock::services::lambda::store::Store as Lambda;
use lambdasweep_mock::services::organizations::store::Store as Organization;

pub(crate) const TINY: &str = include_str!("../../../testdata/orgs/tiny.toml");

fn in_account(account: &str) -> Place<'_> {
    Place {
        account,
        region: "",
    }
}

/// A file that is removed when it is dropped.
pub(crate) struct Written(pub(crate) PathBuf);

impl Drop for Written {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

pub(crate) fn written(name: &str, text: impl AsRef<[u8]>) -> Written {
    let path = std::env::temp_dir().join(format!("{}-{name}.toml", std::process::id()));
    std::fs::write(&path, text).unwrap();
    Written(path)
}

fn error_of(path: &Path) -> String {
    let error = File::load(path).unwrap_err().to_string();
    assert!(!error.contains(|c: char| c.is_control()), "{error:?}");
    error
}

#[test]
fn what_cannot_be_is_refused() {
    let function = |name: &str, more: &str| {
        format!(
            "[[function]]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\nname = \"{name}\"\n{more}"
        )
    };
    for (more, words) in [
        (
            "[[account]]\nid = \"222222222222\"\nname = \"again\"".to_owned(),
            "account 222222222222 is defined twice",
        ),
        (
            function("checkout", ""),
            "function checkout of 222222222222 in eu-west-1 is defined twice",
        ),
        (
            "[[policy]]\nname = \"no-public-urls\"\ntargets = [\"/\"]\nstatements = []".to_owned(),
            "policy no-public-urls is defined twice",
        ),
        (
            "[[account]]\nid = \"555555555555\"\nname = \"x\"\nstate = \"SLEEPING\"".to_owned(),
            "the states are PENDING_ACTIVATION, ACTIVE",
        ),
        (
            "[[account]]\nid = \"555555555555\"\nname = \"x\"\ndisabled-regions = [\"Frankfurt\"]"
                .to_owned(),
            "no Region Frankfurt",
        ),
        (
            "[[account]]\nid = \"5555\"\nname = \"x\"".to_owned(),
            "twelve digits",
        ),
        (function("no url", ""), "not a valid function name"),
        (function("urls", "url = \"PUBLIC\""), "use NONE or AWS_IAM"),
        (
            function("here", "").replace("eu-west-1", "Ireland"),
            "Ireland, which is not a Region",
        ),
        (
            function("here", "").replace("222222222222", "999999999999"),
            "not among the accounts",
        ),
        (
            function("here", "colour = \"red\""),
            "unknown field `colour`",
        ),
    ] {
        let file = written("refused", format!("{TINY}\n{more}\n"));
        let error = error_of(&file.0);
        assert!(error.contains(words), "{words}: {error}");
    }
    // The same name in another Region is another function.
    let file = written(
        "accepted",
        format!(
            "{TINY}\n{}\n",
            function("checkout", "").replace("eu-west-1", "eu-west-2")
        ),
    );
    assert!(File::load(&file.0).is_ok());
}

#[test]
fn roles_and_policies_that_cannot_be_are_refused() {
    let role = |more: &str| format!("[[role]]\naccount = \"222222222222\"\nname = \"app\"\n{more}");
    let policy = |name: &str| {
        format!(
            "[[managed-policy]]\naccount = \"222222222222\"\nname = \"{name}\"\nstatements = []"
        )
    };
    for (more, words) in [
        (
            role("").replace("222222222222", "999999999999"),
            "role app is in account 999999999999, which is not among the accounts",
        ),
        (role("").replace("app", "my app"), "not a valid role name"),
        (role("path = \"ci\""), "does not begin and end with a slash"),
        (
            role("trust = [{ Effect = \"Perhaps\" }]"),
            "the trust policy of role app",
        ),
        (
            role("statements = [{ Effect = \"Allow\" }]"),
            "the inline policy of role app",
        ),
        (
            role("attached = [\"arn:aws:iam::222222222222:policy/gone\"]"),
            "neither an AWS managed policy nor a managed-policy of its account",
        ),
        (
            role("boundary = \"arn:aws:iam::222222222222:policy/gone\""),
            "neither an AWS managed policy nor a managed-policy of its account",
        ),
        (
            format!("{}\n{}", role(""), role("")),
            "role app of 222222222222 is defined twice",
        ),
        (policy("a b"), "not a valid policy name"),
        (
            format!("{}\n{}", policy("own"), policy("own")),
            "policy/own is defined twice",
        ),
    ] {
        let file = written("roles", format!("{TINY}\n{more}\n"));
        let error = error_of(&file.0);
        assert!(error.contains(words), "{words}: {error}");
    }
}

/// Roles have the permissions in the file; the role of a function that the file does not define may
/// write logs.
#[test]
fn roles_have_what_the_file_says() {
    let file = File::load(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../testdata/orgs/roles.toml"
    )))
    .unwrap();
    let store: Iam = seeded(&file, in_account("222222222222"));
    let deployer = &store.roles["deployer"];
    assert!(
        deployer.path == "/ci/"
            && deployer.trust.contains("lambda.amazonaws.com")
            && deployer.inline["inline"].contains("billing-*")
    );
    let operations = &store.roles["operations"];
    assert!(
        operations.trust.contains(r#"{"AWS":"222222222222"}"#),
        "{}",
        operations.trust
    );
    assert!(
        operations
            .attached
            .iter()
            .all(|arn| store.policies[arn].versions[&1].contains("ec2:*"))
    );
    assert_eq!(
        store.roles["reviewer"].boundary.as_deref(),
        Some("arn:aws:iam::aws:policy/AWSLambda_ReadOnlyAccess")
    );
    let place = Place {
        region: "eu-west-1",
        ..in_account("222222222222")
    };
    let deploy = &seeded::<Lambda>(&file, place).functions["deploy"];
    assert_eq!(
        deploy.configuration.text("Role").as_deref(),
        Some("arn:aws:iam::222222222222:role/ci/deployer")
    );
    let other: Iam = seeded(&file, in_account("111111111111"));
    assert!(other.policies.is_empty());
}

#[test]
fn an_organisation_may_be_json() {
    let text = r#"{"organization": {"id": "o-json000001", "management-account": "111111111111"}, "account": [{"id": "111111111111", "name": "m"}]}"#;
    let path = std::env::temp_dir().join(format!("{}-organisation.json", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let file = Written(path);
    assert_eq!(
        seeded::<Organization>(&File::load(&file.0).unwrap(), Place::WORLD).id,
        "o-json000001"
    );
    std::fs::write(&file.0, &text[..40]).unwrap();
    assert!(error_of(&file.0).contains("is not a valid organisation: EOF"));
}

#[test]
fn errors_hold_no_escapes_of_the_file() {
    let escape = "\\u001b[31m\\u202e";
    for more in [
        format!("[[account]]\nid = \"{escape}\"\nname = \"x\""),
        format!(
            "[[function]]\naccount = \"222222222222\"\nregion = \"eu-west-1\"\nname = \"{escape}\""
        ),
        format!("[[function]]\naccount = \"{escape}\"\nregion = \"eu-west-1\"\nname = \"x\""),
        format!("[[policy]]\nname = \"{escape}\"\ntargets = [\"/Nowhere\"]\nstatements = []"),
        format!("[[policy]]\nname = \"x\"\ntargets = [\"{escape}\"]\nstatements = []"),
        "[[account]]\nid = \"\u{1b}[31m".to_owned(),
        "\u{1b}[31m = 1".to_owned(),
    ] {
        let error = error_of(&written("escapes", format!("{TINY}\n{more}\n")).0);
        assert!(!error.contains('\u{202e}'), "{error:?}");
    }
    let named = written("named-\u{1b}[31m", "[[[");
    assert!(error_of(&named.0).contains("\\u{1b}"));
}

#[test]
fn what_has_no_end_and_what_is_no_text_is_refused() {
    assert!(error_of(Path::new("/dev/zero")).contains("too large"));
    let large = written("large", "# padding\n".repeat(2_000_000));
    assert!(error_of(&large.0).contains("too large"));
    let binary = written("binary", [0xff, 0xfe, 0]);
    assert!(error_of(&binary.0).contains("not UTF-8"));
    assert!(error_of(Path::new("/nonexistent/organisation.toml")).contains("cannot read"));
    assert!(error_of(&std::env::temp_dir()).contains("cannot read"));
}
