//! Ends a scan that is interrupted: Ctrl-C, or a request of the system to stop. What was read stays
//! in the journal, and the last thing on the terminal is how to go on.

use std::sync::Arc;

use lambdasweep_tables::Journal;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, MutexGuard};

use crate::progress::Display;
use crate::terminal;

/// What an interruption finds of a scan.
#[derive(Default)]
pub(crate) struct State {
    /// The progress display, as long as there is one.
    pub(crate) display: Option<Display>,
    /// The journal, as long as the scan is not published.
    pub(crate) journal: Option<Arc<Journal>>,
    /// The message: where the scan stands, and how to go on.
    pub(crate) advice: String,
}

/// Waits for signals from the moment it is made.
pub(crate) struct Interruption(Arc<Mutex<State>>);

impl Interruption {
    /// Listens to the signals that ask a process to end, unless whoever started it has them ignored
    /// (`nohup`).
    ///
    /// # Errors
    /// Where the system does not let it listen.
    pub(crate) fn listen(advice: String) -> std::io::Result<Self> {
        let state = Arc::new(Mutex::new(State {
            advice,
            ..State::default()
        }));
        let (sender, signals) = unbounded_channel();
        signals::forward(&sender)?;
        let ended = Arc::clone(&state);
        tokio::spawn(async move {
            if let Some(code) = end(signals, &ended, |text| terminal::note(&text)).await {
                // What is under way in other threads ends as it would with kill -9, which the
                // journal is made for.
                std::process::exit(code);
            }
        });
        Ok(Self(state))
    }

    /// The state, for a change. A signal that comes while it is held waits until it is released.
    pub(crate) async fn hold(&self) -> MutexGuard<'_, State> {
        self.0.lock().await
    }
}

/// Waits for a signal, and ends what is under way; a second signal does not wait for that. Gives
/// the exit code.
async fn end(
    mut signals: UnboundedReceiver<i32>,
    state: &Mutex<State>,
    mut note: impl FnMut(String),
) -> Option<i32> {
    let code = signals.recv().await?;
    let orderly = async {
        let mut state = state.lock().await;
        // No bar is drawn or cleared any more once a message is printed: that would erase it.
        let below_bars = match state.display.take() {
            Some(display) => display.leave().await,
            None => false,
        };
        note(format!(
            "{}interrupted: {}",
            if below_bars { "\n" } else { "" },
            state.advice
        ));
        if let Some(journal) = state.journal.take() {
            let synced = tokio::task::spawn_blocking(move || journal.sync()).await;
            if let Ok(Err(error)) = synced {
                note(format!("error: {error}"));
            }
        }
    };
    tokio::select! {
        biased;
        Some(again) = signals.recv() => Some(again),
        () = orderly => Some(code),
    }
}

/// By convention a process that a signal ends has the exit code 128 and the signal's number.
const SIGNALED: i32 = 128;

#[cfg(unix)]
mod signals {
    use tokio::signal::unix::{SignalKind, signal};

    use super::{SIGNALED, UnboundedSender};

    /// Sends an exit code for each signal.
    pub(super) fn forward(sender: &UnboundedSender<i32>) -> std::io::Result<()> {
        let ignored = ignored();
        for kind in [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ] {
            if ignored & (1 << (kind.as_raw_value() - 1)) != 0 {
                continue;
            }
            let (mut signals, sender) = (signal(kind)?, sender.clone());
            tokio::spawn(async move {
                while signals.recv().await.is_some()
                    && sender.send(SIGNALED + kind.as_raw_value()).is_ok()
                {}
            });
        }
        Ok(())
    }

    /// The signals that this process was started to ignore, as a mask. Source: proc_pid_status(5).
    /// Where there is no such file, none.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
            .unwrap_or_default()
    }
}

#[cfg(not(unix))]
mod signals {
    use super::{SIGNALED, UnboundedSender};

    /// Sends an exit code for each Ctrl-C.
    pub(super) fn forward(sender: &UnboundedSender<i32>) -> std::io::Result<()> {
        const INTERRUPT: i32 = 2;
        let sender = sender.clone();
        tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() && sender.send(SIGNALED + INTERRUPT).is_ok()
            {
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use indicatif::ProgressDrawTarget;
    use lambdasweep_aws::{Pacer, PacerOptions};
    use tokio::sync::Mutex;
    use tokio::sync::mpsc::unbounded_channel;

    use super::{State, end};
    use crate::progress::{self, screen::Screen};

    /// Long enough for whatever would still draw to draw.
    const A_WHILE: Duration = Duration::from_millis(600);

    #[tokio::test]
    async fn the_advice_is_what_stays_on_the_terminal() {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let display = progress::show_on(
            target,
            Arc::default(),
            Arc::new(Pacer::new(PacerOptions::default())),
        );
        while !screen.text().contains("calls") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let state = Mutex::new(State {
            display: Some(display),
            advice: "go on with --resume s1".to_owned(),
            ..State::default()
        });
        let (sender, signals) = unbounded_channel();
        sender.send(130).expect("a listener");
        // A terminal echoes Ctrl-C, behind the end of a full line.
        screen.line("");
        let code = end(signals, &state, |text| screen.line(&text)).await;
        tokio::time::sleep(A_WHILE).await;
        let text = screen.text();
        let lines: Vec<&str> = text
            .lines()
            .map(|line| line.trim().split(' ').next().unwrap_or_default())
            .filter(|word| !word.is_empty())
            .collect();
        assert_eq!(
            (code, lines),
            (
                Some(130),
                vec![
                    "accounts",
                    "account-Regions",
                    "functions",
                    "calls",
                    "interrupted:"
                ]
            ),
            "{text}"
        );
        assert!(
            text.ends_with("\ninterrupted: go on with --resume s1"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn what_is_printed_after_the_bars_stays() {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let display = progress::show_on(
            target,
            Arc::default(),
            Arc::new(Pacer::new(PacerOptions::default())),
        );
        while !screen.text().contains("calls") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        display.close().await;
        screen.line("Nothing fails.");
        tokio::time::sleep(A_WHILE).await;
        assert_eq!(screen.text(), "Nothing fails.");
    }

    #[tokio::test]
    async fn the_second_signal_does_not_wait() {
        let state = Mutex::new(State::default());
        let _publishing = state.lock().await;
        let (sender, signals) = unbounded_channel();
        sender.send(143).expect("a listener");
        sender.send(130).expect("a listener");
        let mut told = Vec::new();
        assert_eq!(
            end(signals, &state, |text| told.push(text)).await,
            Some(130)
        );
        assert_eq!(told, [""; 0]);
    }

    #[tokio::test]
    async fn the_first_signal_waits_until_the_scan_is_published_whole() {
        let state = Arc::new(Mutex::new(State::default()));
        let mut publishing = state.lock().await;
        let (sender, signals) = unbounded_channel();
        sender.send(143).expect("a listener");
        let ending = Arc::clone(&state);
        let ended = tokio::spawn(async move {
            let mut told = Vec::new();
            (end(signals, &ending, |text| told.push(text)).await, told)
        });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!ended.is_finished());
        "scan s1 is published".clone_into(&mut publishing.advice);
        drop(publishing);
        assert_eq!(
            ended.await.expect("no panic"),
            (
                Some(143),
                vec!["interrupted: scan s1 is published".to_owned()]
            )
        );
    }
}
