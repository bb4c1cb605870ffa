//! Lambda. Source: "Actions, resources, and condition keys for AWS Lambda".

use super::keys;
use crate::permission::Key::{self, Member, Tags};
use crate::permission::Resource::{self, Any, Arns};
use crate::permission::{Need, Row, need};

/// The function of `FunctionName` in any form; its version or alias if `Qualifier` or the name
/// specifies one.
pub(crate) const FUNCTION: Resource = Resource::Of(keys::named_function, &["FunctionName"]);
/// The layer of `LayerName`.
const LAYER: Resource = Resource::Of(keys::named_layer, &["LayerName"]);
/// The version `VersionNumber` of the layer of `LayerName`.
const LAYER_VERSION: Resource =
    Resource::Of(keys::named_layer_version, &["LayerName", "VersionNumber"]);
/// The event source mapping of `UUID`.
const EVENT_SOURCE_MAPPING: Resource = Resource::Of(keys::named_mapping, &["UUID"]);

/// The given `AuthType`, else that of the existing URL.
const URL_AUTH_TYPE: Key = Key::Of(
    "lambda:FunctionUrlAuthType",
    keys::url_auth_type,
    &["FunctionName"],
);
/// `lambda:SubnetIds`, `lambda:SecurityGroupIds` and `lambda:VpcIds`, from `VpcConfig`.
const VPC: Key = Key::Of("lambda:SubnetIds", keys::vpc, &["VpcConfig"]);
/// `lambda:Principal` and `lambda:FunctionUrlAuthType` of the statement that `StatementId` names.
const STATEMENT: Key = Key::Of("lambda:Principal", keys::statement, &["StatementId"]);

const CODE_SIGNING: Resource = Arns("CodeSigningConfigArn");

/// Passing a role to Lambda. Source: "Grant a user permissions to pass a role to an AWS service".
const PASS_ROLE: Need = need("iam:PassRole", Arns("Role")).when("Role").with(&[
    Key::Fixed("iam:PassedToService", "lambda.amazonaws.com"),
    Key::Of("iam:AssociatedResourceArn", keys::associated_function, &[]),
]);

const FUNCTION_ARN: Key = Key::Of("lambda:FunctionArn", keys::function, &[]);

/// Using layers. Source: "Granting Lambda layer access to other accounts".
const USE_LAYERS: Need = need("lambda:GetLayerVersion", Arns("Layers")).when("Layers");

pub(super) const NEEDS: &[Row] = &[
    (
        "AddLayerVersionPermission",
        &[need("lambda:AddLayerVersionPermission", LAYER_VERSION)],
    ),
    (
        "AddPermission",
        &[need("lambda:AddPermission", FUNCTION).with(&[
            Member("lambda:Principal", "Principal"),
            Member("lambda:FunctionUrlAuthType", "FunctionUrlAuthType"),
        ])],
    ),
    ("CreateAlias", &[need("lambda:CreateAlias", FUNCTION)]),
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
            need("lambda:CreateFunction", FUNCTION).with(&[
                Member("lambda:Layer", "Layers"),
                VPC,
                Member("lambda:CodeSigningConfigArn", "CodeSigningConfigArn"),
                Tags("Tags"),
            ]),
            need("lambda:TagResource", FUNCTION)
                .with(&[Tags("Tags")])
                .when("Tags"),
            PASS_ROLE,
            USE_LAYERS,
        ],
    ),
    (
        "CreateFunctionUrlConfig",
        &[need("lambda:CreateFunctionUrlConfig", FUNCTION).with(&[URL_AUTH_TYPE, FUNCTION_ARN])],
    ),
    ("DeleteAlias", &[need("lambda:DeleteAlias", FUNCTION)]),
    (
        "DeleteCodeSigningConfig",
        &[need("lambda:DeleteCodeSigningConfig", CODE_SIGNING)],
    ),
    (
        "DeleteEventSourceMapping",
        &[need("lambda:DeleteEventSourceMapping", EVENT_SOURCE_MAPPING).with(&[FUNCTION_ARN])],
    ),
    ("DeleteFunction", &[need("lambda:DeleteFunction", FUNCTION)]),
    (
        "DeleteFunctionCodeSigningConfig",
        &[need("lambda:DeleteFunctionCodeSigningConfig", FUNCTION)],
    ),
    (
        "DeleteFunctionConcurrency",
        &[need("lambda:DeleteFunctionConcurrency", FUNCTION)],
    ),
    (
        "DeleteFunctionEventInvokeConfig",
        &[need("lambda:DeleteFunctionEventInvokeConfig", FUNCTION)],
    ),
    (
        "DeleteFunctionUrlConfig",
        &[need("lambda:DeleteFunctionUrlConfig", FUNCTION).with(&[URL_AUTH_TYPE, FUNCTION_ARN])],
    ),
    (
        "DeleteLayerVersion",
        &[need("lambda:DeleteLayerVersion", LAYER_VERSION)],
    ),
    (
        "DeleteProvisionedConcurrencyConfig",
        &[need("lambda:DeleteProvisionedConcurrencyConfig", FUNCTION)],
    ),
    (
        "DeleteResourcePolicy",
        &[need("lambda:DeleteResourcePolicy", Arns("ResourceArn"))],
    ),
    (
        "GetAccountSettings",
        &[need("lambda:GetAccountSettings", Any)],
    ),
    ("GetAlias", &[need("lambda:GetAlias", FUNCTION)]),
    (
        "GetCodeSigningConfig",
        &[need("lambda:GetCodeSigningConfig", CODE_SIGNING)],
    ),
    (
        "GetEventSourceMapping",
        &[need("lambda:GetEventSourceMapping", EVENT_SOURCE_MAPPING).with(&[FUNCTION_ARN])],
    ),
    ("GetFunction", &[need("lambda:GetFunction", FUNCTION)]),
    (
        "GetFunctionCodeSigningConfig",
        &[need("lambda:GetFunctionCodeSigningConfig", FUNCTION)],
    ),
    (
        "GetFunctionConcurrency",
        &[need("lambda:GetFunctionConcurrency", FUNCTION)],
    ),
    (
        "GetFunctionConfiguration",
        &[need("lambda:GetFunctionConfiguration", FUNCTION)],
    ),
    (
        "GetFunctionEventInvokeConfig",
        &[need("lambda:GetFunctionEventInvokeConfig", FUNCTION)],
    ),
    (
        "GetFunctionRecursionConfig",
        &[need("lambda:GetFunctionRecursionConfig", FUNCTION)],
    ),
    (
        "GetFunctionScalingConfig",
        &[need("lambda:GetFunctionScalingConfig", FUNCTION)],
    ),
    (
        "GetFunctionUrlConfig",
        &[need("lambda:GetFunctionUrlConfig", FUNCTION).with(&[URL_AUTH_TYPE, FUNCTION_ARN])],
    ),
    (
        "GetLayerVersion",
        &[need("lambda:GetLayerVersion", LAYER_VERSION)],
    ),
    (
        "GetLayerVersionByArn",
        &[need("lambda:GetLayerVersion", Arns("Arn"))],
    ),
    (
        "GetLayerVersionPolicy",
        &[need("lambda:GetLayerVersionPolicy", LAYER_VERSION)],
    ),
    ("GetPolicy", &[need("lambda:GetPolicy", FUNCTION)]),
    (
        "GetProvisionedConcurrencyConfig",
        &[need("lambda:GetProvisionedConcurrencyConfig", FUNCTION)],
    ),
    // This requires the permission for the older operation as well. Source: "Viewing resource-based
    // IAM policies in Lambda", Lambda Developer Guide.
    (
        "GetResourcePolicy",
        &[
            need("lambda:GetResourcePolicy", Arns("ResourceArn")),
            need("lambda:GetPolicy", Arns("ResourceArn")),
        ],
    ),
    (
        "GetRuntimeManagementConfig",
        &[need("lambda:GetRuntimeManagementConfig", FUNCTION)],
    ),
    ("Invoke", &[need("lambda:InvokeFunction", FUNCTION)]),
    ("ListAliases", &[need("lambda:ListAliases", FUNCTION)]),
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
        &[need("lambda:ListFunctionEventInvokeConfigs", FUNCTION)],
    ),
    (
        "ListFunctionUrlConfigs",
        &[need("lambda:ListFunctionUrlConfigs", FUNCTION).with(&[URL_AUTH_TYPE])],
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
        &[need("lambda:ListProvisionedConcurrencyConfigs", FUNCTION)],
    ),
    ("ListTags", &[need("lambda:ListTags", Arns("Resource"))]),
    (
        "ListVersionsByFunction",
        &[need("lambda:ListVersionsByFunction", FUNCTION)],
    ),
    (
        "PublishLayerVersion",
        &[need("lambda:PublishLayerVersion", LAYER)],
    ),
    ("PublishVersion", &[need("lambda:PublishVersion", FUNCTION)]),
    (
        "PutFunctionCodeSigningConfig",
        &[
            need("lambda:PutFunctionCodeSigningConfig", FUNCTION).with(&[Member(
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
        &[need("lambda:PutFunctionConcurrency", FUNCTION)],
    ),
    (
        "PutFunctionEventInvokeConfig",
        &[need("lambda:PutFunctionEventInvokeConfig", FUNCTION)],
    ),
    (
        "PutFunctionRecursionConfig",
        &[need("lambda:PutFunctionRecursionConfig", FUNCTION)],
    ),
    (
        "PutFunctionScalingConfig",
        &[need("lambda:PutFunctionScalingConfig", FUNCTION)],
    ),
    (
        "PutProvisionedConcurrencyConfig",
        &[need("lambda:PutProvisionedConcurrencyConfig", FUNCTION)],
    ),
    (
        "PutResourcePolicy",
        &[need("lambda:PutResourcePolicy", Arns("ResourceArn"))],
    ),
    (
        "PutRuntimeManagementConfig",
        &[need("lambda:PutRuntimeManagementConfig", FUNCTION)],
    ),
    (
        "RemoveLayerVersionPermission",
        &[need("lambda:RemoveLayerVersionPermission", LAYER_VERSION)],
    ),
    (
        "RemovePermission",
        &[need("lambda:RemovePermission", FUNCTION).with(&[STATEMENT])],
    ),
    (
        "TagResource",
        &[need("lambda:TagResource", Arns("Resource")).with(&[Tags("Tags")])],
    ),
    (
        "UntagResource",
        &[
            need("lambda:UntagResource", Arns("Resource"))
                .with(&[Member("aws:TagKeys", "TagKeys")]),
        ],
    ),
    ("UpdateAlias", &[need("lambda:UpdateAlias", FUNCTION)]),
    (
        "UpdateCodeSigningConfig",
        &[need("lambda:UpdateCodeSigningConfig", CODE_SIGNING)],
    ),
    (
        "UpdateEventSourceMapping",
        &[need("lambda:UpdateEventSourceMapping", EVENT_SOURCE_MAPPING).with(&[FUNCTION_ARN])],
    ),
    (
        "UpdateFunctionCode",
        &[need("lambda:UpdateFunctionCode", FUNCTION)],
    ),
    (
        "UpdateFunctionConfiguration",
        &[
            need("lambda:UpdateFunctionConfiguration", FUNCTION)
                .with(&[Member("lambda:Layer", "Layers"), VPC]),
            PASS_ROLE,
            USE_LAYERS,
        ],
    ),
    (
        "UpdateFunctionEventInvokeConfig",
        &[need("lambda:UpdateFunctionEventInvokeConfig", FUNCTION)],
    ),
    (
        "UpdateFunctionUrlConfig",
        &[need("lambda:UpdateFunctionUrlConfig", FUNCTION).with(&[URL_AUTH_TYPE, FUNCTION_ARN])],
    ),
];
