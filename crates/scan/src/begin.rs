//! Begins a scan, or finds the one to resume.

use std::collections::BTreeMap;
use std::path::Path;

use lambdasweep_collect::ScanRequest;
use lambdasweep_model::{AccountId, ScanId};
use lambdasweep_tables::{Journal, JournalHeader, SCHEMA_VERSION, Scan, TablesError};

use crate::ScanError;

/// Checks that a scan id is neither published nor begun.
///
/// # Errors
/// Where it is, or the dataset cannot be read.
pub fn check_unused(root: &Path, scan_id: &ScanId) -> Result<(), ScanError> {
    let (scan_id, root) = (scan_id.clone(), root.to_owned());
    if Scan::list(&root)?.contains(&scan_id) {
        return Err(TablesError::ScanExists { scan_id, root }.into());
    }
    if Journal::unfinished(&root)?.contains(&scan_id) {
        return Err(TablesError::ScanUnfinished { scan_id, root }.into());
    }
    Ok(())
}

/// Makes the journal of a new scan. `account` is the caller's, `options` are those of the command
/// line that hold when the scan is resumed.
///
/// # Errors
/// Where the id is taken or the journal cannot be written.
pub fn begin(
    root: &Path,
    request: &ScanRequest,
    account: &AccountId,
    options: BTreeMap<String, Vec<String>>,
    tool_version: &str,
) -> Result<Journal, ScanError> {
    let header = JournalHeader {
        scan_id: request.scan_id.clone(),
        schema_version: SCHEMA_VERSION,
        tool_version: tool_version.to_owned(),
        started_at: jiff::Timestamp::now().to_string(),
        account_id: account.to_string(),
        request: serde_json::to_value(request).map_err(ScanError::Request)?,
        options,
    };
    Ok(Journal::create(root, &header)?)
}

/// Opens the journal of an unfinished scan: the one with that id, or the newest.
///
/// # Errors
/// Where there is none, or it cannot be opened.
pub fn resume(root: &Path, scan_id: Option<&ScanId>) -> Result<Journal, ScanError> {
    let scan_id = match scan_id {
        Some(scan_id) => scan_id.clone(),
        None => {
            let newest = Journal::unfinished(root)?.pop();
            newest.ok_or_else(|| ScanError::NothingUnfinished {
                root: root.to_owned(),
            })?
        }
    };
    Ok(Journal::open(root, &scan_id)?)
}

/// The request that an unfinished scan was begun with.
///
/// # Errors
/// Where it cannot be read.
pub fn request_of(header: &JournalHeader) -> Result<ScanRequest, ScanError> {
    serde_json::from_value(header.request.clone()).map_err(ScanError::Request)
}

/// Checks that an unfinished scan is resumed with credentials of the account that began it.
///
/// # Errors
/// Where they are of another account.
pub fn check_caller(header: &JournalHeader, caller: &AccountId) -> Result<(), ScanError> {
    if header.account_id == caller.as_str() {
        return Ok(());
    }
    Err(ScanError::OtherCaller {
        scan_id: header.scan_id.clone(),
        begun_by: header.account_id.clone(),
        caller: caller.clone(),
    })
}
