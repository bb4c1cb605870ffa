//! Whether a principal may do something to the function, as far as the scan knows; and which
//! statement decides.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use lambdasweep_policy::{
    Context, Decision, Document, Effect, Kind, Operator, Policies, PolicyRef, Principal, Request,
    StatementRef, evaluate,
};
use lambdasweep_tables::{
    AccountRow, FunctionUrlRow, OrganizationPolicyRow, PolicyTargetRow, Scan,
};
use serde::Serialize;

use super::facts::{Facts, document, told};
use super::grants::{self, Own};
use super::known::{Known, Place};

/// The answer.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) principal: String,
    pub(super) action: String,
    /// The version or alias that is called; empty for the function itself.
    pub(super) qualifier: String,
    pub(super) decision: &'static str,
    pub(super) decided_by: Vec<Deciding>,
    /// The kind of policy that denied, by a statement or by its silence.
    pub(super) denied_by: Option<&'static str>,
    /// Condition keys of the decision whose values neither the call nor the scan has.
    pub(super) depends_on: Vec<String>,
    /// What else could change the decision and is not in the scan.
    pub(super) unknowns: Vec<String>,
    /// What each statement of the resource policy does for this call.
    pub(super) statements: Vec<Applying>,
}

/// A statement that decides.
#[derive(Debug, Serialize)]
pub(super) struct Deciding {
    /// `the resource policy`, the name of a control policy, or whose policies.
    pub(super) policy: String,
    pub(super) statement: Option<usize>,
    pub(super) sid: Option<String>,
    pub(super) effect: Option<&'static str>,
}

/// What a statement of the resource policy does for the call.
#[derive(Debug, Serialize)]
pub(super) struct Applying {
    pub(super) index: usize,
    pub(super) sid: Option<String>,
    /// `allows`, `denies`, `may allow`, `may deny`, or `does not apply`.
    pub(super) effect: &'static str,
    pub(super) depends_on: Vec<String>,
}

/// What stands for a grant of the table `role_grants`.
const GRANTED: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// Policies of the caller that are not in the scan: they may allow the call, and may deny it.
const ANYTHING_OF_ITS_OWN: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"lambdasweep:NotRead":"true"}}},
    {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"lambdasweep:NotRead":"true"}}}]}"#;

/// Policies of the caller that grant nothing, but may deny the call.
const MAYBE_DENIED: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Null":{"lambdasweep:NotRead":"true"}}}]}"#;

/// A policy that may say anything, for one that was not read.
const ANYTHING: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Null":{"lambdasweep:NotRead":"true"}}}]}"#;

/// A resource policy that may say anything: it may deny as well.
const ANYTHING_OF_ANYBODY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"Null":{"lambdasweep:NotRead":"true"}}},
    {"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Null":{"lambdasweep:NotRead":"true"}}}]}"#;

fn unread(text: &str) -> Result<Document> {
    Ok(Document::parse(text)?.leaving_open(|_| false))
}

/// Answers for a call of the function, or of the version or alias that is asked for.
pub(super) fn answer(
    scan: &Scan,
    facts: &Facts,
    principal: &str,
    action: &str,
    given: &[(String, String)],
) -> Result<Answer> {
    let caller = Principal::parse(principal).context("--principal")?;
    let own_account = facts.function.account_id.as_str();
    let resource_arn = match facts.qualifier.as_str() {
        "" => facts.function.function_arn.clone(),
        qualifier => format!("{}:{qualifier}", facts.function.function_arn),
    };
    let (caller, own) = grants::own(scan, caller, action, &resource_arn)?;
    let account = match caller.account() {
        Some(account) => scan
            .rows_where::<AccountRow>(&[("account_id", account)])?
            .into_iter()
            .next(),
        None => None,
    };
    let (caller, place) = placed(caller, account.as_ref(), facts);
    let mut context = given
        .iter()
        .fold(Context::default(), |context, (key, value)| {
            context.with(key, value.as_str())
        });
    let mut keys: Vec<String> = given.iter().map(|(key, _)| key.clone()).collect();
    if let Some(auth_type) = auth_type(facts, action)
        && context.get("lambda:FunctionUrlAuthType").is_none()
    {
        context = context.with("lambda:FunctionUrlAuthType", auth_type);
        keys.push("lambda:FunctionUrlAuthType".to_owned());
    }
    let known = Known::of(&caller, place, keys);
    let request = Request {
        principal: &caller,
        action,
        resource: &resource_arn,
        resource_account: Some(own_account),
        context: &context,
    };

    let mut unknowns = Vec::new();
    let resource = resource_policy(facts, &known, &mut unknowns)?;
    let identity = identity_policies(&caller, &own, &mut unknowns)?;
    let levels = control_policies(
        scan,
        facts,
        account.as_ref(),
        &caller,
        &known,
        &mut unknowns,
    )?;
    let policies = Policies {
        identity: identity.iter().collect(),
        resource: resource.as_ref(),
        scps: levels
            .iter()
            .map(|level| level.iter().map(|(_, document)| document).collect())
            .collect(),
        management_account: account
            .as_ref()
            .filter(|account| account.is_management)
            .map(|account| account.account_id.as_str()),
        ..Policies::default()
    };
    let verdict = evaluate(&policies, &request);
    let statement_of = |it: &StatementRef| {
        let (policy, document) = match it.policy {
            PolicyRef::Resource => ("the resource policy".to_owned(), resource.as_ref()?),
            PolicyRef::Scp(level, at) => {
                let (name, document) = levels.get(level)?.get(at)?;
                (format!("the service control policy {name}"), document)
            }
            _ => match &own {
                Own::Grant { policy, .. } => (
                    format!("the policy {policy} of {principal}"),
                    identity.as_ref()?,
                ),
                _ => (format!("the policies of {principal}"), identity.as_ref()?),
            },
        };
        Some((policy, document.statements.get(it.statement)?))
    };
    let open = |it: &StatementRef| {
        statement_of(it)
            .map(|(_, statement)| open_keys(statement))
            .unwrap_or_default()
    };
    let deciding = |it: &StatementRef| {
        let (policy, statement) = statement_of(it)?;
        let read = !statement.conditions.iter().any(is_not_read);
        let index = match (&own, it.policy) {
            (
                Own::Grant {
                    statement: granted, ..
                },
                PolicyRef::Identity(_),
            ) if statement.effect == Effect::Allow => usize::try_from(*granted).ok(),
            _ => read.then_some(it.statement),
        };
        let effect = index.map(|_| statement.effect.as_str());
        Some(Deciding {
            policy,
            statement: index,
            sid: statement.sid.clone(),
            effect,
        })
    };
    let depends_on: BTreeSet<String> = if verdict.decision == Decision::Unknown {
        verdict.decided_by.iter().flat_map(open).collect()
    } else {
        BTreeSet::new()
    };
    Ok(Answer {
        principal: principal.to_owned(),
        action: action.to_owned(),
        qualifier: facts.qualifier.clone(),
        decision: verdict.decision.as_str(),
        decided_by: verdict.decided_by.iter().filter_map(deciding).collect(),
        denied_by: verdict.by.map(lambdasweep_policy::Layer::as_str),
        depends_on: depends_on.into_iter().collect(),
        unknowns: if may_change(verdict.decision) {
            unknowns
        } else {
            Vec::new()
        },
        statements: resource
            .as_ref()
            .map(|document| applying(document, &request))
            .unwrap_or_default(),
    })
}

/// The caller's own policies, as far as they are known: all that matters is whether they grant the
/// call.
fn identity_policies(
    caller: &Principal,
    own: &Own,
    unknowns: &mut Vec<String>,
) -> Result<Option<Document>> {
    if caller.account().is_none() || caller.kind() == Kind::Root {
        return Ok(None);
    }
    Ok(match own {
        Own::None => None,
        // The resource policy may allow it all the same, but a Deny or the boundary may still block
        // it.
        Own::NotGranted => {
            unknowns.push(format!("whether a Deny or the permissions boundary of {caller} blocks what the resource policy allows"));
            Some(unread(MAYBE_DENIED)?)
        }
        Own::Grant { sure: true, .. } => {
            unknowns.push(format!(
                "whether a Deny with conditions or a policy of its session blocks {caller}"
            ));
            Some(Document::parse(GRANTED)?)
        }
        Own::Grant { sure: false, .. } => {
            unknowns.push(format!("whether the conditions and exceptions of what {caller} is granted let this call through"));
            // An exception may be a Deny, which stops what the resource policy grants as well.
            Some(unread(ANYTHING_OF_ITS_OWN)?)
        }
        Own::Unknown => {
            unknowns
                .push(format!("the identity-based policies and the permissions boundary of {caller}: they may allow it, and may deny it"));
            Some(unread(ANYTHING_OF_ITS_OWN)?)
        }
    })
}

/// Whether policies that are not in the scan could change a decision: nothing overrules a Deny, and
/// what is not granted by both sides stays denied.
fn may_change(decision: Decision) -> bool {
    matches!(decision, Decision::Allowed | Decision::Unknown)
}

/// The caller with its place in the organisation, and what is known of that.
fn placed(caller: Principal, account: Option<&AccountRow>, facts: &Facts) -> (Principal, Place) {
    let organization = facts
        .organization
        .as_ref()
        .filter(|_| facts.gap("organization").is_none());
    match (
        organization,
        account.map(|account| account.ou_id_path.as_deref()),
    ) {
        (Some((id, _)), Some(Some(path))) => (
            caller.in_organization(&format!("{id}/{path}/")),
            Place::Member,
        ),
        (Some((id, _)), None) => (caller, Place::Outside(id.clone())),
        _ => (caller, Place::Unknown),
    }
}

/// How the URL that is called authenticates; only a call through a URL has that key.
fn auth_type<'a>(facts: &'a Facts, action: &str) -> Option<&'a str> {
    let through_url = action.eq_ignore_ascii_case("lambda:InvokeFunctionUrl");
    let url = |url: &&FunctionUrlRow| url.qualifier == facts.qualifier;
    through_url
        .then(|| facts.urls.iter().find(url))
        .flatten()
        .map(|url| url.auth_type.as_str())
}

/// The resource policy that is asked: each qualifier has its own. Source: "Using resource-based
/// policies for Lambda", Lambda Developer Guide.
fn resource_policy(
    facts: &Facts,
    known: &Known,
    unknowns: &mut Vec<String>,
) -> Result<Option<Document>> {
    let rows = facts
        .policies
        .get(&facts.qualifier)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let read = if rows.is_empty() {
        // A policy is read whole or not at all: where rows are there, it was.
        let Some(gap) = facts.gap("resource_policies") else {
            return Ok(None);
        };
        unknowns.push(format!("the resource policy: {gap}"));
        None
    } else {
        let read = document(rows);
        if read.is_none() {
            unknowns.push("the resource policy: a statement is not understood".to_owned());
        }
        read
    };
    Ok(Some(match read {
        Some(document) => {
            document.leaving_open(|condition| known.decides(condition) && !is_redacted(condition))
        }
        None => unread(ANYTHING_OF_ANYBODY)?,
    }))
}

fn is_redacted(condition: &lambdasweep_policy::Condition) -> bool {
    condition
        .values
        .iter()
        .any(|value| value.as_str().contains("[redacted]"))
}

fn is_not_read(condition: &lambdasweep_policy::Condition) -> bool {
    condition.key == "lambdasweep:NotRead"
}

/// The keys that a statement was left open for.
fn open_keys(statement: &lambdasweep_policy::Statement) -> Vec<String> {
    let open = statement
        .conditions
        .iter()
        .filter(|condition| condition.operator == Operator::Unknown && !is_not_read(condition));
    open.map(|condition| condition.key.clone()).collect()
}

/// A level of control policies: each with its name.
type Level = Vec<(String, Document)>;

/// The service control policies of the caller's account, the root's first. Source: "SCP
/// evaluation", AWS Organizations User Guide.
fn control_policies(
    scan: &Scan,
    facts: &Facts,
    account: Option<&AccountRow>,
    caller: &Principal,
    known: &Known,
    unknowns: &mut Vec<String>,
) -> Result<Vec<Level>> {
    const KIND: &str = "SERVICE_CONTROL_POLICY";
    let Some(id) = caller.account() else {
        return Ok(Vec::new());
    };
    let gap = facts
        .gap("organization")
        .or_else(|| facts.gap("organization_policies"));
    let path = match (gap, account) {
        (None, Some(account)) => account.ou_id_path.as_deref(),
        // Without an organisation there are none; outside of this one there may be others.
        (None, None) if facts.organization.is_none() => return Ok(Vec::new()),
        _ => None,
    };
    let enabled = facts
        .organization
        .as_ref()
        .is_some_and(|(_, types)| types.split(", ").any(|it| it.starts_with(KIND)));
    let Some(path) = path else {
        let why = gap.map_or_else(
            || "it is not in the scanned organisation".to_owned(),
            str::to_owned,
        );
        unknowns.push(format!(
            "the service control policies of account {id}: {why}"
        ));
        return Ok(Vec::new());
    };
    if !enabled {
        return Ok(Vec::new());
    }
    let policies: Vec<OrganizationPolicyRow> = told(scan, &[("policy_type", KIND)])?;
    let mut levels = Vec::new();
    for place in path.split('/').chain([id]) {
        let mut level = Level::new();
        for target in told::<PolicyTargetRow>(scan, &[("target_id", place)])? {
            let Some(policy) = policies
                .iter()
                .find(|policy| policy.policy_id == target.policy_id)
            else {
                continue;
            };
            let name = format!("{} ({})", policy.name, policy.policy_id);
            let read = policy
                .document
                .as_deref()
                .and_then(|text| Document::parse(text).ok());
            if read.is_none() {
                unknowns.push(format!("the service control policy {name}"));
            }
            let document = match read {
                Some(document) => document.leaving_open(|condition| known.decides(condition)),
                None => unread(ANYTHING)?,
            };
            level.push((name, document));
        }
        levels.push(level);
    }
    Ok(levels)
}

/// What each statement of the resource policy does for the call by itself.
fn applying(document: &Document, request: &Request<'_>) -> Vec<Applying> {
    let one = |(index, statement): (usize, &lambdasweep_policy::Statement)| {
        let alone = Document {
            statements: vec![statement.clone()],
            ..document.clone()
        };
        // Alone, a Deny that may apply denies nothing: it is asked as an Allow.
        let mut asked = alone;
        asked.statements[0].effect = Effect::Allow;
        let effect = match (statement.effect, asked.decide(request)) {
            (Effect::Allow, Decision::Allowed) => "allows",
            (Effect::Deny, Decision::Allowed) => "denies",
            (Effect::Allow, Decision::Unknown) => "may allow",
            (Effect::Deny, Decision::Unknown) => "may deny",
            _ => "does not apply",
        };
        let depends_on = if effect.starts_with("may") {
            open_keys(statement)
        } else {
            Vec::new()
        };
        Applying {
            index,
            sid: statement.sid.clone(),
            effect,
            depends_on,
        }
    };
    document
        .statements
        .iter()
        .enumerate()
        .filter(|(_, it)| !it.conditions.iter().any(is_not_read))
        .map(one)
        .collect()
}
