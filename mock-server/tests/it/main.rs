//! The mock over HTTP, as any client sees it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod account;
mod arguments;
mod authorize;
mod client;
mod constraints;
mod escalations;
mod escalations_by_policy;
mod floods;
mod function_roles;
mod generated;
mod hostile;
mod iam_account;
mod iam_documents;
mod iam_policies;
mod iam_roles;
mod iam_simulation;
mod iam_trust;
mod lambda;
mod lambda_code;
mod lambda_concurrency;
mod lambda_configuration;
mod lambda_functions;
mod lambda_layer_grants;
mod lambda_layers;
mod lambda_mapping_states;
mod lambda_mappings;
mod lambda_policy;
mod lambda_settings;
mod lambda_signing;
mod lambda_tags;
mod lambda_versions;
mod organization_file;
mod organizations;
mod pages;
mod paths;
mod quotas;
mod refusals;
mod refusals_of_accounts;
mod sessions;
mod sqs;
mod sts;
mod validation;
mod wire;
