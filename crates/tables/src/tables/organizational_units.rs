//! Organizational units.

crate::table::table! {
    /// The root or an organizational unit of the organisation.
    organizational_units, OrganizationalUnitRow {
        /// Its id (`r-…`, `ou-…`).
        id: String as id,
        /// The id of its parent; absent for the root.
        parent_id: Option<String> as id,
        /// Its name.
        name: String,
        /// Names from the root down, each after a slash; `/` for the root.
        path: String,
        /// The organisation.
        organization_id: String as id,
        /// The policy types that are enabled in the root, comma-separated, followed by the status
        /// in parentheses while it changes; only for the root.
        policy_types: Option<String> as word,
    }
    rests_on ORGANIZATION;
}
