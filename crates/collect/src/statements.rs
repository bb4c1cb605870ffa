//! Resource-based policies: the rows of their statements, for every kind of resource.

use lambdasweep_model::{Region, printable};
use lambdasweep_policy::exposure::{
    Door, Exposure, External, Scope, Use, control_levels, doors, for_use, of_policy,
};
use lambdasweep_policy::{Document, Effect, Match, Statement};
use lambdasweep_tables::{ResourcePolicyNamedRow, ResourcePolicyStatementRow};
use sha2::{Digest, Sha256};

use crate::context::{Reading, RegionContext};
use crate::exposure::{Named, named_by_statement, reason};
use crate::policy_text::statement_texts;

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

/// The resource that a policy belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Resource<'a> {
    /// The name of the subject, as declared by its table.
    kind: &'static str,
    arn: &'a str,
    /// The version or alias of a function; empty for the function itself and for other resources.
    qualifier: &'a str,
}

/// The subject whose policies decide who may invoke it.
const FUNCTION: &str = "function";

impl<'a> Resource<'a> {
    /// A function, or its version or alias of that name.
    pub(crate) fn function(arn: &'a str, qualifier: &'a str) -> Self {
        Self {
            kind: FUNCTION,
            arn,
            qualifier,
        }
    }

    /// A resource of another kind.
    pub(crate) fn other(kind: &'static str, arn: &'a str) -> Self {
        Self {
            kind,
            arn,
            qualifier: "",
        }
    }
}

/// The evaluation of a policy.
#[derive(Debug)]
pub(crate) struct Judged {
    /// Who it gives access to.
    pub(crate) external: External,
    /// The key of each statement, in their order.
    pub(crate) keys: Vec<String>,
}

/// With whom a resource is shared by its policy.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) exposure: Exposure,
    /// Why, in words.
    pub(crate) reason: String,
    /// Other accounts that get in by name, comma-separated.
    pub(crate) accounts: String,
}

impl Shared {
    /// Judges a policy, and pushes the rows of its statements. `text` is the policy as the service
    /// returned it.
    pub(crate) fn of(
        context: &RegionContext,
        reading: &mut Reading,
        of: Resource<'_>,
        text: &str,
    ) -> Self {
        let document = match Document::parse(text) {
            Ok(document) => document,
            Err(problem) => {
                let problem = printable(&problem.to_string());
                return Self::unknown(format!("its policy is not understood: {problem}"));
            }
        };
        let external = push_statements(context, reading, of, &document, text).external;
        Self {
            exposure: external.exposure,
            reason: reason(&external),
            accounts: external.accounts.join(", "),
        }
    }

    /// With whom a resource is shared that has no policy.
    pub(crate) fn without_policy() -> Self {
        Self {
            exposure: Exposure::None,
            reason: "it has no policy: only the account itself may use it".to_owned(),
            accounts: String::new(),
        }
    }

    /// It is not known with whom it is shared.
    pub(crate) fn unknown(reason: String) -> Self {
        Self {
            exposure: Exposure::Unknown,
            reason,
            accounts: String::new(),
        }
    }
}

/// Pushes the rows of a policy's statements, and of whom they let in by name. `text` is the policy
/// as the service returned it.
pub(crate) fn push_statements(
    context: &RegionContext,
    reading: &mut Reading,
    of: Resource<'_>,
    document: &Document,
    text: &str,
) -> Judged {
    let scope = context.scope();
    let external = of_policy(document, &scope);
    let named = named_by_statement(document, &external, &scope);
    let texts = statement_texts(text);
    let keys = statement_keys(of.qualifier, document, &texts);
    // Whether there is a URL for a door is examined by the collector of URLs.
    let doors = (of.kind == FUNCTION).then(|| doors(Some(document), &scope, None));
    let uses = (of.kind == FUNCTION)
        .then(|| Use::ALL.map(|it| UseOfPolicy::of(document, it, &scope)))
        .into_iter()
        .flatten()
        .collect::<Vec<_>>();
    let mut texts = texts.into_iter();
    let judged = external.statements.iter().zip(named).zip(&keys);
    for (index, (statement, ((judged, named), statement_key))) in
        document.statements.iter().zip(judged).enumerate()
    {
        push_named(context, reading, of, statement_key, &named, |name| {
            let uses = uses.iter().filter(|it| it.names(index, name));
            uses.map(|it| it.of.as_str()).collect::<Vec<_>>().join(", ")
        });
        let by = |of| uses.iter().find(|it| it.of == of);
        let exposure_by = |of| by(of).map_or(Exposure::None, |it| it.exposure(index));
        let control = by(Use::Control)
            .filter(|it| it.exposure(index) != Exposure::None)
            .and_then(|it| it.document.statements.get(index));
        let door = match &doors {
            None => Door::None,
            Some(doors) => doors
                .statements
                .get(index)
                .copied()
                .unwrap_or(Door::Unknown),
        };
        let lets_in = statement.effect == Effect::Allow && judged.exposure != Exposure::None;
        let async_service = (of.kind == FUNCTION && lets_in)
            .then(|| statement.services().find(|service| is_async(service)))
            .flatten()
            .map(str::to_owned);
        let Named {
            accounts,
            organizations,
            ..
        } = named;
        let outside = context
            .scan
            .organization
            .outside(&accounts, &organizations)
            .map(|names| names.join(", "));
        reading.batch.push(ResourcePolicyStatementRow {
            account_id: context.account_id(),
            region: context.region_name(),
            resource_type: of.kind.to_owned(),
            resource_arn: of.arn.to_owned(),
            qualifier: of.qualifier.to_owned(),
            statement_index: i64::try_from(index).unwrap_or(i64::MAX),
            sid: statement.sid.clone(),
            statement_key: statement_key.clone(),
            effect: statement.effect.as_str().to_owned(),
            principals: statement.principals_text(),
            actions: statement.actions_text(),
            condition_keys: statement.condition_keys().join(", "),
            exposure: judged.exposure.as_str().to_owned(),
            exposure_reason: judged.reason.clone(),
            invoke_exposure: exposure_by(Use::Invoke).as_str().to_owned(),
            control_exposure: exposure_by(Use::Control).as_str().to_owned(),
            control_actions: control.map(actions_granted).unwrap_or_default(),
            control_levels: control.map_or_else(String::new, |it| control_levels(it).to_string()),
            outside,
            named: [accounts, organizations].concat().join(", "),
            door: door.as_str().to_owned(),
            policy_exposure: external.exposure.as_str().to_owned(),
            async_service,
            statement: texts.next().unwrap_or_default(),
        });
    }
    Judged { external, keys }
}

/// A function's policy as it counts for one use.
struct UseOfPolicy {
    of: Use,
    document: Document,
    external: External,
    named: Vec<Named>,
}

impl UseOfPolicy {
    fn of(document: &Document, of: Use, scope: &Scope<'_>) -> Self {
        let document = for_use(document, of);
        let external = of_policy(&document, scope);
        let named = named_by_statement(&document, &external, scope);
        Self {
            of,
            document,
            external,
            named,
        }
    }

    /// Whom a statement allows this use.
    fn exposure(&self, statement: usize) -> Exposure {
        let judged = self.external.statements.get(statement);
        judged.map_or(Exposure::None, |it| it.exposure)
    }

    /// Whether a statement allows it to an account or organisation.
    fn names(&self, statement: usize, name: &String) -> bool {
        let named = self.named.get(statement);
        named.is_some_and(|it| it.accounts.contains(name) || it.organizations.contains(name))
    }
}

/// The actions of a statement, comma-separated; `*` for NotAction.
fn actions_granted(statement: &Statement) -> String {
    match &statement.actions {
        Match::Any(_) => statement.actions_text(),
        Match::Not(_) => "*".to_owned(),
    }
}

/// Pushes the accounts and organisations that a statement allows by name, each with the uses that
/// it is allowed.
fn push_named(
    context: &RegionContext,
    reading: &mut Reading,
    of: Resource<'_>,
    statement_key: &str,
    named: &Named,
    uses: impl Fn(&String) -> String,
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
            resource_type: of.kind.to_owned(),
            resource_arn: of.arn.to_owned(),
            statement_key: statement_key.to_owned(),
            named: name.clone(),
            by_service: named.by_service.contains(name),
            outside: outside.map(|outside| !outside.is_empty()),
            uses: uses(name),
        });
    }
}

/// The key of each statement of a policy, independent of their order: its Sid, or a digest of its
/// text if it has none or another has the same.
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
