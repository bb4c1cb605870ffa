//! Hand-written values that match and violate the patterns of the models, so that no regular
//! expression is tested against another.

/// A text that satisfies a shape's pattern and lengths; for shapes without an entry, letters are
/// valid.
pub(super) fn good(service: &str, shape: &str) -> Option<&'static str> {
    Some(match (service, shape) {
        (_, "AccountId" | "SourceOwner" | "LayerPermissionAllowedPrincipal") => "111122223333",
        ("account", "EmailAddress") => "a@b.example",
        ("account", "PhoneNumber") => "1",
        ("account", "ContactInformationPhoneNumber") => "+1",
        ("sts", "arnType") => "arn:aws:iam::111122223333:role/r",
        ("sts", "serialNumberType") => "arn:aws:iam::111122223333:mfa/m",
        ("sts", "tokenCodeType") => "123456",
        ("sts" | "iam", "accessKeyIdType") => "AKIAIOSFODNN7EXAMPLE",
        ("sts", "sessionPolicyDocumentType" | "unrestrictedSessionPolicyDocumentType")
        | ("iam", "policyDocumentType") => "{}",
        ("iam", "arnType") => "arn:aws:iam::111122223333:policy/p",
        ("iam", "pathType" | "pathPrefixType" | "policyPathType") => "/",
        ("iam", "policyVersionIdType") => "v1",
        ("organizations", "PolicyId") => "p-FullAWSAccess",
        ("organizations", "PolicyTargetId" | "ParentId" | "RootId" | "TaggableResourceId") => {
            "r-abcd"
        }
        ("organizations", "ChildId") => "111122223333",
        ("organizations", "OrganizationalUnitId") => "ou-abcd-12345678",
        ("organizations", "HandshakeId") => "h-12345678",
        ("organizations", "CreateAccountRequestId") => "car-12345678",
        ("organizations", "Email") => "a@b.example",
        ("organizations", "ServicePrincipal") => "config.amazonaws.com",
        ("lambda", "LayerPermissionAllowedAction") => "lambda:GetLayerVersion",
        ("lambda", "OrganizationId" | "PrincipalOrgID") => "o-1234567890",
        ("lambda", "Action") => "lambda:InvokeFunction",
        ("lambda", "Arn" | "KMSKeyArn" | "ResourceArn" | "DestinationArn") => {
            "arn:aws:sqs:eu-west-1:111122223333:q"
        }
        (
            "lambda",
            "VersionWithLatestPublished"
            | "AdditionalVersion"
            | "PublishedFunctionQualifier"
            | "Version",
        ) => "1",
        ("lambda", "Topic") => "topic",
        ("lambda", "Endpoint") => "broker:9092",
        ("lambda", "RoleArn") => "arn:aws:iam::111122223333:role/r",
        ("lambda", "SubnetId") => "subnet-1",
        ("lambda", "SecurityGroupId") => "sg-1",
        ("lambda", "EnvironmentVariableName") => "KEY",
        ("lambda", "LayerVersionArn") => "arn:aws:lambda:eu-west-1:111122223333:layer:l:1",
        ("lambda", "FileSystemArn") => {
            "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-12345678901234567"
        }
        ("lambda", "LocalMountPath") => "/mnt/a",
        ("lambda", "CodeSigningConfigArn") => {
            "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:csc-12345678901234567"
        }
        ("lambda", "CapacityProviderArn") => {
            "arn:aws:lambda:eu-west-1:111122223333:capacity-provider:c"
        }
        ("lambda", "FunctionRuntimeArn") => "arn:aws:lambda:eu-west-1:111122223333:runtime/python",
        ("lambda", "PolicyResourceArn" | "TaggableResource" | "FunctionArn") => {
            "arn:aws:lambda:eu-west-1:111122223333:function:f"
        }
        ("lambda", "RevisionId") => "12345678-1234-1234-1234-123456789012",
        ("lambda", "MasterRegion") => "ALL",
        ("lambda", "RuntimeVersionArn") => "arn:aws:lambda:eu-west-1::runtime:r",
        ("lambda", "S3Bucket") => "bucket",
        _ => return None,
    })
}

/// A text that violates only the shape's pattern; `None` if the pattern excludes nothing.
pub(super) fn bad(pattern: &str) -> Option<&'static str> {
    Some(match pattern {
        r"[\s\S]*" | r"[\s\S]+" => return None,
        ".*" => "a\nb",
        r"[^\s]+" => "a b",
        r"[^ /\.$\x22]*" => "a/b",
        r"(^(?!(system\x2e)))(^[_a-zA-Z0-9])([^$]*)" => "system.users",
        // All its characters are allowed, but the whole may not be a number.
        r"((?!^\d+$)^[0-9a-zA-Z-_]+$)" | "(?!^[0-9]+$)([a-zA-Z0-9-_]+)" => "2024",
        _ => "\u{1}",
    })
}
