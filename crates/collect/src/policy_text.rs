//! Policy statements as they are stored: readable, but without secrets that only the caller and the
//! policy's owner should know.

use lambdasweep_secrets::{detect, redact};
use serde_json::{Map, Value};

const REDACTED: &str = "[redacted]";

/// Condition keys with which a caller proves knowledge of a secret: anyone who reads the value can
/// use it. Source: "How to use an external ID when granting access to your AWS resources to a third
/// party" (IAM), `EventSourceToken` of `lambda:AddPermission`, and "aws:Referer" and
/// "aws:UserAgent" of the global condition keys, which callers can set freely and which are
/// therefore used as passwords.
const SHARED_SECRETS: &[&str] = &[
    "aws:referer",
    "aws:useragent",
    "lambda:eventsourcetoken",
    "sts:externalid",
];

/// Condition keys whose values identify callers or resources, in AWS's formats.
const NAMES: &[&str] = &[
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:tokenissuetime",
    "aws:userid",
    "aws:viaawsservice",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    "lambda:codesigningconfigarn",
    "lambda:functionarn",
    "lambda:functionurlauthtype",
    "lambda:invokedviafunctionurl",
    "lambda:layer",
    "lambda:principal",
    "lambda:sourcefunctionarn",
];

/// The statements of a policy, each as JSON, without secrets in the values of conditions.
pub(crate) fn statement_texts(policy: &str) -> Vec<String> {
    let statements = match serde_json::from_str::<Value>(policy)
        .ok()
        .and_then(|mut policy| Some(policy.get_mut("Statement")?.take()))
    {
        Some(Value::Array(statements)) => statements,
        one => one.into_iter().collect(),
    };
    let text = |mut statement: Value| {
        clean_conditions(&mut statement);
        statement.to_string()
    };
    statements.into_iter().map(text).collect()
}

/// A whole policy, without secrets in the values of conditions; in a policy that is not valid JSON,
/// only secrets that are recognised by their format are removed.
pub(crate) fn document_text(policy: &str) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(policy) else {
        return redact(policy).into_owned();
    };
    let mut changed = false;
    match document.get_mut("Statement") {
        Some(Value::Array(statements)) => statements
            .iter_mut()
            .for_each(|statement| changed |= clean_conditions(statement)),
        Some(statement) => changed |= clean_conditions(statement),
        None => {}
    }
    // A document that needs no change keeps its owner's layout.
    if changed {
        document.to_string()
    } else {
        policy.to_owned()
    }
}

/// Replaces secrets among the values of a statement's conditions; returns whether there were any.
fn clean_conditions(statement: &mut Value) -> bool {
    let mut changed = false;
    let named = |key: &str| key.eq_ignore_ascii_case("Condition");
    let conditions = statement
        .as_object_mut()
        .into_iter()
        .flatten()
        .filter(|(key, _)| named(key))
        .filter_map(|(_, value)| value.as_object_mut());
    for (operator, keys) in conditions.flatten() {
        // `Null` only tests whether a key is present, so its value is not a secret.
        if operator.eq_ignore_ascii_case("Null") {
            continue;
        }
        for (key, values) in keys.as_object_mut().into_iter().flat_map(Map::iter_mut) {
            changed |= clean_values(key, values);
        }
    }
    changed
}

/// The number of values stays the same, so that the condition can still be understood.
fn clean_values(key: &str, values: &mut Value) -> bool {
    match values {
        Value::Array(values) => values
            .iter_mut()
            .map(|value| clean_values(key, value))
            .fold(false, |any, one| any | one),
        Value::String(value) => {
            let secret = is_secret(key, value);
            if secret {
                REDACTED.clone_into(value);
            }
            secret
        }
        // A number or a boolean under a password key is a secret too.
        Value::Number(_) | Value::Bool(_) if is_shared(key) => {
            *values = REDACTED.into();
            true
        }
        _ => false,
    }
}

fn is_shared(key: &str) -> bool {
    SHARED_SECRETS
        .iter()
        .any(|known| key.eq_ignore_ascii_case(known))
}

fn is_secret(key: &str, value: &str) -> bool {
    // A value of wildcards only restricts nobody, which should remain visible.
    if is_shared(key) {
        return !value.bytes().all(|byte| matches!(byte, b'*' | b'?'));
    }
    if NAMES.iter().any(|known| key.eq_ignore_ascii_case(known)) {
        return redact(value) != value;
    }
    let name = key.rsplit([':', '/']).next().unwrap_or(key);
    // A tag or a key of another service may contain anything: a value counts as a secret if it
    // would count as one under the name of a secret.
    redact(value) != value || detect(name, value).is_some() || detect("secret", value).is_some()
}

#[cfg(test)]
mod tests {
    use super::{document_text, statement_texts};

    fn kept(key: &str, value: &str) -> bool {
        let policy =
            serde_json::json!({"Statement": {"Condition": {"StringLike": {key: [value, "x*"]}}}})
                .to_string();
        let [text] = &statement_texts(&policy)[..] else {
            panic!("one statement")
        };
        assert_eq!(
            document_text(&policy).contains(value),
            text.contains(value),
            "{key}"
        );
        text.contains(value)
    }

    #[test]
    fn values_that_name_stay_and_values_that_prove_go() {
        for (key, value) in [
            ("aws:SourceArn", "arn:aws:s3:::uploads-7f3a9c"),
            ("AWS:SourceAccount", "111122223333"),
            ("aws:PrincipalOrgID", "o-a1b2c3d4e5"),
            (
                "aws:PrincipalOrgPaths",
                "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*",
            ),
            ("aws:SourceIp", "203.0.113.0/24"),
            ("aws:SourceVpce", "vpce-0a1b2c3d4e5f67890"),
            ("aws:PrincipalTag/team", "payments-production"),
            ("aws:RequestTag/stage", "prod"),
            ("lambda:FunctionUrlAuthType", "NONE"),
            (
                "cloudformation:TemplateUrl",
                "https://example.com/template.yaml",
            ),
            ("aws:Referer", "*"),
        ] {
            assert!(kept(key, value), "{key} {value}");
        }
        let token = ["gh", "p_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"].concat();
        for (key, value) in [
            ("aws:Referer", "open sesame"),
            ("AWS:REFERER", "https://example.com/*"),
            ("aws:UserAgent", "partner-7"),
            ("sts:ExternalId", "12345"),
            ("Lambda:eventSourceToken", "amzn1.ask.skill.0a1b2c3d"),
            ("aws:PrincipalTag/team", "kX9#mQ2$vL7pTz"),
            ("alexa:Whatever", "kX9mQ2vL7pTz4Rw8Yb"),
            ("aws:PrincipalTag/owner", token.as_str()),
            ("aws:SourceArn", token.as_str()),
        ] {
            assert!(!kept(key, value), "{key} {value}");
        }
    }

    #[test]
    fn the_shape_of_a_statement_stays() {
        let policy = r#"{"Version":"2012-10-17","Statement":{"Sid":"a","Condition":{"StringEquals":{"Lambda:eventSourceToken":"t0ken","aws:SourceAccount":"1"},"Null":{"aws:Referer":"true"},"NumericEquals":{"sts:ExternalId":[42,7]}}}}"#;
        let kept = r#"{"Sid":"a","Condition":{"StringEquals":{"Lambda:eventSourceToken":"[redacted]","aws:SourceAccount":"1"},"Null":{"aws:Referer":"true"},"NumericEquals":{"sts:ExternalId":["[redacted]","[redacted]"]}}}"#;
        assert_eq!(statement_texts(policy), [kept]);
        assert_eq!(
            document_text(policy),
            format!(r#"{{"Version":"2012-10-17","Statement":{kept}}}"#)
        );
        assert_eq!(
            statement_texts(r#"{"Statement":[{"Sid":"a"},{"Sid":"b"}]}"#),
            [r#"{"Sid":"a"}"#, r#"{"Sid":"b"}"#]
        );
        assert_eq!(statement_texts(r#"{"Statement":[]}"#), [""; 0]);
        let laid_out = "{\n  \"Statement\": []\n}";
        assert_eq!(document_text(laid_out), laid_out);
    }
}
