//! Versions and aliases.

crate::table::table! {
    /// A published version or an alias of a function. `function_versions` has the versions'
    /// configurations.
    function_qualifiers, FunctionQualifierRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without the qualifier.
        function_arn: String as id,
        /// The version's number or the alias' name.
        qualifier: String as id,
        /// `version` or `alias`.
        kind: String as word,
        /// For an alias: the version that it points to.
        target_version: Option<String> as word,
        /// For an alias with weighted routing: the additional versions, comma-separated.
        routing_version: Option<String> as word,
    }
    /// Aliases.
    declares ALIASES per function;
    rests_on FUNCTIONS;
    refers function_arn to functions.function_arn;
}
