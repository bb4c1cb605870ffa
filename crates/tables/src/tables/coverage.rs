//! What was read and what was not.

crate::table::table! {
    /// The outcome of reading one fact for a unit (an account, an account in a Region) or for one
    /// resource.
    coverage, CoverageRow {
        /// The account; empty for the organisation.
        account_id: String as word,
        /// The Region; empty for global facts.
        region: String as word,
        /// The resource's ARN; empty if the row applies to the whole unit.
        resource_arn: String as id,
        /// The fact.
        fact: String as word,
        /// ok, denied, not_found, gone (deleted while the scan ran, so nothing was missed),
        /// throttled, failed, region_disabled, skipped.
        outcome: String as word,
        /// AWS's error code, or lambdasweep's own code.
        error_code: Option<String> as id,
        /// The error message.
        message: Option<String>,
        /// The number of attempts.
        attempts: i64,
    }
}
