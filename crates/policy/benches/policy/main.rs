//! How many statements are reasoned about, and how many requests are evaluated, on one core.
//! `scripts/bench policy` prints the figures.

mod account;
mod graph;
mod roles;

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use lambdasweep_policy::exposure::{Scope, of_policy};
use lambdasweep_policy::{Context, Decision, Document, Policies, Principal, Request, evaluate};

const SCOPE: Scope<'_> = Scope {
    account: "111122223333",
    organization: Some("o-a1b2c3d4e5"),
    partition: "aws",
};

/// Resource policies of functions as they are met: services with their sources, other accounts, an
/// organisation, a public URL, a guard.
const RESOURCE_POLICIES: &[&str] = &[
    r#"{"Version":"2012-10-17","Id":"default","Statement":[
        {"Sid":"bucket","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",
         "Resource":"arn:aws:lambda:eu-west-1:111122223333:function:orders","Condition":{"StringEquals":{"AWS:SourceAccount":"111122223333"},
         "ArnLike":{"AWS:SourceArn":"arn:aws:s3:::uploads"}}},
        {"Sid":"rule","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"lambda:InvokeFunction",
         "Resource":"arn:aws:lambda:eu-west-1:111122223333:function:orders","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:events:eu-west-1:111122223333:rule/nightly"}}}]}"#,
    r#"{"Version":"2012-10-17","Id":"default","Statement":[
        {"Sid":"FunctionURLAllowPublicAccess","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl",
         "Resource":"arn:aws:lambda:eu-west-1:111122223333:function:shop","Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}},
        {"Sid":"FunctionURLInvoke","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction",
         "Resource":"arn:aws:lambda:eu-west-1:111122223333:function:shop","Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}}]}"#,
    r#"{"Version":"2012-10-17","Id":"default","Statement":[
        {"Sid":"org","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:pay",
         "Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}},
        {"Sid":"partner","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"lambda:InvokeFunction",
         "Resource":"arn:aws:lambda:eu-west-1:111122223333:function:pay"},
        {"Sid":"guard","Effect":"Deny","Principal":"*","Action":"lambda:*","Resource":"arn:aws:lambda:eu-west-1:111122223333:function:pay",
         "Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}]}"#,
];

const IDENTITY: &[&str] = &[
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem","dynamodb:Query"],"Resource":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders"},
        {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::uploads/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}"#,
];
const BOUNDARY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:*","dynamodb:*","s3:*","sqs:*"],"Resource":"*"},
    {"Effect":"Deny","Action":"iam:*","Resource":"*"}]}"#;
const FULL_ACCESS: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const REGIONS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","NotAction":["iam:*","organizations:*","sts:*","support:*"],"Resource":"*",
    "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}}]}"#;

fn parse(text: &str) -> Document {
    Document::parse(text).expect("a policy")
}

fn reason(criterion: &mut Criterion) {
    let documents: Vec<Document> = RESOURCE_POLICIES.iter().map(|text| parse(text)).collect();
    let statements = documents
        .iter()
        .map(|document| document.statements.len() as u64)
        .sum();
    let mut group = criterion.benchmark_group("policy");
    group.throughput(Throughput::Elements(statements));
    group.bench_function("reason", |bencher| {
        bencher.iter(|| {
            documents
                .iter()
                .map(|document| of_policy(black_box(document), &SCOPE).exposure)
                .max()
        });
    });
    group.finish();
}

fn evaluations(criterion: &mut Criterion) {
    let (identity, boundary): (Vec<Document>, Document) = (
        IDENTITY.iter().map(|text| parse(text)).collect(),
        parse(BOUNDARY),
    );
    let (full, regions) = (parse(FULL_ACCESS), parse(REGIONS));
    let policies = Policies {
        identity: identity.iter().collect(),
        boundary: Some(&boundary),
        scps: vec![vec![&full], vec![&full, &regions], vec![&full]],
        ..Policies::default()
    };
    let principal = Principal::parse("arn:aws:sts::111122223333:assumed-role/orders/orders")
        .expect("a principal");
    let context = Context::default()
        .with("aws:SecureTransport", "true")
        .with("aws:RequestedRegion", "eu-west-1");
    let asked = [
        (
            "dynamodb:PutItem",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
            Decision::Allowed,
        ),
        (
            "s3:GetObject",
            "arn:aws:s3:::uploads/2026/11/25/a.json",
            Decision::Allowed,
        ),
        (
            "logs:PutLogEvents",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/orders:*",
            Decision::Allowed,
        ),
        (
            "sqs:SendMessage",
            "arn:aws:sqs:eu-west-1:111122223333:orders",
            Decision::ImplicitlyDenied,
        ),
    ];
    let requests: Vec<(Request<'_>, Decision)> = asked
        .iter()
        .map(|(action, resource, expected)| {
            (
                Request {
                    principal: &principal,
                    action,
                    resource,
                    resource_account: None,
                    context: &context,
                },
                *expected,
            )
        })
        .collect();
    let mut group = criterion.benchmark_group("policy");
    group.throughput(Throughput::Elements(requests.len() as u64));
    group.bench_function("evaluate", |bencher| {
        bencher.iter(|| {
            for (request, expected) in &requests {
                assert_eq!(
                    evaluate(black_box(&policies), black_box(request)).decision,
                    *expected
                );
            }
        });
    });
    group.finish();
}

/// Policies of 20 KB that are made to be hard to reason about.
fn hostile(criterion: &mut Criterion) {
    let accounts = |count: usize| {
        (0..count)
            .map(|at| format!(r#""{:012}""#, 100_000_000_000_u64 + at as u64))
            .collect::<Vec<_>>()
            .join(",")
    };
    let denials = (0..60)
        .map(|at| {
            format!(
                r#"{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{{"StringNotEquals":{{"aws:PrincipalOrgID":"o-{at:010}","aws:PrincipalAccount":[{}]}},"ArnNotLike":{{"aws:PrincipalArn":"arn:aws:iam::*:role/*{at}*"}}}}}}"#,
                accounts(6)
            )
        })
        .collect::<Vec<_>>()
        .join(",");
    let many_denials = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}},{denials}]}}"#
    );
    let lists = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":[{a}]}},"Action":"*","Resource":"*","Condition":{{"StringLike":{{"aws:PrincipalAccount":[{a}]}}}}}},
            {{"Effect":"Deny","NotPrincipal":{{"AWS":[{a}]}},"Action":"*","Resource":"*"}}]}}"#,
        a = accounts(440)
    );
    let actions = (0..500)
        .map(|at| format!(r#""lambda:*a*b*{at}*""#))
        .collect::<Vec<_>>()
        .join(",");
    let wildcards = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":[{actions}],"Resource":"*"}},
            {{"Effect":"Deny","Principal":"*","Action":[{actions}],"Resource":"*","Condition":{{"StringNotEquals":{{"aws:PrincipalAccount":"111122223333"}}}}}}]}}"#
    );
    for (name, text) in [
        ("many-denials", many_denials),
        ("long-lists", lists),
        ("wildcards", wildcards),
    ] {
        let document = parse(&text);
        criterion.bench_function(
            &format!("hostile/{name}/{}KB", text.len() / 1024),
            |bencher| {
                bencher.iter(|| of_policy(black_box(&document), &SCOPE).exposure);
            },
        );
    }
}

criterion_group!(
    benches,
    reason,
    evaluations,
    hostile,
    roles::roles,
    graph::graphs
);
criterion_main!(benches);
