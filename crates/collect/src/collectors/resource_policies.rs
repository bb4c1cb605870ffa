//! Resource policies: of the function itself, of every published version and of every alias.

use std::sync::Arc;

use lambdasweep_aws::{Bucket, CallError, Member, Operation};
use lambdasweep_model::{Outcome, Region, printable};
use lambdasweep_policy::exposure::{Door, Exposure, doors, of_policy};
use lambdasweep_policy::{Document, Effect};
use lambdasweep_tables::{ResourcePolicyNamedRow, ResourcePolicyStatementRow, facts};
use sha2::{Digest, Sha256};

use crate::collector::{Collector, Run};
use crate::context::{FunctionTarget, PolicyRead, Reading, RegionContext};
use crate::exposure::{Named, named_by_statement};
use crate::policy_text::statement_texts;

const GET_POLICY: Operation = Operation::new("lambda:GetPolicy", Bucket::LambdaGetPolicy)
    .sends(&[Member::text("Policy")])
    .not_there(&["ResourceNotFoundException"]);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::RESOURCE_POLICIES,
    operations: &[GET_POLICY],
    further_actions: &[],
    tables: &["resource_policy_statements", "resource_policy_named"],
    needs: &[facts::ALIASES],
    run: Run::Function(|context, function, reading| Box::pin(read(context, function, reading))),
};

/// What AWS says where a function has no policy, and also where there is no function. Source:
/// answers to GetPolicy recorded from AWS.
const NO_POLICY: &str = "The resource you requested does not exist.";

/// Service principals that invoke functions asynchronously, without `.amazonaws.com`. SES does
/// unless a receipt rule says RequestResponse, which is not read. Sources: "Invoking Lambda with
/// events from other AWS services", AWS Lambda Developer Guide; "Alarm actions: Lambda", Amazon
/// CloudWatch User Guide; "LambdaAction", Amazon SES API Reference.
const ASYNC_SERVICES: &[&str] = &[
    "s3",
    "sns",
    "events",
    "logs",
    "ses",
    "config",
    "cloudformation",
    "codecommit",
    "iot",
    "lambda.alarms.cloudwatch",
];

async fn read(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
) -> Result<(), CallError> {
    let no_aliases = Ok(Vec::new());
    let aliases = function.aliases.get().unwrap_or(&no_aliases);
    // Every qualifier is tried even where one fails: what can be read should be, and the first
    // failure tells why the rest is not known.
    let mut gap = function.versions_gap.clone();
    let aliases_known = aliases
        .as_ref()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .map(String::as_str);
    // A replica of Lambda@Edge is nothing but versions.
    let itself = (!function.is_replica).then_some("");
    for qualifier in itself
        .into_iter()
        .chain(function.published())
        .chain(aliases_known)
    {
        if let Err(error) = read_one(context, function, reading, qualifier).await {
            function.keep_policy(
                qualifier,
                PolicyRead::Unknown(format!(
                    "its resource policy was not read ({})",
                    error.outcome
                )),
            );
            gap.get_or_insert(error);
        }
    }
    if let Err(error) = aliases {
        gap.get_or_insert(error.clone());
    }
    gap.map_or(Ok(()), Err)
}

async fn read_one(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
    qualifier: &str,
) -> Result<(), CallError> {
    let qualified = (!qualifier.is_empty()).then(|| qualifier.to_owned());
    let send = || {
        context
            .lambda
            .get_policy()
            .function_name(&function.name)
            .set_qualifier(qualified.clone())
            .send()
    };
    let text = match reading.caller.call(&GET_POLICY, send).await {
        Ok(answer) => answer.policy.unwrap_or_default(),
        // AWS answers so where there is no policy.
        Err(error) if error.outcome == Outcome::NotFound => {
            // Of replicas of Lambda@Edge it is not documented what GetFunction answers: they are
            // asked for only where there is more to it.
            if !function.is_replica || error.message != NO_POLICY {
                reading.took_for_none(&error, NO_POLICY);
            }
            function.keep_policy(qualifier, PolicyRead::None);
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let document = match Document::parse(&text) {
        Ok(document) => Arc::new(document),
        Err(problem) => {
            return Err(context.failed(
                &GET_POLICY,
                "UnreadablePolicy",
                printable(&problem.to_string()),
            ));
        }
    };
    let keys = push_statements(
        context,
        function,
        reading,
        qualifier,
        &document,
        statement_texts(&text),
    );
    function.keep_policy(qualifier, PolicyRead::Document(document, keys.into()));
    Ok(())
}

fn push_statements(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
    qualifier: &str,
    document: &Document,
    texts: Vec<String>,
) -> Vec<String> {
    let account = context.account_id();
    let scope = context.scope();
    let external = of_policy(document, &scope);
    let named = named_by_statement(document, &external, &scope);
    let keys = statement_keys(qualifier, document, &texts);
    // Whether a URL stands behind a door is looked at where URLs are read.
    let doors = doors(Some(document), &scope, None);
    let mut texts = texts.into_iter();
    let judged = external
        .statements
        .into_iter()
        .zip(named)
        .zip(keys.iter().cloned());
    for (index, (statement, ((judged, named), statement_key))) in
        document.statements.iter().zip(judged).enumerate()
    {
        push_named(context, function, reading, &statement_key, &named);
        let Named {
            accounts,
            organizations,
            ..
        } = named;
        reading.batch.push(ResourcePolicyStatementRow {
            account_id: account.clone(),
            region: context.region_name(),
            function_arn: function.arn.clone(),
            qualifier: qualifier.to_owned(),
            statement_index: i64::try_from(index).unwrap_or(i64::MAX),
            sid: statement.sid.clone(),
            statement_key,
            effect: statement.effect.as_str().to_owned(),
            principals: statement.principals_text(),
            actions: statement.actions_text(),
            condition_keys: statement.condition_keys().join(", "),
            exposure: judged.exposure.as_str().to_owned(),
            exposure_reason: judged.reason,
            outside: context
                .scan
                .organization
                .outside(&accounts, &organizations)
                .map(|names| names.join(", ")),
            named: [accounts, organizations].concat().join(", "),
            door: doors
                .statements
                .get(index)
                .copied()
                .unwrap_or(Door::Unknown)
                .as_str()
                .to_owned(),
            policy_exposure: external.exposure.as_str().to_owned(),
            async_service: (statement.effect == Effect::Allow && judged.exposure != Exposure::None)
                .then(|| {
                    statement
                        .services()
                        .find(|service| is_async(service))
                        .map(str::to_owned)
                })
                .flatten(),
            statement: texts.next().unwrap_or_default(),
        });
    }
    keys
}

/// Pushes the accounts and organisations that a statement lets in by name.
fn push_named(
    context: &RegionContext,
    function: &FunctionTarget,
    reading: &mut Reading,
    statement_key: &str,
    named: &Named,
) {
    let organization = &context.scan.organization;
    let accounts = named
        .accounts
        .iter()
        .map(|name| (name, organization.outside(std::slice::from_ref(name), &[])));
    let organizations = named
        .organizations
        .iter()
        .map(|name| (name, organization.outside(&[], std::slice::from_ref(name))));
    for (name, outside) in accounts.chain(organizations) {
        reading.batch.push(ResourcePolicyNamedRow {
            account_id: context.account_id(),
            region: context.region_name(),
            function_arn: function.arn.clone(),
            statement_key: statement_key.to_owned(),
            named: name.clone(),
            by_service: named.by_service.contains(name),
            outside: outside.map(|outside| !outside.is_empty()),
        });
    }
}

/// What names each statement of a policy, whatever their order: its Sid, or a digest of its text
/// where it has none or another has the same.
fn statement_keys(qualifier: &str, document: &Document, texts: &[String]) -> Vec<String> {
    let sids: Vec<&str> = document
        .statements
        .iter()
        .map(|statement| statement.sid.as_deref().unwrap_or_default())
        .collect();
    let key = |(at, sid): (usize, &&str)| {
        let of_its_own = !sid.is_empty() && sids.iter().filter(|other| other == &sid).count() == 1;
        let name = if of_its_own {
            (*sid).to_owned()
        } else {
            let digest = Sha256::digest(texts.get(at).map_or("", String::as_str));
            digest
                .iter()
                .take(6)
                .fold("sha256:".to_owned(), |text, byte| {
                    format!("{text}{byte:02x}")
                })
        };
        if qualifier.is_empty() {
            name
        } else {
            format!("{qualifier}/{name}")
        }
    };
    sids.iter().enumerate().map(key).collect()
}

/// Whether a service principal invokes asynchronously; some have a form for each Region
/// (`logs.eu-west-1.amazonaws.com`).
fn is_async(service: &str) -> bool {
    let Some(name) = service
        .strip_suffix(".amazonaws.com")
        .or_else(|| service.strip_suffix(".amazonaws.com.cn"))
    else {
        return false;
    };
    let of_region = name
        .rsplit_once('.')
        .filter(|(_, region)| region.parse::<Region>().is_ok())
        .map(|(name, _)| name);
    ASYNC_SERVICES.contains(&name) || of_region.is_some_and(|name| ASYNC_SERVICES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::is_async;

    #[test]
    fn knows_who_invokes_asynchronously() {
        for service in [
            "s3",
            "sns",
            "events",
            "logs.eu-west-1",
            "sns.af-south-1",
            "iot",
            "config",
            "cloudformation",
            "codecommit",
            "ses",
            "lambda.alarms.cloudwatch",
        ] {
            assert!(is_async(&format!("{service}.amazonaws.com")), "{service}");
        }
        for service in [
            "apigateway",
            "elasticloadbalancing",
            "cognito-idp",
            "lexv2",
            "firehose",
            "secretsmanager",
            "vpc-lattice",
            "connect",
            "batchoperations.s3",
            "s3.outposts",
            "alarms.cloudwatch",
            "lambda",
        ] {
            assert!(!is_async(&format!("{service}.amazonaws.com")), "{service}");
        }
        assert!(!is_async("s3") && !is_async("s3.example.com"));
    }
}
