//! Reads an organisation's Lambda inventory: collectors declare what to read, a plan computes what
//! it costs, the runner reads it unit by unit into the journal, and an interrupted scan can be
//! resumed.

mod collector;
mod configuration;
mod context;
mod error;
mod exposure;
mod function;
mod gate;
mod groups;
mod injection;
mod listed;
mod notes;
mod organization;
mod plan;
mod policy_text;
mod progress;
mod publishers;
mod references;
mod region;
mod request;
mod runner;
mod runtimes;
mod service;
mod services;
mod session_policy;
mod statements;
mod survey;

pub use collector::Collector;
pub use error::CollectError;
pub use listed::{ExternalId, ExternalIdError, ListedAccount, Target};
pub use plan::{Plan, PlanBucket};
pub use progress::Progress;
pub use request::{ScanRequest, ScopeError};
pub use runner::Runner;
pub use service::{ReadService, endpoint_ids};
pub use services::{COLLECTORS, SERVICES};
pub use session_policy::{iam_actions, session_policies};
pub use survey::{AccountSurvey, Survey, UNKNOWN_REGION_STATUS, check_regions};
