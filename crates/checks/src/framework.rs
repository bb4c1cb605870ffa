//! Public frameworks whose controls checks cover.

use std::cmp::Ordering;

/// A framework whose controls for Lambda are all known, each with the subject of its question.
#[derive(Debug, Clone, Copy)]
pub struct Framework {
    /// Its name in the front matter of checks.
    pub name: &'static str,
    /// The controls, and what each asks for.
    pub controls: &'static [(&'static str, &'static str)],
}

/// Frameworks whose controls for Lambda are all known.
///
/// Sources: "CIS AWS Compute Services Benchmark" 2.0.0, section 12; "AWS Lambda controls", AWS
/// Security Hub User Guide; "List of AWS Config Managed Rules", AWS Config Developer Guide.
pub const FRAMEWORKS: &[Framework] = &[
    Framework {
        name: "cis-aws-compute-2.0",
        controls: &[
            ("12.1", "AWS Config records functions"),
            ("12.2", "Lambda Insights"),
            ("12.3", "secrets in Secrets Manager"),
            ("12.4", "least privilege"),
            ("12.5", "an execution role for each function"),
            ("12.6", "no access for everyone"),
            ("12.7", "an execution role that exists"),
            ("12.8", "code signing"),
            ("12.9", "no administrator access"),
            ("12.10", "no unknown access from other accounts"),
            ("12.11", "supported runtimes"),
            ("12.12", "encryption of the environment"),
            ("12.13", "no public layers"),
            ("12.14", "detection of recursive loops"),
            ("12.15", "no wildcard in CORS settings"),
            ("12.16", "IAM authentication of function URLs"),
            ("12.17", "functions in a VPC"),
        ],
    },
    Framework {
        name: "security-hub",
        controls: &[
            ("IAM.21", "no wildcard actions of services"),
            ("Lambda.1", "no public access"),
            ("Lambda.2", "supported runtimes"),
            ("Lambda.3", "functions in a VPC"),
            ("Lambda.5", "several Availability Zones"),
            ("Lambda.6", "tags"),
            ("Lambda.7", "tracing with X-Ray"),
        ],
    },
    Framework {
        name: "aws-config",
        controls: &[
            ("lambda-concurrency-check", "reserved concurrency"),
            ("lambda-dlq-check", "dead-letter targets"),
            ("lambda-function-description", "descriptions"),
            (
                "lambda-function-public-access-prohibited",
                "no public access",
            ),
            ("lambda-function-settings-check", "supported runtimes"),
            ("lambda-function-xray-enabled", "tracing with X-Ray"),
            ("lambda-inside-vpc", "functions in a VPC"),
            ("lambda-vpc-multi-az-check", "several Availability Zones"),
        ],
    },
];

/// Compares controls so that numbers in them count as numbers: 12.9 comes before 12.10.
pub fn compare_controls(a: &str, b: &str) -> Ordering {
    let parts = |control: &str| {
        control
            .split('.')
            .map(|part| (part.parse::<u64>().ok(), part.to_owned()))
            .collect::<Vec<_>>()
    };
    parts(a).cmp(&parts(b))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{FRAMEWORKS, compare_controls};

    #[test]
    fn controls_stand_in_their_order() {
        assert_eq!(compare_controls("12.9", "12.10"), Ordering::Less);
        assert_eq!(compare_controls("Lambda.7", "Lambda.2"), Ordering::Greater);
        for framework in FRAMEWORKS {
            let controls = framework.controls;
            assert!(
                controls.is_sorted_by(|a, b| compare_controls(a.0, b.0) == Ordering::Less),
                "{}",
                framework.name
            );
        }
    }
}
