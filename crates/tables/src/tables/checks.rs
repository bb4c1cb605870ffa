//! The checks that a scan was evaluated with.

crate::table::table! {
    /// A check that the scan was evaluated with, so that the dataset explains its findings.
    checks, CheckRow {
        /// The check's id, as in `findings`.
        check_id: String as word,
        /// Its title: what it finds, in one line.
        title: String,
        /// The highest severity of its faults: critical, high, medium, low, info.
        severity: String as word,
        /// The number of the Lambda security practice that it belongs to.
        practice: i64,
        /// The kind of resource that it judges, as in `findings.resource_type`.
        subject: String as word,
        /// The facts that its results depend on, comma-separated.
        facts: String as word,
        /// The controls of public frameworks that it covers, as `framework:control`,
        /// comma-separated.
        frameworks: String,
        /// Why it matters, in Markdown.
        why: String,
        /// How to fix what it finds, in Markdown.
        fix: String,
        /// The limits of the check, in Markdown.
        limits: String,
    }
}
