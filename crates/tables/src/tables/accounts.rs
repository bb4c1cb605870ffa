//! Accounts of the organisation.

crate::table::table! {
    /// An account of the organisation, whether it could be read or not.
    accounts, AccountRow {
        /// The account.
        account_id: String as word,
        /// The account's name, as written by its owner.
        name: String,
        /// The e-mail address of the account's root user, if the caller may see it.
        email: Option<String>,
        /// AWS's state: ACTIVE, SUSPENDED, PENDING_CLOSURE, PENDING_ACTIVATION, CLOSED, or a new
        /// value of AWS; UNKNOWN if AWS returned none or two. Only an ACTIVE account is entered.
        state: String as word,
        /// How the account joined: CREATED or INVITED.
        joined_method: Option<String> as word,
        /// When the account joined, RFC 3339 in UTC.
        joined_at: Option<String> as word,
        /// The root or organizational unit that contains the account.
        parent_id: Option<String> as id,
        /// Names of the organizational units from the root down, each after a slash; `/` for the
        /// root itself.
        ou_path: Option<String>,
        /// Ids of the root and the organizational units from the root down, joined by slashes.
        ou_id_path: Option<String> as id,
        /// Whether it is the organisation's management account.
        is_management: bool,
        /// Whether the scan was asked to read the account.
        in_scope: bool,
    }
    /// The organisation's accounts and organizational units.
    declares ORGANIZATION per Organization;
    subject "account" by account_id;
    refers parent_id to organizational_units.id;
}
