//! The demo: a generated organisation on a mock inside of this process, reached over real HTTP.

use anyhow::{Context, Result};
use lambdasweep_aws::QuotaShare;
use lambdasweep_mock::seed::{Generated, Spec};
use lambdasweep_mock::{MockServer, Options};

use crate::arguments::ConnectionArguments;

/// What the demo scans.
const ORGANIZATION: &str = "accounts=200,regions=4,functions=6000,seed=7";

/// Starts the mock and points the connection at it. The mock lives as long as what is returned.
pub(crate) async fn start(
    connection: &mut ConnectionArguments,
) -> Result<(MockServer, (String, String))> {
    let spec: Spec = ORGANIZATION.parse().context("the demo's organisation")?;
    let generated = Generated::new(spec);
    let credentials = (generated.management_account().to_owned(), "demo".to_owned());
    // Whether the mock's answers fit their shapes is a matter for its tests.
    let options = Options {
        check_answers: cfg!(debug_assertions),
        ..Options::new(Box::new(generated))
    };
    let mock = MockServer::start(options)
        .await
        .context("cannot start the mock")?;
    connection.endpoint_url = Some(mock.endpoint_url());
    connection.quota_share = QuotaShare::Off;
    Ok((mock, credentials))
}
