//! Findings in figures.

crate::table::table! {
    /// How often a check answered what, in one account and Region.
    check_results, CheckResultRow {
        /// The account.
        account_id: String as word,
        /// The Region; empty for what is global.
        region: String as word,
        /// The check.
        check_id: String as word,
        /// How grave the gravest fault is that was found; where none was, how grave the gravest
        /// fault of the check can be.
        severity: String as word,
        /// How many faults were found.
        faults: i64,
        /// How many resources fail.
        fail: i64,
        /// How many could not be judged.
        unknown: i64,
        /// How many pass.
        pass: i64,
        /// How many the check is not about.
        not_applicable: i64,
    }
}
