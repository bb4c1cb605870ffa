//! Judges variables from standard input, for `scripts/secrets-corpus` and `scripts/bench secrets`:
//! one JSON line in, one JSON line out.
//!
//! Each line of the input is `{"name": …, "value": …}` (other members are ignored); each line of
//! the output is `{"rule": …, "confidence": …}` or `null`, never the value. `--bench` prints how
//! many of the values one core judges a second instead. A line that cannot be read ends it with 2
//! and one sentence, which names the line and not what stands there.

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use lambdasweep_secrets::detect;
use serde_json::{Value, json};

/// As long as it takes for a figure that two runs agree on.
const BENCH: Duration = Duration::from_secs(5);

struct Variable {
    name: String,
    value: String,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let answer = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => read().and_then(|variables| judge(&variables)),
        ["--bench"] => read().and_then(|variables| bench(&variables)),
        _ => Err("usage: judge [--bench] < variables.jsonl".to_owned()),
    };
    match answer {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // Where standard error is closed, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "judge: {problem}");
            ExitCode::from(2)
        }
    }
}

fn read() -> Result<Vec<Variable>, String> {
    let mut variables = Vec::new();
    for (index, line) in std::io::stdin().lock().lines().enumerate() {
        let number = index + 1;
        let line = line.map_err(|_| format!("line {number} of the input is not UTF-8 text"))?;
        if line.trim().is_empty() {
            continue;
        }
        let parsed = serde_json::from_str::<Value>(&line)
            .map_err(|_| format!("line {number} of the input is not JSON"))?;
        let text = |member: &str| {
            parsed
                .get(member)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let (Some(name), Some(value)) = (text("name"), text("value")) else {
            return Err(format!(
                "line {number} of the input is not an object with the strings \"name\" and \"value\""
            ));
        };
        variables.push(Variable { name, value });
    }
    Ok(variables)
}

fn judge(variables: &[Variable]) -> Result<(), String> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for variable in variables {
        let answer = detect(&variable.name, &variable.value).map_or(
            Value::Null,
            |secret| json!({"rule": secret.rule, "confidence": secret.confidence.as_str()}),
        );
        writeln!(out, "{answer}").map_err(|error| format!("cannot write: {error}"))?;
    }
    out.flush()
        .map_err(|error| format!("cannot write: {error}"))
}

/// The time that this thread has had a core, where the system tells (Linux): on a shared machine
/// the clock measures the neighbours.
fn on_cpu() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    told.split_whitespace()
        .next()?
        .parse()
        .ok()
        .map(Duration::from_nanos)
}

fn bench(variables: &[Variable]) -> Result<(), String> {
    if variables.is_empty() {
        return Err("there is nothing to judge in the input".to_owned());
    }
    let once = || {
        variables
            .iter()
            .filter(|it| std::hint::black_box(detect(&it.name, &it.value)).is_some())
            .count()
    };
    // The first round builds the rules.
    let found = once();
    let (begun, begun_cpu) = (Instant::now(), on_cpu());
    let mut rounds = 0_u32;
    while begun.elapsed() < BENCH {
        std::hint::black_box(once());
        rounds += 1;
    }
    let seconds = begun.elapsed().as_secs_f64();
    let cpu = begun_cpu
        .zip(on_cpu())
        .map_or(seconds, |(begun, ended)| (ended - begun).as_secs_f64());
    let bytes: usize = variables
        .iter()
        .map(|it| it.name.len() + it.value.len())
        .sum();
    let answer = json!({
        "values": variables.len(),
        "bytes": bytes,
        "found": found,
        "rounds": rounds,
        "seconds": seconds,
        "cpu_seconds": cpu,
        "values_per_s": variables.len() as f64 * f64::from(rounds) / cpu,
    });
    writeln!(std::io::stdout(), "{answer}").map_err(|error| format!("cannot write: {error}"))
}
