//! Findings.

crate::table::table! {
    /// The result of a check for a resource, or for a unit that could not be read. A resource that
    /// fails has one row for each fault; any other resource has one row.
    findings, FindingRow {
        /// The account.
        account_id: String as word,
        /// The Region; empty for global resources.
        region: String as word,
        /// The resource's ARN, or one that stands for the account or Region if a whole unit could
        /// not be read.
        resource_arn: String as id,
        /// function, layer, role, account, account-region.
        resource_type: String as word,
        /// The check.
        check_id: String as word,
        /// FAIL, UNKNOWN, PASS, NOT_APPLICABLE.
        status: String as word,
        /// The fault of the resource that a FAIL is about, if the check can find several: a
        /// statement, a variable, a version, a path or an account. Stable across scans. Empty if
        /// the status is not FAIL or the check can find only one fault.
        fault: String,
        /// critical, high, medium, low, info: the severity of the fault; if the status is not FAIL,
        /// the highest severity of the check.
        severity: String as word,
        /// What was found, or why it is unknown.
        detail: String,
        /// A stable id of this fault of this resource, or of its UNKNOWN: a digest of check,
        /// account, Region, resource and fault that is the same in every scan. Only for the
        /// statuses FAIL and UNKNOWN.
        fingerprint: Option<String> as word,
    }
}
