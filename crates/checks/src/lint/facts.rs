//! Which facts have to be read so that a table is filled.

use lambdasweep_model::Fact;

/// The facts that a table's rows come from, or nothing for a table that checks may not read: what
/// was read and what was found is the engine's business.
pub(crate) fn facts_of(table: &str) -> Option<&'static [Fact]> {
    Some(match table {
        "accounts" | "organizational_units" => &[Fact::Organization],
        "organization_policies" | "policy_targets" => &[Fact::OrganizationPolicies],
        "guardrails" => &[Fact::Guardrails],
        "regions" => &[Fact::Regions],
        "roles"
        | "role_policies"
        | "role_grants"
        | "role_escalations"
        | "role_escalation_steps"
        | "role_trusted_others" => &[Fact::Roles],
        "functions" | "function_layers" => &[Fact::Functions],
        "function_environment" => &[Fact::Functions, Fact::Versions],
        "function_versions" => &[Fact::Versions],
        "event_source_mappings" => &[Fact::EventSourceMappings],
        "provisioned_concurrency" => &[Fact::ProvisionedConcurrency],
        "function_qualifiers" => &[Fact::Functions, Fact::Aliases],
        "code_signing_configs" | "code_signing_attachments" => &[Fact::CodeSigning],
        "layers" | "layer_policy_statements" => &[Fact::Layers],
        "account_settings" => &[Fact::AccountSettings],
        "concurrency" | "function_states" | "function_tags" => &[Fact::FunctionDetails],
        "latent_exposures" => &[Fact::FunctionUrls, Fact::ResourcePolicies],
        "function_urls" => &[Fact::FunctionUrls],
        "resource_policy_statements" | "resource_policy_named" => &[Fact::ResourcePolicies],
        "event_invoke_configs" => &[Fact::EventInvokeConfigs],
        "runtime_management" => &[Fact::RuntimeManagement],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::facts_of;

    #[test]
    fn every_table_has_its_facts_or_is_the_engines_own() {
        for table in lambdasweep_tables::TABLES {
            let engines_own = ["coverage", "findings", "check_results"].contains(&table.name);
            assert_eq!(
                facts_of(table.name).is_none(),
                engines_own,
                "say in this file which facts fill `{}`",
                table.name
            );
        }
    }
}
