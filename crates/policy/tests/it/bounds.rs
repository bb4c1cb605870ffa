//! Policies and accounts that are made to take for ever get an answer that says what it leaves out.

use lambdasweep_policy::Document;
use lambdasweep_policy::exposure::Exposure;
use lambdasweep_policy::grants::{NamedPolicy, RoleInput, effective};
use lambdasweep_policy::role::{Holder, Privilege, RoleJudgement, graph, judge, trust};

const ACCOUNT: &str = "111122223333";
const ARN: &str = "arn:aws:iam::111122223333:role/app";

fn document(statements: &[String]) -> Document {
    Document::parse(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    ))
    .expect("a policy")
}

fn named(document: &Document) -> NamedPolicy<'_> {
    NamedPolicy {
        name: "inline",
        document: Some(document),
    }
}

fn role<'a>(arn: &'a str, documents: &'a [Document]) -> RoleInput<'a> {
    RoleInput {
        identity: documents.iter().map(named).collect(),
        ..RoleInput::new(arn, ACCOUNT, "aws")
    }
}

/// A list of texts as JSON, from each number.
fn list(count: usize, text: impl Fn(usize) -> String) -> String {
    format!(
        "[{}]",
        (0..count)
            .map(|at| format!(r#""{}""#, text(at)))
            .collect::<Vec<_>>()
            .join(",")
    )
}

#[test]
fn denials_that_part_every_row_leave_a_bounded_number_of_rows() {
    let kept = |depth: usize| {
        let within = "0*1*2*3*4*5*6*7*8*9*".repeat(depth);
        format!(
            r#"{{"Effect":"Deny","NotAction":{},"Resource":"*"}}"#,
            list(10, |at| format!("*{within}{at}*"))
        )
    };
    let everything = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned();
    let documents = [document(
        &[everything]
            .into_iter()
            .chain((0..8).map(kept))
            .collect::<Vec<_>>(),
    )];
    let grants = effective(&role(ARN, &documents));
    assert!(grants.rows.len() < 20_000, "{}", grants.rows.len());
    assert!(
        grants
            .unknown_denies
            .iter()
            .any(|why| why.contains("too many parts")),
        "{:?}",
        grants.unknown_denies.first()
    );
    assert!(judge(&role(ARN, &documents)).unknown_denies.len() >= grants.unknown_denies.len());
}

#[test]
fn policies_that_are_hard_to_compare_are_not_compared_to_the_end() {
    let text = |at: usize| {
        let letter = |part: usize| char::from(b'a' + ((part * 7 + at) % 26) as u8).to_string();
        format!("*{}*", (0..40).map(letter).collect::<Vec<_>>().join("*"))
    };
    let statement = |at: usize| {
        let (effect, action) = (if at % 4 == 3 { "Deny" } else { "Allow" }, text(at));
        format!(
            r#"{{"Effect":"{effect}","Action":["iam:{action}","*:{action}","*a*:*"],"Resource":["arn:aws:iam::{action}","{action}"]}}"#
        )
    };
    let documents = [document(&(0..400).map(statement).collect::<Vec<_>>())];
    let judgement = judge(&role(ARN, &documents));
    assert!(
        judgement
            .unknown_allows
            .iter()
            .any(|why| why.contains("too large")),
        "{:?}",
        judgement.unknown_allows
    );
    assert!(judgement.privilege >= Privilege::Unknown);
}

#[test]
fn long_lists_are_one_list_to_the_rows_that_have_them() {
    let (actions, resources) = (
        list(4_000, |at| format!("iam:a{at}*")),
        list(4_000, |at| format!("arn:aws:iam::{ACCOUNT}:role/a{at}*")),
    );
    let documents = [document(&[format!(
        r#"{{"Effect":"Allow","Action":{actions},"Resource":{resources}}}"#
    )])];
    // Sixteen million patterns, were they copied.
    assert_eq!(effective(&role(ARN, &documents)).rows.len(), 4_000);
}

/// As many policies as AWS lets a role and its account have, each as long as it may be.
#[test]
fn what_aws_accepts_is_compared_to_the_end() {
    let services = [
        "s3", "ec2", "iam", "lambda", "sqs", "dynamodb", "logs", "kms",
    ];
    let action = |at: usize| format!("{}:Get{at}Thing", services[at % services.len()]);
    let resource = |at: usize| format!("arn:aws:sqs:eu-west-1:{ACCOUNT}:queue-{at}-*");
    let allow = |from: usize| {
        format!(
            r#"{{"Effect":"Allow","Action":{},"Resource":{}}}"#,
            list(180, |at| action(from + at)),
            list(30, |at| resource(from + at))
        )
    };
    let deny = format!(
        r#"{{"Effect":"Deny","Action":{},"Resource":"*"}},{{"Effect":"Deny","Action":"s3:*","Resource":{}}}"#,
        list(60, |at| format!("{}*", action(at * 37))),
        list(30, |at| format!("arn:aws:s3:::bucket-{at}/*"))
    );
    let full = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#.to_owned();
    let identity: Vec<Document> = (0..20).map(|at| document(&[allow(at * 180)])).collect();
    let levels: Vec<Vec<Document>> = (0..6)
        .map(|_| {
            (0..5)
                .map(|_| document(&[full.clone(), deny.clone()]))
                .collect()
        })
        .collect();
    let scps = levels
        .iter()
        .map(|level| level.iter().map(named).collect())
        .collect();
    let judgement = judge(&RoleInput {
        scps,
        ..role(ARN, &identity)
    });
    assert!(
        judgement.unknown_denies.is_empty() && judgement.unknown_allows.is_empty(),
        "{:?} {:?}",
        judgement.unknown_denies,
        judgement.unknown_allows
    );
}

#[test]
fn too_many_principals_under_denials_are_left_open() {
    let name = |at: usize| format!("arn:aws:iam::444455556666:role/r-{at}");
    let allow = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":{}}},"Action":"sts:AssumeRole"}}"#,
        list(500, name)
    );
    let deny = |count: usize| {
        let accounts = list(count, |at| {
            format!("{:012}", 100_000_000_000_u64 + at as u64)
        });
        let condition = format!(r#"{{"StringEquals":{{"aws:PrincipalAccount":{accounts}}}}}"#);
        format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Condition":{condition}}}"#
        )
    };
    for (accounts, expected) in [(5, Exposure::Accounts), (500, Exposure::Unknown)] {
        let policy = document(&[allow.clone(), deny(accounts)]);
        let trusted = trust(&policy, ACCOUNT).others;
        assert_eq!(trusted.len(), 500);
        assert!(
            trusted
                .iter()
                .all(|it| it.exposure == expected && it.accounts == ["444455556666"]),
            "{:?}",
            trusted[0]
        );
    }
}

fn unknown(roles: &[RoleInput<'_>]) -> Option<String> {
    let judgements: Vec<RoleJudgement<'_>> = roles.iter().map(judge).collect();
    let holders: Vec<Holder<'_, '_>> = roles
        .iter()
        .zip(&judgements)
        .map(|(role, judgement)| Holder { role, judgement })
        .collect();
    graph(&holders, &[], "2026-11-27T00:00:00Z").unknown
}

#[test]
fn an_account_of_too_many_ways_says_that_some_are_left_out() {
    let documents = [document(&[
        r#"{"Effect":"Allow","NotAction":["iam:*","sts:*"],"Resource":"*"}"#.to_owned(),
    ])];
    let service = r#"{"Service":["ec2.amazonaws.com","ssm.amazonaws.com","lambda.amazonaws.com","sagemaker.amazonaws.com","states.amazonaws.com"]}"#;
    let trusted = document(&[format!(
        r#"{{"Effect":"Allow","Principal":{service},"Action":"sts:AssumeRole"}}"#
    )]);
    let names: Vec<String> = (0..1_000).map(|at| format!("{ARN}-{at}")).collect();
    let roles: Vec<RoleInput<'_>> = names
        .iter()
        .map(|arn| RoleInput {
            trust: Some(&trusted),
            ..role(arn, &documents)
        })
        .collect();
    assert_eq!(unknown(&roles[..100]), None);
    assert!(unknown(&roles).is_some_and(|why| why.contains("too many ways")));
}
