//! Numbers of findings.

crate::table::table! {
    /// The results of a check in one account and Region, in numbers.
    check_results, CheckResultRow {
        /// The account.
        account_id: String as word,
        /// The Region; empty for global resources.
        region: String as word,
        /// The check.
        check_id: String as word,
        /// The highest severity of the faults found; if there are none, the highest severity of the
        /// check.
        severity: String as word,
        /// The number of faults found.
        faults: i64,
        /// The number of resources with FAIL.
        fail: i64,
        /// The number of resources with UNKNOWN.
        unknown: i64,
        /// The number of resources with PASS.
        pass: i64,
        /// The number of resources with NOT_APPLICABLE.
        not_applicable: i64,
    }
}
