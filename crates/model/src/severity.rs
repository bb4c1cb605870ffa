//! How grave a finding is, and what a check answered.

crate::words! {
    /// How grave a failed check is. Ordered: `Info` is the least.
    Severity, "severity" {
        /// Worth knowing.
        Info = "info",
        /// Hardening.
        Low = "low",
        /// A weakness that needs another one to be used.
        Medium = "medium",
        /// A weakness that can be used.
        High = "high",
        /// Open to outsiders now.
        Critical = "critical",
    }
}

crate::words! {
    /// The result of a check for one resource. What was not read is never a PASS.
    Status, "status" {
        /// The bad pattern is there.
        Fail = "FAIL",
        /// It cannot be said: facts that the check needs were not read.
        Unknown = "UNKNOWN",
        /// Everything that the check needs was read, and the bad pattern is not there.
        Pass = "PASS",
        /// The question does not arise for the resource: it counts neither as a PASS nor as
        /// something that was not read.
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
