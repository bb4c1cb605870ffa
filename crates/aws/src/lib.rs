//! How lambdasweep talks to AWS: one HTTP client, credentials for each account, quotas and pacing,
//! and the organisation.

mod answer;
mod caller;
mod checked;
mod connection;
mod credentials;
mod endpoint;
mod environment;
mod error;
mod exchange;
mod lane;
mod operation;
mod organization;
mod pacer;
mod pages;
mod quota;
mod service;
mod transport;

pub use caller::Caller;
pub use connection::{ConnectError, ConnectOptions, Connection, SCAN_SESSION_NAME};
pub use credentials::{AccountSession, Entrance, OwnRole, RoleToAssume, SessionPolicy};
pub use endpoint::EndpointError;
pub use environment::RegionSource;
pub use error::CallError;
pub use operation::{Cost, Member, Operation};
pub use organization::{Account, Defect, DefectCode, Organization, OrganizationalUnit, discover};
pub use pacer::{Pacer, PacerOptions, PacerStats, QuotaShare};
pub use pages::{Pages, Unique};
pub use quota::{Quota, STS};
pub use service::{Clients, Service};
pub use transport::{ProxyError, TrustError};

pub use aws_config::SdkConfig;
pub use aws_sdk_account;
pub use aws_sdk_iam;
pub use aws_sdk_lambda;
pub use aws_sdk_organizations;
pub use aws_sdk_sqs;
pub use aws_smithy_runtime::client::retries::RetryPartition;
