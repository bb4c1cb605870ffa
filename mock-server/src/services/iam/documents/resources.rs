//! The resources of identity-based policies: which ARNs IAM accepts.

/// What can follow the account in an IAM ARN.
const IAM_KINDS: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// Source: `partitions.json` of botocore.
const PARTITIONS: [&str; 8] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
];

/// IAM's message for an invalid resource; `None` if it is accepted so far.
pub(super) fn problem(resource: &str) -> Option<String> {
    if resource == "*" {
        return None;
    }
    let not_an_arn = || {
        Some(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        ))
    };
    let Some((scheme, rest)) = resource.split_once(':') else {
        return not_an_arn();
    };
    let (partition, rest) = rest
        .split_once(':')
        .map_or((rest, None), |(partition, rest)| (partition, Some(rest)));
    if partition != "*" && !PARTITIONS.contains(&partition) {
        let parts: Vec<&str> = rest
            .map(|rest| rest.splitn(4, ':').collect())
            .unwrap_or_default();
        let part = |at: usize| {
            parts
                .get(at)
                .copied()
                .filter(|part| !part.is_empty() || parts.len() > 1)
                .unwrap_or("*")
        };
        let whole = format!(
            "arn:{partition}:{}:{}:{}:{}",
            part(0),
            part(1),
            part(2),
            part(3)
        );
        return Some(format!(
            "Partition \"{partition}\" is not valid for resource \"{whole}\"."
        ));
    }
    if scheme != "arn" {
        return not_an_arn();
    }
    let (service, rest) = match rest {
        Some(rest) => rest
            .split_once(':')
            .map_or((rest, None), |(service, rest)| (service, Some(rest))),
        None => ("*", None),
    };
    if service.contains(['*', '?']) {
        return Some(
            "Resource vendor must be fully qualified and cannot contain regexes.".to_owned(),
        );
    }
    // Missing parts match anything, so an ARN that ends after the service counts as having a
    // Region.
    let mut parts = rest.unwrap_or("*").splitn(3, ':');
    let region = parts.next().unwrap_or_default();
    let name = parts.nth(1).unwrap_or_default();
    match service {
        "iam" if !region.is_empty() => Some(format!(
            "IAM resource {resource} cannot contain region information."
        )),
        "s3" if !region.is_empty() && !name.starts_with("accesspoint/") => Some(format!(
            "Resource {resource} can not contain region information."
        )),
        "iam" if name != "*" && !IAM_KINDS.iter().any(|kind| name.starts_with(kind)) => {
            Some(format!(
                "IAM resource path must either be \"*\" or start with {}.",
                IAM_KINDS.join(", ")
            ))
        }
        _ => None,
    }
}

/// Whether IAM's older parser can read a resource that is otherwise valid.
pub(super) fn is_readable(resource: &str) -> bool {
    let has_service = || {
        resource
            .split(':')
            .nth(2)
            .is_none_or(|service| !service.is_empty())
    };
    resource == "*"
        || ((resource.matches(':').count() >= 5 || !resource.contains("::")) && has_service())
}

#[cfg(test)]
mod tests {
    use super::{is_readable, problem};

    #[test]
    fn arns_are_taken_and_anything_else_is_not() {
        for right in [
            "*",
            "arn:aws:s3:::bucket",
            "arn:aws:sqs",
            "arn:aws:iam::*:user/${aws:username}",
            "arn:aws:iam::111122223333:*",
            "arn:*:lambda:*:*:function:*",
            "arn:aws-cn:s3:::bucket",
            "arn:aws:s3:us-west-2:123456789012:accesspoint/a/object/*",
        ] {
            assert_eq!(problem(right), None, "{right}");
            assert!(is_readable(right), "{right}");
        }
        for (wrong, words) in [
            ("bucket", "ARN format"),
            ("urn:aws:s3:::bucket", "ARN format"),
            ("arn:aws:*:*:*:*", "regexes"),
            ("arn:aws", "regexes"),
            (
                "arn:amazon:s3:::b",
                "Partition \"amazon\" is not valid for resource \"arn:amazon:s3:::b\".",
            ),
            ("arn:aws:s3:*:*:bucket", "can not contain region"),
            ("arn:aws:iam::111122223333:root", "must either be"),
        ] {
            assert!(
                problem(wrong).is_some_and(|problem| problem.contains(words)),
                "{wrong}: {:?}",
                problem(wrong)
            );
        }
    }

    #[test]
    fn an_arn_whose_parts_do_not_add_up_cannot_be_read() {
        for wrong in ["arn:aws:s3::bucket", "arn:aws::::bucket", "arn:aws::fdsasf"] {
            assert!(!is_readable(wrong), "{wrong}");
        }
    }
}
