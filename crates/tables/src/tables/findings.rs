//! Findings.

crate::table::table! {
    /// What a check answered for a resource, or for a unit that could not be read.
    findings, FindingRow {
        /// The account.
        account_id: String,
        /// The Region; empty for what is global.
        region: String,
        /// The resource's ARN, or the account's where a whole unit could not be read.
        resource_arn: String,
        /// function, layer, role, account, account-region.
        resource_type: String,
        /// The check.
        check_id: String,
        /// FAIL, UNKNOWN, PASS.
        status: String,
        /// critical, high, medium, low, info: how grave a FAIL is.
        severity: String,
        /// What was found, or why it is not known.
        detail: String,
        /// A stable id of this check on this resource: the same in every scan.
        fingerprint: String,
    }
}
