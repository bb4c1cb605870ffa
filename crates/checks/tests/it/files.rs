//! What is told of a file that is no check, or not a sound one; and of a folder.

use lambdasweep_checks::{Registry, lint_dir};

use crate::harness::{Draft, folder};

const QUERY: &str = "SELECT f.function_arn AS resource_arn, 'PASS' AS status, '' AS detail FROM functions f";

/// A sound file with a change made to it, each told in the words that a user reads.
#[test]
fn each_mistake_in_a_file_is_told() {
    let sound = Draft { query: QUERY, ..Draft::default() }.text();
    let example = |tables: &str| Draft { query: QUERY, examples: &format!("## one\n\n{tables}\n"), ..Draft::default() }.text();
    let cases = [
        ("nothing", String::new()),
        ("no front matter", "# Why it matters\n".to_owned()),
        ("front matter without end", "---\nid: mine\n".to_owned()),
        ("no YAML", sound.replace("title: A title", "title: [")),
        ("no title", sound.replace("title: A title\n", "")),
        ("an empty title", sound.replace("title: A title", "title: ''")),
        ("another id", sound.replace("id: mine", "id: yours")),
        ("a wrong id", sound.replace("id: mine", "id: Mine!")),
        ("practice 0", sound.replace("practice: 1", "practice: 0")),
        ("practice 1000", sound.replace("practice: 1", "practice: 1000")),
        ("text before the sections", sound.replace("# Why", "Words.\n# Why")),
        ("a section is missing", sound.replace("# Limits\n\nWords.\n", "")),
        ("the last section is missing", sound.replace("# References\n\nWords.\n", "")),
        ("a section is empty", sound.replace("# Limits\n\nWords.\n", "# Limits\n\n")),
        ("another section", sound.replace("# Limits", "# Limitations")),
        ("no SQL", sound.replace("```sql", "```")),
        ("two queries", sound.replace("# How", "```sql\nSELECT 1\n```\n# How")),
        ("code without end", sound.replace("\n```\n", "\n")),
        ("no examples", Draft { query: QUERY, examples: "\u{200b}", ..Draft::default() }.text()),
        ("an example without expect", example("functions:\n| function_arn |\n")),
        ("words among the tables", example("These are words.\n")),
        ("a table without a name", example("| function_arn |\n")),
        ("a name without a table", example("functions:\n")),
        ("a table that is not there", example("function:\n| function_arn |\n")),
        ("a column that is not there", example("functions:\n| function_name | arn |\n")),
        ("a column twice", example("functions:\n| runtime | runtime |\n")),
        ("a row that does not end", example("functions:\n| runtime |\n| x\n")),
        ("too few cells", example("functions:\n| function_arn | runtime |\n| function:a |\n")),
        ("a table twice", example("functions:\n| runtime |\nfunctions:\n| runtime |\n")),
        ("expect twice", example("expect:\n| resource_arn |\nexpect:\n| resource_arn |\n")),
        ("a wrong status", example("expect:\n| resource_arn | status |\n| a | BAD |\n")),
        ("expect without status", example("expect:\n| resource_arn |\n| a |\n")),
        ("a wrong fact", example("coverage:\n| fact | outcome |\n| urls | ok |\n")),
        ("a wrong outcome", example("coverage:\n| fact | outcome |\n| functions | lost |\n")),
        (
            "two examples of one title",
            Draft { query: QUERY, examples: "## a\nexpect:\n| status |\n## a\nexpect:\n| status |\n", ..Draft::default() }.text(),
        ),
        ("control characters", sound.replace("# Limits", "# \u{1b}[31mLimits")),
    ];
    let mut all = String::new();
    for (what, text) in cases {
        assert_ne!(text, sound, "{what} changes nothing");
        let folder = folder([("mine.md", text)]);
        let (_, problems) = lint_dir(folder.path()).unwrap();
        assert!(!problems.is_empty(), "{what}");
        let problems = problems.join("\n=> ").replace(&format!("{}/", folder.path().display()), "");
        all.push_str(&format!("{what}\n=> {problems}\n\n"));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn files_of_windows_are_as_good_as_others() {
    let text = format!("\u{feff}{}", Draft { query: QUERY, ..Draft::default() }.text().replace('\n', "\r\n"));
    let folder = folder([("mine.md", text)]);
    assert_eq!(lint_dir(folder.path()).unwrap(), (1, Vec::new()));
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
    let (checked, problems) = lint_dir(folder.path()).unwrap();
    let problems: Vec<_> = problems.iter().map(|problem| problem.replace(&format!("{}/", folder.path().display()), "")).collect();
    assert_eq!(checked, 2);
    assert_eq!(
        problems,
        ["bytes.md:2: the file is not UTF-8 text", "large.md:1: the file is too large; a check has 262144 bytes at the most"]
    );
}

#[test]
fn a_folder_adds_checks_or_says_what_is_wrong() {
    let draft = |id| Draft { id, query: QUERY, ..Draft::default() }.text();
    let add = |files: Vec<(&str, String)>| {
        let folder = folder(files);
        let mut registry = Registry::builtin().unwrap();
        let added =
            registry.add_folder(folder.path()).map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""));
        added.map(|()| registry.all().map(|check| check.id.clone()).collect::<Vec<_>>())
    };
    let all = add(vec![("b-mine.md", draft("b-mine"))]).unwrap();
    assert!(all.is_sorted() && all.contains(&"b-mine".to_owned()) && all.contains(&"env-secret".to_owned()), "{all:?}");
    assert_eq!(
        add(vec![("env-secret.md", draft("env-secret"))]).unwrap_err(),
        "env-secret.md: there is a check `env-secret` already; give this one another id"
    );
    assert_eq!(
        add(vec![("mine.md", Draft { query: "SELECT 1 FROM functions LIMIT 1", ..Draft::default() }.text())]).unwrap_err(),
        "mine.md:16: a column of the answer takes text; this is an integer (and 3 more; `lambdasweep checks lint` with the folder shows all)"
    );
    let missing = Registry::builtin().unwrap().add_folder(std::path::Path::new("/nowhere/at/all")).unwrap_err().to_string();
    assert_eq!(missing, "cannot read the checks in /nowhere/at/all: No such file or directory (os error 2)");
}

#[test]
fn an_unknown_check_is_told_with_the_nearest() {
    let registry = Registry::builtin().unwrap();
    for (asked, told) in [
        ("runtime-old", "there is no check `runtime-old` (did you mean runtime-deprecated?); `lambdasweep checks list` shows all"),
        ("polcy-publc", "there is no check `polcy-publc` (did you mean policy-public?); `lambdasweep checks list` shows all"),
        ("x", "there is no check `x`; `lambdasweep checks list` shows all"),
    ] {
        assert_eq!(registry.get(asked).unwrap_err().to_string(), told);
    }
}
