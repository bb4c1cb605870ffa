//! What was read and what was not.

crate::table::table! {
    /// How reading one fact ended, for a unit (an account, an account in a Region) or for one function.
    coverage, CoverageRow {
        /// The account; empty for the organisation.
        account_id: String,
        /// The Region; empty for what is global.
        region: String,
        /// The function's ARN; empty where the row speaks for the whole unit.
        resource_arn: String,
        /// The fact.
        fact: String,
        /// ok, denied, not_found, gone (deleted while the scan ran: nothing was missed), throttled, failed, region_disabled, skipped.
        outcome: String,
        /// AWS's error code, or lambdasweep's reason.
        error_code: Option<String>,
        /// What went wrong, in words.
        message: Option<String>,
        /// How many calls were tried.
        attempts: i64,
    }
}
