//! An account's IAM roles, judged by all the policies that decide what they may do: inline and
//! attached policies, permissions boundary, the organisation's service control policies, and whom
//! the trust policy lets in.
//!
//! Documents are held while an account is read and no longer.

mod details;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use lambdasweep_aws::aws_sdk_iam::primitives::DateTime;
use lambdasweep_aws::aws_sdk_iam::types::{EntityType, RoleDetail};
use lambdasweep_aws::{CallError, Member, Operation};
use lambdasweep_policy::Document;
use lambdasweep_policy::exposure::Exposure;
use lambdasweep_policy::grants::{Grant, NamedPolicy, ResourceScope, RoleInput};
use lambdasweep_policy::role::{
    Evidence, FunctionRole, Graph, Holder, Privilege, Reached, RoleJudgement, SettledRole, Step,
    Target, TrustedKind, Way, graph, judge,
};
use lambdasweep_tables::{
    RoleEscalationRow, RoleEscalationStepRow, RoleGrantRow, RolePolicyRow, RoleRow,
    RoleTrustedOtherRow, facts,
};

use crate::collector::{Collector, Run};
use crate::context::{AccountContext, Reading};
use crate::organization::{AttachedPolicy, Chain, OrganizationView};
use crate::services::iam::service::{self, Iam};
use details::{Detail, default_document, is_whole, other_documents, take};

const GET_DETAILS: Operation = Operation::new("iam:GetAccountAuthorizationDetails", &service::IAM)
    .answers_in_xml()
    .lists("RoleDetailList", 100_000)
    .items_have(&[
        Member::text("RoleDetailList[].Arn"),
        Member::text("RoleDetailList[].RoleName"),
        Member::text("RoleDetailList[].AssumeRolePolicyDocument"),
        Member::list("RoleDetailList[].RolePolicyList"),
        Member::list("RoleDetailList[].AttachedManagedPolicies"),
        Member::text("Policies[].Arn"),
        Member::list("Policies[].PolicyVersionList"),
    ])
    .sends(&[Member::list("Policies"), Member::text("IsTruncated")])
    // A thousand roles and policies a page, with their documents: a role has up to 10,240
    // characters of inline policies, which are sent percent-encoded.
    .answers_up_to(64 << 20);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::ROLES,
    operations: &[GET_DETAILS],
    further_actions: &[],
    tables: &[
        "roles",
        "role_policies",
        "role_grants",
        "role_escalations",
        "role_escalation_steps",
        "role_trusted_others",
    ],
    needs: &[facts::ORGANIZATION_POLICIES],
    run: Run::Account(|context, reading| Box::pin(read(context, reading))),
};

/// How many roles are judged before others get their turn.
const ROLES_AT_ONCE: usize = 64;

async fn read(context: &AccountContext, reading: &mut Reading) -> Result<(), CallError> {
    let client = context.client::<Iam>();
    let send = |marker| {
        let wanted = [
            EntityType::Role,
            EntityType::LocalManagedPolicy,
            EntityType::AwsManagedPolicy,
        ];
        client
            .get_account_authorization_details()
            .set_filter(Some(wanted.into()))
            .max_items(1000)
            .set_marker(marker)
            .send()
    };
    let (details, mut ended) = reading
        .caller
        .list(&GET_DETAILS, send, take, Detail::id)
        .await;
    let (mut roles, mut policies, mut stored) = (Vec::new(), HashMap::new(), HashMap::new());
    // What is listed without what it is judged by does not keep the rest from being read.
    for detail in details {
        match detail {
            Detail::Role(role) if is_whole(&role, context.session().account()) => roles.push(*role),
            Detail::Role(_) => {
                let what = "the answer lacks the ARN, the name or policies of a role, or the role is of another account";
                ended = ended.and(Err(reading.caller.incomplete(&GET_DETAILS, what)));
            }
            Detail::Policy(policy) => match &policy.arn {
                Some(arn) => {
                    policies.insert(arn.clone(), default_document(&policy));
                    stored.insert(arn.clone(), other_documents(&policy));
                }
                None => ended = ended.and(Err(reading.unidentified(&GET_DETAILS, "a policy"))),
            },
        }
    }
    if roles.is_empty() && context.session().is_by_role() {
        let what = "the answer lists no role, but the account was entered by one";
        ended = ended.and(Err(reading.caller.incomplete(&GET_DETAILS, what)));
    }
    let account = context.account_id();
    let chain = context.scan.organization.chain(&account);
    let path = context.scan.organization.organization_path(&account);
    let organization = &context.scan.organization;
    let judging = Judging {
        account: &account,
        policies: &policies,
        stored: &stored,
        chain: &chain,
        path: path.as_deref(),
        organization,
    };
    let now = format!("{}T00:00:00Z", context.scan.as_of);
    let mut documents = Vec::with_capacity(roles.len());
    for part in roles.chunks(ROLES_AT_ONCE) {
        documents.extend(part.iter().map(Documents::of));
        tokio::task::yield_now().await;
    }
    let settled: Vec<SettledRole<'_>> = roles
        .iter()
        .zip(&documents)
        .map(|(role, documents)| SettledRole::new(&judging.input(role, documents), &now))
        .collect();
    let inputs: Vec<RoleInput<'_>> = settled.iter().map(SettledRole::input).collect();
    let mut judgements = Vec::with_capacity(roles.len());
    // Others get their turn in between, whose time is not counted.
    let mut judging_took = Duration::ZERO;
    for part in inputs.chunks(ROLES_AT_ONCE) {
        let begun = Instant::now();
        judgements.extend(part.iter().map(|input| judging.judge(input)));
        judging_took += begun.elapsed();
        tokio::task::yield_now().await;
    }
    let functions: Vec<FunctionRole<'_>> = context
        .functions
        .roles
        .iter()
        .map(|(arn, role_arn)| FunctionRole { arn, role_arn })
        .collect();
    let unlisted = (!context.functions.unlisted.is_empty()).then(|| {
        format!(
            "functions that it may change were not all listed in {}",
            context.functions.unlisted.join(", ")
        )
    });
    let holders: Vec<Holder<'_, '_>> = inputs
        .iter()
        .zip(&judgements)
        .map(|(role, judgement)| Holder { role, judgement })
        .collect();
    let begun = Instant::now();
    let Graph {
        ways,
        elsewhere,
        unknown,
    } = graph(&holders, &functions, &now);
    let (judged, graphed) = (judging_took.as_micros(), begun.elapsed().as_micros());
    tracing::debug!(%account, roles = roles.len(), functions = functions.len(), judge_us = judged, graph_us = graphed, "judged the roles");
    for (at, (role, judgement)) in roles.iter().zip(&judgements).enumerate() {
        let mut more: Vec<String> = unknown
            .iter()
            .chain(unlisted.iter().filter(|_| changes_functions(judgement)))
            .cloned()
            .collect();
        // One that is near to an administrator, or has another way, is reported for that.
        if judgement.privilege == Privilege::Limited
            && elsewhere[at]
            && ways[at].iter().all(|way| way.conditional)
        {
            more.push("it may act as roles of other accounts, which are not followed".to_owned());
        }
        judging.push(
            reading,
            role,
            &documents[at],
            &Judged {
                judgement,
                ways: &ways[at],
                more: joined(&more),
            },
        );
        if at % ROLES_AT_ONCE == 0 {
            tokio::task::yield_now().await;
        }
    }
    ended
}

/// What is said of a role.
struct Judged<'j> {
    judgement: &'j RoleJudgement<'j>,
    ways: &'j [Way],
    /// Why there may be more ways.
    more: Option<String>,
}

/// The documents of a role itself.
struct Documents {
    trust: Option<Document>,
    inline: Vec<(String, Option<Document>)>,
}

impl Documents {
    fn of(role: &RoleDetail) -> Self {
        let parse =
            |text: Option<&str>| text.and_then(|text| Document::parse_url_encoded(text).ok());
        let inline = role.role_policy_list().iter();
        Self {
            trust: parse(role.assume_role_policy_document()),
            inline: inline
                .map(|it| {
                    (
                        it.policy_name().unwrap_or_default().to_owned(),
                        parse(it.policy_document()),
                    )
                })
                .collect(),
        }
    }
}

/// What the roles of an account are judged with.
struct Judging<'a> {
    account: &'a str,
    /// Managed policies by ARN; nothing where a document is not there or is not understood.
    policies: &'a HashMap<String, Option<Document>>,
    /// The versions of each that do not count.
    stored: &'a HashMap<String, Vec<Option<Document>>>,
    chain: &'a Chain,
    path: Option<&'a str>,
    organization: &'a OrganizationView,
}

impl Judging<'_> {
    fn managed<'s>(&'s self, arn: &'s str) -> NamedPolicy<'s> {
        NamedPolicy {
            name: arn,
            document: self.policies.get(arn).and_then(Option::as_ref),
        }
    }

    /// The versions that do not count of what is attached to a role, and of its boundary.
    fn stored_of<'s>(&'s self, role: &'s RoleDetail) -> Vec<NamedPolicy<'s>> {
        let attached = role
            .attached_managed_policies()
            .iter()
            .filter_map(|it| it.policy_arn());
        // A policy that is attached and the boundary as well has its versions once.
        let is_attached = |arn: &&str| {
            role.attached_managed_policies()
                .iter()
                .any(|it| it.policy_arn() == Some(*arn))
        };
        let boundary = role
            .permissions_boundary()
            .and_then(|it| it.permissions_boundary_arn());
        let named = attached.chain(boundary.filter(|arn| !is_attached(arn)));
        let of = |name: &'s str| {
            self.stored
                .get(name)
                .into_iter()
                .flatten()
                .map(move |it| NamedPolicy {
                    name,
                    document: it.as_ref(),
                })
        };
        named.flat_map(of).collect()
    }

    /// Service control policies do not bind service-linked roles. Source: "Service control policies
    /// (SCPs)".
    fn is_bound(role_arn: &str) -> bool {
        !role_arn.contains(":role/aws-service-role/")
    }

    fn input<'s>(&'s self, role: &'s RoleDetail, documents: &'s Documents) -> RoleInput<'s> {
        let arn = role.arn().unwrap_or_default();
        let partition = arn
            .split(':')
            .nth(1)
            .filter(|it| !it.is_empty())
            .unwrap_or("aws");
        let attached = role
            .attached_managed_policies()
            .iter()
            .map(|it| self.managed(it.policy_arn().unwrap_or_default()));
        let own = documents.inline.iter().map(|(name, document)| NamedPolicy {
            name,
            document: document.as_ref(),
        });
        let boundary = role
            .permissions_boundary()
            .and_then(|it| it.permissions_boundary_arn());
        let scps = match self.chain {
            Chain::Bound(levels) if Self::is_bound(arn) => levels
                .iter()
                .map(|level| level.iter().map(|policy| named(policy)).collect())
                .collect(),
            _ => Vec::new(),
        };
        RoleInput {
            identity: own.chain(attached).collect(),
            boundary: boundary.map(|arn| self.managed(arn)),
            scps,
            stored: self.stored_of(role),
            instance_profiles: role
                .instance_profile_list()
                .iter()
                .map(|it| it.arn())
                .collect(),
            trust: documents.trust.as_ref(),
            organization: self.path,
            in_management_account: self.organization.management_account.as_deref()
                == Some(self.account),
            ..RoleInput::new(arn, self.account, partition)
        }
    }

    fn judge<'s>(&self, input: &RoleInput<'s>) -> RoleJudgement<'s> {
        let mut judgement = judge(input);
        if let Chain::Unknown(why) = self.chain
            && Self::is_bound(input.arn)
        {
            judgement.loose.push(why.clone());
        }
        judgement
    }

    fn push(
        &self,
        reading: &mut Reading,
        role: &RoleDetail,
        documents: &Documents,
        judged: &Judged<'_>,
    ) {
        let Judged {
            judgement, ways, ..
        } = judged;
        let arn = role.arn().unwrap_or_default();
        let row = self.row(role, judged, documents.trust.as_ref());
        // Roles that no function can execute with have many grants that nobody asks for here.
        if row.trusts_lambda != Some(false) {
            for grant in &judgement.grants {
                reading.batch.push(self.grant(arn, grant));
            }
        }
        reading.batch.push(row);
        for way in *ways {
            reading.batch.push(self.escalation(arn, way));
            for (number, step) in (1..).zip(&way.steps) {
                reading.batch.push(self.step(arn, way, number, step));
            }
        }
        for (principal, other) in others(judgement).into_iter().flatten() {
            reading.batch.push(self.trusted(arn, principal, other));
        }
        self.push_policies(reading, role);
    }

    fn row(&self, role: &RoleDetail, judged: &Judged<'_>, trust: Option<&Document>) -> RoleRow {
        let Judged {
            judgement,
            ways,
            more,
        } = judged;
        let time = |it: &DateTime| {
            jiff::Timestamp::from_second(it.secs())
                .ok()
                .map(|it| it.to_string())
        };
        let paths = |conditional: bool| {
            let open = ways.iter().filter(|it| it.conditional == conditional);
            open.map(|it| it.path.id.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        };
        RoleRow {
            account_id: self.account.to_owned(),
            role_arn: role.arn().unwrap_or_default().to_owned(),
            role_name: role.role_name().unwrap_or_default().to_owned(),
            path: role.path().unwrap_or("/").to_owned(),
            role_id: role.role_id().unwrap_or_default().to_owned(),
            created_at: role.create_date().and_then(time),
            last_used_at: role
                .role_last_used()
                .and_then(|it| it.last_used_date())
                .and_then(time),
            last_used_region: role
                .role_last_used()
                .and_then(|it| it.region())
                .map(str::to_owned),
            permissions_boundary_arn: role
                .permissions_boundary()
                .and_then(|it| it.permissions_boundary_arn())
                .map(str::to_owned),
            attached_policy_count: count(role.attached_managed_policies().len()),
            inline_policy_count: count(role.role_policy_list().len()),
            trusts_lambda: judgement.trust.as_ref().map(|trust| trust.lambda),
            trusted_principals: trust
                .map(|document| document.principals_allowed().join(", "))
                .unwrap_or_default(),
            other_trusted_principals: others(judgement)
                .map(|others| others.into_keys().collect::<Vec<_>>().join(", ")),
            privilege: judgement.privilege.as_str().to_owned(),
            excepted_actions: excepted(judgement),
            near_administrator_reasons: judgement
                .near
                .iter()
                .map(|near| near.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            escalation_ids: paths(false),
            conditional_escalation_ids: paths(true),
            wildcard_action_levels: judgement.wildcards.actions.to_string(),
            wildcard_resource_levels: judgement.wildcards.resources.to_string(),
            wildcard_weight: i64::from(judgement.wildcards.weight),
            may_be_more_reason: joined(&judgement.unknown),
            may_be_less_reason: joined(&judgement.loose),
            more_paths_reason: more.clone(),
        }
    }

    fn escalation(&self, role_arn: &str, way: &Way) -> RoleEscalationRow {
        let (reached, target) = match &way.reached {
            Reached::EveryPermission => ("every-permission", None),
            Reached::User => ("user", None),
            Reached::Role { arn, privilege } => (privilege.as_str(), Some(arn.clone())),
        };
        RoleEscalationRow {
            account_id: self.account.to_owned(),
            role_arn: role_arn.to_owned(),
            path_id: way.path.id.clone(),
            path_name: way.path.name.clone(),
            category: way.path.category.as_str().to_owned(),
            conditional: way.conditional,
            reached: reached.to_owned(),
            target_role_arn: target,
            steps: way
                .steps
                .iter()
                .map(in_words)
                .collect::<Vec<_>>()
                .join("; then "),
            step_count: count(way.steps.len()),
            presumed: way.steps.iter().any(|step| step.presumed),
            ways: count(way.count),
        }
    }

    fn step(&self, role_arn: &str, way: &Way, number: i64, step: &Step) -> RoleEscalationStepRow {
        RoleEscalationStepRow {
            account_id: self.account.to_owned(),
            role_arn: role_arn.to_owned(),
            path_id: way.path.id.clone(),
            step: number,
            step_path_id: step.path.id.clone(),
            step_path_name: step.path.name.clone(),
            from_role_arn: step.from.clone(),
            to_role_arn: step.to.clone(),
            through: step.through.clone(),
            evidence: step
                .evidence
                .iter()
                .map(Evidence::to_string)
                .collect::<Vec<_>>()
                .join("; "),
            conditional: step.conditional,
            presumed: step.presumed,
        }
    }

    fn grant(&self, role_arn: &str, grant: &Grant<'_>) -> RoleGrantRow {
        RoleGrantRow {
            account_id: self.account.to_owned(),
            role_arn: role_arn.to_owned(),
            service: grant.service().to_owned(),
            action: grant.action.to_owned(),
            except_actions: grant.except_actions().collect::<Vec<_>>().join(", "),
            access_level: grant
                .levels
                .highest()
                .map_or("unknown", |level| level.as_str())
                .to_owned(),
            access_levels: grant.levels.to_string(),
            resource_scope: grant.scope.as_str().to_owned(),
            resources: grant.resources().collect::<Vec<_>>().join(", "),
            except_resources: grant.except_resources().collect::<Vec<_>>().join(", "),
            condition_keys: grant.condition_keys().join(", "),
            narrowed: grant.narrowed(),
            policy: grant.source.policy.to_owned(),
            statement_index: count(grant.source.statement),
        }
    }

    fn trusted(&self, role_arn: &str, principal: String, other: Other) -> RoleTrustedOtherRow {
        let (accounts, organizations) = (
            Vec::from_iter(other.accounts),
            Vec::from_iter(other.organizations),
        );
        let outside = self
            .organization
            .outside(&accounts, &organizations)
            .map(|outside| !outside.is_empty());
        RoleTrustedOtherRow {
            account_id: self.account.to_owned(),
            role_arn: role_arn.to_owned(),
            principal,
            kind: other.kind.as_str().to_owned(),
            own_account: other.own_account,
            exposure: other.exposure.as_str().to_owned(),
            named: [accounts, organizations].concat().join(", "),
            outside,
        }
    }

    fn push_policies(&self, reading: &mut Reading, role: &RoleDetail) {
        let arn = role.arn().unwrap_or_default();
        for policy in role.attached_managed_policies() {
            reading.batch.push(RolePolicyRow {
                account_id: self.account.to_owned(),
                role_arn: arn.to_owned(),
                kind: "managed".to_owned(),
                policy_name: policy.policy_name().unwrap_or_default().to_owned(),
                policy_arn: policy.policy_arn().map(str::to_owned),
            });
        }
        for policy in role.role_policy_list() {
            reading.batch.push(RolePolicyRow {
                account_id: self.account.to_owned(),
                role_arn: arn.to_owned(),
                kind: "inline".to_owned(),
                policy_name: policy.policy_name().unwrap_or_default().to_owned(),
                policy_arn: None,
            });
        }
    }
}

/// What an administrator is not allowed; nothing where that is nothing.
fn excepted(judgement: &RoleJudgement<'_>) -> Option<String> {
    let everywhere = |grant: &&Grant<'_>| {
        grant.service() == "*" && grant.scope == ResourceScope::All && grant.conditions().is_empty()
    };
    let administrator = judgement.privilege == Privilege::Administrator;
    let excepted = judgement
        .grants
        .iter()
        .filter(|_| administrator)
        .filter(everywhere)
        .map(|grant| grant.except_actions().collect::<Vec<_>>());
    excepted
        .min_by_key(Vec::len)
        .filter(|excepted| !excepted.is_empty())
        .map(|excepted| excepted.join(", "))
}

/// Whether a role may change functions, so that it matters as what they run.
fn changes_functions(judgement: &RoleJudgement<'_>) -> bool {
    let mut needs = judgement
        .escalations
        .iter()
        .filter(|it| it.path.passed_to.is_empty())
        .flat_map(|it| &it.path.needs);
    needs.any(|need| need.target == Target::Function)
}

/// A step of a way, as a sentence tells it.
fn in_words(step: &Step) -> String {
    let mut words = format!("{} ({})", step.path.id, step.path.name);
    if let Some(through) = &step.through {
        words.push_str(if step.presumed {
            " where something runs in "
        } else {
            " on "
        });
        words.push_str(through);
    }
    if let Some(to) = &step.to {
        words.push_str(&format!(" to act as {to}"));
    }
    if !step.evidence.is_empty() {
        let sources: Vec<&str> = step.evidence.iter().map(|it| it.source.as_str()).collect();
        words.push_str(&format!(", by {}", sources.join(" and ")));
    }
    words
}

/// A principal other than Lambda, by all statements that let it in.
struct Other {
    kind: TrustedKind,
    own_account: bool,
    exposure: Exposure,
    accounts: BTreeSet<String>,
    organizations: BTreeSet<String>,
}

/// Who else than Lambda may assume the role, by what names it; nothing where its trust policy could
/// not be read.
fn others(judgement: &RoleJudgement<'_>) -> Option<BTreeMap<String, Other>> {
    let trust = judgement.trust.as_ref()?;
    let mut others = BTreeMap::new();
    for trusted in trust
        .others
        .iter()
        .filter(|it| !is_lambda_at_edge(it.kind, &it.principal))
    {
        let all_but = trusted.kind == TrustedKind::AllBut;
        let name = if all_but {
            format!("everyone but {}", trusted.principal)
        } else {
            trusted.principal.clone().into_owned()
        };
        let other = others.entry(name).or_insert_with(|| Other {
            kind: trusted.kind,
            own_account: trusted.own_account,
            exposure: trusted.exposure,
            accounts: BTreeSet::new(),
            organizations: BTreeSet::new(),
        });
        other.exposure = other.exposure.max(trusted.exposure);
        other.accounts.extend(trusted.accounts.iter().cloned());
        other
            .organizations
            .extend(trusted.organizations.iter().cloned());
    }
    Some(others)
}

fn named(policy: &AttachedPolicy) -> NamedPolicy<'_> {
    NamedPolicy {
        name: &policy.id,
        document: policy.document.as_ref().ok(),
    }
}

/// Lambda@Edge replicas execute with the function's role. Source: "Setting up IAM permissions and
/// roles for Lambda@Edge", CloudFront Developer Guide.
fn is_lambda_at_edge(kind: TrustedKind, principal: &str) -> bool {
    kind == TrustedKind::Service && principal == "edgelambda.amazonaws.com"
}

/// Reasons in one text.
fn joined(reasons: &[String]) -> Option<String> {
    (!reasons.is_empty()).then(|| lambdasweep_model::printable(&reasons.join("; ")))
}

fn count(length: usize) -> i64 {
    length.try_into().unwrap_or(i64::MAX)
}
