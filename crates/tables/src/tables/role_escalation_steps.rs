//! The steps of privilege escalation paths.

crate::table::table! {
    /// A step of a path in `role_escalations`: the holder of a role becomes able to act as another
    /// role, or gains permissions.
    role_escalation_steps, RoleEscalationStepRow {
        /// The account.
        account_id: String as word,
        /// The ARN of the role that the whole path starts from.
        role_arn: String as id,
        /// The id of the whole path, as in `role_escalations`.
        path_id: String as word,
        /// The step's number, from 1.
        step: i64,
        /// The id of the step's own path in the catalogue of pathfinding.cloud.
        step_path_id: String as word,
        /// Its name there: the actions that it uses.
        step_path_name: String,
        /// The ARN of the role that takes the step.
        from_role_arn: String as id,
        /// The ARN of the role that the holder can act as afterwards; empty if the step ends in
        /// every permission or in a user, or deletes something.
        to_role_arn: Option<String> as id,
        /// The resource that the step uses: the ARN of a function, of a role that is deleted or of
        /// a policy of which a version is deleted, or the service that runs the resource that is
        /// taken over.
        through: Option<String>,
        /// The statements that allow it, separated by semicolons: what they grant or whom they
        /// allow, and `(policy#index)`; `trust policy` is that of the role that the step leads to.
        evidence: String,
        /// Whether it depends on conditions that cannot be decided from policies alone.
        conditional: bool,
        /// Whether it takes over a resource of a service that the scan does not read.
        presumed: bool,
    }
    rests_on ROLES;
    refers role_arn to roles.role_arn;
}
