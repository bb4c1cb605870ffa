//! The values that generated policies and requests are made of.

use super::ORGANIZATION;

/// Callers of requests.
pub(super) const CALLERS: &[&str] = &[
    "*",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:sts::111122223333:assumed-role/app/worker-1",
    "arn:aws:iam::444455556666:user/carol",
    "arn:aws:sts::444455556666:assumed-role/reader/s1",
    "arn:aws:iam::777788889999:root",
    "s3.amazonaws.com",
    "sns.amazonaws.com",
    "events.amazonaws.com",
];

pub(super) const AWS: &[&str] = &[
    "111122223333",
    "444455556666",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:iam::111122223333:user/ana",
    "arn:aws:sts::111122223333:assumed-role/app/worker-1",
    "arn:aws:iam::444455556666:root",
    "arn:aws:iam::444455556666:user/carol",
    "arn:aws:iam::444455556666:role/reader",
    "arn:aws:sts::444455556666:assumed-role/reader/s1",
    "arn:aws:iam::777788889999:root",
    "arn:aws-cn:iam::444455556666:root",
];

pub(super) const SERVICES: &[&str] = &[
    "s3.amazonaws.com",
    "sns.amazonaws.com",
    "events.amazonaws.com",
    "lambda.amazonaws.com",
];

pub(super) const FEDERATED: &[&str] = &[
    "accounts.google.com",
    "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com",
];

pub(super) const CANONICAL: &[&str] =
    &["79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"];

/// Actions of requests.
pub(super) const ASKED: &[&str] = &[
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "lambda:GetFunction",
    "s3:GetObject",
    "sts:AssumeRole",
];

pub(super) const ACTIONS: &[&str] = &[
    "*",
    "lambda:*",
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "lambda:Invoke*",
    "LAMBDA:getfunction",
    "lambda:Get?unction",
    "s3:GetObject",
    "s3:Get*",
];

pub(super) const STS_ACTIONS: &[&str] = &[
    "sts:AssumeRole",
    "sts:Assume*",
    "sts:TagSession",
    "STS:AssumeRoleWithWebIdentity",
];

/// Resources of requests.
pub(super) const TARGETS: &[&str] = &[
    "arn:aws:lambda:eu-west-1:111122223333:function:pay",
    "arn:aws:lambda:eu-west-1:111122223333:function:pay:live",
    "arn:aws:s3:::reports/ana/2026",
    "arn:aws:iam::111122223333:role/app",
];

pub(super) const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:lambda:eu-west-1:111122223333:function:pay",
    "arn:aws:lambda:*:111122223333:function:pay*",
    "arn:aws:lambda:eu-west-1:111122223333:function:*",
    "arn:aws:lambda:eu-west-1:444455556666:function:pay",
    "arn:aws:s3:::reports/*",
    "arn:aws:lambda",
    "arn:aws:s3",
    "arn:aws:lambda:eu-west-1:111122223333",
    "arn:aws:*:*:1111*",
    "arn:aws:s3:${aws:username}",
    "arn:aws:s3:::reports/${aws:username}/*",
    "arn:aws:s3:::reports/${aws:PrincipalTag/team, 'nobody'}/?${*}",
    "arn:aws-cn:lambda:cn-north-1:111122223333:function:pay",
];

/// Condition keys by the operators that compare them, with values that policies and requests give
/// them.
pub(super) const KEYS: &[(&str, &str, &[&str])] = &[
    (
        "String",
        "aws:PrincipalOrgID",
        &[ORGANIZATION, "o-zzzzzzzzzz", "o-*"],
    ),
    (
        "String",
        "aws:PrincipalOrgPaths",
        &[
            "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
            "o-a1b2c3d4e5/r-ab12/*",
            "o-*",
        ],
    ),
    (
        "String",
        "aws:SourceAccount",
        &["111122223333", "444455556666", "777788889999", "*"],
    ),
    (
        "String",
        "aws:PrincipalAccount",
        &["111122223333", "444455556666", "777788889999"],
    ),
    (
        "String",
        "aws:SourceOrgID",
        &[ORGANIZATION, "o-zzzzzzzzzz", "o-*"],
    ),
    (
        "String",
        "aws:SourceOrgPaths",
        &["o-a1b2c3d4e5/r-ab12/*", "o-zzzzzzzzzz/r-ab12/", "o-*"],
    ),
    (
        "String",
        "aws:SourceOwner",
        &["111122223333", "444455556666", "*"],
    ),
    (
        "String",
        "kms:CallerAccount",
        &["111122223333", "444455556666", "*"],
    ),
    (
        "String",
        "aws:VpceAccount",
        &["111122223333", "444455556666", "*"],
    ),
    (
        "String",
        "s3:DataAccessPointAccount",
        &["111122223333", "444455556666", "*"],
    ),
    (
        "String",
        "aws:PrincipalServiceName",
        &["s3.amazonaws.com", "*"],
    ),
    (
        "String",
        "aws:userid",
        &[
            "AIDAEXAMPLEEXAMPLE12",
            "AROAEXAMPLEEXAMPLE34:*",
            "*:worker-1",
        ],
    ),
    ("String", "lambda:EventSourceToken", &["t0ken", "*"]),
    ("String", "aws:SourceVpce", &["vpce-1a2b3c4d", "vpce-*"]),
    (
        "String",
        "aws:RequestTag/stage",
        &["prod", "test", "Prod", "${aws:username}", "p?o*"],
    ),
    ("String", "aws:TagKeys", &["stage", "team"]),
    (
        "String",
        "aws:username",
        &["ana", "carol", "${aws:username, 'ana'}"],
    ),
    ("String", "lambda:FunctionUrlAuthType", &["NONE", "AWS_IAM"]),
    ("String", "sts:ExternalId", &["open sesame", "*", ""]),
    (
        "Arn",
        "aws:SourceArn",
        &[
            "arn:aws:s3:::reports",
            "arn:aws:sns:eu-west-1:111122223333:t",
            "arn:aws:sns:*:444455556666:*",
            "arn:aws:s3:::*",
            "t",
        ],
    ),
    (
        "Arn",
        "s3:DataAccessPointArn",
        &[
            "arn:aws:s3:eu-west-1:111122223333:accesspoint/a",
            "arn:aws:s3:*:444455556666:accesspoint/*",
        ],
    ),
    (
        "Arn",
        "aws:PrincipalArn",
        &[
            "arn:aws:iam::111122223333:role/app",
            "arn:aws:iam::*:role/*",
            "arn:aws:iam::444455556666:user/${aws:username}",
        ],
    ),
    ("Numeric", "s3:max-keys", &["10", "9.5", "-1", "1e2"]),
    ("Numeric", "aws:MultiFactorAuthAge", &["300", "3600"]),
    (
        "Date",
        "aws:CurrentTime",
        &[
            "2026-01-01T00:00:00Z",
            "2025-06-30",
            "2026-06-01T12:00:00+02:00",
            "1767225600",
        ],
    ),
    (
        "Date",
        "aws:TokenIssueTime",
        &["2026-01-01T00:00:00Z", "2027-01-01"],
    ),
    ("Bool", "aws:SecureTransport", &["true", "false"]),
    (
        "Bool",
        "aws:MultiFactorAuthPresent",
        &["true", "false", "TRUE"],
    ),
    ("Bool", "aws:PrincipalIsAWSService", &["true", "false"]),
    (
        "IpAddress",
        "aws:SourceIp",
        &[
            "203.0.113.0/24",
            "203.0.113.9",
            "0.0.0.0/0",
            "2001:db8::/32",
            "0.0.0.0/1",
        ],
    ),
    ("Binary", "example:Digest", &["QmluYXJ5", "QQ=="]),
    ("Null", "aws:SourceArn", &["true", "false"]),
    ("Null", "aws:PrincipalOrgID", &["true", "false"]),
];

pub(super) const OPERATORS: &[(&str, &[&str])] = &[
    (
        "String",
        &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
    ),
    (
        "Arn",
        &[
            "ArnEquals",
            "ArnLike",
            "ArnNotEquals",
            "ArnNotLike",
            "StringLike",
            "StringEquals",
            "StringNotLike",
        ],
    ),
    (
        "Numeric",
        &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
    ),
    (
        "Date",
        &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
    ),
    ("Bool", &["Bool"]),
    ("IpAddress", &["IpAddress", "NotIpAddress"]),
    ("Binary", &["BinaryEquals"]),
    ("Null", &["Null"]),
];
