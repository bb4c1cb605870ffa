//! One lane: paces the calls of one account, Region and quota at a rate that adapts to throttling.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

/// The interval between probes of an operation that AWS keeps throttling.
const PROBE_EVERY: Duration = Duration::from_secs(5);
/// The factor by which a throttle reduces the rate, and the minimum rate as a share of the full
/// one.
const SLOW_DOWN: f64 = 0.7;
const SLOWEST: f64 = 0.1;
/// The share of the full rate that is regained per second without a throttle.
const SPEED_UP: f64 = 0.05;

/// The operation was throttled without interruption for longer than the scan's limit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stuck;

#[derive(Debug)]
pub(crate) struct Lane {
    /// Callers wait here in order of arrival, so that none starves and only one of them sets a
    /// timer.
    turn: tokio::sync::Mutex<()>,
    full_rate: f64,
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Calls per second; infinite if pacing is off and nothing was throttled yet.
    rate: f64,
    limiter: Option<Arc<DefaultDirectRateLimiter>>,
    paused_until: Option<Instant>,
    changed: Instant,
    /// The operations whose last response was a throttle. An operation that is given up does not
    /// affect the others that share its quota.
    throttled: HashMap<&'static str, Throttled>,
}

/// An operation that has been throttled without interruption.
#[derive(Debug)]
struct Throttled {
    since: Instant,
    next_probe: Instant,
    /// Whether a throttle came later than the limit allows. That the time has passed is not enough:
    /// AWS may have asked to wait that long, and all calls that waited together must be tried.
    is_given_up: bool,
}

impl Lane {
    /// A lane with the rate that AWS allows, of which `share` is used; without a share, calls are
    /// not paced until the first throttle. After `patience` of uninterrupted throttling the calls
    /// of an operation are given up.
    pub(crate) fn new(allowed: f64, share: Option<f64>, patience: Duration) -> Self {
        let full_rate = allowed * share.unwrap_or(1.0);
        let rate = if share.is_some() {
            full_rate
        } else {
            f64::INFINITY
        };
        let now = Instant::now();
        let state = State {
            rate,
            limiter: limiter(rate),
            paused_until: None,
            changed: now,
            throttled: HashMap::new(),
        };
        Self {
            turn: tokio::sync::Mutex::new(()),
            full_rate,
            patience,
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a call of an operation may be made.
    pub(crate) async fn enter(&self, operation: &'static str) -> Result<(), Stuck> {
        {
            let state = self.state();
            if state.limiter.is_none()
                && state.paused_until.is_none()
                && !state.throttled.contains_key(operation)
            {
                return Ok(());
            }
        }
        let _turn = self.turn.lock().await;
        loop {
            let (limiter, pause) = {
                let mut state = self.state();
                let now = Instant::now();
                if let Some(throttled) = state
                    .throttled
                    .get_mut(operation)
                    .filter(|it| it.is_given_up)
                {
                    if now < throttled.next_probe {
                        return Err(Stuck);
                    }
                    throttled.next_probe = now + PROBE_EVERY;
                    return Ok(());
                }
                if state.paused_until.is_some_and(|until| until <= now) {
                    state.paused_until = None;
                }
                (state.limiter.clone(), state.paused_until)
            };
            if let Some(until) = pause {
                tokio::time::sleep_until(until).await;
                continue;
            }
            let Some(limiter) = limiter else {
                return Ok(());
            };
            match limiter.check() {
                Ok(()) => return Ok(()),
                Err(not_until) => {
                    tokio::time::sleep(not_until.wait_time_from(DefaultClock::default().now()))
                        .await
                }
            }
        }
    }

    /// Records a response that was not a throttle: the rate may rise again.
    pub(crate) fn answered(&self, operation: &'static str) {
        let mut state = self.state();
        state.throttled.remove(operation);
        if state.rate < self.full_rate && state.changed.elapsed() >= Duration::from_secs(1) {
            let rate = (state.rate + self.full_rate * SPEED_UP).min(self.full_rate);
            state.set_rate(rate);
        }
    }

    /// Records a throttle: the lane pauses for as long as AWS asked, then continues at a lower
    /// rate.
    pub(crate) fn throttled(&self, operation: &'static str, retry_after: Option<Duration>) {
        let mut state = self.state();
        let now = Instant::now();
        let throttled = state.throttled.entry(operation).or_insert(Throttled {
            since: now,
            next_probe: now,
            is_given_up: false,
        });
        throttled.is_given_up |= throttled.since.elapsed() > self.patience;
        if let Some(wait) = retry_after {
            state.paused_until = state.paused_until.max(Some(now + wait));
        }
        // Concurrent calls are throttled together, which counts once.
        if state.rate.is_infinite() {
            state.set_rate(self.full_rate);
        } else if state.changed.elapsed() >= Duration::from_millis(500) {
            let rate = (state.rate * SLOW_DOWN).max(self.full_rate * SLOWEST);
            state.set_rate(rate);
        }
    }

    /// Whether an operation has been throttled without interruption for longer than the limit. Then
    /// its calls are given up and only a probe is sent every few seconds, so that endless
    /// throttling costs a scan minutes instead of days.
    pub(crate) fn stuck(&self, operation: &'static str) -> bool {
        self.state()
            .throttled
            .get(operation)
            .is_some_and(|it| it.is_given_up)
    }
}

impl State {
    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
        self.limiter = limiter(rate);
        self.changed = Instant::now();
    }
}

/// A limiter of that many calls per second. The calls of a tenth of a second may be made at once,
/// so that a timer that fires late does not reduce the rate.
fn limiter(rate: f64) -> Option<Arc<DefaultDirectRateLimiter>> {
    if !rate.is_finite() {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 1 and 60"
    )]
    let burst =
        NonZeroU32::new((rate / 10.0).ceil().clamp(1.0, 60.0) as u32).unwrap_or(NonZeroU32::MIN);
    let period = Duration::from_secs_f64(1.0 / rate.max(0.001));
    Quota::with_period(period).map(|quota| Arc::new(RateLimiter::direct(quota.allow_burst(burst))))
}

#[cfg(test)]
mod tests {
    use super::{Lane, Stuck};
    use std::time::Duration;

    const A: &str = "lambda:ListAliases";
    const B: &str = "lambda:ListLayers";

    #[tokio::test]
    async fn without_a_share_the_first_throttle_starts_pacing() {
        let lane = Lane::new(15.0, None, Duration::from_secs(60));
        for _ in 0..1000 {
            assert_eq!(lane.enter(A).await, Ok(()));
        }
        lane.throttled(A, None);
        assert!((lane.state().rate - 15.0).abs() < f64::EPSILON);
    }

    #[tokio::test]
    async fn a_throttle_slows_down_and_answers_speed_up_again() {
        let lane = Lane::new(100.0, Some(0.5), Duration::from_secs(60));
        assert!((lane.state().rate - 50.0).abs() < f64::EPSILON);
        lane.state().changed -= Duration::from_secs(1);
        lane.throttled(A, None);
        lane.throttled(A, None);
        assert!(
            (lane.state().rate - 35.0).abs() < 1e-9,
            "throttles of one moment count once"
        );
        for _ in 0..50 {
            lane.state().changed -= Duration::from_secs(1);
            lane.answered(A);
        }
        assert!((lane.state().rate - 50.0).abs() < 1e-9);
        for _ in 0..50 {
            lane.state().changed -= Duration::from_secs(1);
            lane.throttled(A, None);
        }
        assert!(
            (lane.state().rate - 5.0).abs() < 1e-9,
            "it never stops altogether"
        );
    }

    #[tokio::test]
    async fn a_lane_that_never_answers_gets_stuck_and_an_answer_frees_it() {
        let lane = Lane::new(1000.0, Some(1.0), Duration::from_secs(60));
        lane.throttled(A, None);
        assert_eq!(lane.enter(A).await, Ok(()), "a minute has not passed");
        let long_ago = tokio::time::Instant::now() - Duration::from_secs(61);
        lane.state()
            .throttled
            .get_mut(A)
            .expect("it is throttled")
            .since = long_ago;
        assert!(
            !lane.stuck(A) && lane.enter(A).await == Ok(()) && lane.enter(A).await == Ok(()),
            "a call that waited that long may succeed"
        );
        lane.throttled(A, None);
        assert!(lane.stuck(A));
        assert_eq!(lane.enter(A).await, Ok(()), "a probe");
        assert_eq!(lane.enter(A).await, Err(Stuck), "and no more than one");
        assert!(
            !lane.stuck(B) && lane.enter(B).await == Ok(()),
            "another operation is not to blame"
        );
        lane.answered(A);
        assert_eq!(lane.enter(A).await, Ok(()));
    }
}
