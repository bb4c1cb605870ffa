//! The access ledger: how often each operation was called, for which account and Region, and with
//! which result.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LedgerEntry {
    /// The account that the call acted on.
    pub account: String,
    /// The Region of its signature.
    pub region: String,
    /// The service.
    pub service: String,
    /// The operation.
    pub operation: String,
    /// `ok`, or the error's code.
    pub outcome: String,
    /// The number of calls.
    pub calls: u64,
}

const SHARDS: usize = 16;

type Key = (String, String, &'static str, String, String);

/// Counts calls.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    shards: [Mutex<HashMap<Key, u64>>; SHARDS],
}

impl Ledger {
    pub(crate) fn count(
        &self,
        account: &str,
        region: &str,
        service: &'static str,
        operation: &str,
        outcome: &str,
    ) {
        let shard = account
            .bytes()
            .chain(region.bytes())
            .fold(0_usize, |sum, byte| {
                sum.wrapping_mul(31).wrapping_add(byte.into())
            })
            % SHARDS;
        let mut shard = self.shards[shard]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *shard
            .entry((
                account.to_owned(),
                region.to_owned(),
                service,
                operation.to_owned(),
                outcome.to_owned(),
            ))
            .or_default() += 1;
    }

    pub(crate) fn entries(&self) -> Vec<LedgerEntry> {
        let mut entries: Vec<LedgerEntry> = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            entries.extend(shard.iter().map(
                |((account, region, service, operation, outcome), calls)| LedgerEntry {
                    account: account.clone(),
                    region: region.clone(),
                    service: (*service).to_owned(),
                    operation: operation.clone(),
                    outcome: outcome.clone(),
                    calls: *calls,
                },
            ));
        }
        entries.sort();
        entries
    }

    pub(crate) fn reset(&self) {
        for shard in &self.shards {
            shard.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}
