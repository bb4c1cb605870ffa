//! The requests that each guardrail has to deny.

/// A request that a guardrail has to deny.
pub(super) struct Attempt {
    pub(super) action: &'static str,
    /// The resource, after the account.
    pub(super) resource: &'static str,
    pub(super) keys: &'static [(&'static str, &'static str)],
    /// What messages call it.
    pub(super) words: &'static str,
}

const FUNCTION: &str = "function:any-function";

const NO_AUTHENTICATION: (&str, &str) = ("lambda:FunctionUrlAuthType", "NONE");

const EVERYONE: (&str, &str) = ("lambda:Principal", "*");

const fn attempt(
    action: &'static str,
    resource: &'static str,
    keys: &'static [(&'static str, &'static str)],
    words: &'static str,
) -> Attempt {
    Attempt {
        action,
        resource,
        keys,
        words,
    }
}

pub(super) const URL: &[Attempt] = &[
    attempt(
        "lambda:CreateFunctionUrlConfig",
        FUNCTION,
        &[NO_AUTHENTICATION],
        "lambda:CreateFunctionUrlConfig with AuthType NONE",
    ),
    attempt(
        "lambda:UpdateFunctionUrlConfig",
        FUNCTION,
        &[NO_AUTHENTICATION],
        "lambda:UpdateFunctionUrlConfig with AuthType NONE",
    ),
];

pub(super) const PERMISSION: &[Attempt] = &[
    attempt(
        "lambda:AddPermission",
        FUNCTION,
        &[EVERYONE],
        "lambda:AddPermission for everyone",
    ),
    attempt(
        "lambda:AddPermission",
        FUNCTION,
        &[EVERYONE, NO_AUTHENTICATION],
        "lambda:AddPermission for everyone who calls the function's URL",
    ),
];

pub(super) const OUTSIDE: &[Attempt] = &[
    attempt(
        "lambda:AddPermission",
        FUNCTION,
        &[("lambda:Principal", "000000000000")],
        "lambda:AddPermission for an account outside",
    ),
    attempt(
        "lambda:AddPermission",
        FUNCTION,
        &[("lambda:Principal", "arn:aws:iam::000000000000:root")],
        "lambda:AddPermission for a principal of an account outside",
    ),
];

pub(super) const LAYER: &[Attempt] = &[attempt(
    "lambda:AddLayerVersionPermission",
    "layer:any-layer:1",
    &[],
    "lambda:AddLayerVersionPermission",
)];

pub(super) const DETACH: &[Attempt] = &[attempt(
    "lambda:DeleteFunctionCodeSigningConfig",
    FUNCTION,
    &[],
    "lambda:DeleteFunctionCodeSigningConfig",
)];

/// A configuration that warns of untrusted code takes the place of one that refuses it.
pub(super) const WEAKEN: &[Attempt] = &[
    attempt(
        "lambda:UpdateCodeSigningConfig",
        "code-signing-config:csc-00000000000000000",
        &[],
        "lambda:UpdateCodeSigningConfig",
    ),
    attempt(
        "lambda:PutFunctionCodeSigningConfig",
        FUNCTION,
        &[(
            "lambda:CodeSigningConfigArn",
            "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-00000000000000000",
        )],
        "lambda:PutFunctionCodeSigningConfig with another configuration",
    ),
];

/// The actions that `PutResourcePolicy` needs, which writes a whole policy at once. AWS does not
/// document whether its request has the keys of `AddPermission`, so only a denial that does not
/// depend on them is certain to apply.
///
/// Source: "Working with resource-based IAM policies in Lambda", AWS Lambda Developer Guide.
pub(super) const WHOLE_POLICY: &[Attempt] = &[
    attempt(
        "lambda:PutResourcePolicy",
        FUNCTION,
        &[],
        "lambda:PutResourcePolicy",
    ),
    attempt(
        "lambda:AddPermission",
        FUNCTION,
        &[],
        "lambda:AddPermission",
    ),
    attempt(
        "lambda:RemovePermission",
        FUNCTION,
        &[],
        "lambda:RemovePermission",
    ),
];
