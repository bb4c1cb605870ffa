//! Judges a role by its effective grants and its trust policy: administrator or close to one,
//! wildcards, escalation paths, who is trusted, and whether it may write to a given target.

mod catalogue;
mod escalation;
mod graph;
mod privilege;
mod session;
mod trust;
mod write;

pub use catalogue::{Caller, Category, EscalationPath, Need, Target, catalogue};
pub use escalation::Escalation;
pub use graph::{Evidence, FunctionRole, Graph, Holder, Reached, Step, Way, graph};
pub use privilege::{Near, Privilege, Wildcards};
pub use session::SettledRole;
pub use trust::{Trust, Trusted, TrustedKind, trust};
pub use write::{MayWrite, TargetPolicy, WriteAnswer, may_write};

use crate::grants::{Effort, Grant, RoleInput, effective};

/// The result for a role.
#[derive(Debug, Clone)]
pub struct RoleJudgement<'a> {
    /// Its effective grants.
    pub grants: Vec<Grant<'a>>,
    /// How much it may do.
    pub privilege: Privilege,
    /// Why it is close to an administrator, if it is.
    pub near: Vec<Near>,
    /// What its wildcards cover.
    pub wildcards: Wildcards,
    /// The escalation paths that are open to it, in the catalogue's order. An administrator has
    /// them all.
    pub escalations: Vec<Escalation<'a>>,
    /// Paths for which it has the permissions, and which lead to more only if something else
    /// exists.
    pub(crate) latent: Vec<Escalation<'a>>,
    /// What its trust policy says; `None` if that could not be read.
    pub trust: Option<Trust<'a>>,
    /// Whether it has a permissions boundary.
    pub has_boundary: bool,
    /// Why it may be allowed more than the grants say. If there is a reason, the role is never
    /// judged harmless.
    pub unknown_allows: Vec<String>,
    /// Why it may be allowed less than the grants say.
    pub unknown_denies: Vec<String>,
}

impl RoleJudgement<'_> {
    /// The ids of the open paths.
    pub fn escalation_ids(&self) -> Vec<&'static str> {
        self.escalations
            .iter()
            .map(|escalation| escalation.path.id.as_str())
            .collect()
    }

    /// Whether it may assume roles of other accounts than its own, as far as its own policies say;
    /// those accounts' policies decide as well.
    pub fn may_assume_elsewhere(&self, account: &str) -> bool {
        let assuming = self
            .grants
            .iter()
            .filter(|grant| grant.covers_action("sts:assumerole"));
        let mut resources =
            assuming.flat_map(|grant| grant.reaches("sts:assumerole", "arn:*:iam::*:role/*"));
        resources.any(|resource| resource.split(':').nth(4) != Some(account))
    }
}

/// Judges a role.
///
/// ```
/// use lambdasweep_policy::Document;
/// use lambdasweep_policy::grants::{NamedPolicy, RoleInput};
/// use lambdasweep_policy::role::{Privilege, judge};
///
/// let policy = Document::parse(r#"{"Statement": [
///     {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
///      "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}},
///     {"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction", "glue:*"], "Resource": "*"}]}"#)?;
/// let mut role = RoleInput::new("arn:aws:iam::111122223333:role/app", "111122223333", "aws");
/// role.identity.push(NamedPolicy { name: "inline", document: Some(&policy) });
/// let judgement = judge(&role);
/// assert_eq!(judgement.privilege, Privilege::Limited);
/// // Glue takes no role that may be passed to Lambda alone; it has a path for which no role is passed.
/// assert_eq!(judgement.escalation_ids(), ["lambda-001", "glue-002"]);
/// # Ok::<(), lambdasweep_policy::PolicyError>(())
/// ```
pub fn judge<'a>(role: &RoleInput<'a>) -> RoleJudgement<'a> {
    let mut grants = effective(role);
    let effort = Effort::default();
    let (latent, escalations): (Vec<_>, Vec<_>) = escalation::open(&grants, role, &effort)
        .into_iter()
        .partition(|open| open.path.latent);
    let (privilege, near) = privilege::privilege(&grants, &escalations, &effort);
    if effort.is_spent() {
        grants.unknown_allows.push(
            "the policies are too large to look for every path to more permissions".to_owned(),
        );
    }
    let wildcards = privilege::wildcards(&grants);
    RoleJudgement {
        privilege,
        near,
        wildcards,
        escalations,
        latent,
        trust: role.trust.map(|policy| trust(policy, role.account)),
        has_boundary: role.boundary.is_some(),
        unknown_allows: grants.unknown_allows,
        unknown_denies: grants.unknown_denies,
        grants: grants.rows,
    }
}
