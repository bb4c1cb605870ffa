//! What the organisation prevents in its accounts.

crate::table::table! {
    /// Whether the organisation's service control policies keep an account's principals from a
    /// dangerous change. Worked out by evaluating such a request of a role that may do anything
    /// against the policies of the root, of each organizational unit on the account's path and of
    /// the account.
    guardrails, GuardrailRow {
        /// The account.
        account_id: String as word,
        /// function-url-unauthenticated, permission-public, layer-public or code-signing-detach.
        guardrail: String as word,
        /// yes, no, unknown, or not-applicable where no service control policy can bind the
        /// account.
        prevented: String as word,
        /// The policy that decides, where one does.
        policy_id: Option<String> as id,
        /// That policy's name.
        policy_name: Option<String>,
        /// Where the deciding statement stands in the policy, from 0; absent where no statement
        /// allows it.
        statement_index: Option<i64>,
        /// The statement's id.
        sid: Option<String>,
        /// Why, in words.
        reason: String,
    }
    /// What the organisation's policies really prevent in the account.
    declares GUARDRAILS per Account;
    refers policy_id to organization_policies.policy_id;
}
