//! What a scan found, for people and for programs. An output format is one file of `formats`.

mod formats;
mod layout;
mod output;
mod sink;
mod summary;

pub use formats::FORMATS;
pub use formats::jsonl::escaped;
pub use layout::{Cell, Look, Style, columns, counted, grouped, paragraph};
pub use output::{Ended, Output};
pub use sink::{Format, Settings, Sink};
pub use summary::{AccountName, Summary};
