//! The facts that a scan can read, and how finely each is covered.

crate::words! {
    /// What one outcome in the `coverage` table speaks for.
    Grain, "grain" {
        /// The whole organisation.
        Organization = "organization",
        /// One account, all Regions.
        Account = "account",
        /// One account in one Region.
        AccountRegion = "account-region",
        /// One function with all its versions and aliases.
        Function = "function",
    }
}

crate::words! {
    /// A fact that a scan reads: what collectors declare to fill, what checks declare to need, what
    /// `coverage` accounts for.
    Fact, "fact" {
        /// The organisation's accounts and organizational units.
        Organization = "organization",
        /// The organisation's service control and resource control policies, and what they are
        /// attached to.
        OrganizationPolicies = "organization_policies",
        /// What the organisation's policies really prevent in the account.
        Guardrails = "guardrails",
        /// Which Regions are enabled in the account.
        Regions = "regions",
        /// The account's IAM roles with their policies.
        Roles = "roles",
        /// The functions of the Region, as `lambda:ListFunctions` gives them.
        Functions = "functions",
        /// All versions of a function, each with its configuration. Whether something runs a
        /// version is told beside it.
        Versions = "versions",
        /// Event source mappings.
        EventSourceMappings = "event_source_mappings",
        /// Code signing configurations and the functions that they are attached to.
        CodeSigning = "code_signing",
        /// Layers that the account publishes, with the policies of their versions.
        Layers = "layers",
        /// The account's Lambda limits in the Region.
        AccountSettings = "account_settings",
        /// What only `lambda:GetFunction` gives: state, tags, reserved concurrency.
        FunctionDetails = "function_details",
        /// Aliases.
        Aliases = "aliases",
        /// Function URLs of the function and its aliases.
        FunctionUrls = "function_urls",
        /// Resource policies of the function and of every alias and published version.
        ResourcePolicies = "resource_policies",
        /// Asynchronous invocation settings of the function and its qualifiers.
        EventInvokeConfigs = "event_invoke_configs",
        /// Provisioned concurrency of the function's versions and aliases.
        ProvisionedConcurrency = "provisioned_concurrency",
        /// Runtime update mode.
        RuntimeManagement = "runtime_management",
    }
}

impl Fact {
    /// How finely `coverage` accounts for the fact.
    pub const fn grain(self) -> Grain {
        match self {
            Self::Organization | Self::OrganizationPolicies => Grain::Organization,
            Self::Guardrails | Self::Regions | Self::Roles => Grain::Account,
            Self::Functions
            | Self::EventSourceMappings
            | Self::CodeSigning
            | Self::Layers
            | Self::AccountSettings => Grain::AccountRegion,
            Self::Versions
            | Self::FunctionDetails
            | Self::Aliases
            | Self::FunctionUrls
            | Self::ResourcePolicies
            | Self::EventInvokeConfigs
            | Self::ProvisionedConcurrency
            | Self::RuntimeManagement => Grain::Function,
        }
    }
}
