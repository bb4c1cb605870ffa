//! `lambdasweep-mock`: the mock as a separate program.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use lambdasweep_mock::seed::{Empty, File, Generated, Seed, Spec};
use lambdasweep_mock::{Fault, MockServer, Options};
use lambdasweep_model::{acts_on_terminal, printable};

/// A mock of AWS for tests: organizations, sts, iam, account and lambda over HTTP.
///
/// Point any AWS client at it with AWS_ENDPOINT_URL. An access key of twelve digits is that
/// account's root user; a temporary key (ASIA...) is the session that it was issued for, and needs
/// its token; any other key is the root user of account 000000000000. Signatures are not verified.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 120,
    after_help = "Examples:\n  lambdasweep-mock --generate accounts=200,regions=4,functions=6000,seed=7\n  lambdasweep-mock --organization testdata/orgs/tiny.toml --quotas aws --port 0\n  lambdasweep-mock --generate accounts=20,functions=600 --enforce-iam\n\nPages: /_localstack/health, /_localstack/info, /_localstack/init, POST /_localstack/state/reset, /_mock/ledger, /_mock/operations, /_mock/state, /_mock/truth, /_mock/faults, POST /_mock/enforce-iam with `on` or `off`, POST /_mock/authorize with {\"principal\", \"action\", \"resource\", \"context\"} or a list of such objects, POST /_mock/credentials with {\"function\": ARN} or {\"role\": ARN}, POST /_mock/invocations with {\"function_arn\", \"payload\", \"function_error\"} for what a function returns"
)]
struct Arguments {
    /// Where to listen; port 0 picks a free one and prints it.
    #[arg(long, default_value_t = 4566)]
    port: u16,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// An organisation from a file, TOML or JSON: accounts, functions, roles and policies (see
    /// testdata/orgs).
    #[arg(long, value_name = "FILE", conflicts_with = "generate")]
    organization: Option<PathBuf>,
    /// A generated organisation:
    /// accounts=…,regions=…,functions=…,seed=…[,suspended=…,roleless=…,skewed=…,role-name=…,external-id=…,queues=…].
    #[arg(long, value_name = "SPEC")]
    generate: Option<Spec>,
    /// Whether to enforce AWS's published quotas.
    #[arg(long, value_enum, default_value_t = Quotas::Off)]
    quotas: Quotas,
    /// Delay every response: milliseconds, or a range (20..80).
    #[arg(long, value_name = "MS", value_parser = latency)]
    latency: Option<(Duration, Duration)>,
    /// How long it takes until a function that was created or updated is ready, in milliseconds.
    /// With 0 it is ready at the next call.
    #[arg(long, value_name = "MS", default_value_t = 100)]
    transition_ms: u64,
    /// Deny calls that IAM does not allow: by policies of the role and the session, permissions
    /// boundaries, the organisation's control policies and resource-based policies. A root user may
    /// do everything that no control policy denies. Without this option every caller may make every
    /// call.
    #[arg(long)]
    enforce_iam: bool,
    /// Origins whose pages may call the mock from a browser, in addition to those that LocalStack
    /// allows; * for all.
    #[arg(
        long,
        value_name = "ORIGIN",
        env = "EXTRA_CORS_ALLOWED_ORIGINS",
        value_delimiter = ','
    )]
    cors_origin: Vec<String>,
    /// Make calls fail: service:operation[@account[/region]]=CODE[:count]; may be given several
    /// times.
    #[arg(long, value_name = "FAULT")]
    fault: Vec<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Quotas {
    Aws,
    Off,
}

fn latency(text: &str) -> Result<(Duration, Duration), String> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let milliseconds = |text: &str| {
        text.trim()
            .parse::<u64>()
            .map(Duration::from_millis)
            .map_err(|_| "give milliseconds, as in 50 or 20..80".to_owned())
    };
    let (least, most) = (milliseconds(least)?, milliseconds(most)?);
    if least <= most {
        Ok((least, most))
    } else {
        Err("the minimum comes before the maximum, as in 20..80".to_owned())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Prints why arguments are invalid, or the requested help. The message quotes the argument, which
/// must not act on the terminal.
fn refuse(error: &clap::Error) -> ExitCode {
    let hostile = std::env::args_os()
        .any(|argument| argument.to_string_lossy().chars().any(acts_on_terminal));
    if hostile && error.use_stderr() {
        let said = error.render().to_string();
        say_error(
            &said
                .trim_end()
                .lines()
                .map(printable)
                .collect::<Vec<_>>()
                .join("\n"),
        );
    } else {
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

#[expect(clippy::print_stderr, reason = "a program reports errors to its user")]
fn say_error(error: &str) {
    eprintln!("lambdasweep-mock: {error}");
}

#[expect(clippy::print_stdout, reason = "a program reports where it listens")]
fn say(text: &str) {
    println!("{text}");
}

async fn run(arguments: Arguments) -> Result<(), String> {
    let seed: Box<dyn Seed> = match (arguments.organization, arguments.generate) {
        (Some(path), _) => Box::new(File::load(&path).map_err(|error| error.to_string())?),
        (None, Some(spec)) => {
            let generated = Generated::new(spec);
            say(&format!(
                "management account: {}",
                generated.management_account()
            ));
            Box::new(generated)
        }
        (None, None) => Box::new(Empty),
    };
    let listen = SocketAddr::new(arguments.host, arguments.port);
    let options = Options {
        listen,
        quotas: arguments.quotas == Quotas::Aws,
        latency: arguments.latency,
        faults: arguments.fault,
        enforce_iam: arguments.enforce_iam,
        // Defects of the mock should fail its own tests, not those of its users.
        check_answers: cfg!(debug_assertions),
        cors_origins: arguments
            .cors_origin
            .iter()
            .map(|origin| origin.trim().to_owned())
            .filter(|origin| !origin.is_empty())
            .collect(),
        transition: Duration::from_millis(arguments.transition_ms),
        ..Options::new(seed)
    };
    let server = MockServer::start(options).await.map_err(|error| {
        format!(
            "cannot listen on {listen}: {error}; choose another --port, or --port 0 for a free one"
        )
    })?;
    say(&format!("listening on {}", server.endpoint_url()));
    // Tools that wait for LocalStack look for this line.
    say("Ready.");
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(|error| format!("cannot wait for Ctrl-C: {error}")),
        () = server.ended() => Ok(()),
    }
}
