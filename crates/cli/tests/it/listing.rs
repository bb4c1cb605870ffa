//! Lists and summaries as people see them on terminals of several widths.

use lambdasweep_checks::Registry;

use crate::harness::{Mock, findings, only_scan, program, run};

/// Every check stands whole below its practice, and lines fit.
#[test]
fn checks_are_listed_below_their_practices() {
    for width in ["80", "120"] {
        let mut command = program("111122223333");
        command.args(["checks", "list"]).env("COLUMNS", width);
        let (code, said) = run(command);
        assert_eq!(code, 0, "{said}");
        assert!(
            said.lines()
                .all(|line| line.len() <= width.parse().unwrap()),
            "{said}"
        );
        let mut practice = 0;
        let mut listed = Vec::new();
        for line in said.lines() {
            if let Some(title) = line.strip_prefix("Practice ") {
                practice = title.split(':').next().unwrap().parse().unwrap();
            } else if let Some(id) = line
                .strip_prefix("  ")
                .filter(|line| !line.starts_with(' '))
            {
                listed.push((id.split(' ').next().unwrap().to_owned(), practice));
            }
        }
        listed.sort();
        let expected: Vec<(String, u8)> = Registry::builtin()
            .unwrap()
            .all()
            .map(|check| (check.id.clone(), check.practice))
            .collect();
        assert_eq!(listed, expected);
    }
    let mut command = program("111122223333");
    command.args(["checks", "list", "--help"]);
    let (_, said) = run(command);
    assert!(
        said.contains(" 5  resource policies") && said.contains("12  SnapStart"),
        "{said}"
    );
}

fn list(arguments: &[&str]) -> (i32, String) {
    let mut command = program("111122223333");
    command
        .args(["checks", "list"])
        .args(arguments)
        .env("COLUMNS", "120");
    run(command)
}

#[test]
fn lists_are_shortened_by_practice_severity_and_framework() {
    let ids = |arguments: &[&str]| -> Vec<String> {
        let (code, said) = list(&[arguments, &["--json"]].concat());
        assert_eq!(code, 0, "{said}");
        let list: Vec<serde_json::Value> = serde_json::from_str(&said).unwrap();
        list.iter()
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect()
    };
    let of_runtimes = ids(&["--practice", "10"]);
    assert!(of_runtimes.len() > 1 && of_runtimes.iter().all(|id| id.starts_with("runtime-")));
    assert_eq!(
        ids(&["--framework", "cis-aws-compute-2.0", "--practice", "10"]),
        ["runtime-deprecated"]
    );
    let critical = ids(&["--severity", "critical"]);
    assert!(critical.contains(&"policy-public".to_owned()));
    assert!(!critical.contains(&"function-untagged".to_owned()));
    assert_eq!(ids(&["--severity", "info"]), ids(&[]));
    assert_eq!(list(&["--practice", "77"]).1, "No check matches.\n");
}

/// Every control of the framework stands in its order with the checks that cover it, also where
/// none does.
#[test]
fn a_framework_shows_what_covers_each_control() {
    let (code, said) = list(&["--framework", "cis-aws-compute-2.0"]);
    assert_eq!(code, 0, "{said}");
    let line = |control: &str| {
        let mut lines = said.lines().map(str::trim);
        let found = lines.position(|line| line.split(' ').next() == Some(control));
        found.map(|at| (at, said.lines().nth(at).unwrap()))
    };
    for control in 1..=17 {
        assert!(
            line(&format!("12.{control}")).is_some(),
            "{control}: {said}"
        );
    }
    let (ninth, tenth) = (line("12.9").unwrap(), line("12.10").unwrap());
    assert!(ninth.0 < tenth.0 && tenth.1.contains("policy-cross-account"));
    assert!(line("12.1").unwrap().1.ends_with("no check"), "{said}");
    assert!(line("12.17").unwrap().1.contains("vpc-absent"), "{said}");
    assert!(said.ends_with("of 17 controls have a check.\n"), "{said}");

    // Of a part of the checks, nothing is said of the controls that others cover.
    let (_, some) = list(&["--framework", "cis-aws-compute-2.0", "--practice", "10"]);
    assert!(
        some.contains("12.11") && !some.contains("no check") && !some.contains("of 17"),
        "{some}"
    );

    let (code, said) = list(&["--framework", "cis-aws-compute-2"]);
    assert!(
        code == 2 && said.contains("(did you mean cis-aws-compute-2.0?)"),
        "{said}"
    );
}

/// The problems and the warnings of a folder, at once.
#[test]
fn lint_tells_all_and_what_it_ignores() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.md", "nothing"),
        ("b.md", "---\nid: c\n---\n"),
        ("notes.txt", ""),
        (".hidden.md", ""),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut command = program("111122223333");
    command.args(["checks", "lint"]).arg(folder.path());
    let (code, said) = run(command);
    assert_eq!(code, 1, "{said}");
    for words in [
        "a.md:1:",
        "b.md:2: the id `c`",
        "b.md:1: the front matter has no `title`",
        "notes.txt is ignored",
        ".hidden.md is ignored",
        "2 checks, ",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(
        said.lines()
            .filter(|line| line.starts_with("warning: "))
            .count(),
        2,
        "{said}"
    );

    // A scan tells what it ignores as well, before it begins.
    std::fs::remove_file(folder.path().join("a.md")).unwrap();
    std::fs::remove_file(folder.path().join("b.md")).unwrap();
    let mut command = program("111122223333");
    command
        .args(["checks", "list", "--checks-dir"])
        .arg(folder.path());
    let (code, said) = run(command);
    assert!(
        code == 0 && said.contains("warning: ") && said.contains("notes.txt is ignored"),
        "{said}"
    );
}

/// The summary names the worst resources by ARNs that the findings have, and the commands that it
/// names work.
#[test]
fn a_summary_leads_on() {
    let mock = Mock::start("accounts=6,regions=2,functions=200,seed=8");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("a dataset");
    let mut command = mock.scan(&out, &[]);
    command.env("COLUMNS", "80");
    let (_, said) = run(command);
    let worst: Vec<&str> = said
        .split("\nWorst resources\n")
        .nth(1)
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("arn:"))
        .collect();
    let failing = findings(&only_scan(&out), "FAIL");
    assert_eq!(worst.len(), 10, "{said}");
    assert!(
        worst
            .iter()
            .all(|arn| failing.iter().any(|(_, resource)| resource == arn)),
        "{said}"
    );
    let commands: Vec<&str> = said
        .split("\nNext\n")
        .nth(1)
        .unwrap()
        .lines()
        .map(str::trim)
        .collect();
    assert_eq!(commands.len(), 2, "{said}");
    for words in commands {
        let words = words.strip_prefix("lambdasweep ").unwrap();
        let mut shell = std::process::Command::new("sh");
        shell.args([
            "-c",
            &format!("exec '{}' {words}", env!("CARGO_BIN_EXE_lambdasweep")),
        ]);
        let (code, said) = run(shell);
        assert_eq!(code, 0, "{words}: {said}");
    }
}

/// Checks are left out, or added by their set; what leaves nothing, or names nothing, is told.
#[test]
fn checks_are_selected_by_name_and_set() {
    let exported = |arguments: &[&str]| {
        let mut command = program("111122223333");
        command
            .args(["checks", "export", "--dialect", "duckdb", "--each"])
            .args(["--only", "findings"])
            .args(arguments);
        let (code, said) = run(command);
        let ids: Vec<String> = said
            .lines()
            .filter_map(|line| line.strip_prefix("-- The findings of "))
            .filter_map(|line| Some(line.split_once(':')?.0.to_owned()))
            .collect();
        (code, said, ids)
    };
    let of = |arguments: &[&str]| exported(arguments).2;
    let all = of(&[]);
    assert!(all.contains(&"env-secret".to_owned()) && !all.contains(&"vpc-absent".to_owned()));
    let with_set = of(&["--check-set", "compliance"]);
    assert!(with_set.len() > all.len() && with_set.contains(&"vpc-absent".to_owned()));
    let without = of(&["--exclude-checks", "env-secret"]);
    assert_eq!(without.len(), all.len() - 1);
    assert!(!without.contains(&"env-secret".to_owned()));
    assert_eq!(of(&["--checks", "vpc-absent"]), ["vpc-absent"]);
    for (arguments, expected) in [
        (
            &["--check-set", "audit"][..],
            "no check belongs to the set `audit`; the sets are compliance",
        ),
        (
            &["--exclude-checks", "env-secrets"],
            "did you mean env-secret?",
        ),
        (
            &["--checks", "env-secret", "--exclude-checks", "env-secret"],
            "--exclude-checks leaves no check",
        ),
    ] {
        let (code, said, _) = exported(arguments);
        assert!(code == 2 && said.contains(expected), "{said}");
    }
}
