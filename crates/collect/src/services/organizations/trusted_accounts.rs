//! The accounts that the configuration file of the scan trusts. They come with the request, without
//! any call.

use lambdasweep_model::Outcome;
use lambdasweep_tables::{Batch, TrustedAccountRow, facts};

use crate::collector::{Collector, Run};
use crate::context::CoverageKey;
use crate::request::ScanRequest;

pub(crate) const COLLECTOR: Collector = Collector {
    fact: facts::CONFIGURATION,
    operations: &[],
    further_actions: &[],
    tables: &["trusted_accounts"],
    needs: &[],
    run: Run::Organization,
};

/// Adds the accounts, and that they are known.
pub(crate) fn push(request: &ScanRequest, batch: &mut Batch) {
    for (with, accounts) in &request.trusted {
        for account in accounts {
            batch.push(TrustedAccountRow {
                trusted_with: with.clone(),
                trusted_account_id: account.to_string(),
            });
        }
    }
    let covered = CoverageKey {
        account: "",
        region: "",
        resource: "",
        fact: facts::CONFIGURATION,
    };
    batch.push(covered.row_with(Outcome::Ok, None, None, 0));
}
