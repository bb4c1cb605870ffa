//! Errors of Organizations, with AWS's messages.
//!
//! Source of the messages: errors in users' bug reports (terraform-provider-aws #26797, #41493 and
//! #12597, org-formation-cli #368, quota-monitor-for-aws #102, CloudFormation coverage roadmap
//! #2245), moto's tests, else the descriptions of botocore's model.

use crate::call::AwsError;

/// A named entity does not exist: `You specified a target that doesn't exist.`
pub(super) fn not_found(code: &str, what: &str) -> AwsError {
    AwsError::new(code, format!("You specified {what} that doesn't exist."))
}

/// An invalid value of a member, with a reason from the model.
pub(super) fn invalid(reason: &str, message: &str) -> AwsError {
    AwsError::new("InvalidInputException", message).member("Reason", reason)
}

/// A violated limit or rule of the organisation, with a reason from the model.
pub(super) fn violation(reason: &str, message: &str) -> AwsError {
    AwsError::new("ConstraintViolationException", message).member("Reason", reason)
}

/// A violated rule of invitations, with a reason from the model.
pub(super) fn handshake_violation(reason: &str, message: &str) -> AwsError {
    AwsError::new("HandshakeConstraintViolationException", message).member("Reason", reason)
}

pub(super) fn denied() -> AwsError {
    AwsError::new(
        "AccessDeniedException",
        "You don't have permissions to access this resource.",
    )
    .status(400)
}

pub(super) fn no_organization() -> AwsError {
    AwsError::new(
        "AWSOrganizationsNotInUseException",
        "Your account is not a member of an organization.",
    )
}

pub(super) fn no_account() -> AwsError {
    not_found("AccountNotFoundException", "an account")
}

pub(super) fn no_policy() -> AwsError {
    AwsError::new(
        "PolicyNotFoundException",
        "We can't find a policy with the PolicyId that you specified.",
    )
}

pub(super) fn no_target() -> AwsError {
    not_found("TargetNotFoundException", "a target")
}

pub(super) fn no_unit() -> AwsError {
    not_found(
        "OrganizationalUnitNotFoundException",
        "an organizational unit",
    )
}

pub(super) fn same_unit() -> AwsError {
    AwsError::new(
        "DuplicateOrganizationalUnitException",
        "An OU with the same name already exists.",
    )
}

pub(super) fn same_policy() -> AwsError {
    AwsError::new(
        "DuplicatePolicyException",
        "A policy with the specified name and type already exists.",
    )
}

pub(super) fn unrecognized_principal() -> AwsError {
    invalid(
        "UNRECOGNIZED_SERVICE_PRINCIPAL",
        "You specified an unrecognized service principal.",
    )
}

pub(super) fn not_all_features() -> AwsError {
    violation(
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
        "You can perform this operation only in an organization that has all features enabled.",
    )
}

pub(super) fn management_cannot_leave() -> AwsError {
    AwsError::new(
        "MasterCannotLeaveOrganizationException",
        "You can't remove the management account from the organization.",
    )
}
