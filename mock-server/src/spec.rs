//! What a service declares of itself, in the constant `SERVICE` of its module. Adding a service is
//! adding that module and its model; the list of services is generated from the folder.

use std::sync::OnceLock;

use lambdasweep_model::Arn;
use serde_json::Value;

use crate::call::{AwsError, Handler};
use crate::model::Service;
use crate::permission::{Existing, Row};
use crate::shelf::Kind;
use crate::wire::Rules;
use crate::world::World;

/// A service as its module declares it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    /// The names that clients sign requests with. Several services may share one.
    pub(crate) signs_as: &'static [&'static str],
    /// What IAM calls it: the prefix of its actions, and the name in its ARNs.
    pub(crate) prefix: &'static str,
    /// Finds the handler of an operation.
    pub(crate) handler: fn(&str) -> Option<Handler>,
    /// What it keeps.
    pub(crate) stores: &'static [Kind],
    /// Whether it is in Regions, so that it cannot be used in those that an account has disabled.
    pub(crate) regional: bool,
    /// AWS's quotas. Operations that none of them counts are not limited.
    pub(crate) quotas: &'static [Quota],
    /// The error with which it throttles.
    pub(crate) throttled: fn() -> AwsError,
    /// What each operation needs.
    pub(crate) needs: &'static [Row],
    /// Code and status where policies deny a call.
    pub(crate) denied: (&'static str, u16),
    /// Code and status where the credentials of a call are worth nothing any more.
    pub(crate) token_invalid: (&'static str, u16),
    /// Whether its refusals name actions in small letters (`sqs:sendmessage`).
    pub(crate) says_actions_in_small_letters: bool,
    /// Whether handlers check what the model asks of values; types are checked for all.
    pub(crate) checks_constraints: bool,
    /// Whether resource control policies reach it.
    pub(crate) has_resource_control_policies: bool,
    /// Whether a call acts in the account that owns the resource which it names, where that is
    /// another one than the caller's.
    pub(crate) acts_for_owner: bool,
    /// What policies look at of a resource of this service; nothing where it is not there.
    pub(crate) resource: fn(&World, &Arn) -> Option<Existing>,
    /// What it asks of its inputs beyond its model.
    pub(crate) rules: Rules,
    /// The name of its tables in the file of an organisation, and what is wrong with one of them.
    pub(crate) section: Option<Section>,
}

/// The name of tables in a file, and what says what is wrong with one.
pub(crate) type Section = (&'static str, fn(&Value) -> Option<String>);

impl Spec {
    /// What most services have.
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

/// A service, its name, which is that of its module, and its model.
#[derive(Debug)]
pub(crate) struct Registered {
    pub(crate) name: &'static str,
    pub(crate) spec: Spec,
    text: &'static str,
    /// Read when it is first needed, so that the mock is there at once.
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

    /// Whether ARNs and actions with this name of a service are its own.
    pub(crate) fn has_arns_of(&self, service: &str) -> bool {
        self.spec.prefix == service
    }

    /// What the service's model says.
    pub(crate) fn model(&self) -> &Service {
        self.model.get_or_init(|| Service::load(self.text))
    }
}

/// A quota of a service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    /// The operations that it counts; none for all that no other quota of the service names.
    pub(crate) operations: &'static [&'static str],
    /// Calls a second.
    pub(crate) rate: f64,
    /// Calls at once.
    pub(crate) burst: f64,
    /// Whether it holds for all Regions of an account together.
    pub(crate) global: bool,
}

impl Quota {
    /// A quota of each account and Region, for these operations.
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

    /// A quota of each account, for these operations.
    pub(crate) const fn global(operations: &'static [&'static str], rate: f64, burst: f64) -> Self {
        Self {
            operations,
            rate,
            burst,
            global: true,
        }
    }
}
