//! The catalogue of privilege-escalation paths, as data: `data/escalation.json`, by the ids of
//! pathfinding.cloud.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::actions;

static DATA: &str = include_str!("../../data/escalation.json");

static PATHS: LazyLock<Vec<EscalationPath>> = LazyLock::new(|| {
    // The data is part of the program, and a test counts what is read.
    let mut paths = serde_json::from_str::<File>(DATA)
        .map(|file| file.paths)
        .unwrap_or_default();
    let mut numbers: HashMap<(String, Target), usize> = HashMap::new();
    for need in paths.iter_mut().flat_map(|path| &mut path.needs) {
        need.small = need.action.to_ascii_lowercase();
        need.colon = need.small.find(':').unwrap_or(need.small.len());
        let next = numbers.len();
        need.number = *numbers
            .entry((need.small.clone(), need.target))
            .or_insert(next);
        need.on_everything = actions::find(&need.action)
            .is_some_and(|action| action.resource_types().next().is_none());
    }
    paths
});

static DISTINCT: LazyLock<usize> = LazyLock::new(|| {
    PATHS
        .iter()
        .flat_map(|path| &path.needs)
        .map(|need| need.number + 1)
        .max()
        .unwrap_or_default()
});

#[derive(Deserialize)]
struct File {
    paths: Vec<EscalationPath>,
}

/// How a path leads to more permissions, in the catalogue's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// The caller gives itself permissions.
    SelfEscalation,
    /// The caller becomes another user or role.
    PrincipalAccess,
    /// The caller passes a role to something that it makes.
    NewPassrole,
    /// The caller takes over something that has a role already.
    ExistingPassrole,
}

impl Category {
    /// The word, as in the catalogue: `self-escalation`, `principal-access`, `new-passrole`,
    /// `existing-passrole`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SelfEscalation => "self-escalation",
            Self::PrincipalAccess => "principal-access",
            Self::NewPassrole => "new-passrole",
            Self::ExistingPassrole => "existing-passrole",
        }
    }
}

/// Who can take a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caller {
    /// Any principal, a role's session too.
    #[default]
    Any,
    /// An IAM user: a role with the permissions is useful to someone who also controls a user.
    User,
}

/// What an action of a path must be allowed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Anything of the action's service.
    Any,
    /// The role itself.
    OwnRole,
    /// Another role of the account.
    OtherRole,
    /// Another role of any account.
    AnyRole,
    /// A customer managed policy that is attached to the role.
    OwnPolicy,
    /// The customer managed policy that is the role's boundary.
    OwnBoundary,
    /// A customer managed policy of the account.
    Policy,
    /// A user of the account.
    User,
    /// A group of the account.
    Group,
    /// A function of the account.
    Function,
}

/// One permission that a path needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Need {
    /// The action.
    pub action: String,
    /// What it must be allowed on.
    #[serde(rename = "on")]
    pub target: Target,
    /// The action in lower case.
    #[serde(skip)]
    pub(super) small: String,
    /// Which of the [distinct](distinct_needs) needs it is: many paths share one.
    #[serde(skip)]
    pub(super) number: usize,
    /// How long the action's service prefix is.
    #[serde(skip)]
    colon: usize,
    /// Whether the action has no types of resource, so that a statement has to say `*`.
    #[serde(skip)]
    pub(super) on_everything: bool,
}

impl Need {
    /// The service prefix of the action.
    pub(super) fn service(&self) -> &str {
        &self.small[..self.colon]
    }

    /// Whether the action writes a version of a policy, for which there has to be room.
    pub(super) fn writes_version(&self) -> bool {
        self.small == "iam:createpolicyversion"
    }

    /// Whether the action is about versions of functions too, the unpublished one among them.
    /// Source: "Actions, resources, and condition keys for AWS Lambda"; `AddPermission` takes the
    /// unpublished one by the function's own name alone.
    pub(super) fn is_of_versions(&self) -> bool {
        self.small == "lambda:invokefunction"
    }
}

/// A path of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EscalationPath {
    /// The catalogue's id (`lambda-001`); its page is `https://pathfinding.cloud/paths/` and the
    /// id. Ids that begin with `lsw-` are of this crate.
    pub id: String,
    /// The catalogue's name: the actions, with plus signs between them.
    pub name: String,
    /// How it leads to more permissions.
    pub category: Category,
    /// Who can take it.
    #[serde(default)]
    pub caller: Caller,
    /// The services to which the role may be passed, one of which `iam:PassedToService` has to
    /// admit.
    #[serde(default)]
    pub passed_to: Vec<String>,
    /// The services as which what is taken over runs, where a path takes something over.
    #[serde(default)]
    pub runs_as: Vec<String>,
    /// Whether it is a path only if something else exists: a limit that can be removed, a stored
    /// version of a policy that allows more.
    #[serde(default)]
    pub latent: bool,
    /// Whether it leads nowhere by itself: it deletes what stands in the way of another path, as
    /// what has a name that something new is to have. It is a step before that path.
    #[serde(default)]
    pub deletes: bool,
    /// Whether its actions have to reach one and the same resource.
    #[serde(default)]
    pub same_resource: bool,
    /// The permissions: all of them.
    pub needs: Vec<Need>,
}

/// Every path of the catalogue, in its order.
///
/// ```
/// use lambdasweep_policy::role::catalogue;
/// let path = catalogue().iter().find(|path| path.id == "lambda-001").expect("a path of the catalogue");
/// assert_eq!(path.name, "iam:PassRole + lambda:CreateFunction + lambda:InvokeFunction");
/// assert_eq!(path.passed_to, ["lambda.amazonaws.com"]);
/// ```
pub fn catalogue() -> &'static [EscalationPath] {
    &PATHS
}

/// How many needs of the catalogue differ.
pub(super) fn distinct_needs() -> usize {
    *DISTINCT
}
