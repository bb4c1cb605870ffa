//! Findings.

crate::table::table! {
    /// What a check answered for a resource, or for a unit that could not be read. A resource that
    /// fails has one row for each fault; one that passes, that could not be judged or that the
    /// check is not about has one row.
    findings, FindingRow {
        /// The account.
        account_id: String as word,
        /// The Region; empty for what is global.
        region: String as word,
        /// The resource's ARN, or the account's where a whole unit could not be read.
        resource_arn: String as id,
        /// function, layer, role, account, account-region.
        resource_type: String as word,
        /// The check.
        check_id: String as word,
        /// FAIL, UNKNOWN, PASS, NOT_APPLICABLE.
        status: String as word,
        /// Which fault of the resource a FAIL is about, where a check can find several: a
        /// statement, a variable, a version, a path or an account. The same in every scan, whatever
        /// the order. Empty where the status is not FAIL and where the check can find one fault
        /// only.
        fault: String,
        /// critical, high, medium, low, info: how grave the fault is; where the status is not FAIL,
        /// how grave the gravest fault of the check is.
        severity: String as word,
        /// What was found, or why it is not known.
        detail: String,
        /// A stable id of this fault of this resource, or of what is not known of it: made of
        /// check, account, Region, resource and fault, and the same in every scan. Only where the
        /// status is FAIL or UNKNOWN.
        fingerprint: Option<String> as word,
    }
}
