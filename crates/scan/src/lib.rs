//! The pipeline of a scan as a library: begin or resume a journal, collect into it, write the
//! dataset's files, judge them, publish, report. The binary adds arguments, progress and printing.
//!
//! | module | what it does |
//! | --- | --- |
//! | `begin` | finds or makes the journal that a scan is collected into |
//! | `source` | where rows come from: the files of the tables |
//! | `judge` | evaluates checks over a source, batch by batch |
//! | `figures` | counts what was read and what was not |
//! | `publish` | writes the dataset and the reports |

mod begin;
mod error;
mod figures;
mod judge;
mod ordered;
mod publish;
mod shared;
mod source;

pub use begin::{begin, check_caller, check_unused, request_of, resume};
pub use error::ScanError;
pub use judge::judge;
pub use publish::{Judgement, Prepared, judge_published, prepare};
pub use source::{FileSource, Source};
