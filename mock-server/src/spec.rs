//! What a service declares in the constant `SERVICE` of its module. To add a service, add that
//! module and its model; the list of services is generated from the folder.

use std::sync::OnceLock;

use lambdasweep_model::Arn;
use serde_json::Value;

use crate::call::{AwsError, Handler};
use crate::model::Service;
use crate::permission::{Existing, Row};
use crate::shelf::Kind;
use crate::wire::Rules;
use crate::world::World;

/// The declaration of a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    /// The names that clients sign requests with. Several services may share one.
    pub(crate) signs_as: &'static [&'static str],
    /// Its name in IAM: the prefix of its actions, and the name in its ARNs.
    pub(crate) prefix: &'static str,
    /// Finds the handler of an operation.
    pub(crate) handler: fn(&str) -> Option<Handler>,
    /// Its stores.
    pub(crate) stores: &'static [Kind],
    /// Whether it is Regional, so that it cannot be used in Regions that an account has disabled.
    pub(crate) regional: bool,
    /// AWS's quotas. Operations that none of them covers are not limited.
    pub(crate) quotas: &'static [Quota],
    /// The error for throttled calls.
    pub(crate) throttled: fn() -> AwsError,
    /// The permissions that each operation needs.
    pub(crate) needs: &'static [Row],
    /// Code and status if policies deny a call.
    pub(crate) denied: (&'static str, u16),
    /// Code and status if the credentials of a call are no longer valid.
    pub(crate) token_invalid: (&'static str, u16),
    /// Whether its errors name actions in lower case (`sqs:sendmessage`).
    pub(crate) says_actions_in_small_letters: bool,
    /// Whether handlers check the model's constraints on values; types are checked for all.
    pub(crate) checks_constraints: bool,
    /// Whether resource control policies apply to it.
    pub(crate) has_resource_control_policies: bool,
    /// Whether a call acts in the account that owns the named resource, if that differs from the
    /// caller's.
    pub(crate) acts_for_owner: bool,
    /// The properties of a resource that policies can use; `None` if it does not exist.
    pub(crate) resource: fn(&World, &Arn) -> Option<Existing>,
    /// Requirements on inputs beyond the model.
    pub(crate) rules: Rules,
    /// The name of its tables in an organisation file, and the function that checks one of them.
    pub(crate) section: Option<Section>,
}

/// The name of tables in a file, and the function that checks one of them.
pub(crate) type Section = (&'static str, fn(&Value) -> Option<String>);

impl Spec {
    /// The defaults, which suit most services.
    pub(crate) const DEFAULT: Self = Self {
        signs_as: &[],
        prefix: "",
        handler: |_| None,
        stores: &[],
        regional: true,
        quotas: &[],
        throttled: || AwsError::new("ThrottlingException", "Rate exceeded").status(400),
        needs: &[],
        denied: ("AccessDeniedException", 403),
        token_invalid: ("UnrecognizedClientException", 403),
        says_actions_in_small_letters: false,
        checks_constraints: false,
        has_resource_control_policies: false,
        acts_for_owner: false,
        resource: |_, _| None,
        rules: Rules::NONE,
        section: None,
    };
}

/// A service with its name, which is that of its module, and its model.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) name: &'static str,
    pub(crate) spec: Spec,
    text: &'static str,
    /// Parsed on first use, so that the mock starts at once.
    model: OnceLock<Service>,
}

impl Registered {
    pub(crate) const fn new(name: &'static str, text: &'static str, spec: Spec) -> Self {
        Self {
            name,
            spec,
            text,
            model: OnceLock::new(),
        }
    }

    /// Whether ARNs and actions with this service name belong to it.
    pub(crate) fn has_arns_of(&self, service: &str) -> bool {
        self.spec.prefix == service
    }

    /// The service's model.
    pub(crate) fn model(&self) -> &Service {
        self.model.get_or_init(|| Service::load(self.text))
    }
}

/// A quota of a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    /// The operations that it covers; empty for all that no other quota of the service names.
    pub(crate) operations: &'static [&'static str],
    /// Calls per second.
    pub(crate) rate: f64,
    /// The burst: how many calls may be made at once.
    pub(crate) burst: f64,
    /// Whether it applies to all Regions of an account together.
    pub(crate) global: bool,
}

impl Quota {
    /// A quota per account and Region for these operations.
    pub(crate) const fn regional(
        operations: &'static [&'static str],
        rate: f64,
        burst: f64,
    ) -> Self {
        Self {
            operations,
            rate,
            burst,
            global: false,
        }
    }

    /// A quota per account for these operations.
    pub(crate) const fn global(operations: &'static [&'static str], rate: f64, burst: f64) -> Self {
        Self {
            operations,
            rate,
            burst,
            global: true,
        }
    }
}
