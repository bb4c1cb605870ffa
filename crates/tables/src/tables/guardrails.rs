//! What the organisation prevents in its accounts.

crate::table::table! {
    /// Whether the organisation's service control policies prevent an account's principals from
    /// making a dangerous change. Determined by evaluating such a request of a role with all
    /// permissions against the policies of the root, of each organizational unit on the account's
    /// path and of the account.
    guardrails, GuardrailRow {
        /// The account.
        account_id: String as word,
        /// function-url-unauthenticated, permission-public, permission-outside, layer-public,
        /// code-signing-detach or code-signing-weaken.
        guardrail: String as word,
        /// yes, no, unknown, or not-applicable if no service control policy can apply to the
        /// account.
        prevented: String as word,
        /// The policy that decides, if any.
        policy_id: Option<String> as id,
        /// That policy's name.
        policy_name: Option<String>,
        /// The position of the deciding statement in the policy, from 0; absent if no statement
        /// allows it.
        statement_index: Option<i64>,
        /// The statement's id.
        sid: Option<String>,
        /// The reason.
        reason: String,
        /// Statements of a service control policy that prevent the change, as JSON, comma-separated.
        preventing: String as word,
    }
    /// What the organisation's policies prevent in the account.
    declares GUARDRAILS per Account;
    refers policy_id to organization_policies.policy_id;
}
