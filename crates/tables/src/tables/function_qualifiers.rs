//! Versions and aliases.

crate::table::table! {
    /// A published version or an alias of a function. `function_versions` has the versions' configurations.
    function_qualifiers, FunctionQualifierRow {
        /// The account.
        account_id: String,
        /// The Region.
        region: String,
        /// The function's ARN, without the qualifier.
        function_arn: String,
        /// The version's number or the alias' name.
        qualifier: String,
        /// `version` or `alias`.
        kind: String,
        /// For an alias: the version that it points to.
        target_version: Option<String>,
        /// For an alias with weighted routing: the further versions that get a share of the calls, comma-separated.
        routing_version: Option<String>,
    }
}
