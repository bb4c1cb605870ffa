//! Lambda. Source: "Actions, resources, and condition keys for AWS Lambda".

use super::Key::{self, Member, Statement, Tags, UrlAuthType, Vpc};
use super::Resource::{Any, Arns, EventSourceMapping, Function, Layer, LayerVersion};
use super::{Need, Row, need};

const CODE_SIGNING: super::Resource = Arns("CodeSigningConfigArn");

/// Passing a role to Lambda. Source: "Grant a user permissions to pass a role to an AWS service".
const PASS_ROLE: Need = need("iam:PassRole", Arns("Role")).when("Role").with(&[
    Key::Fixed("iam:PassedToService", "lambda.amazonaws.com"),
    Key::FunctionArn("iam:AssociatedResourceArn"),
]);

const FUNCTION_ARN: Key = Key::FunctionArn("lambda:FunctionArn");

/// Using layers. Source: "Granting Lambda layer access to other accounts".
const USE_LAYERS: Need = need("lambda:GetLayerVersion", Arns("Layers")).when("Layers");

pub(super) const ROWS: &[Row] =
    &[
        (
            "AddLayerVersionPermission",
            &[need("lambda:AddLayerVersionPermission", LayerVersion)],
        ),
        (
            "AddPermission",
            &[need("lambda:AddPermission", Function).with(&[
                Member("lambda:Principal", "Principal"),
                Member("lambda:FunctionUrlAuthType", "FunctionUrlAuthType"),
            ])],
        ),
        ("CreateAlias", &[need("lambda:CreateAlias", Function)]),
        (
            "CreateCodeSigningConfig",
            &[
                need("lambda:CreateCodeSigningConfig", Any).with(&[Tags("Tags")]),
                need("lambda:TagResource", Any)
                    .with(&[Tags("Tags")])
                    .when("Tags"),
            ],
        ),
        (
            "CreateEventSourceMapping",
            &[
                need("lambda:CreateEventSourceMapping", Any).with(&[FUNCTION_ARN, Tags("Tags")]),
                need("lambda:TagResource", Any)
                    .with(&[Tags("Tags")])
                    .when("Tags"),
            ],
        ),
        (
            "CreateFunction",
            &[
                need("lambda:CreateFunction", Function).with(&[
                    Member("lambda:Layer", "Layers"),
                    Vpc,
                    Member("lambda:CodeSigningConfigArn", "CodeSigningConfigArn"),
                    Tags("Tags"),
                ]),
                need("lambda:TagResource", Function)
                    .with(&[Tags("Tags")])
                    .when("Tags"),
                PASS_ROLE,
                USE_LAYERS,
            ],
        ),
        (
            "CreateFunctionUrlConfig",
            &[need("lambda:CreateFunctionUrlConfig", Function).with(&[UrlAuthType, FUNCTION_ARN])],
        ),
        ("DeleteAlias", &[need("lambda:DeleteAlias", Function)]),
        (
            "DeleteCodeSigningConfig",
            &[need("lambda:DeleteCodeSigningConfig", CODE_SIGNING)],
        ),
        (
            "DeleteEventSourceMapping",
            &[need("lambda:DeleteEventSourceMapping", EventSourceMapping).with(&[FUNCTION_ARN])],
        ),
        ("DeleteFunction", &[need("lambda:DeleteFunction", Function)]),
        (
            "DeleteFunctionCodeSigningConfig",
            &[need("lambda:DeleteFunctionCodeSigningConfig", Function)],
        ),
        (
            "DeleteFunctionConcurrency",
            &[need("lambda:DeleteFunctionConcurrency", Function)],
        ),
        (
            "DeleteFunctionEventInvokeConfig",
            &[need("lambda:DeleteFunctionEventInvokeConfig", Function)],
        ),
        (
            "DeleteFunctionUrlConfig",
            &[need("lambda:DeleteFunctionUrlConfig", Function).with(&[UrlAuthType, FUNCTION_ARN])],
        ),
        (
            "DeleteLayerVersion",
            &[need("lambda:DeleteLayerVersion", LayerVersion)],
        ),
        (
            "DeleteProvisionedConcurrencyConfig",
            &[need("lambda:DeleteProvisionedConcurrencyConfig", Function)],
        ),
        (
            "DeleteResourcePolicy",
            &[need("lambda:DeleteResourcePolicy", Arns("ResourceArn"))],
        ),
        (
            "GetAccountSettings",
            &[need("lambda:GetAccountSettings", Any)],
        ),
        ("GetAlias", &[need("lambda:GetAlias", Function)]),
        (
            "GetCodeSigningConfig",
            &[need("lambda:GetCodeSigningConfig", CODE_SIGNING)],
        ),
        (
            "GetEventSourceMapping",
            &[need("lambda:GetEventSourceMapping", EventSourceMapping).with(&[FUNCTION_ARN])],
        ),
        ("GetFunction", &[need("lambda:GetFunction", Function)]),
        (
            "GetFunctionCodeSigningConfig",
            &[need("lambda:GetFunctionCodeSigningConfig", Function)],
        ),
        (
            "GetFunctionConcurrency",
            &[need("lambda:GetFunctionConcurrency", Function)],
        ),
        (
            "GetFunctionConfiguration",
            &[need("lambda:GetFunctionConfiguration", Function)],
        ),
        (
            "GetFunctionEventInvokeConfig",
            &[need("lambda:GetFunctionEventInvokeConfig", Function)],
        ),
        (
            "GetFunctionRecursionConfig",
            &[need("lambda:GetFunctionRecursionConfig", Function)],
        ),
        (
            "GetFunctionScalingConfig",
            &[need("lambda:GetFunctionScalingConfig", Function)],
        ),
        (
            "GetFunctionUrlConfig",
            &[need("lambda:GetFunctionUrlConfig", Function).with(&[UrlAuthType, FUNCTION_ARN])],
        ),
        (
            "GetLayerVersion",
            &[need("lambda:GetLayerVersion", LayerVersion)],
        ),
        (
            "GetLayerVersionByArn",
            &[need("lambda:GetLayerVersion", Arns("Arn"))],
        ),
        (
            "GetLayerVersionPolicy",
            &[need("lambda:GetLayerVersionPolicy", LayerVersion)],
        ),
        ("GetPolicy", &[need("lambda:GetPolicy", Function)]),
        (
            "GetProvisionedConcurrencyConfig",
            &[need("lambda:GetProvisionedConcurrencyConfig", Function)],
        ),
        // It takes the right to the older operation as well. Source: "Viewing resource-based IAM
        // policies in Lambda", Lambda Developer Guide.
        (
            "GetResourcePolicy",
            &[
                need("lambda:GetResourcePolicy", Arns("ResourceArn")),
                need("lambda:GetPolicy", Arns("ResourceArn")),
            ],
        ),
        (
            "GetRuntimeManagementConfig",
            &[need("lambda:GetRuntimeManagementConfig", Function)],
        ),
        ("Invoke", &[need("lambda:InvokeFunction", Function)]),
        ("ListAliases", &[need("lambda:ListAliases", Function)]),
        (
            "ListCodeSigningConfigs",
            &[need("lambda:ListCodeSigningConfigs", Any)],
        ),
        (
            "ListEventSourceMappings",
            &[need("lambda:ListEventSourceMappings", Any)],
        ),
        (
            "ListFunctionEventInvokeConfigs",
            &[need("lambda:ListFunctionEventInvokeConfigs", Function)],
        ),
        (
            "ListFunctionUrlConfigs",
            &[need("lambda:ListFunctionUrlConfigs", Function).with(&[UrlAuthType])],
        ),
        ("ListFunctions", &[need("lambda:ListFunctions", Any)]),
        (
            "ListFunctionsByCodeSigningConfig",
            &[need(
                "lambda:ListFunctionsByCodeSigningConfig",
                CODE_SIGNING,
            )],
        ),
        (
            "ListLayerVersions",
            &[need("lambda:ListLayerVersions", Any)],
        ),
        ("ListLayers", &[need("lambda:ListLayers", Any)]),
        (
            "ListProvisionedConcurrencyConfigs",
            &[need("lambda:ListProvisionedConcurrencyConfigs", Function)],
        ),
        ("ListTags", &[need("lambda:ListTags", Arns("Resource"))]),
        (
            "ListVersionsByFunction",
            &[need("lambda:ListVersionsByFunction", Function)],
        ),
        (
            "PublishLayerVersion",
            &[need("lambda:PublishLayerVersion", Layer)],
        ),
        ("PublishVersion", &[need("lambda:PublishVersion", Function)]),
        (
            "PutFunctionCodeSigningConfig",
            &[
                need("lambda:PutFunctionCodeSigningConfig", Function).with(&[Member(
                    "lambda:CodeSigningConfigArn",
                    "CodeSigningConfigArn",
                )]),
                need("lambda:PutFunctionCodeSigningConfig", CODE_SIGNING).with(&[Member(
                    "lambda:CodeSigningConfigArn",
                    "CodeSigningConfigArn",
                )]),
            ],
        ),
        (
            "PutFunctionConcurrency",
            &[need("lambda:PutFunctionConcurrency", Function)],
        ),
        (
            "PutFunctionEventInvokeConfig",
            &[need("lambda:PutFunctionEventInvokeConfig", Function)],
        ),
        (
            "PutFunctionRecursionConfig",
            &[need("lambda:PutFunctionRecursionConfig", Function)],
        ),
        (
            "PutFunctionScalingConfig",
            &[need("lambda:PutFunctionScalingConfig", Function)],
        ),
        (
            "PutProvisionedConcurrencyConfig",
            &[need("lambda:PutProvisionedConcurrencyConfig", Function)],
        ),
        (
            "PutResourcePolicy",
            &[need("lambda:PutResourcePolicy", Arns("ResourceArn"))],
        ),
        (
            "PutRuntimeManagementConfig",
            &[need("lambda:PutRuntimeManagementConfig", Function)],
        ),
        (
            "RemoveLayerVersionPermission",
            &[need("lambda:RemoveLayerVersionPermission", LayerVersion)],
        ),
        (
            "RemovePermission",
            &[need("lambda:RemovePermission", Function).with(&[Statement])],
        ),
        (
            "TagResource",
            &[need("lambda:TagResource", Arns("Resource")).with(&[Tags("Tags")])],
        ),
        (
            "UntagResource",
            &[need("lambda:UntagResource", Arns("Resource"))
                .with(&[Member("aws:TagKeys", "TagKeys")])],
        ),
        ("UpdateAlias", &[need("lambda:UpdateAlias", Function)]),
        (
            "UpdateCodeSigningConfig",
            &[need("lambda:UpdateCodeSigningConfig", CODE_SIGNING)],
        ),
        (
            "UpdateEventSourceMapping",
            &[need("lambda:UpdateEventSourceMapping", EventSourceMapping).with(&[FUNCTION_ARN])],
        ),
        (
            "UpdateFunctionCode",
            &[need("lambda:UpdateFunctionCode", Function)],
        ),
        (
            "UpdateFunctionConfiguration",
            &[
                need("lambda:UpdateFunctionConfiguration", Function)
                    .with(&[Member("lambda:Layer", "Layers"), Vpc]),
                PASS_ROLE,
                USE_LAYERS,
            ],
        ),
        (
            "UpdateFunctionEventInvokeConfig",
            &[need("lambda:UpdateFunctionEventInvokeConfig", Function)],
        ),
        (
            "UpdateFunctionUrlConfig",
            &[need("lambda:UpdateFunctionUrlConfig", Function).with(&[UrlAuthType, FUNCTION_ARN])],
        ),
    ];
