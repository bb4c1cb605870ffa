//! Who makes a request.

use std::fmt;

/// Who makes a request.
///
/// ```
/// use lambdasweep_policy::Principal;
///
/// let session = Principal::parse("arn:aws:sts::111122223333:assumed-role/app/worker-1")?;
/// assert_eq!(session.account(), Some("111122223333"));
/// assert_eq!(session.principal_arn(), Some("arn:aws:iam::111122223333:role/app"));
/// # Ok::<(), lambdasweep_policy::PrincipalError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    pub(crate) kind: Kind,
    pub(crate) account: String,
    /// The ARN, the service's name, or `*`.
    pub(crate) name: String,
    /// The role's ARN, of sessions of a role.
    pub(crate) role_arn: Option<String>,
    /// `o-…/r-…/ou-…/`, where the account is in an organisation.
    pub(crate) organization_path: Option<String>,
}

/// What kind of principal it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The root user of an account.
    Root,
    /// An IAM user.
    User,
    /// A role: one of its sessions whose name is not known.
    Role,
    /// A session of a role.
    Session,
    /// A session that `sts:GetFederationToken` issued.
    FederatedUser,
    /// An AWS service.
    Service,
    /// A user of an identity provider who has no AWS credentials yet
    /// (`sts:AssumeRoleWithWebIdentity`, `sts:AssumeRoleWithSAML`).
    Federated,
    /// An anonymous caller: the request is not signed.
    Anonymous,
}

/// The text is not a valid principal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a valid principal: give the ARN of a user, role, session or root user, a service (s3.amazonaws.com), or * for anonymous"
)]
pub struct PrincipalError(String);

impl Principal {
    /// Reads a principal: an ARN, a service (`s3.amazonaws.com`), or `*` for an anonymous caller.
    /// An account's id stands for its root user.
    ///
    /// # Errors
    /// If the text has none of these forms.
    pub fn parse(text: &str) -> Result<Self, PrincipalError> {
        if text == "*" {
            return Ok(Self::anonymous());
        }
        if is_account(text) {
            return Self::parse(&format!("arn:aws:iam::{text}:root"));
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        if let ["arn", partition, service, _, account, resource] = parts[..] {
            let kind = match (
                service,
                resource.split_once('/').map_or(resource, |(kind, _)| kind),
            ) {
                ("iam", "root") => Kind::Root,
                ("iam", "user") => Kind::User,
                ("iam", "role") => Kind::Role,
                ("sts", "assumed-role") => Kind::Session,
                ("sts", "federated-user") => Kind::FederatedUser,
                ("iam", "oidc-provider" | "saml-provider") => Kind::Federated,
                _ => return Err(PrincipalError(text.to_owned())),
            };
            if !is_account(account)
                || resource.ends_with('/')
                || (kind != Kind::Root && !resource.contains('/'))
            {
                return Err(PrincipalError(text.to_owned()));
            }
            let role_arn = match kind {
                Kind::Role => Some(text.to_owned()),
                Kind::Session => {
                    let mut names = resource.splitn(3, '/').skip(1);
                    match (names.next(), names.next()) {
                        (Some(role), Some(_)) => {
                            Some(format!("arn:{partition}:iam::{account}:role/{role}"))
                        }
                        _ => return Err(PrincipalError(text.to_owned())),
                    }
                }
                _ => None,
            };
            // A provider's account is not its users'.
            let account = if kind == Kind::Federated { "" } else { account };
            return Ok(Self {
                kind,
                account: account.to_owned(),
                name: text.to_owned(),
                role_arn,
                organization_path: None,
            });
        }
        let is_service = text.contains('.') && !text.contains(['/', ' ', '*', ':']);
        if is_service {
            Ok(Self::service(text))
        } else {
            Err(PrincipalError(text.to_owned()))
        }
    }

    /// An anonymous caller.
    pub fn anonymous() -> Self {
        Self {
            kind: Kind::Anonymous,
            account: String::new(),
            name: "*".to_owned(),
            role_arn: None,
            organization_path: None,
        }
    }

    /// An AWS service.
    pub fn service(name: &str) -> Self {
        Self {
            kind: Kind::Service,
            account: String::new(),
            name: name.to_owned(),
            role_arn: None,
            organization_path: None,
        }
    }

    /// A user of an identity provider, which a Principal element names by `Federated`.
    pub fn federated(provider: &str) -> Self {
        Self {
            kind: Kind::Federated,
            account: String::new(),
            name: provider.to_owned(),
            role_arn: None,
            organization_path: None,
        }
    }

    /// A session of a role. A session's ARN does not contain the role's path, so the role's own ARN
    /// is needed.
    ///
    /// ```
    /// let session = lambdasweep_policy::Principal::session("arn:aws:iam::111122223333:role/team/app", "worker-1")?;
    /// assert_eq!(session.to_string(), "arn:aws:sts::111122223333:assumed-role/app/worker-1");
    /// assert_eq!(session.principal_arn(), Some("arn:aws:iam::111122223333:role/team/app"));
    /// # Ok::<(), lambdasweep_policy::PrincipalError>(())
    /// ```
    ///
    /// # Errors
    /// If the ARN is not a role's.
    pub fn session(role_arn: &str, session_name: &str) -> Result<Self, PrincipalError> {
        let role = Self::parse(role_arn)?;
        if role.kind != Kind::Role {
            return Err(PrincipalError(role_arn.to_owned()));
        }
        let partition = role_arn.split(':').nth(1).unwrap_or("aws");
        let name = role_arn.rsplit('/').next().unwrap_or_default();
        let arn = format!(
            "arn:{partition}:sts::{}:assumed-role/{name}/{session_name}",
            role.account
        );
        if arn.ends_with('/') {
            return Err(PrincipalError(arn));
        }
        Ok(Self {
            kind: Kind::Session,
            name: arn,
            ..role
        })
    }

    /// Sets the path of the principal's account in its organisation: `o-…/r-…/ou-…/`.
    #[must_use]
    pub fn in_organization(mut self, path: &str) -> Self {
        self.organization_path = Some(path.to_owned());
        self
    }

    /// What kind of principal it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The account; none for services, users of identity providers and anonymous callers.
    pub fn account(&self) -> Option<&str> {
        (!self.account.is_empty()).then_some(self.account.as_str())
    }

    /// The value of `aws:PrincipalArn`: for a session of a role the role's ARN.
    pub fn principal_arn(&self) -> Option<&str> {
        self.account()?;
        Some(self.role_arn.as_deref().unwrap_or(&self.name))
    }

    /// Whether it is a service-linked role, which has this path, or a session of one whose role's
    /// ARN is known.
    ///
    /// Source: "Create a service-linked role", IAM User Guide.
    pub(crate) fn is_service_linked(&self) -> bool {
        const ACCOUNT: usize = 12;
        // This runs in every evaluation, so the ARN is not searched.
        let after_partition = self
            .role_arn
            .as_deref()
            .and_then(|arn| arn.strip_prefix("arn:")?.split_once(':'));
        let resource =
            after_partition.and_then(|(_, rest)| rest.strip_prefix("iam::")?.get(ACCOUNT..));
        resource.is_some_and(|resource| resource.starts_with(":role/aws-service-role/"))
    }

    /// The friendly name of an IAM user.
    pub(crate) fn user_name(&self) -> Option<&str> {
        if self.kind == Kind::User {
            self.name.rsplit('/').next()
        } else {
            None
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

/// Whether a text is the id of an account.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account of a root user's ARN, which stands for the whole account.
pub(crate) fn root_account(arn: &str) -> Option<&str> {
    let rest = arn.strip_prefix("arn:")?.strip_suffix(":root")?;
    let (partition, account) = rest.split_once(":iam::")?;
    (!partition.contains(':') && is_account(account)).then_some(account)
}
