//! Ways in which a role can get itself more privilege.

crate::table::table! {
    /// A path to more privilege that a role's permissions open. An administrator needs none, so that there are no rows for one.
    role_escalations, RoleEscalationRow {
        /// The account.
        account_id: String as word,
        /// The role's ARN.
        role_arn: String as id,
        /// The path's id in the catalogue of pathfinding.cloud.
        path_id: String as word,
        /// The path's name there: the actions that it takes.
        path_name: String,
        /// self-escalation, principal-access, new-passrole, existing-passrole.
        category: String as word,
        /// Whether it is open under conditions that policies alone cannot tell.
        conditional: bool,
    }
}
