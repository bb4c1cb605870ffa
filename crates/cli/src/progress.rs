//! Progress: bars where somebody watches, a line now and then elsewhere.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use lambdasweep_aws::Pacer;
use lambdasweep_collect::Progress;
use tokio::task::JoinHandle;
use tracing::level_filters::LevelFilter;

use crate::terminal;

/// How often bars move, and how often a log gets a line.
const REDRAW: Duration = Duration::from_millis(200);
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Shows progress until it is closed.
#[derive(Debug)]
pub(crate) struct Display {
    task: JoinHandle<()>,
    bars: Option<MultiProgress>,
}

impl Display {
    /// Stops, and clears the bars. What is printed afterwards stays.
    pub(crate) async fn close(self) {
        self.task.abort();
        // The bars are cleared when the task is dropped, which aborting does not wait for.
        let _ = self.task.await;
    }

    /// Stops, and leaves the bars as they are; whether there are any. The cursor stands at the end
    /// of the last.
    pub(crate) async fn leave(self) -> bool {
        // Ctrl-C has moved the cursor: terminals echo it, behind the end of a line that is full.
        // Clearing the bars would miss one of them, and erase another line in its place.
        if let Some(bars) = &self.bars {
            bars.set_draw_target(ProgressDrawTarget::hidden());
        }
        let there = self.bars.is_some();
        self.close().await;
        there
    }
}

/// Shows a scan's progress.
pub(crate) fn show(progress: Arc<Progress>, pacer: Arc<Pacer>) -> Display {
    // Bars would be drawn over lines of the log.
    if terminal::is_watched() && LevelFilter::current() <= LevelFilter::ERROR {
        show_on(ProgressDrawTarget::stderr(), progress, pacer)
    } else {
        Display {
            task: tokio::spawn(async move { lines(&progress, &pacer).await }),
            bars: None,
        }
    }
}

/// Shows bars there.
pub(crate) fn show_on(
    target: ProgressDrawTarget,
    progress: Arc<Progress>,
    pacer: Arc<Pacer>,
) -> Display {
    let group = MultiProgress::with_draw_target(target);
    let drawn = group.clone();
    Display {
        task: tokio::spawn(async move { bars(&drawn, &progress, &pacer).await }),
        bars: Some(group),
    }
}

async fn bars(group: &MultiProgress, progress: &Progress, pacer: &Pacer) {
    let style = |template: &str| {
        ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ")
    };
    let bar = |label: &str| {
        let bar = group.add(ProgressBar::new(0));
        bar.set_style(style("{prefix:>16} [{bar:32}] {pos}/{len}"));
        bar.set_prefix(label.to_owned());
        bar
    };
    let (accounts, regions, functions) =
        (bar("accounts"), bar("account-Regions"), bar("functions"));
    let calls = group.add(ProgressBar::new_spinner());
    calls.set_style(style("{prefix:>16} {msg}"));
    calls.set_prefix("calls");
    // Whatever ends the task clears the bars: they are dropped with it.
    let _clear = Clear([
        accounts.clone(),
        regions.clone(),
        functions.clone(),
        calls.clone(),
    ]);
    let begun = Instant::now();
    loop {
        let at = |bar: &ProgressBar, done, total| {
            bar.set_length(Progress::get(total));
            bar.set_position(Progress::get(done));
        };
        at(&accounts, &progress.accounts_done, &progress.accounts_total);
        at(&regions, &progress.regions_done, &progress.regions_total);
        at(
            &functions,
            &progress.functions_done,
            &progress.functions_total,
        );
        calls.set_message(figures(progress, pacer, begun));
        tokio::time::sleep(REDRAW).await;
    }
}

struct Clear([ProgressBar; 4]);

impl Drop for Clear {
    fn drop(&mut self) {
        for bar in &self.0 {
            bar.finish_and_clear();
        }
    }
}

async fn lines(progress: &Progress, pacer: &Pacer) {
    let begun = Instant::now();
    loop {
        tokio::time::sleep(LOG_EVERY).await;
        let of = |done, total| format!("{}/{}", Progress::get(done), Progress::get(total));
        terminal::note(&format!(
            "accounts {}, account-Regions {}, functions {}, calls {}",
            of(&progress.accounts_done, &progress.accounts_total),
            of(&progress.regions_done, &progress.regions_total),
            of(&progress.functions_done, &progress.functions_total),
            figures(progress, pacer, begun),
        ));
    }
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn figures(progress: &Progress, pacer: &Pacer, begun: Instant) -> String {
    let (calls, throttles) = (
        pacer.stats().calls.load(Ordering::Relaxed),
        pacer.stats().throttles.load(Ordering::Relaxed),
    );
    let seconds = begun.elapsed().as_secs_f64().max(0.001);
    let (done, total) = (
        Progress::get(&progress.functions_done),
        Progress::get(&progress.functions_total),
    );
    let left = if done > 0 && total > done {
        format!(
            ", about {:.0} s left",
            seconds / done as f64 * (total - done) as f64
        )
    } else {
        String::new()
    };
    format!(
        "{calls} ({:.0}/s, {throttles} throttled){left}",
        calls as f64 / seconds
    )
}

/// A terminal of rows that a test can read.
#[cfg(test)]
pub(crate) mod screen {
    use std::io::Result;
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

    use indicatif::TermLike;

    const WIDTH: usize = 80;

    #[derive(Debug, Clone, Default)]
    pub(crate) struct Screen(Arc<Mutex<(Vec<String>, usize)>>);

    impl Screen {
        fn rows(&self) -> MutexGuard<'_, (Vec<String>, usize)> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// What is to be seen, without blanks at the ends.
        pub(crate) fn text(&self) -> String {
            let rows: Vec<String> = self
                .rows()
                .0
                .iter()
                .map(|row| row.trim_end().to_owned())
                .collect();
            rows.join("\n").trim().to_owned()
        }

        /// Prints a line, as one who knows nothing of the bars.
        pub(crate) fn line(&self, text: &str) {
            let _ = self.write_line(text);
        }

        fn row(&self, change: impl FnOnce(usize) -> usize) -> Result<()> {
            let (rows, row) = &mut *self.rows();
            *row = change(*row);
            if rows.len() <= *row {
                rows.resize(*row + 1, String::new());
            }
            Ok(())
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            WIDTH as u16
        }

        fn move_cursor_up(&self, n: usize) -> Result<()> {
            self.row(|row| row.saturating_sub(n))
        }

        fn move_cursor_down(&self, n: usize) -> Result<()> {
            self.row(|row| row + n)
        }

        // Bars are drawn line by line.
        fn move_cursor_right(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> Result<()> {
            self.write_str(text)?;
            self.row(|row| row + 1)
        }

        // A line that is full goes on in the next once there is more to write, as on a real
        // terminal.
        fn write_str(&self, text: &str) -> Result<()> {
            for c in text.chars() {
                let full = {
                    let (rows, row) = &*self.rows();
                    rows.get(*row)
                        .is_some_and(|row| row.chars().count() == WIDTH)
                };
                self.row(|row| row + usize::from(c == '\n' || full))?;
                if c != '\n' {
                    let (rows, row) = &mut *self.rows();
                    rows[*row].push(c);
                }
            }
            Ok(())
        }

        fn clear_line(&self) -> Result<()> {
            self.row(|row| row)?;
            let (rows, row) = &mut *self.rows();
            rows[*row].clear();
            Ok(())
        }

        fn flush(&self) -> Result<()> {
            Ok(())
        }
    }
}
