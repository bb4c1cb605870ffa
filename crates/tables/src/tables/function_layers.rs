//! Layers that functions use.

crate::table::table! {
    /// A layer version that a function's version uses.
    function_layers, FunctionLayerRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without a qualifier.
        function_arn: String as id,
        /// `$LATEST`, or the number of a published version of the function.
        version: String as word,
        /// The layer's position in the function's list, from 0; later layers override earlier ones.
        position: i64,
        /// The layer version's ARN.
        layer_version_arn: String as id,
        /// The account that owns the layer.
        layer_account_id: Option<String> as word,
        /// Whether that account is outside this organisation; absent if that is unknown.
        layer_outside: Option<bool>,
        /// What is known of that account: aws (AWS publishes layers in it), vendor (a well-known
        /// publisher does); absent otherwise.
        publisher_kind: Option<String> as word,
        /// The name of that publisher.
        publisher: Option<String> as word,
        /// Size in bytes.
        code_size_bytes: Option<i64>,
        /// The signing profile version that signed the layer.
        signing_profile_version_arn: Option<String> as id,
    }
    rests_on FUNCTIONS;
    subject "layer" by layer_version_arn;
    refers function_arn to functions.function_arn;
    refers layer_version_arn to layers.layer_version_arn;
}
