//! Runs work on several threads, within a limit of weight, and hands over what comes of it in order.

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
    /// The weight of the work that is being done.
    doing: u64,
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

/// How much may be done at the same time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// On how many threads.
    pub(crate) threads: usize,
    /// The total weight. A piece that is heavier is done alone.
    pub(crate) weight: u64,
}

/// Does pieces of work, given by their weights, on several threads. `take` gets the results one by
/// one, in the order of the work, on the thread of the caller; no work is begun that is far ahead of
/// it.
///
/// # Errors
/// The first error of the work or of `take`, in the order of the work.
pub(crate) fn in_order<T: Send, E: Send>(
    limits: Limits,
    weights: &[u64],
    work: impl Fn(usize) -> Result<T, E> + Sync,
    mut take: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let count = weights.len();
    let threads = limits.threads.clamp(1, count.max(1));
    if threads == 1 {
        return (0..count).try_for_each(|number| take(work(number)?));
    }
    let shared = Shared {
        state: Mutex::new(State {
            next: 0,
            doing: 0,
            taken: 0,
            done: BTreeMap::new(),
            stopped: false,
        }),
        changed: Condvar::new(),
    };
    let window = threads + MOST_WAITING;
    let has_to_wait = |state: &State<Result<T, E>>| {
        let is_too_much = weights.get(state.next).is_some_and(|weight| {
            state.doing > 0 && state.doing.saturating_add(*weight) > limits.weight
        });
        state.next < count && (state.next >= state.taken + window || is_too_much)
    };
    let run = || {
        loop {
            let mut state = shared.lock();
            while !state.stopped && has_to_wait(&state) {
                state = shared.wait(state);
            }
            let number = state.next;
            let Some(weight) = weights.get(number).filter(|_| !state.stopped) else {
                return;
            };
            state.next += 1;
            state.doing = state.doing.saturating_add(*weight);
            drop(state);
            let guard = Stop(&shared);
            let result = work(number);
            std::mem::forget(guard);
            let mut state = shared.lock();
            state.doing = state.doing.saturating_sub(*weight);
            state.done.insert(number, result);
            drop(state);
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
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    use std::time::Duration;

    use super::{Limits, in_order};

    fn on(threads: usize) -> Limits {
        Limits {
            threads,
            weight: u64::MAX,
        }
    }

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
            let done = in_order(on(threads), &[1; 60], work, |number| {
                got.push(number);
                taken.store(got.len(), Ordering::SeqCst);
                Ok(())
            });
            assert_eq!(done, Ok(()));
            assert!(got.iter().copied().eq(0..60));
            assert!(most.into_inner() <= threads + 1);
        }
    }

    /// Work that is heavier than the limit is done alone, and all of it is done.
    #[test]
    fn the_weight_at_once_is_limited() {
        let weights: Vec<u64> = (0..60).map(|number| [0, 4, 5, 30, 6][number % 5]).collect();
        let limits = Limits {
            threads: 4,
            weight: 10,
        };
        let (doing, most, heavy) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let work = |number: usize| {
            let now = doing.fetch_add(weights[number], Ordering::SeqCst) + weights[number];
            if weights[number] == 30 {
                heavy.fetch_max(now, Ordering::SeqCst);
            } else {
                most.fetch_max(now, Ordering::SeqCst);
            }
            std::thread::sleep(Duration::from_micros((number as u64 * 7_919) % 900));
            doing.fetch_sub(weights[number], Ordering::SeqCst);
            Ok::<_, ()>(number)
        };
        let mut got = Vec::new();
        let done = in_order(limits, &weights, work, |number| {
            got.push(number);
            Ok(())
        });
        assert_eq!((done, got.len()), (Ok(()), 60));
        assert!(most.into_inner() <= 10);
        assert_eq!(heavy.into_inner(), 30);
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
        let done = in_order(on(3), &[1; 1_000], work, |number| {
            got.push(number);
            Ok(())
        });
        assert_eq!((done, got), (Err(3), vec![0, 1, 2]));
        assert!(begun.into_inner() < 20);
        let refused = in_order(on(3), &[1; 1_000], Ok, |number| {
            if number == 2 { Err("no") } else { Ok(()) }
        });
        assert_eq!(refused, Err("no"));
        assert_eq!(in_order(on(3), &[], Ok::<_, ()>, |_| Ok(())), Ok(()));
    }

    #[test]
    #[should_panic(expected = "a scoped thread panicked")]
    fn a_panic_is_passed_on() {
        let work = |number: usize| {
            assert!(number < 5, "too much");
            Ok::<_, ()>(number)
        };
        let _ = in_order(on(2), &[1; 100], work, |_| Ok(()));
    }
}
