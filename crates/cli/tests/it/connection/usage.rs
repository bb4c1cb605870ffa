//! Arguments, filters and paths that cannot be meant as they are.

use super::{SMALL, refusal, scan};
use crate::harness::{Mock, program, run};

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
