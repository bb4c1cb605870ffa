//! Kinds of callers, and the condition keys that say who a caller is.

use crate::condition::Condition;

use super::keys::Form;
use super::provider;

/// Kinds of callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds {
    /// Principals of AWS accounts.
    pub(super) accounts: bool,
    /// AWS services.
    pub(super) services: bool,
    /// Users of identity providers.
    pub(super) federated: bool,
    /// Callers who sign nothing.
    pub(super) anonymous: bool,
}

impl Kinds {
    pub(super) const ALL: Self = Self {
        accounts: true,
        services: true,
        federated: true,
        anonymous: true,
    };
    pub(super) const NONE: Self = Self {
        accounts: false,
        services: false,
        federated: false,
        anonymous: false,
    };
}

/// Keys that identify the caller. Which kinds of callers have each follows "AWS global condition
/// context keys".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    PrincipalAccount,
    PrincipalArn,
    PrincipalOrgId,
    PrincipalOrgPaths,
    UserId,
    PrincipalIsService,
    PrincipalServiceName,
    SourceAccount,
    SourceArn,
    SourceOrgId,
    SourceOrgPaths,
    SourceOwner,
    CallerAccount,
    EventSourceToken,
    SourceIp,
    SourceVpc,
    SourceVpce,
    SourceVpcArn,
    VpceAccount,
    VpceOrgId,
    VpceOrgPaths,
    AccessPointAccount,
    AccessPointArn,
    MountTarget,
    Endpoint,
    // Those from here on [stand for several](Key::is_shared).
    /// A claim of an identity provider's token that identifies the user.
    Subject,
    /// A claim that names the application for which the token was issued.
    Audience,
    /// A claim of one provider that names the organisation, project or person to which the token
    /// belongs.
    Tenant,
    /// A claim that names the code that runs, which others than its owner may be able to run.
    Workflow,
}

const KEYS: &[(&str, Key)] = &[
    ("aws:principalaccount", Key::PrincipalAccount),
    ("aws:principalarn", Key::PrincipalArn),
    ("aws:principalorgid", Key::PrincipalOrgId),
    ("aws:principalorgpaths", Key::PrincipalOrgPaths),
    ("aws:userid", Key::UserId),
    ("aws:principalisawsservice", Key::PrincipalIsService),
    ("aws:principalservicename", Key::PrincipalServiceName),
    ("aws:sourceaccount", Key::SourceAccount),
    ("aws:sourcearn", Key::SourceArn),
    ("aws:sourceorgid", Key::SourceOrgId),
    ("aws:sourceorgpaths", Key::SourceOrgPaths),
    ("aws:sourceowner", Key::SourceOwner),
    ("kms:calleraccount", Key::CallerAccount),
    ("lambda:eventsourcetoken", Key::EventSourceToken),
    ("aws:sourceip", Key::SourceIp),
    ("aws:sourcevpc", Key::SourceVpc),
    ("aws:sourcevpce", Key::SourceVpce),
    ("aws:sourcevpcarn", Key::SourceVpcArn),
    ("aws:vpceaccount", Key::VpceAccount),
    ("aws:vpceorgid", Key::VpceOrgId),
    ("aws:vpceorgpaths", Key::VpceOrgPaths),
    ("s3:dataaccesspointaccount", Key::AccessPointAccount),
    ("s3:dataaccesspointarn", Key::AccessPointArn),
    ("elasticfilesystem:accessedviamounttarget", Key::MountTarget),
    ("sns:endpoint", Key::Endpoint),
];

/// The number of keys.
pub(super) const COUNT: usize = Key::Workflow as usize + 1;

impl Key {
    pub(super) fn of(condition: &Condition) -> Option<Self> {
        let name = condition.folded_key.as_str();
        KEYS.iter()
            .find(|(known, _)| known.len() == name.len() && *known == name)
            .map(|(_, key)| *key)
            .or_else(|| provider::claim(name))
    }

    /// What its values look like.
    pub(super) const fn form(self) -> Form {
        match self {
            Self::PrincipalAccount
            | Self::SourceAccount
            | Self::SourceOwner
            | Self::CallerAccount
            | Self::VpceAccount
            | Self::AccessPointAccount => Form::Account,
            Self::PrincipalArn | Self::SourceArn | Self::SourceVpcArn | Self::AccessPointArn => {
                Form::Arn
            }
            Self::PrincipalOrgId
            | Self::PrincipalOrgPaths
            | Self::SourceOrgId
            | Self::SourceOrgPaths
            | Self::VpceOrgId
            | Self::VpceOrgPaths
            | Self::SourceVpc
            | Self::SourceVpce
            | Self::UserId
            | Self::PrincipalServiceName => Form::Identifier,
            _ => Form::Text,
        }
    }

    /// Whether it stands for several condition keys, which may have different values at once.
    pub(super) const fn is_shared(self) -> bool {
        matches!(
            self,
            Self::Subject | Self::Audience | Self::Tenant | Self::Workflow
        )
    }

    /// Removes the kinds of callers that never have the key.
    pub(super) fn owners(self, kinds: &mut Kinds) {
        match self {
            // KMS has the caller's account for the users and roles of accounts. Source: "AWS KMS
            // condition keys", kms:CallerAccount.
            Self::PrincipalAccount
            | Self::PrincipalArn
            | Self::PrincipalOrgId
            | Self::PrincipalOrgPaths
            | Self::UserId
            | Self::CallerAccount => {
                (kinds.services, kinds.federated, kinds.anonymous) = (false, false, false);
            }
            Self::PrincipalServiceName
            | Self::SourceAccount
            | Self::SourceArn
            | Self::SourceOrgId
            | Self::SourceOrgPaths => {
                (kinds.accounts, kinds.federated, kinds.anonymous) = (false, false, false)
            }
            Self::Subject | Self::Audience | Self::Tenant | Self::Workflow => {
                (kinds.accounts, kinds.services, kinds.anonymous) = (false, false, false)
            }
            // Amazon SNS and Amazon SES also set it to the caller's account: the default policy of
            // a topic allows its owner this way.
            Self::SourceOwner => (kinds.federated, kinds.anonymous) = (false, false),
            Self::PrincipalIsService
            | Self::EventSourceToken
            | Self::SourceIp
            | Self::SourceVpc
            | Self::SourceVpce
            | Self::SourceVpcArn
            | Self::VpceAccount
            | Self::VpceOrgId
            | Self::VpceOrgPaths
            | Self::AccessPointAccount
            | Self::AccessPointArn
            | Self::MountTarget
            | Self::Endpoint => {}
        }
    }
}
