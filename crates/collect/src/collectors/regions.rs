//! Which Regions are enabled in an account.

use lambdasweep_aws::{Bucket, CallError, Operation};
use lambdasweep_model::Fact;
use lambdasweep_tables::RegionRow;

use crate::collector::{Collector, Run};
use crate::context::{AccountContext, Reading};

const LIST_REGIONS: Operation = Operation::new("account:ListRegions", Bucket::AccountListRegions);

pub(crate) const COLLECTOR: Collector = Collector {
    fact: Fact::Regions,
    operations: &[LIST_REGIONS],
    further_actions: &[],
    tables: &["regions"],
    needs: &[],
    run: Run::Account(|context, reading| Box::pin(read(context, reading))),
};

async fn read(context: &AccountContext, reading: &mut Reading) -> Result<(), CallError> {
    let client = context.session.account_service();
    let mut token = None;
    loop {
        let page =
            reading.caller.call(&LIST_REGIONS, || client.list_regions().max_results(50).set_next_token(token.clone()).send()).await?;
        for region in &reading.caller.page(&LIST_REGIONS, page.regions, &mut token, page.next_token)? {
            reading.batch.push(RegionRow {
                account_id: context.account_id(),
                region: region.region_name().unwrap_or_default().to_owned(),
                opt_status: region.region_opt_status().map_or("UNKNOWN", |it| it.as_str()).to_owned(),
                // The request's scope is the runner's to know.
                in_scope: true,
            });
        }
        if token.is_none() {
            return Ok(());
        }
    }
}
