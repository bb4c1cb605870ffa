//! Progress: bars where somebody watches, a line now and then elsewhere.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use lambdasweep_aws::Pacer;
use lambdasweep_collect::Progress;
use tokio::task::JoinHandle;

use crate::terminal;

/// How often bars move, and how often a log gets a line.
const REDRAW: Duration = Duration::from_millis(200);
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Shows progress until it is dropped.
#[derive(Debug)]
pub(crate) struct Display(JoinHandle<()>);

impl Drop for Display {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Shows a scan's progress.
pub(crate) fn show(progress: Arc<Progress>, pacer: Arc<Pacer>) -> Display {
    Display(tokio::spawn(
        async move { if terminal::is_watched() { bars(&progress, &pacer).await } else { lines(&progress, &pacer).await } },
    ))
}

async fn bars(progress: &Progress, pacer: &Pacer) {
    let group = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
    let style =
        |template: &str| ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
    let bar = |label: &str| {
        let bar = group.add(ProgressBar::new(0));
        bar.set_style(style("{prefix:>16} [{bar:32}] {pos}/{len}"));
        bar.set_prefix(label.to_owned());
        bar
    };
    let (accounts, regions, functions) = (bar("accounts"), bar("account-Regions"), bar("functions"));
    let calls = group.add(ProgressBar::new_spinner());
    calls.set_style(style("{prefix:>16} {msg}"));
    calls.set_prefix("calls");
    // Whatever ends the task clears the bars: they are dropped with it.
    let _clear = Clear([accounts.clone(), regions.clone(), functions.clone(), calls.clone()]);
    let begun = Instant::now();
    loop {
        let at = |bar: &ProgressBar, done, total| {
            bar.set_length(Progress::get(total));
            bar.set_position(Progress::get(done));
        };
        at(&accounts, &progress.accounts_done, &progress.accounts_total);
        at(&regions, &progress.regions_done, &progress.regions_total);
        at(&functions, &progress.functions_done, &progress.functions_total);
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
    let (calls, throttles) = (pacer.stats().calls.load(Ordering::Relaxed), pacer.stats().throttles.load(Ordering::Relaxed));
    let seconds = begun.elapsed().as_secs_f64().max(0.001);
    let (done, total) = (Progress::get(&progress.functions_done), Progress::get(&progress.functions_total));
    let left = if done > 0 && total > done {
        format!(", about {:.0} s left", seconds / done as f64 * (total - done) as f64)
    } else {
        String::new()
    };
    format!("{calls} ({:.0}/s, {throttles} throttled){left}", calls as f64 / seconds)
}
