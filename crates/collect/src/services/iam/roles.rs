//! An account's IAM roles, judged by all policies that decide what they may do (inline and attached
//! policies, permissions boundary, the organisation's service control policies) and by who may
//! assume them (the trust policy).
//!
//! Policy documents are kept in memory only while an account is read.

mod details;
mod rows;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lambdasweep_aws::aws_sdk_iam::types::{EntityType, RoleDetail};
use lambdasweep_aws::{CallError, Member, Operation};
use lambdasweep_policy::Document;
use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
use lambdasweep_policy::role::{
    FunctionRole, Graph, Holder, Privilege, RoleJudgement, SettledRole, Target, Way, graph, judge,
};
use lambdasweep_tables::facts;

use crate::collector::{Collector, Run};
use crate::context::{AccountContext, Reading, ScanContext};
use crate::organization::{AttachedPolicy, Chain, OrganizationView};
use crate::services::iam::service::{self, Iam};
use details::{Detail, default_document, is_whole, other_documents, take};
use rows::joined;

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
    run: Run::Roles,
};

/// How many roles are judged before other tasks may run.
const ROLES_AT_ONCE: usize = 64;

/// Reads the roles. `kept` gets what decides what they may do.
pub(crate) async fn read(
    context: &AccountContext,
    reading: &mut Reading,
    kept: &mut Option<AccountRoles>,
) -> Result<(), CallError> {
    let (roles, ended) = list(context, reading).await;
    judge_all(context, reading, &roles).await;
    *kept = Some(roles);
    ended
}

/// An account's roles as they were listed, with the documents that decide what they may do.
pub(crate) struct AccountRoles {
    scan: Arc<ScanContext>,
    account: String,
    roles: Vec<RoleDetail>,
    documents: Vec<Documents>,
    /// Managed policies by ARN; nothing where a document is not there or is not understood.
    policies: HashMap<String, Option<Document>>,
    /// The versions of each that do not count.
    stored: HashMap<String, Vec<Option<Document>>>,
    chain: Chain,
    path: Option<String>,
}

impl AccountRoles {
    fn judging(&self) -> Judging<'_> {
        Judging {
            account: &self.account,
            policies: &self.policies,
            stored: &self.stored,
            chain: &self.chain,
            path: self.path.as_deref(),
            organization: &self.scan.organization,
            as_of: self.scan.as_of,
        }
    }

    /// The roles' ARNs, in their order.
    pub(crate) fn arns(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(|role| role.arn().unwrap_or_default())
    }

    /// What decides what a role may do, by its place.
    pub(crate) fn input(&self, at: usize) -> RoleInput<'_> {
        self.judging().input(&self.roles[at], &self.documents[at])
    }

    /// A role's tags.
    pub(crate) fn tags(&self, at: usize) -> impl Iterator<Item = (String, String)> {
        let tags = self.roles[at].tags().iter();
        tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
    }

    /// The service control policies that bind a role; nothing where none can, because it is linked
    /// to a service.
    pub(crate) fn chain_of(&self, role_arn: &str) -> Option<&Chain> {
        Judging::is_bound(role_arn).then_some(&self.chain)
    }

    /// The organisation that the account is in.
    pub(crate) fn organization(&self) -> &OrganizationView {
        &self.scan.organization
    }
}

/// Lists the roles and the managed policies.
async fn list(
    context: &AccountContext,
    reading: &mut Reading,
) -> (AccountRoles, Result<(), CallError>) {
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
    // An incomplete item does not prevent the rest from being read.
    for detail in details {
        match detail {
            Detail::Role(role) if is_whole(&role, context.session().account()) => roles.push(*role),
            Detail::Role(_) => {
                let what = "the response lacks the ARN, the name or policies of a role, or the role belongs to another account";
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
        let what = "the response lists no role, although a role was assumed in the account";
        ended = ended.and(Err(reading.caller.incomplete(&GET_DETAILS, what)));
    }
    let mut documents = Vec::with_capacity(roles.len());
    for part in roles.chunks(ROLES_AT_ONCE) {
        documents.extend(part.iter().map(Documents::of));
        tokio::task::yield_now().await;
    }
    let (account, organization) = (context.account_id(), &context.scan.organization);
    let listed = AccountRoles {
        scan: Arc::clone(&context.scan),
        chain: organization.chain(&account),
        path: organization.organization_path(&account),
        account,
        roles,
        documents,
        policies,
        stored,
    };
    (listed, ended)
}

/// Judges the roles that were listed, and pushes their rows.
async fn judge_all(context: &AccountContext, reading: &mut Reading, listed: &AccountRoles) {
    let judging = listed.judging();
    let AccountRoles {
        account,
        roles,
        documents,
        ..
    } = listed;
    let now = format!("{}T00:00:00Z", context.scan.as_of);
    let settled: Vec<SettledRole<'_>> = roles
        .iter()
        .zip(documents)
        .map(|(role, documents)| SettledRole::new(&judging.input(role, documents), &now))
        .collect();
    let inputs: Vec<RoleInput<'_>> = settled.iter().map(SettledRole::input).collect();
    let mut judgements = Vec::with_capacity(roles.len());
    // Other tasks run in between; their time is not counted.
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
        // A role with near-administrator access or another path is reported for that.
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
}

/// The result for a role.
struct Judged<'j> {
    judgement: &'j RoleJudgement<'j>,
    ways: &'j [Way],
    /// Why there may be more paths.
    more: Option<String>,
}

/// The role's own policy documents.
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

/// The data that the roles of an account are judged with.
struct Judging<'a> {
    account: &'a str,
    /// Managed policies by ARN; `None` if a document is missing or cannot be parsed.
    policies: &'a HashMap<String, Option<Document>>,
    /// The non-default versions of each.
    stored: &'a HashMap<String, Vec<Option<Document>>>,
    chain: &'a Chain,
    path: Option<&'a str>,
    organization: &'a OrganizationView,
    as_of: jiff::civil::Date,
}

impl<'a> Judging<'a> {
    fn managed<'s>(&self, arn: &'s str) -> NamedPolicy<'s>
    where
        'a: 's,
    {
        NamedPolicy {
            name: arn,
            document: self.policies.get(arn).and_then(Option::as_ref),
        }
    }

    /// The versions that do not count of what is attached to a role, and of its boundary.
    fn stored_of<'s>(&self, role: &'s RoleDetail) -> Vec<NamedPolicy<'s>>
    where
        'a: 's,
    {
        let attached = role
            .attached_managed_policies()
            .iter()
            .filter_map(|it| it.policy_arn());
        // A policy that is both attached and the boundary is included once.
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

    /// Service control policies do not apply to service-linked roles. Source: "Service control
    /// policies (SCPs)".
    fn is_bound(role_arn: &str) -> bool {
        !role_arn.contains(":role/aws-service-role/")
    }

    fn input<'s>(&self, role: &'s RoleDetail, documents: &'s Documents) -> RoleInput<'s>
    where
        'a: 's,
    {
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
            judgement.unknown_denies.push(why.clone());
        }
        judgement
    }
}

/// Whether a role may change functions, so that it matters which roles they use.
fn changes_functions(judgement: &RoleJudgement<'_>) -> bool {
    let mut needs = judgement
        .escalations
        .iter()
        .filter(|it| it.path.passed_to.is_empty())
        .flat_map(|it| &it.path.needs);
    needs.any(|need| need.target == Target::Function)
}

fn named(policy: &AttachedPolicy) -> NamedPolicy<'_> {
    NamedPolicy {
        name: &policy.id,
        document: policy.document.as_ref().ok(),
    }
}
