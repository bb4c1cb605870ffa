//! Functions and their published versions: one bulk listing an account-Region.
//!
//! Values of environment variables are looked at here and nowhere else, and never leave this file.

use std::collections::BTreeMap;

use lambdasweep_aws::aws_sdk_lambda::types::{FunctionConfiguration, FunctionVersion, PackageType};
use lambdasweep_aws::{Bucket, CallError, Operation};
use lambdasweep_model::{Arn, Fact};
use lambdasweep_tables::{FunctionEnvironmentRow, FunctionLayerRow, FunctionQualifierRow, FunctionRow};

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, Reading, RegionContext};
use crate::runtimes;

const LIST_FUNCTIONS: Operation = Operation::new("lambda:ListFunctions", Bucket::LambdaRemainder);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: Fact::Functions,
    operations: &[LIST_FUNCTIONS],
    further_actions: &[],
    tables: &["functions", "function_qualifiers", "function_environment", "function_layers"],
    needs: &[],
    run: Run::Runner,
};

/// Lists all functions with their published versions. What was listed before an error is kept; then the versions of each may be incomplete.
pub(crate) async fn list(context: &RegionContext, reading: &mut Reading) -> (Vec<FunctionTarget>, Result<(), CallError>) {
    let mut versions: BTreeMap<String, (bool, Vec<String>)> = BTreeMap::new();
    let mut marker = None;
    let ended = loop {
        let send = || context.lambda.list_functions().function_version(FunctionVersion::All).set_marker(marker.clone()).send();
        let answered = reading.caller.call(&LIST_FUNCTIONS, send).await;
        let listed = answered.and_then(|page| reading.caller.page(&LIST_FUNCTIONS, page.functions, &mut marker, page.next_marker));
        let functions = match listed {
            Ok(functions) => functions,
            Err(error) => break Err(error),
        };
        for configuration in &functions {
            let Some(arn) = unqualified(configuration) else { continue };
            let (seen, numbers) = versions.entry(arn.clone()).or_default();
            match configuration.version() {
                None | Some("$LATEST") => {
                    // A function that changes while it is listed can come twice.
                    if !std::mem::replace(seen, true) {
                        push_function(context, reading, arn, configuration);
                    }
                }
                Some(version) => {
                    if !numbers.iter().any(|known| known == version) {
                        numbers.push(version.to_owned());
                        push_version(context, reading, arn, version, configuration);
                    }
                }
            }
        }
        if marker.is_none() {
            break Ok(());
        }
    };
    let gap = ended.as_ref().err().cloned();
    let targets = versions
        .into_iter()
        .filter(|(_, (seen, _))| *seen)
        .map(|(arn, (_, numbers))| {
            let name = arn.rsplit(':').next().unwrap_or_default().to_owned();
            FunctionTarget::new(arn, name, numbers, gap.clone())
        })
        .collect();
    (targets, ended)
}

/// The function's ARN without the version, from the ARN that the listing gives.
fn unqualified(configuration: &FunctionConfiguration) -> Option<String> {
    let arn: Arn = configuration.function_arn()?.parse().ok()?;
    let name = arn.function_name()?.to_owned();
    Some(Arn { resource: format!("function:{name}"), ..arn }.to_string())
}

fn push_version(
    context: &RegionContext,
    reading: &mut Reading,
    function_arn: String,
    version: &str,
    configuration: &FunctionConfiguration,
) {
    reading.batch.push(FunctionQualifierRow {
        account_id: context.account_id(),
        region: context.region_name(),
        function_arn,
        qualifier: version.to_owned(),
        kind: "version".to_owned(),
        target_version: None,
        routing_version: None,
        runtime: configuration.runtime().map(|it| it.as_str().to_owned()),
        role_arn: configuration.role().map(str::to_owned),
        snap_start_optimization_status: configuration.snap_start().and_then(|it| it.optimization_status()).map(|it| it.as_str().to_owned()),
    });
}

fn push_function(context: &RegionContext, reading: &mut Reading, arn: String, it: &FunctionConfiguration) {
    let runtime = it.runtime().map(|runtime| runtime.as_str().to_owned());
    let deprecation = runtime.as_deref().and_then(runtimes::deprecation);
    let vpc = it.vpc_config().filter(|vpc| vpc.vpc_id().is_some_and(|id| !id.is_empty()));
    let environment = it.environment();
    let environment_error = environment.and_then(|it| it.error());
    let variables = environment.and_then(|it| it.variables());
    let capacity_provider = it.capacity_provider_config().and_then(|it| it.lambda_managed_instances_capacity_provider_config());
    let empty_to_none = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    reading.batch.push(FunctionRow {
        account_id: context.account_id(),
        region: context.region_name(),
        function_arn: arn.clone(),
        function_name: it.function_name().unwrap_or_default().to_owned(),
        runtime,
        runtime_deprecation_date: deprecation.and_then(runtimes::Deprecation::date).map(|date| date.to_string()),
        runtime_deprecated: deprecation.map(|deprecation| deprecation.has_come(context.scan.as_of)),
        role_arn: it.role().unwrap_or_default().to_owned(),
        handler: it.handler().and_then(empty_to_none),
        package_type: it.package_type().unwrap_or(&PackageType::Zip).as_str().to_owned(),
        architecture: it.architectures().first().map(|it| it.as_str().to_owned()),
        code_size_bytes: it.code_size(),
        code_sha256: it.code_sha256().map(str::to_owned),
        timeout_seconds: it.timeout().map(i64::from),
        memory_mb: it.memory_size().map(i64::from),
        ephemeral_storage_mb: it.ephemeral_storage().map(|it| i64::from(it.size())),
        last_modified: it.last_modified().map(str::to_owned),
        vpc_id: vpc.and_then(|it| it.vpc_id()).map(str::to_owned),
        subnet_count: vpc.map_or(0, |it| count(it.subnet_ids().len())),
        security_group_count: vpc.map_or(0, |it| count(it.security_group_ids().len())),
        dead_letter_target_arn: it.dead_letter_config().and_then(|it| it.target_arn()).and_then(empty_to_none),
        environment_variable_count: if environment_error.is_some() { None } else { Some(variables.map_or(0, |it| count(it.len()))) },
        environment_error_code: environment_error.map(|it| it.error_code().unwrap_or("Unknown").to_owned()),
        kms_key_arn: it.kms_key_arn().and_then(empty_to_none),
        tracing_mode: it.tracing_config().and_then(|it| it.mode()).map(|it| it.as_str().to_owned()),
        layer_count: count(it.layers().len()),
        signing_profile_version_arn: it.signing_profile_version_arn().map(str::to_owned),
        signing_job_arn: it.signing_job_arn().map(str::to_owned),
        master_arn: it.master_arn().map(str::to_owned),
        log_group: it.logging_config().and_then(|it| it.log_group()).map(str::to_owned),
        snap_start_apply_on: it.snap_start().and_then(|it| it.apply_on()).map(|it| it.as_str().to_owned()),
        tenant_isolation_mode: it.tenancy_config().map(|it| it.tenant_isolation_mode().as_str().to_owned()),
        durable_execution_timeout_seconds: it.durable_config().and_then(|it| it.execution_timeout()).map(i64::from),
        durable_retention_days: it.durable_config().and_then(|it| it.retention_period_in_days()).map(i64::from),
        capacity_provider_arn: capacity_provider.map(|it| it.capacity_provider_arn().to_owned()),
    });
    for (name, value) in variables.into_iter().flatten() {
        push_variable(context, reading, &arn, name, value);
    }
    for (position, layer) in it.layers().iter().enumerate() {
        let layer_arn = layer.arn().unwrap_or_default().to_owned();
        reading.batch.push(FunctionLayerRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn: arn.clone(),
            position: count(position),
            layer_account_id: layer_arn.parse::<Arn>().ok().map(|arn| arn.account),
            layer_version_arn: layer_arn,
            code_size_bytes: Some(layer.code_size()),
            signing_profile_version_arn: layer.signing_profile_version_arn().map(str::to_owned),
        });
    }
}

fn push_variable(context: &RegionContext, reading: &mut Reading, arn: &str, name: &str, value: &str) {
    let secret = lambdasweep_secrets::detect(name, value);
    reading.batch.push(FunctionEnvironmentRow {
        account_id: context.account_id(),
        region: context.region_name(),
        function_arn: arn.to_owned(),
        name: name.to_owned(),
        is_secret: secret.is_some(),
        secret_rule: secret.as_ref().map(|it| it.rule.to_owned()),
        secret_description: secret.as_ref().map(|it| it.description.to_owned()),
        secret_confidence: secret.as_ref().map(|it| it.confidence.as_str().to_owned()),
        reference: lambdasweep_secrets::reference(name, value).map(|it| it.as_str().to_owned()),
    });
}

fn count(length: usize) -> i64 {
    length.try_into().unwrap_or(i64::MAX)
}
