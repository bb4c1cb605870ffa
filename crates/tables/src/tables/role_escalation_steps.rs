//! The steps by which roles can get themselves more privilege.

crate::table::table! {
    /// A step of a path of `role_escalations`: whoever holds one role gets to act as another, or
    /// gets more than it had.
    role_escalation_steps, RoleEscalationStepRow {
        /// The account.
        account_id: String as word,
        /// The ARN of the role that the whole path starts from.
        role_arn: String as id,
        /// The id of the whole path, as in `role_escalations`.
        path_id: String as word,
        /// Which step it is, from 1.
        step: i64,
        /// The id of what is done in this step, in the catalogue of pathfinding.cloud.
        step_path_id: String as word,
        /// Its name there: the actions that it takes.
        step_path_name: String,
        /// The ARN of the role that takes the step.
        from_role_arn: String as id,
        /// The ARN of the role that is acted as afterwards; empty where the step ends in every
        /// permission or in a user, and where it deletes something.
        to_role_arn: Option<String> as id,
        /// What it goes through: the ARN of a function, the ARN of a role that is deleted or of a
        /// policy of which a version is, or the service that runs what is taken over.
        through: Option<String>,
        /// The statements that prove it, separated by semicolons: what they grant or whom they let
        /// in, and `(policy#index)`; `trust policy` is that of the role that the step leads to.
        evidence: String,
        /// Whether it is open under conditions that policies alone cannot tell.
        conditional: bool,
        /// Whether it takes over a resource of a service that is not read.
        presumed: bool,
    }
    rests_on ROLES;
    refers role_arn to roles.role_arn;
}
