//! Generated execution roles, good and bad: their traits are drawn first, and both the roles and
//! the expected findings are derived from them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::ways::{Means, Power};
use crate::plan::chance::Chance;
use crate::plan::{BEGAN, Flaw};
use crate::services::iam::store::{Role, unique_id};

/// The traits of a generated execution role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RoleTraits {
    pub(super) profile: Profile,
    trust: Trust,
    used: Used,
}

/// When it was last used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Used {
    /// Yesterday.
    Recently,
    /// In January 2025.
    LongAgo,
    Never,
}

/// Its permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    /// Only logs.
    Basic,
    Vpc,
    Queue,
    Stream,
    Traced,
    /// Items of the function's own tables.
    Table,
    /// Reads objects of every bucket.
    Reader,
    /// AdministratorAccess.
    Administrator,
    /// An inline policy that allows everything.
    InlineAdministrator,
    /// A customer managed policy whose default version allows everything.
    DefaultVersionAdministrator,
    /// AdministratorAccess, limited by a restrictive boundary.
    BoundedAdministrator,
    /// A customer managed policy of which only an older version allows everything.
    OldVersionAdministrator,
    PowerUser,
    IamFull,
    /// AWSLambda_FullAccess.
    Deployer,
    /// May pass any role to a function that it creates and invokes.
    Passer,
    /// May create functions, and pass roles only to another service.
    PasserElsewhere,
    /// May write its own policies.
    SelfWriter,
    /// Everything in Lambda except changing the code of functions, which is denied.
    DeniedDeployer,
    /// Decrypts with every key.
    Decrypter,
    /// Reads one secret, and decrypts with one key.
    SecretReader,
    /// Stops trails.
    Blinder,
    /// Sets for how long logs are kept.
    Retention,
    /// Nothing at all.
    Mute,
}

/// The principals that it trusts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    Lambda,
    /// Lambda and Lambda@Edge.
    Edge,
    /// Lambda and EC2 instances.
    Machines,
    /// Lambda and an account outside the organisation.
    Partner,
}

/// The beginning of the day before today, in seconds since the epoch.
fn yesterday() -> f64 {
    const DAY: u64 = 86_400;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let days = now.map_or(0, |now| now.as_secs()) / DAY;
    #[expect(clippy::cast_precision_loss, reason = "a few decades in seconds")]
    let yesterday = (days.saturating_sub(1) * DAY) as f64;
    yesterday
}

/// How many of a thousand roles have a special profile.
const PROFILES: [(Profile, usize); 23] = [
    (Profile::Vpc, 120),
    (Profile::Queue, 80),
    (Profile::Stream, 40),
    (Profile::Traced, 60),
    (Profile::Table, 180),
    (Profile::Reader, 60),
    (Profile::Administrator, 12),
    (Profile::InlineAdministrator, 6),
    (Profile::DefaultVersionAdministrator, 6),
    (Profile::BoundedAdministrator, 8),
    (Profile::OldVersionAdministrator, 8),
    (Profile::PowerUser, 10),
    (Profile::IamFull, 6),
    (Profile::Deployer, 12),
    (Profile::Passer, 8),
    (Profile::PasserElsewhere, 6),
    (Profile::SelfWriter, 8),
    (Profile::DeniedDeployer, 6),
    (Profile::Decrypter, 10),
    (Profile::SecretReader, 40),
    (Profile::Blinder, 8),
    (Profile::Retention, 8),
    (Profile::Mute, 8),
];

pub(super) const BOUNDARY: &str = "function-boundary";
/// A boundary without permissions for queues.
pub(super) const NO_QUEUES: &str = "boundary-without-queues";
pub(super) const OPERATIONS: &str = "operations-access";
pub(super) const TEAM: &str = "team-access";

impl RoleTraits {
    pub(super) fn draw(seed: u64, account: u64, name: &str) -> Self {
        let mut chance = Chance::new(seed, &format!("role {name}"), &[account]);
        let mut left = chance.below(1000);
        let drawn = PROFILES.iter().find(|(_, share)| {
            let here = left < *share;
            left = left.saturating_sub(*share);
            here
        });
        let trust = match chance.below(100) {
            0..2 => Trust::Edge,
            2..4 => Trust::Machines,
            4..6 => Trust::Partner,
            _ => Trust::Lambda,
        };
        Self {
            profile: drawn.map_or(Profile::Basic, |(profile, _)| *profile),
            trust,
            used: match chance.below(20) {
                0 => Used::Never,
                1 => Used::LongAgo,
                _ => Used::Recently,
            },
        }
    }

    /// Its privilege. `iam_is_denied` is whether the organisation denies the account's principals
    /// all changes to IAM.
    pub(super) fn power(self, iam_is_denied: bool) -> Power {
        match self.profile {
            Profile::Administrator
            | Profile::InlineAdministrator
            | Profile::DefaultVersionAdministrator
                if iam_is_denied =>
            {
                Power::Near
            }
            Profile::Administrator
            | Profile::InlineAdministrator
            | Profile::DefaultVersionAdministrator => Power::Administrator,
            Profile::PowerUser => Power::Near,
            Profile::IamFull | Profile::SelfWriter if !iam_is_denied => Power::Near,
            _ => Power::Limited,
        }
    }

    /// The means by which it can act as other roles. Paths are given by their ids in the catalogue.
    pub(super) fn means(self, iam_is_denied: bool) -> Vec<Means> {
        const CODE: Means = Means::Functions(&["lambda-003", "lsw-lambda-001"]);
        const CONFIGURATION: Means = Means::Functions(&["lsw-lambda-001"]);
        const NEW: Means =
            Means::Pass(&["lambda-001", "lambda-002", "lambda-006", "lsw-lambda-002"]);
        const NEW_AND_INVOKED: Means = Means::Pass(&["lambda-001"]);
        match self.profile {
            Profile::Deployer if iam_is_denied => vec![CODE],
            Profile::Deployer => vec![CODE, NEW],
            Profile::DeniedDeployer => vec![CONFIGURATION],
            Profile::Passer if !iam_is_denied => vec![NEW_AND_INVOKED],
            Profile::PowerUser => vec![CODE, Means::Machines],
            Profile::Administrator
            | Profile::InlineAdministrator
            | Profile::DefaultVersionAdministrator
                if iam_is_denied =>
            {
                vec![CODE, Means::Machines]
            }
            _ => Vec::new(),
        }
    }

    /// Whether it has too many paths to list individually.
    pub(super) fn has_many_ways(self) -> bool {
        !matches!(
            self.profile,
            Profile::Deployer | Profile::DeniedDeployer | Profile::Passer | Profile::SelfWriter
        )
    }

    /// The paths to more privilege that need no other role.
    pub(super) fn own_ways(self, iam_is_denied: bool, is_management: bool) -> Vec<Option<String>> {
        match self.profile {
            // Permission sets of the whole organisation.
            Profile::PowerUser if is_management => vec![None],
            Profile::IamFull if !iam_is_denied => vec![None],
            Profile::SelfWriter if !iam_is_denied => vec![Some("iam-005".to_owned())],
            _ => Vec::new(),
        }
    }

    pub(super) fn trusts_machines(self) -> bool {
        self.trust == Trust::Machines
    }

    /// Its faults, independent of other roles.
    /// `may_send` is whether it may send to the queues of its functions, `queues_are_denied` whether
    /// the organisation denies sending to any.
    pub(super) fn misconfigurations(
        self,
        iam_is_denied: bool,
        may_send: bool,
        queues_are_denied: bool,
    ) -> Vec<Flaw> {
        let stranger = match self.trust {
            Trust::Machines => Some("ec2.amazonaws.com"),
            Trust::Partner => Some("arn:aws:iam::999988887777:root"),
            Trust::Lambda | Trust::Edge => None,
        };
        let only = |name, is: bool| is.then(|| (name, Some(String::new())));
        let power = self.power(iam_is_denied);
        only("role-administrator", power == Power::Administrator)
            .into_iter()
            .chain(only("role-near-administrator", power == Power::Near))
            .chain(only(
                "role-without-boundary",
                power != Power::Administrator && !self.has_boundary(may_send),
            ))
            .chain(only("role-unused", self.used != Used::Recently))
            .chain(only(
                "role-wildcard-action",
                self.is_granted_patterns(iam_is_denied),
            ))
            .chain(only(
                "role-write-everywhere",
                self.writes_everywhere(iam_is_denied, may_send, queues_are_denied),
            ))
            .chain(stranger.map(|stranger| ("role-trusts-others", Some(stranger.to_owned()))))
            .chain(self.reaches_too_much())
            .collect()
    }

    pub(super) fn build(self, account: &str, name: &str) -> Role {
        let own = |policy: &str| format!("arn:aws:iam::{account}:policy/{policy}");
        let aws = |policy: &str| format!("arn:aws:iam::aws:policy/{policy}");
        let basic = aws("service-role/AWSLambdaBasicExecutionRole");
        let attached: Vec<String> = match self.profile {
            Profile::Vpc => vec![aws("service-role/AWSLambdaVPCAccessExecutionRole")],
            Profile::Queue => vec![aws("service-role/AWSLambdaSQSQueueExecutionRole")],
            Profile::Stream => vec![aws("service-role/AWSLambdaDynamoDBExecutionRole")],
            Profile::Traced => vec![basic, aws("AWSXRayDaemonWriteAccess")],
            Profile::Reader => vec![basic, aws("AmazonS3ReadOnlyAccess")],
            Profile::Administrator | Profile::BoundedAdministrator => {
                vec![aws("AdministratorAccess")]
            }
            Profile::DefaultVersionAdministrator => vec![basic, own(OPERATIONS)],
            Profile::OldVersionAdministrator => vec![basic, own(TEAM)],
            Profile::PowerUser => vec![aws("PowerUserAccess")],
            Profile::IamFull => vec![basic, aws("IAMFullAccess")],
            Profile::Deployer => vec![basic, aws("AWSLambda_FullAccess")],
            Profile::Mute => Vec::new(),
            _ => vec![basic],
        };
        let pass = |service: &str| {
            let condition = json!({"StringEquals": {"iam:PassedToService": service}});
            json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": format!("arn:aws:iam::{account}:role/*"), "Condition": condition})
        };
        let allow = |action: &str, resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": resource});
        let create = json!({"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"});
        let inline: Vec<Value> = match self.profile {
            Profile::Table => {
                let tables = format!("arn:aws:dynamodb:*:{account}:table/{name}-*");
                vec![
                    json!({"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"], "Resource": tables}),
                ]
            }
            Profile::InlineAdministrator => {
                vec![json!({"Effect": "Allow", "Action": ["*"], "Resource": ["*"]})]
            }
            Profile::Passer => vec![pass("lambda.amazonaws.com"), create],
            Profile::PasserElsewhere => vec![pass("states.amazonaws.com"), create],
            Profile::SelfWriter => vec![
                json!({"Effect": "Allow", "Action": ["iam:GetRole", "iam:PutRolePolicy"], "Resource": "*"}),
            ],
            Profile::DeniedDeployer => vec![
                json!({"Effect": "Allow", "Action": "lambda:*", "Resource": "*"}),
                json!({"Effect": "Deny", "Action": "lambda:UpdateFunctionCode", "Resource": "*"}),
            ],
            Profile::Decrypter => vec![allow("kms:Decrypt", "*")],
            Profile::SecretReader => vec![
                allow(
                    "secretsmanager:GetSecretValue",
                    &format!("arn:aws:secretsmanager:*:{account}:secret:{name}-AbCdEf"),
                ),
                allow(
                    "kms:Decrypt",
                    &format!(
                        "arn:aws:kms:eu-west-1:{account}:key/11111111-2222-3333-4444-555555555555"
                    ),
                ),
            ],
            Profile::Blinder => vec![allow("cloudtrail:StopLogging", "*")],
            Profile::Retention => vec![allow("logs:PutRetentionPolicy", "*")],
            _ => Vec::new(),
        };
        Role {
            path: "/service-role/".to_owned(),
            id: unique_id("AROA", &format!("{account}{name}")),
            trust: self.trust_policy(),
            attached: attached.into_iter().collect::<BTreeSet<_>>(),
            inline: (!inline.is_empty())
                .then(|| ("function".to_owned(), policy(inline)))
                .into_iter()
                .collect(),
            boundary: (self.profile == Profile::BoundedAdministrator).then(|| own(BOUNDARY)),
            created: BEGAN,
            last_used: self.last_used(),
            ..Role::default()
        }
    }

    fn last_used(self) -> Option<(f64, String)> {
        let at = match self.used {
            Used::Recently => yesterday(),
            Used::LongAgo => 1_736_500_000.0,
            Used::Never => return None,
        };
        Some((at, "us-east-1".to_owned()))
    }

    /// Like [`Self::build`], with or without the permission to send to queues in addition to its
    /// profile. A role that may not send has no permission, or is denied it, or its boundary does
    /// not include it.
    pub(super) fn sending(self, account: &str, name: &str, may_send: bool) -> Role {
        let mut role = self.build(account, name);
        let effect = match may_send {
            true => Some("Allow"),
            false if self.is_bounded_instead_of_denied() => {
                role.boundary = Some(format!("arn:aws:iam::{account}:policy/{NO_QUEUES}"));
                Some("Allow")
            }
            false => self.may_send().then_some("Deny"),
        };
        if let Some(effect) = effect {
            let queues = match effect {
                "Allow" => ["*failures*", "central-*", "partner-*"].as_slice(),
                _ => &["*"],
            };
            let queues: Vec<String> = queues
                .iter()
                .map(|name| format!("arn:aws:sqs:*:*:{name}"))
                .collect();
            let statement =
                json!({"Effect": effect, "Action": "sqs:SendMessage", "Resource": queues});
            role.inline
                .insert("failure-targets".to_owned(), policy(vec![statement]));
        }
        role
    }

    /// Whether a boundary, and no Deny, keeps it from sending to queues if it may not.
    fn is_bounded_instead_of_denied(self) -> bool {
        matches!(
            self.profile,
            Profile::Vpc | Profile::Traced | Profile::Table | Profile::Reader
        )
    }

    /// Whether patterns grant it actions, other than those for which it counts as an administrator
    /// or nearly one.
    fn is_granted_patterns(self, iam_is_denied: bool) -> bool {
        match self.profile {
            Profile::Reader
            | Profile::Deployer
            | Profile::DeniedDeployer
            | Profile::BoundedAdministrator => true,
            Profile::IamFull => iam_is_denied,
            _ => false,
        }
    }

    /// Whether it may change all resources of some kind, likewise.
    pub(super) fn writes_everywhere(
        self,
        iam_is_denied: bool,
        may_send: bool,
        queues_are_denied: bool,
    ) -> bool {
        match self.profile {
            // Deletes messages of every queue.
            Profile::Queue
            | Profile::BoundedAdministrator
            | Profile::Deployer
            | Profile::DeniedDeployer
            | Profile::Passer
            | Profile::PasserElsewhere
            | Profile::Retention => true,
            // Sends messages to every queue.
            Profile::OldVersionAdministrator => may_send && !queues_are_denied,
            Profile::IamFull => iam_is_denied,
            _ => false,
        }
    }

    /// Whether it has a permissions boundary.
    pub(super) fn has_boundary(self, may_send: bool) -> bool {
        self.profile == Profile::BoundedAdministrator
            || (!may_send && self.is_bounded_instead_of_denied())
    }

    /// Whether its own permissions allow it to send to queues.
    fn may_send(self) -> bool {
        matches!(
            self.profile,
            Profile::Administrator
                | Profile::InlineAdministrator
                | Profile::DefaultVersionAdministrator
                | Profile::BoundedAdministrator
                | Profile::OldVersionAdministrator
                | Profile::PowerUser
        )
    }

    fn trust_policy(self) -> String {
        let principal = match self.trust {
            Trust::Lambda => json!({"Service": "lambda.amazonaws.com"}),
            Trust::Edge => json!({"Service": ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]}),
            Trust::Machines => json!({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}),
            Trust::Partner => {
                json!({"Service": "lambda.amazonaws.com", "AWS": "arn:aws:iam::999988887777:root"})
            }
        };
        policy(vec![
            json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}),
        ])
    }
}

pub(super) fn policy(statements: Vec<Value>) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}
