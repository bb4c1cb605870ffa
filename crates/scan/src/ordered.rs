//! Runs work on several threads, and hands over what comes of it in order.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How many results may wait for an earlier one, beside those that are being worked on. Memory is
/// bounded by it.
const MOST_WAITING: usize = 1;

/// What the threads share.
struct State<T> {
    /// The next piece of work that nobody does yet.
    next: usize,
    /// How many results were taken.
    taken: usize,
    done: BTreeMap<usize, T>,
    /// Whether no more is wanted, because something failed.
    stopped: bool,
}

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the work of the others, also where a thread panics.
struct Stop<'a, T>(&'a Shared<T>);

impl<T> Drop for Stop<'_, T> {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.changed.notify_all();
    }
}

/// Does `count` pieces of work on so many threads. `take` gets the results one by one, in the order
/// of the work, on the thread of the caller; no work is begun that is far ahead of it.
///
/// # Errors
/// The first error of the work or of `take`, in the order of the work.
pub(crate) fn in_order<T: Send, E: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> Result<T, E> + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.clamp(1, count.max(1));
    let shared = Shared {
        state: Mutex::new(State {
            next: 0,
            taken: 0,
            done: BTreeMap::new(),
            stopped: false,
        }),
        changed: Condvar::new(),
    };
    let window = threads + MOST_WAITING;
    let run = || {
        loop {
            let mut state = shared.lock();
            while !state.stopped && state.next < count && state.next >= state.taken + window {
                state = shared.wait(state);
            }
            if state.stopped || state.next >= count {
                return;
            }
            let number = state.next;
            state.next += 1;
            drop(state);
            let guard = Stop(&shared);
            let result = work(number);
            std::mem::forget(guard);
            shared.lock().done.insert(number, result);
            shared.changed.notify_all();
        }
    };
    thread::scope(|scope| {
        let _stop = Stop(&shared);
        for _ in 0..threads {
            scope.spawn(run);
        }
        for number in 0..count {
            let mut state = shared.lock();
            let result = loop {
                if let Some(result) = state.done.remove(&number) {
                    break result;
                }
                // A thread that panicked says so; the scope passes the panic on.
                if state.stopped {
                    return Ok(());
                }
                state = shared.wait(state);
            };
            drop(state);
            take(result?)?;
            shared.lock().taken = number + 1;
            shared.changed.notify_all();
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::in_order;

    #[test]
    fn results_come_in_order_and_no_thread_runs_ahead() {
        for threads in [1, 2, 5] {
            let (taken, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
            let mut got = Vec::new();
            let work = |number: usize| {
                most.fetch_max(number - taken.load(Ordering::SeqCst), Ordering::SeqCst);
                std::thread::sleep(Duration::from_micros((number as u64 * 7_919) % 900));
                Ok::<_, ()>(number)
            };
            let done = in_order(threads, 60, work, |number| {
                got.push(number);
                taken.store(got.len(), Ordering::SeqCst);
                Ok(())
            });
            assert_eq!(done, Ok(()));
            assert!(got.iter().copied().eq(0..60));
            assert!(most.into_inner() <= threads + 1);
        }
    }

    #[test]
    fn the_first_error_in_order_ends_it() {
        let begun = AtomicUsize::new(0);
        let work = |number: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            if number == 3 || number == 4 {
                Err(number)
            } else {
                Ok(number)
            }
        };
        let mut got = Vec::new();
        let done = in_order(3, 1_000, work, |number| {
            got.push(number);
            Ok(())
        });
        assert_eq!((done, got), (Err(3), vec![0, 1, 2]));
        assert!(begun.into_inner() < 20);
        let refused = in_order(
            3,
            1_000,
            Ok,
            |number| if number == 2 { Err("no") } else { Ok(()) },
        );
        assert_eq!(refused, Err("no"));
        assert_eq!(in_order(3, 0, Ok::<_, ()>, |_| Ok(())), Ok(()));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let work = |number: usize| {
            assert!(number < 5, "too much");
            Ok::<_, ()>(number)
        };
        let _ = in_order(2, 100, work, |_| Ok(()));
    }
}
