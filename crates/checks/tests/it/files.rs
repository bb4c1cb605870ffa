//! What is told of a file that is no check, or not a sound one; and of a folder.

use lambdasweep_checks::{Linted, PRACTICES, Registry, lint_dir, practice};

use crate::harness::{Draft, folder};

const QUERY: &str =
    "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f";

/// A sound file with a change made to it, each told in the words that a user reads.
#[test]
fn each_mistake_in_a_file_is_told() {
    let sound = Draft {
        query: QUERY,
        ..Draft::default()
    }
    .text();
    let example = |tables: &str| {
        Draft {
            query: QUERY,
            examples: &format!("## one\n\n{tables}\n"),
            ..Draft::default()
        }
        .text()
    };
    let cases = [
        ("nothing", String::new()),
        ("no front matter", "# Why it matters\n".to_owned()),
        ("front matter without end", "---\nid: mine\n".to_owned()),
        ("no YAML", sound.replace("title: A title", "title: [")),
        ("no title", sound.replace("title: A title\n", "")),
        (
            "an empty title",
            sound.replace("title: A title", "title: ''"),
        ),
        ("another id", sound.replace("id: mine", "id: yours")),
        ("a wrong id", sound.replace("id: mine", "id: Mine!")),
        ("practice 0", sound.replace("practice: 1", "practice: 0")),
        (
            "practice 1000",
            sound.replace("practice: 1", "practice: 1000"),
        ),
        (
            "text before the sections",
            sound.replace("# Why", "Words.\n# Why"),
        ),
        (
            "a section is missing",
            sound.replace("# Limits\n\nWords.\n", ""),
        ),
        (
            "the last section is missing",
            sound.replace("# References\n\nWords.\n", ""),
        ),
        (
            "a section is empty",
            sound.replace("# Limits\n\nWords.\n", "# Limits\n\n"),
        ),
        (
            "another section",
            sound.replace("# Limits", "# Limitations"),
        ),
        ("no SQL", sound.replace("```sql", "```")),
        (
            "two queries",
            sound.replace("# How", "```sql\nSELECT 1\n```\n# How"),
        ),
        ("code without end", sound.replace("\n```\n", "\n")),
        (
            "no examples",
            Draft {
                query: QUERY,
                examples: "\u{200b}",
                ..Draft::default()
            }
            .text(),
        ),
        (
            "an example without expect",
            example("functions:\n| function_arn |\n"),
        ),
        ("words among the tables", example("These are words.\n")),
        ("a table without a name", example("| function_arn |\n")),
        ("a name without a table", example("functions:\n")),
        (
            "a table that is not there",
            example("function:\n| function_arn |\n"),
        ),
        (
            "a column that is not there",
            example("functions:\n| function_name | arn |\n"),
        ),
        (
            "a column twice",
            example("functions:\n| runtime | runtime |\n"),
        ),
        (
            "a row that does not end",
            example("functions:\n| runtime |\n| x\n"),
        ),
        (
            "too few cells",
            example("functions:\n| function_arn | runtime |\n| function:a |\n"),
        ),
        (
            "a table twice",
            example("functions:\n| runtime |\nfunctions:\n| runtime |\n"),
        ),
        (
            "expect twice",
            example("expect:\n| resource_arn |\nexpect:\n| resource_arn |\n"),
        ),
        (
            "a wrong status",
            example("expect:\n| resource_arn | status |\n| a | BAD |\n"),
        ),
        (
            "expect without status",
            example("expect:\n| resource_arn |\n| a |\n"),
        ),
        (
            "a wrong fact",
            example("coverage:\n| fact | outcome |\n| urls | ok |\n"),
        ),
        (
            "a wrong outcome",
            example("coverage:\n| fact | outcome |\n| functions | lost |\n"),
        ),
        (
            "two examples of one title",
            Draft {
                query: QUERY,
                examples: "## a\nexpect:\n| status |\n## a\nexpect:\n| status |\n",
                ..Draft::default()
            }
            .text(),
        ),
        (
            "control characters",
            sound.replace("# Limits", "# \u{1b}[31mLimits"),
        ),
    ];
    let mut all = String::new();
    for (what, text) in cases {
        assert_ne!(text, sound, "{what} changes nothing");
        let folder = folder([("mine.md", text)]);
        let problems = lint_dir(folder.path()).unwrap().problems;
        assert!(!problems.is_empty(), "{what}");
        let problems = problems
            .join("\n=> ")
            .replace(&format!("{}/", folder.path().display()), "");
        all.push_str(&format!("{what}\n=> {problems}\n\n"));
    }
    insta::assert_snapshot!(all);
}

/// Nobody has to mend one mistake to be told of the next: the front matter, the sections, the
/// query, each example, and every file.
#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = Draft {
        query: "SELECT f.function_arn AS resource_arn, 'PASS' AS status, f.colour AS detail FROM functions f LIMIT 1",
        examples: "## one\n\nfunction:\n| function_arn |\n\n## two\n\nexpect:\n| resource_arn | status |\n| a | BAD |\n| b |\n",
        more: "owner: me\nstands: [PASS]\n",
        ..Draft::default()
    }
    .text();
    let text = text
        .replace("practice: 1", "practice: 0")
        .replace("title: A title\n", "")
        .replace("# Limits", "# Limitations");
    let text = text
        .replace("severity: low", "severity: lowest")
        .replace("# References\n\nWords.\n", "# References\n");
    let folder = folder([
        ("mine.md", text),
        ("yours.md", "no front matter".to_owned()),
    ]);
    let problems = lint_dir(folder.path())
        .unwrap()
        .problems
        .join("\n")
        .replace(&format!("{}/", folder.path().display()), "");
    let told = [
        ("mine.md:1:", "no `title`"),
        ("mine.md:3:", "`severity` cannot be read"),
        ("mine.md:4:", "`practice` is a number"),
        ("mine.md:7:", "no key `owner`"),
        ("mine.md:8:", "`stands` takes"),
        ("mine.md:24:", "`Limitations` is not expected"),
        ("mine.md:33:", "no table `function`"),
        ("mine.md:30:", "no table `expect:`"),
        ("mine.md:39:", "`BAD` is not a valid status"),
        ("mine.md:40:", "this row has 1 cells"),
        ("mine.md:42:", "the section References is empty"),
        ("mine.md:43:", "`# Limits` is missing"),
        ("yours.md:1:", "front matter"),
    ];
    for (place, words) in told {
        assert!(
            problems
                .lines()
                .any(|line| line.starts_with(place) && line.contains(words)),
            "{place} {words}:\n{problems}"
        );
    }
    assert_eq!(problems.lines().count(), told.len(), "{problems}");
}

/// A query can be wrong in its own ways where the rest is right or wrong, too.
#[test]
fn a_query_is_read_whatever_else_is_wrong() {
    let query = "SELECT f.function_arn AS resource_arn, 'PASS' AS status, f.colour AS detail FROM functions f LIMIT 1";
    let text = Draft {
        query,
        ..Draft::default()
    }
    .text()
    .replace("# Limits", "# Limitations")
    .replace("title: A title", "title: ''");
    let folder = folder([("mine.md", text)]);
    let problems = lint_dir(folder.path()).unwrap().problems.join("\n");
    for words in [
        "a title is one line",
        "colour",
        "LIMIT",
        "`Limitations` is not expected",
        "`# Limits` is missing",
    ] {
        assert!(problems.contains(words), "{words}: {problems}");
    }
}

#[test]
fn a_check_that_a_scan_would_refuse_beside_its_namesake_is_told() {
    let folder = folder([(
        "env-secret.md",
        Draft {
            id: "env-secret",
            query: QUERY,
            ..Draft::default()
        }
        .text(),
    )]);
    let linted = lint_dir(folder.path()).unwrap();
    assert!(
        linted.problems.is_empty() && linted.warnings.len() == 1,
        "{linted:?}"
    );
    assert!(
        linted.warnings[0].contains("there is a built-in check `env-secret`"),
        "{linted:?}"
    );
    let markdown = Registry::builtin()
        .unwrap()
        .get("env-secret")
        .unwrap()
        .markdown
        .clone();
    std::fs::write(folder.path().join("env-secret.md"), markdown).unwrap();
    assert_eq!(
        lint_dir(folder.path()).unwrap(),
        Linted {
            checks: 1,
            ..Linted::default()
        },
        "a copy of it is sound"
    );
}

/// The numbers mean what the README says.
#[test]
fn practices_are_documented() {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    for (number, (name, asks)) in (1..).zip(PRACTICES) {
        assert_eq!(practice(number), Some(name));
        assert!(
            readme.contains(&format!("| {number} | {name} | {asks} |")),
            "the README lacks practice {number}"
        );
    }
    assert_eq!(
        (practice(0), practice(14), practice(255)),
        (None, None, None)
    );
    for check in Registry::builtin().unwrap().all() {
        assert!(
            practice(check.practice).is_some(),
            "{} has practice {}",
            check.id,
            check.practice
        );
    }
}

#[test]
fn files_of_windows_are_as_good_as_others() {
    let text = format!(
        "\u{feff}{}",
        Draft {
            query: QUERY,
            ..Draft::default()
        }
        .text()
        .replace('\n', "\r\n")
    );
    let folder = folder([("mine.md", text)]);
    assert_eq!(
        lint_dir(folder.path()).unwrap(),
        Linted {
            checks: 1,
            ..Linted::default()
        }
    );
}

#[test]
fn what_is_no_text_or_too_large_is_refused() {
    let folder = folder([
        ("large.md", format!("---\n{}", "x".repeat(300_000))),
        ("README.md", "no check".to_owned()),
        ("notes.txt", "no check".to_owned()),
    ]);
    std::fs::write(folder.path().join("bytes.md"), b"---\nid: \xff\n").unwrap();
    std::fs::create_dir(folder.path().join("folder.md")).unwrap();
    std::fs::write(folder.path().join(".#mine.md"), "of an editor").unwrap();
    std::fs::write(folder.path().join("UPPER.MD"), "no check").unwrap();
    let linted = lint_dir(folder.path()).unwrap();
    let short = |lines: &[String]| -> Vec<String> {
        lines
            .iter()
            .map(|line| line.replace(&format!("{}/", folder.path().display()), ""))
            .collect()
    };
    assert_eq!(linted.checks, 2);
    assert_eq!(
        short(&linted.warnings),
        [
            ".#mine.md is ignored: it is hidden",
            "UPPER.MD is ignored: the file of a check must be named ID.md",
            "folder.md is ignored: it is a folder",
            "notes.txt is ignored: the file of a check must be named ID.md",
        ]
    );
    assert_eq!(
        Registry::builtin()
            .unwrap()
            .add_folder(folder.path())
            .map_err(drop),
        Err(()),
        "what is wrong stops a scan"
    );
    assert_eq!(
        short(&linted.problems),
        [
            "bytes.md:2: the file is not UTF-8 text",
            "large.md:1: the file is too large; a check has at most 262144 bytes"
        ]
    );
}

#[test]
fn a_folder_adds_checks_or_says_what_is_wrong() {
    let draft = |id| {
        Draft {
            id,
            query: QUERY,
            ..Draft::default()
        }
        .text()
    };
    let add = |files: Vec<(&str, String)>| {
        let folder = folder(files);
        let mut registry = Registry::builtin().unwrap();
        let added = registry.add_folder(folder.path()).map_err(|error| {
            error
                .to_string()
                .replace(&format!("{}/", folder.path().display()), "")
        });
        added.map(|_| {
            registry
                .all()
                .map(|check| check.id.clone())
                .collect::<Vec<_>>()
        })
    };
    let all = add(vec![("b-mine.md", draft("b-mine"))]).unwrap();
    assert!(
        all.is_sorted()
            && all.contains(&"b-mine".to_owned())
            && all.contains(&"env-secret".to_owned()),
        "{all:?}"
    );
    assert_eq!(
        add(vec![("env-secret.md", draft("env-secret"))]).unwrap_err(),
        "env-secret.md: a check `env-secret` already exists; choose another id"
    );
    assert_eq!(
        add(vec![(
            "mine.md",
            Draft {
                query: "SELECT 1 FROM functions LIMIT 1",
                ..Draft::default()
            }
            .text()
        )])
        .unwrap_err(),
        "mine.md:16: a column of the result takes text; this is an integer (and 3 more; `lambdasweep checks lint` with the folder shows all)"
    );
    let missing = Registry::builtin()
        .unwrap()
        .add_folder(std::path::Path::new("/nowhere/at/all"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        missing,
        "cannot read the checks in /nowhere/at/all: No such file or directory (os error 2)"
    );
}

#[test]
fn an_unknown_check_is_told_with_the_nearest() {
    let registry = Registry::builtin().unwrap();
    for (asked, told) in [
        (
            "runtime-old",
            "there is no check `runtime-old` (did you mean runtime-deprecated?); `lambdasweep checks list` shows all",
        ),
        (
            "polcy-publc",
            "there is no check `polcy-publc` (did you mean policy-public?); `lambdasweep checks list` shows all",
        ),
        (
            "x",
            "there is no check `x`; `lambdasweep checks list` shows all",
        ),
    ] {
        assert_eq!(registry.get(asked).unwrap_err().to_string(), told);
    }
}
