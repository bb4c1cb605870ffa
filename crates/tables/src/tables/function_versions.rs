//! Function versions and whether they can run.

crate::table::table! {
    /// A version of a function, including `$LATEST`: its configuration, and whether something runs
    /// it.
    function_versions, FunctionVersionRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without a qualifier.
        function_arn: String as id,
        /// `$LATEST`, or the number of a published version.
        version: String as word,
        /// Whether something refers to the version, so that it can run: yes (always for `$LATEST`),
        /// no, unknown if facts that could refer to it were not read, or unlikely if only
        /// destinations of other functions were not read.
        runs: String as word,
        /// What refers to it, or what was not read; empty if nothing refers to it.
        runs_reason: String,
        /// For a published version: whether its role or a secret in its environment differs from
        /// `$LATEST`, or cannot be compared.
        differs: bool,
        /// The runtime's identifier; absent for container images.
        runtime: Option<String> as word,
        /// The date on which AWS deprecates the runtime, YYYY-MM-DD; absent if there is none or it
        /// is unknown.
        runtime_deprecation_date: Option<String> as word,
        /// Whether the runtime was deprecated on the scan's as-of date; absent for container images
        /// and for runtimes that are unknown to this release.
        runtime_deprecated: Option<bool>,
        /// How many days after the scan's as-of date AWS deprecates the runtime; negative if it did;
        /// absent if there is no date or it is unknown.
        runtime_days_left: Option<i64>,
        /// Whether AWS no longer lets functions with this runtime be updated on the scan's as-of
        /// date; absent like `runtime_deprecated`.
        runtime_updates_blocked: Option<bool>,
        /// The ARN of the execution role.
        role_arn: String as id,
        /// Zip or Image.
        package_type: String as word,
        /// Instruction set: x86_64 or arm64.
        architecture: Option<String> as word,
        /// SHA-256 of the deployment package, base64.
        code_sha256: Option<String> as word,
        /// When it was last changed or, for a published version, when it was published, as AWS
        /// writes it (ISO 8601).
        last_modified: Option<String> as word,
        /// The VPC; absent if it is not in a VPC.
        vpc_id: Option<String> as id,
        /// The number of environment variables; absent if they could not be read.
        environment_variable_count: Option<i64>,
        /// The size of the environment variables as JSON, in bytes, 0 without any; absent if
        /// they could not be read. Lambda allows 4,096.
        environment_bytes: Option<i64>,
        /// The error code if Lambda could not decrypt the environment for the caller.
        environment_error_code: Option<String> as word,
        /// The customer managed KMS key for the environment; absent for the AWS managed key.
        kms_key_arn: Option<String> as id,
        /// Whether the key belongs to an account outside this organisation; absent without such a
        /// key, and if that is unknown.
        kms_key_outside: Option<bool>,
        /// The number of layers that it uses.
        layer_count: i64,
        /// The signing profile version that signed the package.
        signing_profile_version_arn: Option<String> as id,
        /// The signing job that signed the package.
        signing_job_arn: Option<String> as id,
        /// Active or PassThrough.
        tracing_mode: Option<String> as word,
        /// The log group that it writes to.
        log_group: Option<String>,
        /// SnapStart: PublishedVersions or None.
        snap_start_apply_on: Option<String> as word,
        /// SnapStart: On or Off.
        snap_start_optimization_status: Option<String> as word,
        /// The ARN of the main function, without a version, if this is a Lambda@Edge replica.
        master_arn: Option<String> as id,
        /// The capacity provider that it runs on, if it has one.
        capacity_provider_arn: Option<String> as id,
    }
    /// All versions of a function, each with its configuration and whether something runs it.
    declares VERSIONS per function;
    refers function_arn to functions.function_arn;
    refers role_arn to roles.role_arn;
}
