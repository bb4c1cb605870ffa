//! Inputs are validated against the model, and errors have AWS's own codes.

use lambdasweep_mock::seed::Empty;

use crate::client::Mock;

#[test]
fn lambda_tells_what_an_input_lacks_or_holds_too_much_of() {
    let mock = Mock::start(Empty);
    let whole = r#""FunctionName":"f","Role":"arn:aws:iam::111122223333:role/r","Code":{"ZipFile":"UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYVBLAQIUABQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAABhUEsFBgAAAAABAAEALwAAAB8AAAAAAA=="}"#;
    for (body, words) in [
        (
            r#"{"FunctionName":"f","Code":{}}"#.to_owned(),
            "Value null at 'role' failed to satisfy constraint: Member must not be null",
        ),
        (
            format!(r#"{{{whole},"PackageType":"Tar"}}"#),
            "Value 'Tar' at 'packageType' failed to satisfy constraint: Member must satisfy enum",
        ),
        (
            format!(r#"{{{whole},"MemorySize":1}}"#),
            "at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
        ),
        (
            format!(r#"{{{whole},"Timeout":0}}"#),
            "at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            format!(r#"{{{whole},"Description":"{}"}}"#, "x".repeat(257)),
            "at 'description' failed to satisfy constraint: Member must have length less",
        ),
    ] {
        let answer = mock.rest(
            "111122223333",
            "eu-west-1",
            "lambda",
            "POST",
            "/2015-03-31/functions",
            &body,
        );
        assert_eq!(
            (answer.status, answer.header("x-amzn-errortype")),
            (400, Some("ValidationException")),
            "{body}: {}",
            answer.body
        );
        assert!(answer.body.contains(words), "{body}: {}", answer.body);
    }
    let answer = mock.rest(
        "111122223333",
        "eu-west-1",
        "lambda",
        "POST",
        "/2015-03-31/functions",
        "{",
    );
    assert_eq!(answer.status, 400, "{}", answer.body);
    // Nothing of the rejected request was kept.
    let list = mock.rest(
        "111122223333",
        "eu-west-1",
        "lambda",
        "GET",
        "/2015-03-31/functions",
        "",
    );
    assert_eq!(list.json()["Functions"].as_array().unwrap().len(), 0);
}

#[test]
fn each_service_has_its_own_code() {
    let mock = Mock::start(Empty);
    let answer = mock.organizations(
        "111122223333",
        "CreateOrganization",
        r#"{"FeatureSet":"SOME"}"#,
    );
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (400, Some("InvalidInputException")),
        "{}",
        answer.body
    );
    assert_eq!(answer.json()["__type"], "InvalidInputException");
    let answer = mock.query(
        "111122223333",
        "sts",
        "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fr",
    );
    assert_eq!(
        (answer.status, answer.element("Code")),
        (400, Some("ValidationError")),
        "{}",
        answer.body
    );
    assert!(
        answer
            .element("Message")
            .unwrap()
            .contains("'roleSessionName'"),
        "{}",
        answer.body
    );
    let answer = mock.query(
        "111122223333",
        "iam",
        "Action=GetRole&RoleName=no%20such%20name",
    );
    assert_eq!(
        (answer.status, answer.element("Code")),
        (400, Some("ValidationError")),
        "{}",
        answer.body
    );
    let answer = mock.rest(
        "111122223333",
        "us-east-1",
        "account",
        "POST",
        "/listRegions",
        r#"{"MaxResults":51}"#,
    );
    assert_eq!(
        (answer.status, answer.header("x-amzn-errortype")),
        (400, Some("ValidationException")),
        "{}",
        answer.body
    );
}
