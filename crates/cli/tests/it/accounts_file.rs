//! `--accounts-file`: accounts and organizational units with roles of their own, inside of an
//! organisation and outside.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use lambdasweep_tables::Scan;

use crate::harness::{Mock, only_scan, program, rows, run};

/// The roles of all accounts ask for an ExternalId, but for one that the management account's
/// administrators use.
const WORLD: &str =
    "accounts=12,regions=2,functions=300,seed=11,suspended=0,roleless=0,external-id=scan-7f3a";
const ADMINISTRATORS: &str = "OrganizationAccountAccessRole";
const HEAD: &str = "account_id,role_arn,external_id,regions";

struct File {
    folder: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn of(lines: &[String]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accounts.csv");
        std::fs::write(&path, format!("{HEAD}\n{}\n", lines.join("\n"))).unwrap();
        Self { folder, path }
    }

    fn scan(&self, mock: &Mock, more: &[&str]) -> (i32, String) {
        let out = self.folder.path().join("out");
        let _ = std::fs::remove_dir_all(&out);
        let mut command = mock.scan(&out, more);
        command.arg("--accounts-file").arg(&self.path);
        run(command)
    }

    fn result(&self) -> Scan {
        only_scan(&self.folder.path().join("out"))
    }
}

/// Accounts that have functions, but for the management account, by their units' paths.
fn members(mock: &Mock) -> BTreeMap<String, String> {
    let out = tempfile::tempdir().unwrap();
    let (code, said) = run(mock.scan(
        out.path(),
        &[
            "--external-id",
            "scan-7f3a",
            "--checks",
            "concurrency-unreserved",
        ],
    ));
    assert_eq!(code, 0, "{said}");
    let scan = only_scan(out.path());
    let with_functions = scanned(&scan);
    let rows = rows(&scan, "accounts", &["account_id", "ou_path"]).into_iter();
    rows.map(|row| (row[0].clone(), row[1].clone()))
        .filter(|(account, _)| {
            account != mock.management_account() && with_functions.contains(account)
        })
        .collect()
}

fn scanned(scan: &Scan) -> BTreeSet<String> {
    rows(scan, "functions", &["account_id"])
        .into_iter()
        .map(|row| row[0].clone())
        .collect()
}

fn in_scope(scan: &Scan) -> BTreeSet<String> {
    let table = scan
        .table(lambdasweep_tables::table("accounts").unwrap())
        .unwrap();
    let flags = table.column("in_scope").unwrap().bool().unwrap().clone();
    let ids = table.column("account_id").unwrap().str().unwrap().clone();
    (0..table.height())
        .filter(|row| flags.get(*row).unwrap())
        .map(|row| ids.get(row).unwrap().to_owned())
        .collect()
}

#[test]
fn each_account_is_entered_by_its_own_role() {
    let mock = Mock::start(WORLD);
    let members: Vec<String> = members(&mock).into_keys().collect();
    let [a, b, c, d] = [0, 1, 2, 3].map(|at| members[at].clone());
    let file = File::of(&[
        format!("{a},arn:aws:iam::{a}:role/{ADMINISTRATORS},,"),
        format!("{b},,scan-7f3a,us-east-1"),
        format!("{c},,PLANTED-wrong-id,"),
        format!("{d},,,"),
    ]);
    let (code, said) = file.scan(&mock, &["-vv"]);
    assert_eq!(code, 4, "two roles let nobody in: {said}");
    let scan = file.result();
    assert_eq!(in_scope(&scan), [&a, &b, &c, &d].map(Clone::clone).into());
    assert_eq!(scanned(&scan), [a.clone(), b.clone()].into(), "{said}");
    let regions = |account: &str| -> BTreeSet<String> {
        let rows = rows(
            &scan,
            "coverage",
            &["account_id", "region", "fact", "outcome"],
        )
        .into_iter();
        rows.filter(|row| row[0] == account && row[2] == "functions" && row[3] == "ok")
            .map(|row| row[1].clone())
            .collect()
    };
    assert_eq!(regions(&b), ["us-east-1".to_owned()].into());
    assert!(regions(&a).len() > 1, "{:?}", regions(&a));
    // ExternalIds are nobody's business.
    let manifest = serde_json::to_string(scan.manifest()).unwrap();
    assert!(
        manifest.contains(ADMINISTRATORS) && manifest.contains("accounts.csv:2"),
        "{manifest}"
    );
    let mut texts = vec![manifest, said];
    for table in lambdasweep_tables::TABLES {
        let frame = scan.table(table).unwrap();
        for column in table
            .columns
            .iter()
            .filter_map(|column| frame.column(column.name).ok()?.str().ok().cloned())
        {
            texts.extend((0..frame.height()).filter_map(|row| column.get(row).map(str::to_owned)));
        }
    }
    assert!(
        texts
            .iter()
            .all(|text| !text.contains("scan-7f3a") && !text.contains("PLANTED"))
    );
    // The caller's own account is entered by its role as well, where the file gives it one.
    let own = File::of(&[format!(
        "{},lambdasweep-scan,wrong-id,",
        mock.management_account()
    )]);
    let (code, said) = own.scan(&mock, &[]);
    assert_eq!(
        (code, scanned(&own.result())),
        (4, BTreeSet::new()),
        "{said}"
    );
    // What else narrows a scan narrows this one.
    let (code, said) = file.scan(&mock, &["--exclude-accounts", &format!("{c},{d}")]);
    assert_eq!(
        (code, in_scope(&file.result())),
        (0, [a.clone(), b].into()),
        "{said}"
    );
    let (code, said) = file.scan(&mock, &["--accounts", &a, "--regions", "us-east-1"]);
    assert_eq!((code, scanned(&file.result())), (0, [a].into()), "{said}");
}

/// The nearest line counts: an account's own before that of its unit, and a unit's before that of
/// one above it.
#[test]
fn a_line_may_name_an_organizational_unit() {
    let mock = Mock::start(WORLD);
    let members = members(&mock);
    let below = |unit: &str| {
        members
            .iter()
            .filter(|(_, path)| path.starts_with(unit))
            .map(|(id, _)| id.clone())
            .collect::<BTreeSet<_>>()
    };
    let (prod, workloads) = (below("/Workloads/Prod"), below("/Workloads"));
    assert!(
        prod.len() > 1 && workloads.len() > prod.len() && members.len() > workloads.len(),
        "{members:?}"
    );
    let own = prod.iter().next().unwrap().clone();
    for unit in ["/Workloads/Prod", "ou-a1b2-prod0000"] {
        let file = File::of(&[
            "r-a1b2,,wrong-id,".to_owned(),
            format!("{unit},{ADMINISTRATORS},,"),
            "/Workloads,,scan-7f3a,".to_owned(),
            format!("{own},nobody,,"),
        ]);
        let (code, said) = file.scan(&mock, &[]);
        assert_eq!(code, 4, "{said}");
        let mut read = scanned(&file.result());
        read.remove(mock.management_account());
        let expected: BTreeSet<String> =
            workloads.iter().filter(|id| **id != own).cloned().collect();
        assert_eq!(read, expected, "{said}");
        // The ExternalId of the unit's line is not that of the role.
        let file = File::of(&[format!("{unit},,scan-7f3a,us-east-1")]);
        let (code, said) = file.scan(&mock, &[]);
        assert_eq!(
            (code, scanned(&file.result()).is_subset(&prod)),
            (0, true),
            "{said}"
        );
    }
}

/// Accounts of other organisations, or of none.
#[test]
fn no_organisation_is_needed() {
    let home = Mock::start(WORLD);
    let members: Vec<String> = members(&home).into_keys().take(2).collect();
    let lines: Vec<String> = members
        .iter()
        .map(|id| format!("{id},{ADMINISTRATORS},,"))
        .collect();
    let file = File::of(&lines);
    let expected: BTreeSet<String> = members.iter().cloned().collect();
    for fault in ["AWSOrganizationsNotInUseException", "AccessDeniedException"] {
        let mock = Mock::with_faults(
            WORLD,
            &[&format!("organizations:DescribeOrganization={fault}")],
        );
        let (code, said) = file.scan(&mock, &[]);
        assert_eq!(
            (code, scanned(&file.result())),
            (0, expected.clone()),
            "{said}"
        );
        assert!(said.contains("organisation"), "{said}");
        let units = File::of(&["/Workloads,,,".to_owned()]);
        let (code, said) = units.scan(&mock, &[]);
        assert!(code == 1 && said.contains("organi"), "{said}");
    }
    // An account that the organisation does not have is tried, and is not of the organisation.
    let file = File::of(&["999999999999,,,".to_owned(), lines[0].clone()]);
    let (code, said) = file.scan(&home, &[]);
    assert_eq!(code, 4, "{said}");
    let scan = file.result();
    assert_eq!(
        in_scope(&scan),
        ["999999999999".to_owned(), members[0].clone()].into()
    );
    let accounts = rows(&scan, "accounts", &["account_id", "ou_path", "name"]);
    assert!(
        accounts.contains(&vec![
            "999999999999".to_owned(),
            String::new(),
            String::new()
        ]),
        "{accounts:?}"
    );
}

#[test]
fn a_line_that_names_what_is_not_there_is_told_with_its_place() {
    let mock = Mock::start(WORLD);
    let member = members(&mock).into_keys().next().unwrap();
    for (line, code, words) in [
        (
            format!("{member},nonsense role,,"),
            2,
            "accounts.csv:2: `nonsense role` is neither",
        ),
        (
            format!("{member},,PLANTED secret,"),
            2,
            "accounts.csv:2: not a valid ExternalId",
        ),
        (
            format!("{member},,,us-esat-1"),
            1,
            "accounts.csv:2: `us-esat-1` is not a Region of this partition; did you mean us-east-1?",
        ),
        (
            format!("{member},arn:aws-cn:iam::{member}:role/x,,"),
            1,
            "accounts.csv:2: `arn:aws-cn:iam::",
        ),
        (
            "/Nowhere,,,".to_owned(),
            1,
            "accounts.csv:2: the organizational unit `/Nowhere` does not exist",
        ),
        (
            "/Workloads,,,\nou-a1b2-workload,,,".to_owned(),
            1,
            "accounts.csv:3: the organizational unit ou-a1b2-workload was listed before, in accounts.csv:2",
        ),
    ] {
        let file = File::of(&[line]);
        let (found, said) = file.scan(&mock, &[]);
        assert_eq!(found, code, "{said}");
        assert!(
            said.contains(words) && !said.contains("PLANTED"),
            "{words}: {said}"
        );
    }
    let file = File::of(&[format!("{member},,,")]);
    let (code, said) = file.scan(&mock, &["--accounts", mock.management_account()]);
    assert!(
        code == 1 && said.contains("--accounts-file lists neither"),
        "{said}"
    );
    for (bytes, words) in [
        (&b"account_id\n\xff"[..], "is not valid UTF-8"),
        (b"", "the first line has to name the columns"),
    ] {
        std::fs::write(&file.path, bytes).unwrap();
        let (code, said) = file.scan(&mock, &[]);
        assert!(code == 2 && said.contains(words), "{said}");
    }
    let mut command = mock.scan(file.folder.path(), &["--accounts-file", "/dev/zero"]);
    command.env("LANG", "C");
    let (code, said) = run(command);
    assert!(code == 2 && said.contains("larger than 16 MiB"), "{said}");
    let (code, said) = run(mock.scan(file.folder.path(), &["--external-id", "PLANTED secret"]));
    assert!(
        code == 2
            && said.contains("--external-id: not a valid ExternalId")
            && !said.contains("PLANTED"),
        "{said}"
    );
}

#[test]
fn a_plan_enters_accounts_as_the_scan_does() {
    let mock = Mock::start(WORLD);
    let members: Vec<String> = members(&mock).into_keys().take(2).collect();
    let file = File::of(&[
        format!("{},,scan-7f3a,", members[0]),
        format!("{},{ADMINISTRATORS},,us-east-1", members[1]),
    ]);
    let mut command = program(mock.management_account());
    command
        .args([
            "plan",
            "--json",
            "--endpoint-url",
            &mock.server().endpoint_url(),
            "--accounts-file",
        ])
        .arg(&file.path);
    let (code, said) = run(command);
    assert_eq!(code, 0, "{said}");
    let json = said.lines().find(|line| line.starts_with('{')).unwrap();
    let plan: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(
        (&plan["accounts"], &plan["accounts_closed"]),
        (&2.into(), &serde_json::json!([])),
        "{said}"
    );
}

/// The file is not read again: what it said was settled when the scan began.
#[test]
fn a_scan_that_is_resumed_knows_the_file() {
    let mock = Mock::start(
        "accounts=10,regions=2,functions=400,seed=6,suspended=0,roleless=0,external-id=scan-7f3a",
    );
    let members = members(&mock);
    let lines: Vec<String> = members
        .keys()
        .map(|id| format!("{id},,scan-7f3a,"))
        .collect();
    let file = File::of(&lines);
    let out = file.folder.path().join("out");
    let mut command = mock.scan(&out, &["--scan-id", "s1"]);
    command.arg("--accounts-file").arg(&file.path);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while !std::fs::metadata(out.join("_journal/s1/journal"))
        .is_ok_and(|journal| journal.len() > 64)
    {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_file(&file.path).unwrap();
    let (code, said) = run(mock.scan(&out, &["--resume", "s1"]));
    assert_eq!(code, 0, "{said}");
    assert_eq!(scanned(&only_scan(&out)), members.into_keys().collect());
}
