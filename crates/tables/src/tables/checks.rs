//! The checks that a scan was judged by.

crate::table::table! {
    /// A check that the scan was judged by, so that the dataset explains its findings.
    checks, CheckRow {
        /// The check's id, as `findings` has it.
        check_id: String as word,
        /// What it finds, in one line.
        title: String,
        /// How grave the gravest of its faults is: critical, high, medium, low, info.
        severity: String as word,
        /// The number of the Lambda security practice that it belongs to, 1 to 12.
        practice: i64,
        /// The kind of resource that it judges, as `findings.resource_type` has it.
        subject: String as word,
        /// The facts that its answers rest on, comma-separated.
        facts: String as word,
        /// The controls of public frameworks that it covers, as `framework:control`, separated by
        /// commas.
        frameworks: String,
        /// Why it matters, in Markdown.
        why: String,
        /// How to fix what it finds, in Markdown.
        fix: String,
        /// What it does not see, in Markdown.
        limits: String,
    }
}
