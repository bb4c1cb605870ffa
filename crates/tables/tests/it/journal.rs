//! A journal keeps what was written whole, wherever the process was killed.

use std::collections::BTreeMap;
use std::path::Path;

use lambdasweep_model::ScanId;
use lambdasweep_tables::{
    Batch, CoverageRow, FunctionTagRow, Journal, JournalHeader, Retraction, Row, SCHEMA_VERSION,
    TablesError, Unit,
};

fn header() -> JournalHeader {
    JournalHeader {
        scan_id: "s1".parse::<ScanId>().unwrap(),
        schema_version: SCHEMA_VERSION,
        tool_version: "0.0.0".to_owned(),
        started_at: "2026-11-24T00:00:00Z".to_owned(),
        account_id: "111122223333".to_owned(),
        request: serde_json::json!({"regions": ["eu-west-1"]}),
        options: BTreeMap::from([("patience".to_owned(), vec!["60".to_owned()])]),
    }
}

fn batch(resource: &str) -> Batch {
    let mut batch = Batch::default();
    batch.push(CoverageRow {
        account_id: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        resource_arn: resource.to_owned(),
        fact: "functions".to_owned(),
        outcome: "ok".to_owned(),
        error_code: None,
        message: None,
        attempts: 1,
    });
    batch
}

fn unit(region: &str) -> Unit {
    format!("111122223333/{region}").parse().unwrap()
}

fn file(root: &Path) -> std::path::PathBuf {
    root.join("_journal/s1/journal")
}

/// Runs what writes.
fn wait<T>(writing: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(writing)
}

/// Three units. The third is not complete: its first part is finished, with a note, and its second
/// is not.
fn written(root: &Path) -> Vec<u8> {
    let journal = Journal::create(root, &header()).unwrap();
    wait(async {
        let one = unit("eu-west-1");
        journal.append(&one, "list", batch("a")).await.unwrap();
        journal.complete(&one, batch("b"), None).await.unwrap();
        let two = unit("eu-west-2");
        journal.complete(&two, batch("c"), None).await.unwrap();
        let three = unit("eu-west-3");
        journal.append(&three, "list", batch("d")).await.unwrap();
        journal.append(&three, "group", batch("x")).await.unwrap();
        journal
            .finish(&three, "list", batch("e"), &vec!["d", "e"])
            .await
            .unwrap();
    });
    drop(journal);
    std::fs::read(file(root)).unwrap()
}

fn resources(journal: &Journal, region: &str) -> Vec<String> {
    let rows = journal.rows::<CoverageRow>(&unit(region)).unwrap();
    rows.into_iter().map(|row| row.resource_arn).collect()
}

#[test]
fn a_journal_that_ends_anywhere_goes_on_with_its_whole_parts() {
    let root = tempfile::tempdir().unwrap();
    let whole = written(root.path());
    let mut seen = std::collections::BTreeSet::new();
    for end in 0..=whole.len() {
        std::fs::write(file(root.path()), &whole[..end]).unwrap();
        let journal = match Journal::open(root.path(), &header().scan_id) {
            Ok(journal) => journal,
            Err(error) => {
                // Killed before the header was whole: nothing was read, there is nothing to go on
                // with, and the id is free.
                assert!(
                    matches!(error, TablesError::NothingToResume { .. }),
                    "{end}: {error}"
                );
                assert!(
                    Journal::unfinished(root.path()).unwrap().is_empty(),
                    "{end}"
                );
                drop(Journal::create(root.path(), &header()).unwrap());
                seen.insert(None);
                continue;
            }
        };
        assert_eq!(journal.header(), &header());
        let units = journal.units();
        let parts = journal.finished(&unit("eu-west-3"));
        seen.insert(Some((units.len(), parts.len())));
        for (region, expected) in [("eu-west-1", &["a", "b"][..]), ("eu-west-2", &["c"])] {
            let read = resources(&journal, region);
            assert!(
                read.is_empty() || read == expected,
                "{end}: {region} has {read:?}"
            );
            assert_eq!(
                read.is_empty(),
                !units.contains(&unit(region)),
                "{end}: {region}"
            );
        }
        let (rows, note): (&[&str], _) = if parts.is_empty() {
            (&[], None)
        } else {
            (&["d", "e"], Some(vec!["d".to_owned(), "e".to_owned()]))
        };
        assert_eq!(resources(&journal, "eu-west-3"), rows, "{end}");
        assert_eq!(
            journal
                .note::<Vec<String>>(&unit("eu-west-3"), "list")
                .unwrap(),
            note,
            "{end}"
        );
        goes_on(root.path(), journal, rows);
    }
    assert_eq!(
        seen,
        [None, Some((0, 0)), Some((1, 0)), Some((2, 0)), Some((2, 1))].into()
    );
}

/// What is missing is written again, and stands after the next opening.
fn goes_on(root: &Path, journal: Journal, kept: &[&str]) {
    for region in ["eu-west-1", "eu-west-2", "eu-west-3"].map(unit) {
        if !journal.contains(&region) {
            wait(journal.append(&region, "group", batch("again"))).unwrap();
            wait(journal.complete(&region, batch("last"), None)).unwrap();
        }
    }
    let mut expected = vec!["again"];
    expected.extend(kept);
    expected.push("last");
    assert_eq!(resources(&journal, "eu-west-3"), expected);
    drop(journal);
    let journal = Journal::open(root, &header().scan_id).unwrap();
    assert_eq!(journal.units().len(), 3);
    assert_eq!(resources(&journal, "eu-west-3"), expected);
}

#[test]
fn what_was_changed_in_the_middle_is_not_read() {
    let root = tempfile::tempdir().unwrap();
    let whole = written(root.path());
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x40;
        std::fs::write(file(root.path()), &changed).unwrap();
        let Ok(journal) = Journal::open(root.path(), &header().scan_id) else {
            continue;
        };
        for (region, expected) in [
            ("eu-west-1", &["a", "b"][..]),
            ("eu-west-2", &["c"]),
            ("eu-west-3", &["d", "e"]),
        ] {
            let read = resources(&journal, region);
            assert!(
                read.is_empty() || read == expected,
                "byte {at}: {region} has {read:?}"
            );
        }
    }
}

#[test]
fn one_scan_is_written_by_one_process() {
    let root = tempfile::tempdir().unwrap();
    let journal = Journal::create(root.path(), &header()).unwrap();
    assert!(matches!(
        Journal::open(root.path(), &header().scan_id),
        Err(TablesError::InUse { .. })
    ));
    drop(journal);
    assert!(matches!(
        Journal::create(root.path(), &header()),
        Err(TablesError::ScanUnfinished { .. })
    ));
    assert_eq!(
        Journal::unfinished(root.path()).unwrap(),
        [header().scan_id]
    );
}

/// Rows that are taken back stay away when the journal is opened again, and no others with them.
#[test]
fn what_is_taken_back_is_gone_and_nothing_else() {
    let tag = |function: &str, key: &str| FunctionTagRow {
        account_id: "111122223333".to_owned(),
        region: "eu-west-1".to_owned(),
        function_arn: function.to_owned(),
        key: key.to_owned(),
        value: String::new(),
    };
    let root = tempfile::tempdir().unwrap();
    let journal = Journal::create(root.path(), &header()).unwrap();
    for (region, functions) in [("eu-west-1", ["a", "b"]), ("eu-west-2", ["a", "c"])] {
        for function in functions {
            let mut batch = batch(function);
            batch.push(tag(function, "one"));
            batch.push(tag(function, "two"));
            wait(journal.finish(&unit(region), function, batch, &())).unwrap();
        }
    }
    for (region, gone) in [("eu-west-1", ["a", "nobody"]), ("eu-west-2", ["a", "c"])] {
        let retraction = Retraction {
            column: "function_arn",
            values: &gone.map(str::to_owned).into(),
        };
        wait(journal.complete(&unit(region), batch("e"), Some(retraction))).unwrap();
    }
    let told = |journal: &Journal| {
        let of = |region: &str| {
            let tags: Vec<String> = journal
                .rows::<FunctionTagRow>(&unit(region))
                .unwrap()
                .into_iter()
                .map(|row| row.function_arn)
                .collect();
            (
                tags.concat(),
                journal.row_count("function_tags", &unit(region)),
                journal.rows::<CoverageRow>(&unit(region)).unwrap().len(),
            )
        };
        [of("eu-west-1"), of("eu-west-2")]
    };
    let expected = [("bb".to_owned(), 2, 3), (String::new(), 0, 3)];
    assert_eq!(told(&journal), expected);
    drop(journal);
    assert_eq!(
        told(&Journal::open(root.path(), &header().scan_id).unwrap()),
        expected
    );
}

/// A scan reads with many threads, and all of them write.
#[test]
fn rows_are_in_order_whoever_wrote_them_first() {
    let root = tempfile::tempdir().unwrap();
    let journal = std::sync::Arc::new(Journal::create(root.path(), &header()).unwrap());
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let journal = std::sync::Arc::clone(&journal);
            std::thread::spawn(move || {
                for at in 0..50 {
                    let name = format!("{at:02}-{thread}");
                    wait(journal.finish(&unit("eu-west-1"), &name, batch(&name), &())).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    journal.sync().unwrap();
    let read = resources(&journal, "eu-west-1");
    assert!(read.len() == 400 && read.is_sorted(), "{read:?}");
    let frame = journal
        .frame(CoverageRow::TABLE, &[unit("eu-west-1")])
        .unwrap();
    let column = frame.column("resource_arn").unwrap().str().unwrap().clone();
    assert!(column.iter().flatten().eq(read.iter().map(String::as_str)));
}

/// Units that were begun are found again, also those of what others refer to.
#[test]
fn units_that_were_begun_are_listed_until_they_are_complete() {
    let root = tempfile::tempdir().unwrap();
    let referenced: Unit = "referenced/999988887777/eu-west-1".parse().unwrap();
    {
        let journal = Journal::create(root.path(), &header()).unwrap();
        wait(async {
            journal
                .finish(&referenced, "queue", batch("q"), &())
                .await
                .unwrap();
            journal
                .append(&unit("eu-west-1"), "list", batch("a"))
                .await
                .unwrap();
            journal
                .complete(&unit("eu-west-2"), batch("b"), None)
                .await
                .unwrap();
        });
        assert_eq!(journal.begun(), std::slice::from_ref(&referenced));
    }
    let journal = Journal::open(root.path(), &"s1".parse().unwrap()).unwrap();
    assert_eq!(journal.begun(), std::slice::from_ref(&referenced));
    wait(journal.complete(&referenced, Batch::default(), None)).unwrap();
    assert_eq!(journal.begun(), []);
    let rows = journal.rows::<CoverageRow>(&referenced).unwrap();
    assert_eq!(rows.len(), 1);
}
