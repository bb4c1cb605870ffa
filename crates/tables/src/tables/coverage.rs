//! What was read and what was not.

crate::table::table! {
    /// How reading one fact ended, for a unit (an account, an account in a Region) or for one
    /// function.
    coverage, CoverageRow {
        /// The account; empty for the organisation.
        account_id: String as word,
        /// The Region; empty for what is global.
        region: String as word,
        /// The function's ARN; empty where the row speaks for the whole unit.
        resource_arn: String as id,
        /// The fact.
        fact: String as word,
        /// ok, denied, not_found, gone (deleted while the scan ran: nothing was missed), throttled,
        /// failed, region_disabled, skipped.
        outcome: String as word,
        /// AWS's error code, or lambdasweep's reason.
        error_code: Option<String> as id,
        /// What went wrong, in words.
        message: Option<String>,
        /// How many calls were tried.
        attempts: i64,
    }
}
