//! A panic is a fault of this program: it ends with one sentence and the exit code of a failure,
//! not with a dump.

use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::terminal;

/// Runs the program, and gives its result, or nothing where it panicked.
pub(crate) fn guard<T>(program: impl FnOnce() -> T + UnwindSafe) -> Option<T> {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // Whoever looks for the fault gets all that there is.
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|value| value != "0") {
            default(info);
        }
        // One fault may stop many threads.
        static TOLD: AtomicBool = AtomicBool::new(false);
        if !TOLD.swap(true, Ordering::Relaxed) {
            terminal::error(&sentence(info));
        }
    }));
    panic::catch_unwind(program).ok()
}

/// The message for a person. It leaves out the text of the panic, which may quote secrets.
fn sentence(info: &PanicHookInfo<'_>) -> String {
    let place = info
        .location()
        .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    format!(
        "internal error{place}: this is a bug in lambdasweep; please report it with the output of RUST_BACKTRACE=1"
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_panic_is_a_failure() {
        assert_eq!(super::guard(|| 3), Some(3));
        assert_eq!(super::guard(|| -> u8 { panic!("with a secret") }), None);
        // Panics of other tests are reported as usual.
        let _ = std::panic::take_hook();
    }
}
