//! What an ordinary account costs a scan: thirty roles, as they are met.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use lambdasweep_policy::Document;
use lambdasweep_policy::grants::RoleInput;
use lambdasweep_policy::role::{RoleJudgement, SettledRole, judge};

use crate::account::{ACCOUNT, Account, Role, allow, policy, role_arn};

const LAMBDA: &str = r#"{"Service":"lambda.amazonaws.com"}"#;

/// Managed policies of AWS, of which those are answered that are attached.
const MANAGED: &[(&str, &str)] = &[
    (
        "AdministratorAccess",
        r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
    ),
    (
        "PowerUserAccess",
        r#"{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"},
            {"Effect":"Allow","Action":["account:GetAccountInformation","account:GetPrimaryEmail","account:ListRegions","iam:CreateServiceLinkedRole",
            "iam:DeleteServiceLinkedRole","iam:ListRoles","organizations:DescribeEffectivePolicy","organizations:DescribeOrganization"],"Resource":"*"}"#,
    ),
    (
        "AWSLambda_FullAccess",
        r#"{"Effect":"Allow","Action":["cloudformation:DescribeStacks","cloudformation:ListStackResources","cloudwatch:ListMetrics",
            "cloudwatch:GetMetricData","ec2:DescribeSecurityGroups","ec2:DescribeSubnets","ec2:DescribeVpcs","kms:DescribeKey","kms:ListAliases",
            "iam:GetPolicy","iam:GetPolicyVersion","iam:GetRole","iam:GetRolePolicy","iam:ListAttachedRolePolicies","iam:ListRolePolicies",
            "iam:ListRoles","lambda:*","logs:DescribeLogGroups","states:DescribeStateMachine","states:ListStateMachines","tag:GetResources",
            "xray:GetTraceSummaries","xray:BatchGetTraces"],"Resource":"*"},
            {"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}"#,
    ),
    (
        "ReadOnlyAccess",
        r#"{"Effect":"Allow","Action":["ec2:Describe*","iam:Get*","iam:List*","lambda:Get*","lambda:List*","s3:Get*","s3:List*"],"Resource":"*"}"#,
    ),
    (
        "service-role/AWSLambdaBasicExecutionRole",
        r#"{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}"#,
    ),
    (
        "service-role/AWSLambdaVPCAccessExecutionRole",
        r#"{"Effect":"Allow","Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents","ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces","ec2:DescribeSubnets","ec2:DeleteNetworkInterface","ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses"],"Resource":"*"}"#,
    ),
    (
        "service-role/AWSLambdaSQSQueueExecutionRole",
        r#"{"Effect":"Allow","Action":["sqs:ReceiveMessage","sqs:DeleteMessage","sqs:GetQueueAttributes","logs:CreateLogGroup",
            "logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}"#,
    ),
    (
        "AWSXRayDaemonWriteAccess",
        r#"{"Effect":"Allow","Action":["xray:PutTraceSegments","xray:PutTelemetryRecords","xray:GetSamplingRules","xray:GetSamplingTargets",
            "xray:GetSamplingStatisticSummaries"],"Resource":"*"}"#,
    ),
    (
        "aws-service-role/AWSSupportServiceRolePolicy",
        r#"{"Effect":"Allow","Action":["ec2:Describe*","lambda:Get*","lambda:List*","s3:GetBucket*","s3:List*","sqs:ListQueues","rds:Describe*",
            "dynamodb:Describe*","dynamodb:List*","cloudformation:Describe*","cloudformation:List*"],"Resource":"*"}"#,
    ),
];

const FULL_ACCESS: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
const REGIONS: &str = r#"{"Effect":"Deny","NotAction":["iam:*","organizations:*","sts:*","support:*","cloudfront:*","route53:*"],"Resource":"*",
    "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]},
    "ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::*:role/OrganizationAccountAccessRole"]}}}"#;
const LEAVING: &str = r#"{"Effect":"Deny","Action":["organizations:LeaveOrganization","account:CloseAccount"],"Resource":"*"}"#;
const GUARDS: &str = r#"{"Effect":"Deny","Action":["lambda:CreateFunctionUrlConfig","lambda:UpdateFunctionUrlConfig"],"Resource":"*",
    "Condition":{"StringNotEquals":{"lambda:FunctionUrlAuthType":"AWS_IAM"}}}"#;

/// Execution roles of functions.
fn of_functions() -> Vec<Role> {
    let basic = |name: &str| {
        Role::new(&format!("service-role/{name}"), LAMBDA)
            .attached("service-role/AWSLambdaBasicExecutionRole")
    };
    let mut roles: Vec<Role> = (0..8).map(|at| basic(&format!("function-{at}"))).collect();
    roles.extend((8..14).map(|at| {
        let table = allow(
            r#"["dynamodb:GetItem","dynamodb:PutItem","dynamodb:Query"]"#,
            &format!(r#""arn:aws:dynamodb:*:{ACCOUNT}:table/orders-{at}-*""#),
        );
        basic(&format!("table-{at}")).inline(&[&table])
    }));
    for (name, attached) in [
        ("network", "service-role/AWSLambdaVPCAccessExecutionRole"),
        ("queue", "service-role/AWSLambdaSQSQueueExecutionRole"),
        ("traced", "AWSXRayDaemonWriteAccess"),
    ] {
        roles.push(Role::new(&format!("service-role/{name}"), LAMBDA).attached(attached));
    }
    let secret = allow(
        r#""secretsmanager:GetSecretValue""#,
        &format!(r#""arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:pay-??????""#),
    );
    let tls = r#"{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::uploads/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}"#;
    let mut bound = basic("bound").inline(&[&secret, tls]);
    bound.boundary = Some(format!("arn:aws:iam::{ACCOUNT}:policy/boundary"));
    roles.push(bound);
    roles
}

/// Roles of people, pipelines and AWS's services.
fn of_others() -> Vec<Role> {
    let root = format!(r#"{{"AWS":"arn:aws:iam::{ACCOUNT}:root"}}"#);
    let management = r#"{"AWS":"arn:aws:iam::999988887777:root"}"#;
    let linked = |service: &str| {
        let role = Role::new(
            &format!("aws-service-role/{service}/AWSServiceRoleFor{service}"),
            &format!(r#"{{"Service":"{service}"}}"#),
        );
        role.attached("aws-service-role/AWSSupportServiceRolePolicy")
    };
    let federated = |name: &str, condition: &str| {
        let mut role = Role::new(name, LAMBDA);
        role.trust = policy(&[&format!(
            r#"{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"}},
                "Action":"sts:AssumeRoleWithWebIdentity","Condition":{condition}}}"#
        )]);
        role
    };
    let pass = format!(
        r#"{{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::{ACCOUNT}:role/service-role/*","Condition":{{"StringEquals":{{"iam:PassedToService":"lambda.amazonaws.com"}}}}}}"#
    );
    let deploy = allow(
        r#"["lambda:UpdateFunctionCode","lambda:UpdateFunctionConfiguration","lambda:CreateFunction","lambda:PublishVersion"]"#,
        r#""*""#,
    );
    let mut external = Role::new("vendor", r#"{"AWS":"arn:aws:iam::444455556666:root"}"#)
        .attached("ReadOnlyAccess");
    external.trust = policy(&[
        r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"open sesame"}}}"#,
    ]);
    let into_deploy = allow(
        r#""sts:AssumeRole""#,
        &format!(r#""{}""#, role_arn("deploy")),
    );
    vec![
        linked("support.amazonaws.com"),
        linked("trustedadvisor.amazonaws.com"),
        linked("organizations.amazonaws.com"),
        Role::new("OrganizationAccountAccessRole", management).attached("AdministratorAccess"),
        Role::new("admin", &root).attached("AdministratorAccess"),
        Role::new("power", &root).attached("PowerUserAccess"),
        Role::new("audit", &root).attached("ReadOnlyAccess"),
        Role::new("deploy", &root).inline(&[&deploy, &pass]),
        federated(
            "pipeline",
            r#"{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":{"token.actions.githubusercontent.com:sub":"repo:example/shop:*"}}"#,
        )
        .inline(&[&into_deploy]),
        external,
        Role::new("console", LAMBDA).attached("AWSLambda_FullAccess"),
        Role::new("build", r#"{"Service":["codebuild.amazonaws.com","codepipeline.amazonaws.com"]}"#).attached("PowerUserAccess"),
    ]
}

pub(crate) fn ordinary() -> Account {
    let roles: Vec<Role> = of_functions().into_iter().chain(of_others()).collect();
    let executing = roles
        .iter()
        .filter(|role| role.arn.contains(":role/service-role/"));
    let functions = executing.enumerate().map(|(at, role)| {
        (
            format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f-{at}"),
            role.arn.clone(),
        )
    });
    let functions = functions.collect();
    let boundary = (
        format!("arn:aws:iam::{ACCOUNT}:policy/boundary"),
        policy(&[&allow(
            r#"["logs:*","dynamodb:*","s3:GetObject","sqs:*","xray:Put*"]"#,
            r#""*""#,
        )]),
    );
    let of_aws = MANAGED.iter().map(|(name, statements)| {
        (
            format!("arn:aws:iam::aws:policy/{name}"),
            policy(&[statements]),
        )
    });
    let document = |statements: &[&str]| Document::parse(&policy(statements)).expect("a policy");
    let scps = [vec![LEAVING], vec![REGIONS], vec![GUARDS]];
    let scps = scps
        .map(|further| [&[FULL_ACCESS][..], &further].map(document).into())
        .into();
    Account {
        roles,
        policies: of_aws.chain([boundary]).collect(),
        functions,
        scps,
    }
    .encoded()
}

pub(crate) fn roles(criterion: &mut Criterion) {
    let account = ordinary();
    // The tables are read at their first use, once a scan.
    black_box(&account).judge();
    let mut group = criterion.benchmark_group("roles");
    group.throughput(Throughput::Elements(account.roles.len() as u64));
    group.bench_function("account", |bencher| {
        bencher.iter(|| black_box(&account).judge())
    });
    group.bench_function("parse", |bencher| {
        bencher.iter(|| black_box(&account).parse())
    });
    let documents = account.parse();
    group.bench_function("settle", |bencher| {
        bencher.iter(|| black_box(&account).settle(&documents))
    });
    let settled = account.settle(&documents);
    let inputs: Vec<RoleInput<'_>> = settled.iter().map(SettledRole::input).collect();
    group.bench_function("judge", |bencher| {
        bencher.iter(|| black_box(&inputs).iter().map(judge).collect::<Vec<_>>())
    });
    let judgements: Vec<RoleJudgement<'_>> = inputs.iter().map(judge).collect();
    group.bench_function("graph", |bencher| {
        bencher.iter(|| account.graph(black_box(&inputs), &judgements))
    });
    group.finish();
}
