//! What large and hostile accounts cost: from the texts of an account's policies to the ways of its
//! roles.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput};

use crate::account::{ACCOUNT, Account, Role, allow, role_arn};
use crate::roles::ordinary;

/// Roles as in the ordinary account, but so many.
fn many(count: usize) -> Account {
    let mut account = ordinary();
    let one = account.roles.clone();
    let copies = (0..)
        .flat_map(|copy| one.iter().map(move |role| (copy, role)))
        .take(count);
    let copied = |(copy, role): (usize, &Role)| Role {
        arn: format!("{}-{copy}", role.arn),
        ..role.clone()
    };
    account.roles = copies.map(copied).collect();
    let executing = account
        .roles
        .iter()
        .filter(|role| role.arn.contains(":role/service-role/"));
    account.functions = executing
        .enumerate()
        .map(|(at, role)| (function(at), role.arn.clone()))
        .collect();
    account
}

fn function(at: usize) -> String {
    format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f-{at}")
}

/// Roles that all trust each other: by the account, with a permission, or by their names.
fn trusting(count: usize, by_name: bool) -> Account {
    let names: Vec<String> = (0..count)
        .map(|at| format!(r#""{}""#, role_arn(&format!("r-{at}"))))
        .collect();
    let trusted = if by_name {
        format!(r#"{{"AWS":[{}]}}"#, names.join(","))
    } else {
        format!(r#"{{"AWS":"{ACCOUNT}"}}"#)
    };
    let permission = allow(r#""sts:AssumeRole""#, r#""*""#);
    let role = |at: usize| {
        let role = Role::new(&format!("r-{at}"), &trusted);
        if by_name {
            role
        } else {
            role.inline(&[&permission])
        }
    };
    let mut roles: Vec<Role> = (0..count).map(role).collect();
    roles.extend([Role::new("boss", &trusted).attached("AdministratorAccess")]);
    Account {
        roles,
        policies: ordinary().policies,
        ..Account::default()
    }
}

/// Roles that take over functions and pass roles, with as many functions.
fn deploying(count: usize) -> Account {
    let permissions = allow(
        r#"["lambda:UpdateFunctionCode","lambda:CreateFunction","lambda:InvokeFunction","iam:PassRole"]"#,
        r#""*""#,
    );
    let lambda = r#"{"Service":"lambda.amazonaws.com"}"#;
    let roles = (0..count)
        .map(|at| Role::new(&format!("r-{at}"), lambda).inline(&[&permissions]))
        .collect();
    let functions = (0..count)
        .map(|at| (function(at), role_arn(&format!("r-{at}"))))
        .collect();
    Account {
        roles,
        functions,
        ..Account::default()
    }
}

/// Roles with such statements each.
fn hostile(count: usize, statements: &[String]) -> Account {
    let statements: Vec<&str> = statements.iter().map(String::as_str).collect();
    let root = format!(r#"{{"AWS":"{ACCOUNT}"}}"#);
    let roles = (0..count)
        .map(|at| Role::new(&format!("r-{at}"), &root).inline(&statements))
        .collect();
    Account {
        roles,
        functions: (0..count)
            .map(|at| (function(at), role_arn(&format!("r-{at}"))))
            .collect(),
        ..Account::default()
    }
}

/// Statements that are made to be hard to compare: so many, whose actions and resources have so
/// many wildcards each.
fn wild(statements: usize, wildcards: usize) -> Vec<String> {
    let text = |at: usize| {
        let letter = |part: usize| char::from(b'a' + ((part * 7 + at) % 26) as u8).to_string();
        format!(
            "*{}*",
            (0..wildcards).map(letter).collect::<Vec<_>>().join("*")
        )
    };
    let statement = |at: usize| {
        let (effect, action) = (if at % 4 == 3 { "Deny" } else { "Allow" }, text(at));
        format!(
            r#"{{"Effect":"{effect}","Action":["iam:{action}","*:{action}","*a*:*"],"Resource":["arn:aws:iam::{action}","{action}"]}}"#
        )
    };
    (0..statements).map(statement).collect()
}

/// An Allow, and denials each of which leaves of every row ten parts.
fn branching(denials: usize) -> Vec<String> {
    let kept = |depth: usize| {
        let within = "0*1*2*3*4*5*6*7*8*9*".repeat(depth);
        let patterns: Vec<String> = (0..10).map(|at| format!(r#""*{within}{at}*""#)).collect();
        format!(
            r#"{{"Effect":"Deny","NotAction":[{}],"Resource":"*"}}"#,
            patterns.join(",")
        )
    };
    [allow(r#""*""#, r#""*""#)]
        .into_iter()
        .chain((0..denials).map(kept))
        .collect()
}

/// Long lists of actions and of resources, some of which are denied.
fn long(count: usize) -> Vec<String> {
    let list = |prefix: &str| {
        (0..count)
            .map(|at| format!(r#""{prefix}{at}*""#))
            .collect::<Vec<_>>()
            .join(",")
    };
    let (actions, resources) = (list("iam:a"), list("arn:aws:iam::111122223333:role/a"));
    let deny = format!(r#"{{"Effect":"Deny","Action":["iam:*7*"],"Resource":[{resources}]}}"#);
    vec![
        allow(&format!("[{actions}]"), &format!("[{resources}]")),
        deny,
    ]
}

pub(crate) fn graphs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("graph");
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .warm_up_time(Duration::from_millis(1));
    for (name, account) in [
        ("ordinary", many(5_000)),
        ("trusting", trusting(1_000, false)),
        ("trusting-by-name", trusting(300, true)),
        ("deploying", deploying(1_000)),
        ("wildcards", hostile(2, &wild(400, 40))),
        ("branching", hostile(2, &branching(8))),
        ("long-lists", hostile(2, &long(2_000))),
    ] {
        let roles = account.roles.len();
        group.throughput(Throughput::Elements(roles as u64));
        group.bench_with_input(
            BenchmarkId::new(name, roles),
            &account,
            |bencher, account| bencher.iter(|| black_box(account).judge()),
        );
    }
    group.finish();
}
