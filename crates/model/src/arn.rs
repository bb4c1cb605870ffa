//! Amazon Resource Names.

use std::fmt;
use std::str::FromStr;

/// An ARN split into its parts: `arn:partition:service:region:account:resource`.
///
/// Source: "Identify AWS resources with ARNs", AWS General Reference. Region and account may be
/// empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: String,
    /// `lambda`, `iam`, …
    pub service: String,
    /// Empty for global services.
    pub region: String,
    /// Twelve digits, or empty.
    pub account: String,
    /// Everything after the fifth colon.
    pub resource: String,
}

/// The text is not a valid ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid ARN: the form is arn:partition:service:region:account:resource")]
pub struct ArnError(String);

impl Arn {
    /// The role's name of an IAM role ARN (the part after the last slash, paths dropped), if it is
    /// one.
    pub fn role_name(&self) -> Option<&str> {
        (self.service == "iam").then_some(())?;
        self.resource
            .strip_prefix("role/")
            .map(|path| path.rsplit('/').next().unwrap_or(path))
    }

    /// The function's name of a Lambda function ARN, without its qualifier, if it is one.
    pub fn function_name(&self) -> Option<&str> {
        (self.service == "lambda").then_some(())?;
        self.resource
            .strip_prefix("function:")
            .map(|rest| rest.split(':').next().unwrap_or(rest))
    }

    /// The qualifier (version or alias) of a Lambda function ARN, if it has one.
    pub fn qualifier(&self) -> Option<&str> {
        (self.service == "lambda").then_some(())?;
        self.resource
            .strip_prefix("function:")
            .and_then(|rest| rest.split_once(':'))
            .map(|(_, qualifier)| qualifier)
    }
}

impl FromStr for Arn {
    type Err = ArnError;

    fn from_str(value: &str) -> Result<Self, Self::Err> {
        let mut parts = value.splitn(6, ':');
        let mut next = || parts.next().map(str::to_owned);
        match (next(), next(), next(), next(), next(), next()) {
            (
                Some(arn),
                Some(partition),
                Some(service),
                Some(region),
                Some(account),
                Some(resource),
            ) if arn == "arn"
                && !partition.is_empty()
                && !service.is_empty()
                && !resource.is_empty() =>
            {
                Ok(Self {
                    partition,
                    service,
                    region,
                    account,
                    resource,
                })
            }
            _ => Err(ArnError(crate::printable(value))),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "arn:{}:{}:{}:{}:{}",
            self.partition, self.service, self.region, self.account, self.resource
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Arn;

    #[test]
    fn takes_function_arns_apart() {
        let arn: Arn = "arn:aws-cn:lambda:cn-north-1:123456789012:function:orders:live"
            .parse()
            .expect("an ARN");
        assert_eq!(
            (arn.function_name(), arn.qualifier(), arn.role_name()),
            (Some("orders"), Some("live"), None)
        );
        assert_eq!(
            arn.to_string(),
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:orders:live"
        );
    }

    #[test]
    fn takes_role_arns_apart() {
        let arn: Arn = "arn:aws:iam::123456789012:role/service-role/orders"
            .parse()
            .expect("an ARN");
        assert_eq!(
            (arn.role_name(), arn.function_name(), arn.qualifier()),
            (Some("orders"), None, None)
        );
    }

    #[test]
    fn refuses_what_is_none() {
        for bad in [
            "",
            "arn",
            "arn:aws:lambda:eu-west-1:1",
            "urn:aws:lambda:a:b:c",
            "arn:::::",
        ] {
            assert!(bad.parse::<Arn>().is_err(), "{bad}");
        }
    }
}
