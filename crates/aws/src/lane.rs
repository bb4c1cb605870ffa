//! One lane: the calls of one account, Region and quota bucket, let through one after another at a
//! rate that learns from throttles.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::time::Instant;

/// How long a lane that AWS throttles for good rests before it probes again.
const PROBE_EVERY: Duration = Duration::from_secs(5);
/// What a throttle leaves of the rate, and below which share of the full rate it never falls.
const SLOW_DOWN: f64 = 0.7;
const SLOWEST: f64 = 0.1;
/// How much of the full rate comes back for every second without a throttle.
const SPEED_UP: f64 = 0.05;

/// An operation that AWS has throttled without a break for longer than the scan has patience.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stuck;

#[derive(Debug)]
pub(crate) struct Lane {
    /// Callers wait here in the order in which they came, so that none starves and only one of them
    /// watches the clock.
    turn: tokio::sync::Mutex<()>,
    full_rate: f64,
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Calls a second; infinite where pacing is off and nothing was throttled yet.
    rate: f64,
    limiter: Option<Arc<DefaultDirectRateLimiter>>,
    paused_until: Option<Instant>,
    changed: Instant,
    /// The operations whose last answer was a throttle. One that is throttled for good costs the
    /// others of its bucket nothing.
    throttled: HashMap<&'static str, Throttled>,
}

/// An operation that has been answered with throttles only.
#[derive(Debug)]
struct Throttled {
    since: Instant,
    next_probe: Instant,
    /// Whether a throttle came after more time than the scan has patience for. That the time has
    /// passed is not enough: AWS may have asked to wait as long, and calls that waited together are
    /// all to be tried.
    for_good: bool,
}

impl Lane {
    /// A lane with the rate that AWS allows, of which `share` is used; without a share calls are
    /// let through unpaced until the first throttle. After `patience` of nothing but throttles the
    /// calls of an operation are given up.
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

    /// Waits until the lane lets a call of an operation through.
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
                if let Some(throttled) = state.throttled.get_mut(operation).filter(|it| it.for_good)
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

    /// A call was answered otherwise than with a throttle: the rate may rise again.
    pub(crate) fn answered(&self, operation: &'static str) {
        let mut state = self.state();
        state.throttled.remove(operation);
        if state.rate < self.full_rate && state.changed.elapsed() >= Duration::from_secs(1) {
            let rate = (state.rate + self.full_rate * SPEED_UP).min(self.full_rate);
            state.set_rate(rate);
        }
    }

    /// A call was throttled: the lane pauses as long as AWS asked for, and goes on more slowly.
    pub(crate) fn throttled(&self, operation: &'static str, retry_after: Option<Duration>) {
        let mut state = self.state();
        let now = Instant::now();
        let throttled = state.throttled.entry(operation).or_insert(Throttled {
            since: now,
            next_probe: now,
            for_good: false,
        });
        throttled.for_good |= throttled.since.elapsed() > self.patience;
        if let Some(wait) = retry_after {
            state.paused_until = state.paused_until.max(Some(now + wait));
        }
        // Calls that were under way together are throttled together: they count once.
        if state.rate.is_infinite() {
            state.set_rate(self.full_rate);
        } else if state.changed.elapsed() >= Duration::from_millis(500) {
            let rate = (state.rate * SLOW_DOWN).max(self.full_rate * SLOWEST);
            state.set_rate(rate);
        }
    }

    /// Whether nothing but throttles has come to an operation's calls for longer than the scan has
    /// patience. Then they are given up and only a probe every few seconds is sent, so that a
    /// throttle without end costs a scan minutes and not days.
    pub(crate) fn stuck(&self, operation: &'static str) -> bool {
        self.state()
            .throttled
            .get(operation)
            .is_some_and(|it| it.for_good)
    }
}

impl State {
    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
        self.limiter = limiter(rate);
        self.changed = Instant::now();
    }
}

/// A limiter of that many calls a second. A tenth of a second's calls may come at once, so that a
/// timer that wakes late loses nothing.
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
            "what waited that long may bring an answer"
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
