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
