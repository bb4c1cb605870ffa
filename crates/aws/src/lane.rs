//! One lane: the calls of one account, Region and quota bucket, let through one after another at a rate that learns from throttles.

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

/// A lane that AWS has throttled for so long that trying again at once is no use.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stuck;

#[derive(Debug)]
pub(crate) struct Lane {
    /// Callers wait here in the order in which they came, so that none starves and only one of them watches the clock.
    turn: tokio::sync::Mutex<()>,
    full_rate: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Calls a second; infinite where pacing is off and nothing was throttled yet.
    rate: f64,
    limiter: Option<Arc<DefaultDirectRateLimiter>>,
    paused_until: Option<Instant>,
    changed: Instant,
    throttles_in_a_row: u32,
    stuck_until: Option<Instant>,
}

impl Lane {
    /// A lane with the rate that AWS allows, of which `share` is used; without a share calls are let through unpaced until the first throttle.
    pub(crate) fn new(allowed: f64, share: Option<f64>) -> Self {
        let full_rate = allowed * share.unwrap_or(1.0);
        let rate = if share.is_some() { full_rate } else { f64::INFINITY };
        let state =
            State { rate, limiter: limiter(rate), paused_until: None, changed: Instant::now(), throttles_in_a_row: 0, stuck_until: None };
        Self { turn: tokio::sync::Mutex::new(()), full_rate, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the lane lets a call through.
    pub(crate) async fn enter(&self) -> Result<(), Stuck> {
        {
            let state = self.state();
            if state.limiter.is_none() && state.paused_until.is_none() && state.stuck_until.is_none() {
                return Ok(());
            }
        }
        let _turn = self.turn.lock().await;
        loop {
            let (limiter, pause) = {
                let mut state = self.state();
                let now = Instant::now();
                if let Some(until) = state.stuck_until {
                    if now < until {
                        return Err(Stuck);
                    }
                    state.stuck_until = Some(now + PROBE_EVERY);
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
            let Some(limiter) = limiter else { return Ok(()) };
            match limiter.check() {
                Ok(()) => return Ok(()),
                Err(not_until) => tokio::time::sleep(not_until.wait_time_from(DefaultClock::default().now())).await,
            }
        }
    }

    /// A call was answered otherwise than with a throttle: the rate may rise again.
    pub(crate) fn answered(&self) {
        let mut state = self.state();
        state.throttles_in_a_row = 0;
        state.stuck_until = None;
        if state.rate < self.full_rate && state.changed.elapsed() >= Duration::from_secs(1) {
            let rate = (state.rate + self.full_rate * SPEED_UP).min(self.full_rate);
            state.set_rate(rate);
        }
    }

    /// A call was throttled: the lane pauses as long as AWS asked for, and goes on more slowly.
    pub(crate) fn throttled(&self, retry_after: Option<Duration>) {
        let mut state = self.state();
        state.throttles_in_a_row = state.throttles_in_a_row.saturating_add(1);
        let now = Instant::now();
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

    /// A call ran out of attempts on throttles. Where nothing else got through either, the lane is stuck: until it is found open again,
    /// only a probe every few seconds is sent, so that a throttle without end costs a scan minutes and not days.
    pub(crate) fn gave_up(&self, attempts: u32) {
        let mut state = self.state();
        if state.throttles_in_a_row >= attempts {
            state.stuck_until = Some(Instant::now() + PROBE_EVERY);
        }
    }
}

impl State {
    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
        self.limiter = limiter(rate);
        self.changed = Instant::now();
    }
}

/// A limiter of that many calls a second. A tenth of a second's calls may come at once, so that a timer that wakes late loses nothing.
fn limiter(rate: f64) -> Option<Arc<DefaultDirectRateLimiter>> {
    if !rate.is_finite() {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and 60")]
    let burst = NonZeroU32::new((rate / 10.0).ceil().clamp(1.0, 60.0) as u32).unwrap_or(NonZeroU32::MIN);
    let period = Duration::from_secs_f64(1.0 / rate.max(0.001));
    Quota::with_period(period).map(|quota| Arc::new(RateLimiter::direct(quota.allow_burst(burst))))
}

#[cfg(test)]
mod tests {
    use super::{Lane, Stuck};
    use std::time::Duration;

    #[tokio::test]
    async fn without_a_share_the_first_throttle_starts_pacing() {
        let lane = Lane::new(15.0, None);
        for _ in 0..1000 {
            assert_eq!(lane.enter().await, Ok(()));
        }
        lane.throttled(None);
        assert!((lane.state().rate - 15.0).abs() < f64::EPSILON);
    }

    #[tokio::test]
    async fn a_throttle_slows_down_and_answers_speed_up_again() {
        let lane = Lane::new(100.0, Some(0.5));
        assert!((lane.state().rate - 50.0).abs() < f64::EPSILON);
        lane.state().changed -= Duration::from_secs(1);
        lane.throttled(None);
        lane.throttled(None);
        assert!((lane.state().rate - 35.0).abs() < 1e-9, "throttles of one moment count once");
        for _ in 0..50 {
            lane.state().changed -= Duration::from_secs(1);
            lane.answered();
        }
        assert!((lane.state().rate - 50.0).abs() < 1e-9);
        for _ in 0..50 {
            lane.state().changed -= Duration::from_secs(1);
            lane.throttled(None);
        }
        assert!((lane.state().rate - 5.0).abs() < 1e-9, "it never stops altogether");
    }

    #[tokio::test]
    async fn a_lane_that_never_answers_gets_stuck_and_an_answer_frees_it() {
        let lane = Lane::new(1000.0, Some(1.0));
        for _ in 0..4 {
            lane.throttled(None);
        }
        lane.gave_up(4);
        assert_eq!(lane.enter().await, Err(Stuck));
        lane.answered();
        assert_eq!(lane.enter().await, Ok(()));
        lane.throttled(None);
        lane.gave_up(4);
        assert_eq!(lane.enter().await, Ok(()), "one unlucky call is no proof");
    }
}
