//! Statements of resource policies.

crate::table::table! {
    /// A statement of a resource policy: of a function, its versions and aliases, of a layer version,
    /// and of whatever else has such a policy.
    resource_policy_statements, ResourcePolicyStatementRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The kind of resource, as `findings.resource_type` has it.
        resource_type: String as word,
        /// The resource's ARN; a function's without a qualifier.
        resource_arn: String as id,
        /// The version or alias of a function that the policy is attached to; empty for the
        /// function itself and for other resources.
        qualifier: String as id,
        /// Where the statement stands in the policy, from 0.
        statement_index: i64,
        /// The statement's id.
        sid: Option<String>,
        /// What names the statement whatever the order of the policy: its id, or a digest of its
        /// text where it has none or another has the same; after the qualifier and a slash where
        /// there is a qualifier.
        statement_key: String,
        /// Allow or Deny.
        effect: String as word,
        /// The principals, comma-separated; `*` for everyone.
        principals: String,
        /// The actions, comma-separated; prefixed with `!` for NotAction.
        actions: String,
        /// The condition keys that the statement uses, comma-separated.
        condition_keys: String,
        /// Who the statement lets in, after all Deny statements: none, account, accounts,
        /// organization, service-bounded, service-any-source, everyone, unknown.
        exposure: String as word,
        /// Why, in words.
        exposure_reason: String,
        /// Other accounts, organisations and parts of organisations that the statement lets in by
        /// name, themselves or by an AWS service, comma-separated.
        named: String,
        /// Those of them that are not of this organisation; absent where the organisation could not
        /// be read.
        outside: Option<String>,
        /// How a function's statement lets everyone invoke, after all Deny statements: direct
        /// (whoever has an AWS account), url (only through a function URL; `function_urls` and
        /// `latent_exposures` say whether that is open), none, or unknown. Other resources: none.
        door: String as word,
        /// Who the whole policy lets in, in the same words as `exposure`.
        policy_exposure: String as word,
        /// The service principal that a function's statement lets invoke, where it invokes
        /// asynchronously (s3.amazonaws.com, sns.amazonaws.com, …).
        async_service: Option<String>,
        /// The statement itself, as JSON; values of its conditions that are secrets, or that only
        /// the caller should know, are replaced by `[redacted]`.
        statement: String,
    }
    /// Resource policies of the function and of every alias and published version.
    declares RESOURCE_POLICIES per function;
    kinds resource_type;
}
