//! Validation of documents for each policy type.
//!
//! Sources: "SCP syntax", "RCP syntax" and "Management policy inheritance syntax and examples",
//! Organizations User Guide. Of management policies only the outermost member is checked.

use lambdasweep_policy::Document;
use serde_json::{Map, Value};

use super::super::members::one_or_more;
use super::policy_types::{RCP, SCP};
use crate::call::AwsError;

/// Members that a statement of a control policy may have.
const MEMBERS: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Checks a document of a type of policy.
pub(super) fn check(kind: &str, content: &str) -> Result<(), AwsError> {
    let why =
        "The provided policy document does not meet the requirements of the specified policy type.";
    let fits = match serde_json::from_str::<Value>(content) {
        Ok(Value::Object(document)) => match kind {
            SCP | RCP => Document::parse(content).is_ok() && is_control_policy(kind, &document),
            _ => is_management_policy(kind, &document),
        },
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(AwsError::new("MalformedPolicyDocumentException", why))
    }
}

/// The outermost member of a policy of the type; `None` if it is unknown here.
fn outermost(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "TAG_POLICY" => "tags",
        "BACKUP_POLICY" => "plans",
        "AISERVICES_OPT_OUT_POLICY" => "services",
        "CHATBOT_POLICY" => "chatbot",
        "DECLARATIVE_POLICY_EC2" => "ec2_attributes",
        "SECURITYHUB_POLICY" => "securityhub",
        "INSPECTOR_POLICY" => "inspector",
        _ => return None,
    })
}

fn is_management_policy(kind: &str, document: &Map<String, Value>) -> bool {
    outermost(kind).is_none_or(|member| {
        document.len() == 1 && document.get(member).is_some_and(Value::is_object)
    })
}

fn is_control_policy(kind: &str, document: &Map<String, Value>) -> bool {
    let known = document
        .keys()
        .all(|member| ["Version", "Id", "Statement"].contains(&member.as_str()));
    let statements = document
        .get("Statement")
        .map(one_or_more)
        .unwrap_or_default();
    known
        && !statements.is_empty()
        && statements.iter().all(|statement| {
            statement
                .as_object()
                .is_some_and(|it| is_statement(kind, it))
        })
}

fn is_statement(kind: &str, statement: &Map<String, Value>) -> bool {
    let has = |member: &str| statement.contains_key(member);
    let effect = statement
        .get("Effect")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let of_its_type = if kind == SCP {
        matches!(effect, "Allow" | "Deny")
            && !has("Principal")
            && (has("Action") != has("NotAction"))
    } else {
        effect == "Deny"
            && statement
                .get("Principal")
                .is_some_and(|it| *it == "*" || it["AWS"] == "*")
            && has("Action")
    };
    statement
        .keys()
        .all(|member| MEMBERS.contains(&member.as_str()))
        && of_its_type
        && has("Resource") != has("NotResource")
        && [statement.get("Action"), statement.get("NotAction")]
            .into_iter()
            .flatten()
            .all(|actions| all(actions, |it| is_action(kind, it)))
        && [statement.get("Resource"), statement.get("NotResource")]
            .into_iter()
            .flatten()
            .all(|resources| all(resources, is_resource))
}

/// `*`, or a service and its actions; a resource control policy names the service.
fn is_action(kind: &str, action: &str) -> bool {
    match action.split_once(':') {
        Some((service, name)) => !service.is_empty() && !name.is_empty() && !name.contains(':'),
        None => action == "*" && kind == SCP,
    }
}

fn is_resource(resource: &str) -> bool {
    resource == "*" || resource.starts_with("arn:") || resource.starts_with('*')
}

/// Whether there is at least one string, and all of them fit.
fn all(value: &Value, fits: impl Fn(&str) -> bool) -> bool {
    let texts = one_or_more(value);
    !texts.is_empty() && texts.iter().all(|it| it.as_str().is_some_and(&fits))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_document_is_of_its_type() {
        let statement =
            |body: &str| format!(r#"{{"Version":"2012-10-17","Statement":[{{{body}}}]}}"#);
        let deny = r#""Effect":"Deny","Action":"s3:*","Resource":"*""#;
        for (kind, content, fits) in [
            ("SERVICE_CONTROL_POLICY", statement(deny), true),
            (
                "SERVICE_CONTROL_POLICY",
                statement(
                    r#""Effect":"Allow","NotAction":["iam:*"],"NotResource":"arn:aws:s3:::a""#,
                ),
                true,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                statement(r#""Effect":"Deny","Action":"*","Resource":"*""#),
                true,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                statement(&format!(r#"{deny},"Principal":"*""#)),
                false,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                statement(r#""Effect":"Deny","Action":"s3:*""#),
                false,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                statement(r#""Effect":"Deny","Resource":"*""#),
                false,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                statement(r#""Effect":"Deny","Action":"s3","Resource":"*""#),
                false,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                statement(r#""Effect":"Deny","Action":"s3:a:b","Resource":"*""#),
                false,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                statement(r#""Effect":"Deny","Action":[],"Resource":"*""#),
                false,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                statement(r#""Effect":"Deny","Action":"s3:*","Resource":"bucket""#),
                false,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                statement(r#""Effect":"Perhaps","Action":"s3:*","Resource":"*""#),
                false,
            ),
            (
                "SERVICE_CONTROL_POLICY",
                r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
                false,
            ),
            ("SERVICE_CONTROL_POLICY", "not JSON".to_owned(), false),
            (
                "RESOURCE_CONTROL_POLICY",
                statement(&format!(r#"{deny},"Principal":"*""#)),
                true,
            ),
            ("RESOURCE_CONTROL_POLICY", statement(deny), false),
            (
                "RESOURCE_CONTROL_POLICY",
                statement(r#""Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*""#),
                false,
            ),
            (
                "RESOURCE_CONTROL_POLICY",
                statement(r#""Effect":"Deny","Principal":"*","Action":"*","Resource":"*""#),
                false,
            ),
            ("TAG_POLICY", r#"{"tags":{"team":{}}}"#.to_owned(), true),
            ("TAG_POLICY", statement(deny), false),
            (
                "AISERVICES_OPT_OUT_POLICY",
                r#"{"services":{"default":{}}}"#.to_owned(),
                true,
            ),
            ("BACKUP_POLICY", "[]".to_owned(), false),
        ] {
            assert_eq!(check(kind, &content).is_ok(), fits, "{kind}: {content}");
        }
    }
}
