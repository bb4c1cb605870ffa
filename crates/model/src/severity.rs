//! Severities and statuses of findings.

crate::words! {
    /// The severity of a finding. Ordered: `Info` is the lowest.
    Severity, "severity" {
        /// Worth knowing.
        Info = "info",
        /// Hardening.
        Low = "low",
        /// A weakness that can only be exploited together with another one.
        Medium = "medium",
        /// A weakness that can be exploited.
        High = "high",
        /// Exposed to outsiders now.
        Critical = "critical",
    }
}

crate::words! {
    /// The result of a check for one resource. What was not read is never a PASS.
    Status, "status" {
        /// The bad pattern was found.
        Fail = "FAIL",
        /// The result is unknown because facts that the check needs were not read.
        Unknown = "UNKNOWN",
        /// Everything that the check needs was read, and the bad pattern was not found.
        Pass = "PASS",
        /// The check does not apply to the resource: this counts neither as PASS nor as UNKNOWN.
        NotApplicable = "NOT_APPLICABLE",
    }
}

#[cfg(test)]
mod tests {
    use super::Severity;

    #[test]
    fn severities_are_ordered_and_spelt_one_way() {
        assert!(Severity::Info < Severity::Low && Severity::High < Severity::Critical);
        for &severity in Severity::ALL {
            assert_eq!(severity.as_str().parse(), Ok(severity));
        }
        let error = "grave".parse::<Severity>().expect_err("no severity");
        assert_eq!(
            error.to_string(),
            "`grave` is not a valid severity; use one of info, low, medium, high, critical"
        );
    }
}
