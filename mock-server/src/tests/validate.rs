//! Which inputs are rejected and with which messages, by constraint and by service.

use serde_json::{Value, json};

use crate::call::AwsError;
use crate::service;
use crate::wire::{Parsed, check_size, validate};

fn checked(service: &str, operation: &str, input: Value) -> Result<(), AwsError> {
    let registered = service::named(service).expect("a service");
    let (name, service) = (registered.name, registered.model());
    let (operation, model) = service
        .operations
        .get_key_value(operation)
        .expect("an operation");
    let Value::Object(input) = input else {
        panic!("an input is an object")
    };
    let protocol = service.metadata.protocol;
    validate(
        name,
        service,
        &Parsed {
            name: operation.clone(),
            operation: model,
            input,
            protocol,
        },
        &registered.spec.rules,
    )
}

fn refused(service: &str, operation: &str, input: Value) -> (String, String) {
    let error = checked(service, operation, input).expect_err("it is refused");
    assert_eq!(error.status.unwrap_or(400), 400);
    (error.code, error.message)
}

fn function(more: Value) -> Value {
    let mut input =
        json!({"FunctionName": "f", "Role": "arn:aws:iam::111122223333:role/r", "Code": {}});
    input
        .as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    input
}

/// Messages recorded from AWS for these inputs, for patterns that today's model still has.
#[test]
fn as_recorded_from_aws() {
    for (operation, input, message) in [
        (
            "CreateFunction",
            function(json!({"Architectures": ["x86_64", "arm64"]})),
            "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: \
             Member must have length less than or equal to 1",
        ),
        (
            "CreateFunction",
            function(json!({"Architectures": ["X86_64"]})),
            "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: \
             Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
        ),
        (
            "CreateFunction",
            function(json!({"Role": "r1"})),
            r"1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+",
        ),
        (
            "CreateFunction",
            function(json!({"VpcConfig": {"SubnetIds": ["garbage"]}})),
            "1 validation error detected: Value '[garbage]' at 'vpcConfig.subnetIds' failed to satisfy constraint: \
             Member must satisfy constraint: [Member must have length less than or equal to 1024, \
             Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: subnet-[0-9a-z]*]",
        ),
        (
            "CreateFunction",
            function(json!({"Environment": {"Variables": {"1a": "secret"}}})),
            "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: \
             Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
        ),
        (
            "UpdateAlias",
            json!({"FunctionName": "f", "Name": "a", "RoutingConfig": {"AdditionalVersionWeights": {"2": 2.0}}}),
            "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: \
             Map value must satisfy constraint: [Member must have value less than or equal to 1.0, \
             Member must have value greater than or equal to 0.0, Member must not be null]",
        ),
        (
            "UpdateAlias",
            json!({"FunctionName": "f", "Name": "a", "RoutingConfig": {"AdditionalVersionWeights": {"$LATEST": 0.5}}}),
            "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: \
             Map keys must satisfy constraint: [Member must have length less than or equal to 1024, \
             Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]",
        ),
        (
            "CreateFunctionUrlConfig",
            json!({"FunctionName": "f", "AuthType": "NONE", "Qualifier": "1"}),
            r"1 validation error detected: Value '1' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)",
        ),
        (
            "UntagResource",
            json!({"Resource": "arn:aws:lambda:us-east-1:111122223333:function:f"}),
            "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null",
        ),
    ] {
        assert_eq!(
            refused("lambda", operation, input.clone()),
            ("ValidationException".to_owned(), message.to_owned()),
            "{input}"
        );
    }
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let input = function(
        json!({"FunctionName": "my-function!", "MemorySize": 1, "KMSKeyArn": "garbage", "DeadLetterConfig": {"TargetArn": "x"}}),
    );
    let (code, message) = refused("lambda", "CreateFunction", input);
    assert_eq!(code, "ValidationException");
    assert!(
        message.starts_with("4 validation errors detected: Value '"),
        "{message}"
    );
    for words in [
        "; Value 'my-function!' at 'functionName' failed",
        "; Value '1' at 'memorySize' failed",
        "; Value 'garbage' at 'kMSKeyArn' failed",
        ": Value 'x' at 'deadLetterConfig.targetArn' failed",
    ] {
        assert!(message.contains(words), "{words}: {message}");
    }
    // Members are reported in the iteration order of a Java map. Recorded from AWS.
    let both = json!({"LayerName": "l", "Content": {}, "CompatibleArchitectures": ["a"], "CompatibleRuntimes": ["r"]});
    let (_, message) = refused("lambda", "PublishLayerVersion", both);
    let (runtimes, architectures) = (
        message.find("'compatibleRuntimes'"),
        message.find("'compatibleArchitectures'"),
    );
    assert!(runtimes.is_some() && runtimes < architectures, "{message}");
    // A pattern is reported before a length, and errors of nested members show their own values.
    let (code, message) = refused(
        "iam",
        "CreateRole",
        json!({"RoleName": "a b".repeat(30), "AssumeRolePolicyDocument": "{}", "Tags": [{"Key": "#"}]}),
    );
    assert_eq!(code, "ValidationError");
    let (pattern, length) = (
        message.find("pattern: [\\w+=,.@-]+;"),
        message.find("less than or equal to 64;"),
    );
    assert!(pattern.is_some() && pattern < length, "{message}");
    assert!(
        message.contains("Value '#' at 'tags.1.member.key'")
            && message.contains("Value null at 'tags.1.member.value'"),
        "{message}"
    );
}

#[test]
fn what_is_sensitive_is_not_repeated() {
    let input = json!({"RoleArn": "arn:aws:iam::111122223333:role/r", "RoleSessionName": "audit", "WebIdentityToken": "abc"});
    let (code, message) = refused("sts", "AssumeRoleWithWebIdentity", input);
    assert_eq!(code, "ValidationError");
    let expected = "Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4";
    assert!(message.ends_with(expected), "{message}");
    let (_, message) = refused(
        "sts",
        "AssumeRole",
        json!({"RoleArn": "arn:aws:iam::111122223333:role/r", "RoleSessionName": "x y"}),
    );
    assert!(
        message.contains("Value 'x y' at 'roleSessionName'"),
        "{message}"
    );
}

/// Account Management returns the invalid fields in addition to the message.
#[test]
fn account_management_names_the_fields() {
    let error =
        checked("account", "ListRegions", json!({"MaxResults": 51})).expect_err("it is refused");
    assert_eq!(
        error.members.get("reason"),
        Some(&json!("fieldValidationFailed"))
    );
    assert_eq!(
        error
            .members
            .get("fieldList")
            .map(|fields| &fields[0]["name"]),
        Some(&json!("maxResults"))
    );
}

#[test]
fn nothing_in_a_list_or_map_is_null() {
    let (_, message) = refused(
        "organizations",
        "TagResource",
        json!({"ResourceId": "r-abcd", "Tags": [null]}),
    );
    assert_eq!(
        message,
        "You must include a value for all required parameters."
    );
    let (_, message) = refused(
        "lambda",
        "UpdateFunctionConfiguration",
        json!({"FunctionName": "f", "FileSystemConfigs": [null]}),
    );
    assert!(
        message.contains("Value null at 'fileSystemConfigs.1.member' failed to satisfy constraint: Member must not be null"),
        "{message}"
    );
    let (_, message) = refused(
        "lambda",
        "CreateFunction",
        function(json!({"Layers": [null]})),
    );
    assert!(
        message.contains(
            "at 'layers' failed to satisfy constraint: Member must satisfy constraint: ["
        ),
        "{message}"
    );
    let (_, message) = refused(
        "lambda",
        "CreateFunction",
        function(json!({"Environment": {"Variables": {"KEY": null}}})),
    );
    assert!(
        message.contains(
            "Value at 'environment.variables' failed to satisfy constraint: Map value must satisfy"
        ),
        "{message}"
    );
}

#[test]
fn a_request_that_is_too_large_is_told_so() {
    assert!(check_size("lambda", "CreateFunction", 70_167_211).is_ok());
    let error = check_size("lambda", "CreateFunction", 70_167_212).expect_err("it is refused");
    assert_eq!(
        (error.code.as_str(), error.status),
        ("RequestEntityTooLargeException", Some(413))
    );
    assert_eq!(
        error.message,
        "Request must be smaller than 70167211 bytes for the CreateFunction operation"
    );
    assert!(check_size("lambda", "Invoke", 70_167_212).is_ok());
}

/// Lambda's limits for ordinary functions are lower than those of its model.
#[test]
fn what_lambda_asks_beyond_its_model() {
    for (member, most) in [("Timeout", 900), ("MemorySize", 10_240)] {
        let (code, message) = refused(
            "lambda",
            "CreateFunction",
            function(json!({member: most + 1})),
        );
        assert_eq!(code, "ValidationException");
        assert!(
            message.ends_with(&format!(
                "Member must have value less than or equal to {most}"
            )),
            "{message}"
        );
        checked("lambda", "CreateFunction", function(json!({member: most}))).expect("it is taken");
    }
    // The same limit is reported for any larger size.
    for size in [10_241, 40_000] {
        let (_, message) = refused(
            "lambda",
            "CreateFunction",
            function(json!({"EphemeralStorage": {"Size": size}})),
        );
        let words = "at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value less than or equal to 10240";
        assert_eq!(
            message,
            format!("1 validation error detected: Value '{size}' {words}")
        );
    }
    checked(
        "lambda",
        "CreateFunction",
        function(json!({"EphemeralStorage": {"Size": 10_240}})),
    )
    .expect("it is taken");
}

#[test]
fn organizations_has_a_reason_for_each_kind() {
    for (operation, input, reason) in [
        ("DescribeAccount", json!({}), "INPUT_REQUIRED"),
        (
            "DescribeAccount",
            json!({"AccountId": "1"}),
            "INVALID_PATTERN",
        ),
        (
            "CreateOrganization",
            json!({"FeatureSet": "SOME"}),
            "INVALID_ENUM",
        ),
        (
            "ListAccounts",
            json!({"MaxResults": 21}),
            "MAX_VALUE_EXCEEDED",
        ),
        (
            "ListAccounts",
            json!({"MaxResults": 0}),
            "MIN_VALUE_EXCEEDED",
        ),
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": "r-abcd", "Name": "x".repeat(129)}),
            "MAX_LENGTH_EXCEEDED",
        ),
        (
            "CreateOrganizationalUnit",
            json!({"ParentId": "r-abcd", "Name": ""}),
            "MIN_LENGTH_EXCEEDED",
        ),
        (
            "UntagResource",
            json!({"ResourceId": "r-abcd", "TagKeys": ["#"]}),
            "INVALID_LIST_MEMBER",
        ),
    ] {
        let error = checked("organizations", operation, input).expect_err("it is refused");
        assert_eq!(
            (error.code.as_str(), error.members.get("Reason")),
            ("InvalidInputException", Some(&json!(reason))),
            "{operation}"
        );
    }
}

#[test]
fn values_of_another_type_are_no_matter_of_constraints() {
    for (input, message) in [
        (
            function(json!({"Timeout": "3"})),
            "STRING_VALUE can not be converted to an Integer",
        ),
        (
            function(json!({"Timeout": true, "MemorySize": 1})),
            "TRUE_VALUE can not be converted to an Integer",
        ),
        (
            function(json!({"Timeout": 1.5})),
            "NUMBER_VALUE can not be converted to an Integer",
        ),
        (
            function(json!({"Description": 1})),
            "NUMBER_VALUE can not be converted to a String",
        ),
        (
            function(json!({"Description": []})),
            "Start of list found where not expected",
        ),
        (
            function(json!({"Description": {}})),
            "Start of structure or map found where not expected.",
        ),
        (function(json!({"Layers": "x"})), "Expected list or null"),
        (
            function(json!({"Layers": [1]})),
            "NUMBER_VALUE can not be converted to a String",
        ),
        (function(json!({"VpcConfig": "x"})), "Expected null"),
        (
            function(json!({"Tags": []})),
            "Start of list found where not expected",
        ),
        (
            function(json!({"Publish": "yes"})),
            "STRING_VALUE can not be converted to a Boolean",
        ),
    ] {
        assert_eq!(
            refused("lambda", "CreateFunction", input.clone()),
            ("SerializationException".to_owned(), message.to_owned()),
            "{input}"
        );
    }
    let (code, _) = refused("sts", "GetSessionToken", json!({"DurationSeconds": "soon"}));
    assert_eq!(code, "MalformedInput");
}

#[test]
fn a_large_value_is_cut() {
    let (_, message) = refused(
        "lambda",
        "CreateFunction",
        function(json!({"Description": "ä".repeat(100_000)})),
    );
    assert!(message.len() < 20_000, "{}", message.len());
}

/// A small request may have very many errors: all are counted, but not all are reported.
#[test]
fn many_errors_are_counted_and_not_all_told() {
    let (_, message) = refused(
        "lambda",
        "CreateFunction",
        function(json!({"FileSystemConfigs": vec![json!({}); 10_000]})),
    );
    assert!(
        message.starts_with("20001 validation errors detected: "),
        "{}",
        &message[..80]
    );
    assert!(message.len() < 100_000, "{}", message.len());
    let tags = vec![json!({"Key": "#"}); 10_000];
    let (code, message) = refused(
        "organizations",
        "TagResource",
        json!({"ResourceId": "r-abcd", "Tags": tags}),
    );
    assert_eq!(
        (code.as_str(), message.as_str()),
        (
            "InvalidInputException",
            "You must include a value for all required parameters."
        )
    );
    // The types of all items are checked.
    let mut items = vec![json!({}); 10_000];
    items.push(json!({"Arn": 1}));
    let (code, _) = refused(
        "lambda",
        "CreateFunction",
        function(json!({"FileSystemConfigs": items})),
    );
    assert_eq!(code, "SerializationException");
}
