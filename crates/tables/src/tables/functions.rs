//! Functions.

crate::table::table! {
    /// A function: the configuration of its `$LATEST` version or, for a Lambda@Edge replica, which
    /// has no `$LATEST`, of its newest version.
    functions, FunctionRow {
        /// The account.
        account_id: String as word,
        /// The Region.
        region: String as word,
        /// The function's ARN, without a qualifier.
        function_arn: String as id,
        /// The function's name.
        function_name: String as id,
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
        /// Whether it has a description; absent if AWS did not return it.
        has_description: Option<bool>,
        /// The handler.
        handler: Option<String>,
        /// Zip or Image.
        package_type: String as word,
        /// Instruction set: x86_64 or arm64.
        architecture: Option<String> as word,
        /// Size of the deployment package in bytes.
        code_size_bytes: i64,
        /// SHA-256 of the deployment package, base64.
        code_sha256: Option<String> as word,
        /// Time-out in seconds.
        timeout_seconds: Option<i64>,
        /// Memory in MB.
        memory_mb: Option<i64>,
        /// Size of /tmp in MB.
        ephemeral_storage_mb: Option<i64>,
        /// When it was last changed, as AWS writes it (ISO 8601).
        last_modified: Option<String> as word,
        /// The VPC; absent if it is not in a VPC.
        vpc_id: Option<String> as id,
        /// The number of subnets that it is attached to.
        subnet_count: i64,
        /// The number of security groups that it is attached to.
        security_group_count: i64,
        /// The ARN of the dead-letter queue or topic.
        dead_letter_target_arn: Option<String> as id,
        /// Whether that queue or topic is in an account outside this organisation; absent without
        /// one, and if that is unknown.
        dead_letter_outside: Option<bool>,
        /// The number of environment variables; absent if they could not be read.
        environment_variable_count: Option<i64>,
        /// The error code if Lambda could not decrypt the environment for the caller.
        environment_error_code: Option<String> as word,
        /// The customer managed KMS key for the environment; absent for the AWS managed key.
        kms_key_arn: Option<String> as id,
        /// Active or PassThrough.
        tracing_mode: Option<String> as word,
        /// The number of layers that it uses.
        layer_count: i64,
        /// The signing profile version that signed the package.
        signing_profile_version_arn: Option<String> as id,
        /// The signing job that signed the package.
        signing_job_arn: Option<String> as id,
        /// The ARN of the main function, without a version, if this is a Lambda@Edge replica.
        master_arn: Option<String> as id,
        /// The log group that it writes to.
        log_group: Option<String>,
        /// SnapStart: PublishedVersions or None.
        snap_start_apply_on: Option<String> as word,
        /// Tenant isolation: PER_TENANT, or absent.
        tenant_isolation_mode: Option<String> as word,
        /// For durable functions: the execution timeout in seconds.
        durable_execution_timeout_seconds: Option<i64>,
        /// For durable functions: how long histories are kept, in days.
        durable_retention_days: Option<i64>,
        /// For durable functions: the customer managed KMS key for histories; absent for a key that
        /// AWS owns.
        durable_kms_key_arn: Option<String> as id,
        /// The capacity provider that it runs on, if it has one.
        capacity_provider_arn: Option<String> as id,
    }
    /// The functions of the Region, as `lambda:ListFunctions` returns them.
    declares FUNCTIONS per AccountRegion;
    subject "function" by function_arn, policies RESOURCE_POLICIES;
    refers role_arn to roles.role_arn;
}
