//! Reads what functions refer to, in any account, as soon as the Region of the functions was read:
//! it needs neither the account's other Regions nor the organisation's policies.

use std::sync::Arc;

use futures::StreamExt;
use lambdasweep_aws::AccountSession;
use lambdasweep_model::Region;
use lambdasweep_tables::Journal;
use tokio::sync::mpsc::UnboundedReceiver;

use super::Runner;
use crate::collector::shared_resources::SharedResources;
use crate::collector::{Referring, Run};
use crate::context::{AccountContext, ScanContext};
use crate::error::CollectError;

/// Of how many Regions what functions refer to is read at once.
const REGIONS_AT_ONCE: usize = 64;

/// A Region of an account that was read.
pub(super) struct ReadRegion {
    session: AccountSession,
    region: Region,
}

impl ReadRegion {
    pub(super) fn new(session: &AccountSession, region: Region) -> Self {
        Self {
            session: session.clone(),
            region,
        }
    }
}

impl Runner {
    /// Reads what the functions of Regions refer to. An account is complete only when everything
    /// that its functions refer to was read, so nothing here is lost in an interruption.
    pub(super) async fn read_referenced(
        &self,
        scan: &Arc<ScanContext>,
        journal: &Arc<Journal>,
        resources: &SharedResources,
        mut regions: UnboundedReceiver<ReadRegion>,
    ) -> Result<(), CollectError> {
        let runs: &Vec<_> = &self
            .collectors
            .iter()
            .filter_map(|it| match it.run {
                Run::Referenced(run) => Some(run),
                _ => None,
            })
            .collect();
        let regions = futures::stream::poll_fn(|context| regions.poll_recv(context));
        let mut reading = regions
            .map(async |ReadRegion { session, region }| {
                let context = &AccountContext::new(scan, session);
                let referring = &Referring {
                    journal,
                    regions: &[region],
                    resources,
                };
                let reads = runs.iter().map(|run| run(context, referring));
                futures::future::try_join_all(reads).await
            })
            .buffer_unordered(REGIONS_AT_ONCE);
        while let Some(read) = reading.next().await {
            read?;
        }
        Ok(())
    }
}
