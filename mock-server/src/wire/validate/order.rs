//! The orders in which AWS lists the values of an enum and the members of a structure: not the
//! model's order, but the iteration order of Java's sets and maps.
//!
//! Source: messages of Lambda, IAM, DynamoDB, Cognito, ECR, EventBridge, IoT, SNS, SWF, Systems
//! Manager and Route 53 Resolver that were recorded from AWS or quoted by its users; these are the
//! only simple orders that match all of them.

/// Values in the order of messages about a model's constraints: by the last five bits of their hash
/// codes. Values with the same five bits keep their order; AWS's order among them is not known.
pub(super) fn listed(values: &[String]) -> Vec<&str> {
    let mut values: Vec<&str> = values.iter().map(String::as_str).collect();
    values.sort_by_key(|value| hash_code(value) & 31);
    values
}

/// Values in the iteration order of a `java.util.HashSet` to which they were added one by one.
pub(crate) fn hash_set(mut values: Vec<&'static str>) -> Vec<&'static str> {
    let count = values.len();
    values.sort_by_key(|value| place(value, count));
    values
}

/// The bucket of a key in a `java.util.HashMap` or set with `count` entries. There are 16 buckets,
/// and their number doubles each time there are entries for more than three quarters of them.
pub(super) fn place(key: &str, count: usize) -> u32 {
    let mut places: u32 = 16;
    while count * 4 > places as usize * 3 {
        places *= 2;
    }
    let code = hash_code(key);
    (code ^ (code >> 16)) & (places - 1)
}

/// `String.hashCode` of Java.
fn hash_code(text: &str) -> u32 {
    text.encode_utf16().fold(0, |code, unit| {
        code.wrapping_mul(31).wrapping_add(u32::from(unit))
    })
}

#[cfg(test)]
mod tests {
    use super::{hash_code, listed, place};

    #[test]
    fn hash_codes_are_those_of_java() {
        // "Aa" and "BB" are known to have the same hash code.
        assert_eq!(
            (hash_code(""), hash_code("Aa"), hash_code("BB")),
            (0, 2_112, 2_112)
        );
        assert_eq!(hash_code("hello"), 99_162_322);
    }

    /// Recorded from AWS between November 2025 and January 2026.
    #[test]
    fn values_are_listed_as_recorded() {
        for recorded in [
            &["Terminate", "Allow"][..],
            &["RESPONSE_STREAM", "BUFFERED"],
            &["PublishedVersions", "None"],
            &["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"],
            &["x86_64", "arm64"],
            &[
                "IMMUTABLE",
                "MUTABLE",
                "MUTABLE_WITH_EXCLUSION",
                "IMMUTABLE_WITH_EXCLUSION",
            ],
            &["OPTIONAL", "OFF", "ON"],
            &["ENABLE", "DISABLE"],
        ] {
            let mut values: Vec<String> =
                recorded.iter().map(|value| (*value).to_owned()).collect();
            assert_eq!(listed(&values), recorded);
            values.reverse();
            assert_eq!(listed(&values), recorded);
        }
    }

    /// Members named in errors, in order: of PublishLayerVersion, UpdateAccountPasswordPolicy,
    /// UpdateTable, CreateTable, SignUp, ConfirmForgotPassword, AddPermission of SNS and
    /// DescribeWorkflowExecution.
    #[test]
    fn members_are_told_as_recorded() {
        for recorded in [
            &["compatibleRuntimes", "compatibleArchitectures"][..],
            &[
                "minimumPasswordLength",
                "passwordReusePrevention",
                "maxPasswordAge",
            ],
            &["writeCapacityUnits", "readCapacityUnits"],
            &["attributeType", "attributeName"],
            &["password", "username"],
            &["confirmationCode", "password"],
            &["aWSAccountId", "label", "actionName"],
            &["execution", "domain"],
        ] {
            assert!(
                recorded.is_sorted_by_key(|name| place(name, 9)),
                "{recorded:?}"
            );
        }
        // More than twelve members have 32 buckets, more than 24 have 64.
        assert_eq!(
            [12, 13, 24, 25].map(|count| place("description", count)),
            [9, 9, 9, 9]
        );
        assert_eq!(
            [12, 13, 24, 25].map(|count| place("eventPattern", count)),
            [13, 13, 13, 45]
        );
    }
}
