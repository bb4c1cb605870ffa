//! A journal keeps what was written whole, wherever the process was killed.

use std::collections::BTreeMap;
use std::path::Path;

use lambdasweep_model::ScanId;
use lambdasweep_tables::{
    Batch, CoverageRow, FunctionTagRow, Journal, JournalHeader, SCHEMA_VERSION, TablesError, Unit,
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

/// Three units, the third of which is not complete.
fn written(root: &Path) -> Vec<u8> {
    let journal = Journal::create(root, &header()).unwrap();
    journal.append(&unit("eu-west-1"), batch("a")).unwrap();
    journal.complete(&unit("eu-west-1"), batch("b")).unwrap();
    journal.complete(&unit("eu-west-2"), batch("c")).unwrap();
    journal.append(&unit("eu-west-3"), batch("d")).unwrap();
    drop(journal);
    std::fs::read(file(root)).unwrap()
}

#[test]
fn a_journal_that_ends_anywhere_goes_on_with_its_whole_units() {
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
        seen.insert(Some(units.len()));
        for (region, resources) in [
            ("eu-west-1", &["a", "b"][..]),
            ("eu-west-2", &["c"]),
            ("eu-west-3", &[]),
        ] {
            let read: Vec<String> = journal
                .rows::<CoverageRow>(&unit(region))
                .unwrap()
                .into_iter()
                .map(|row| row.resource_arn)
                .collect();
            assert!(
                read.is_empty() || read == resources,
                "{end}: {region} has {read:?}"
            );
            assert_eq!(
                read.is_empty(),
                !units.contains(&unit(region)),
                "{end}: {region}"
            );
        }
        // What is missing is written again, and stands after the next opening.
        for region in ["eu-west-1", "eu-west-2", "eu-west-3"]
            .into_iter()
            .filter(|region| !units.contains(&unit(region)))
        {
            journal.complete(&unit(region), batch("again")).unwrap();
        }
        drop(journal);
        let journal = Journal::open(root.path(), &header().scan_id).unwrap();
        assert_eq!(journal.units().len(), 3, "{end}");
        assert_eq!(
            journal.rows::<CoverageRow>(&unit("eu-west-3")).unwrap()[0].resource_arn,
            "again"
        );
    }
    assert_eq!(seen, [None, Some(0), Some(1), Some(2)].into());
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
        for (region, resources) in [("eu-west-1", &["a", "b"][..]), ("eu-west-2", &["c"])] {
            let read: Vec<String> = journal
                .rows::<CoverageRow>(&unit(region))
                .unwrap()
                .into_iter()
                .map(|row| row.resource_arn)
                .collect();
            assert!(
                read.is_empty() || read == resources,
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
            journal.append(&unit(region), batch).unwrap();
        }
    }
    let gone = ["a", "nobody"].map(str::to_owned).into();
    journal
        .retract(&unit("eu-west-1"), "function_arn", &gone)
        .unwrap();
    journal.append(&unit("eu-west-1"), batch("e")).unwrap();
    journal
        .complete(&unit("eu-west-1"), Batch::default())
        .unwrap();
    journal
        .retract(
            &unit("eu-west-2"),
            "function_arn",
            &["a", "c"].map(str::to_owned).into(),
        )
        .unwrap();
    journal
        .complete(&unit("eu-west-2"), Batch::default())
        .unwrap();
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
    let expected = [("bb".to_owned(), 2, 3), (String::new(), 0, 2)];
    assert_eq!(told(&journal), expected);
    drop(journal);
    assert_eq!(
        told(&Journal::open(root.path(), &header().scan_id).unwrap()),
        expected
    );
}
