//! Runtimes: which can be used for a function, and until when.
//!
//! Sources: "Lambda runtimes" in the AWS Lambda Developer Guide, a copy later than 2026-07-31,
//! cfn-lint's runtime data of 2026-06-02 and endoflife.date of 2026-08-22, which agree; SnapStart:
//! "Improving startup performance with Lambda SnapStart" in the same guide. The dates change: AWS
//! has postponed most of them.

use super::super::invalid;
use crate::call::AwsError;

/// A runtime, and the dates from which no function can be created or updated with it, as
/// `YYYY-MM-DD`; a dash if no date is published.
type Runtime = (&'static str, &'static str, &'static str);

const RUNTIMES: &[Runtime] = &[
    ("nodejs26.x", "-", "-"),
    ("nodejs24.x", "2028-06-01", "2028-07-01"),
    ("nodejs22.x", "2027-06-01", "2027-07-01"),
    ("nodejs20.x", "2027-02-01", "2027-03-03"),
    ("nodejs18.x", "2027-02-01", "2027-03-03"),
    ("nodejs16.x", "2027-02-01", "2027-03-03"),
    ("nodejs14.x", "2024-01-09", "2027-03-03"),
    ("nodejs12.x", "2023-03-31", "2023-04-30"),
    ("nodejs10.x", "2021-07-30", "2022-02-14"),
    ("nodejs8.10", "2020-02-04", "2020-03-06"),
    ("nodejs6.10", "2019-07-12", "2019-08-12"),
    ("nodejs4.3", "2020-02-04", "2020-03-06"),
    ("nodejs4.3-edge", "2019-03-31", "2019-04-30"),
    ("nodejs", "2016-10-31", "2016-10-31"),
    ("python3.15", "-", "-"),
    ("python3.14", "2029-07-31", "2029-08-31"),
    ("python3.13", "2029-07-31", "2029-08-31"),
    ("python3.12", "2028-11-30", "2029-01-10"),
    ("python3.11", "2027-07-31", "2027-08-31"),
    ("python3.10", "2027-02-01", "2027-03-03"),
    ("python3.9", "2027-02-01", "2027-03-03"),
    ("python3.8", "2027-02-01", "2027-03-03"),
    ("python3.7", "2024-01-09", "2027-03-03"),
    ("python3.6", "2022-07-18", "2022-08-29"),
    ("python2.7", "2021-07-15", "2022-05-30"),
    ("java25", "2029-07-31", "2029-08-31"),
    ("java21", "2029-07-31", "2029-08-31"),
    ("java17", "2027-07-31", "2027-08-31"),
    ("java17.al2023", "-", "-"),
    ("java11", "2027-07-31", "2027-08-31"),
    ("java11.al2023", "-", "-"),
    ("java8.al2", "2027-07-31", "2027-08-31"),
    ("java8.al2023", "-", "-"),
    ("java8", "2024-02-08", "2027-03-03"),
    ("dotnet10", "2028-12-14", "2029-01-15"),
    ("dotnet8", "2027-02-01", "2027-03-03"),
    ("dotnet6", "2027-02-01", "2027-03-03"),
    ("dotnetcore3.1", "2023-04-03", "2023-05-03"),
    ("dotnetcore2.1", "2022-01-05", "2022-04-13"),
    ("dotnetcore2.0", "2019-04-30", "2019-05-30"),
    ("dotnetcore1.0", "2019-06-27", "2019-07-30"),
    ("ruby4.0", "2029-04-30", "2029-05-31"),
    ("ruby3.4", "2028-04-30", "2028-05-31"),
    ("ruby3.3", "2027-04-30", "2027-05-31"),
    ("ruby3.2", "2027-02-01", "2027-03-03"),
    ("ruby2.7", "2024-01-09", "2027-03-03"),
    ("ruby2.5", "2021-07-30", "2022-03-31"),
    ("go1.x", "2024-02-08", "2027-03-03"),
    ("provided.al2023", "2029-07-31", "2029-08-31"),
    ("provided.al2", "2027-02-01", "2027-03-03"),
    ("provided", "2024-02-08", "2027-03-03"),
];

/// The operation for which a runtime is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum For {
    Creation,
    Update,
}

/// Whether a function can be created or updated with a runtime at a time, in seconds since the
/// epoch. For `custom`, the runtime's ARN is given separately.
///
/// # Errors
/// InvalidParameterValueException, with the texts recorded from AWS for blocked runtimes and for
/// unknown ones.
pub(super) fn check(runtime: &str, purpose: For, now: f64) -> Result<(), AwsError> {
    let today = date_of(now);
    let known = RUNTIMES.iter().find(|(name, _, _)| *name == runtime);
    match known.map(|(_, create, update)| {
        if purpose == For::Creation {
            *create
        } else {
            *update
        }
    }) {
        Some(date) if is_blocked(date, &today) => Err(invalid(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions."
        ))),
        Some(_) => Ok(()),
        None => check_name(runtime, now),
    }
}

/// Checks that a runtime of that name exists or has existed.
///
/// # Errors
/// InvalidParameterValueException. Unlike for other enums, the message has no quotes and lists only
/// the available values. Recorded from AWS.
pub(crate) fn check_name(runtime: &str, now: f64) -> Result<(), AwsError> {
    if runtime == "custom"
        || runtime.starts_with("arn:")
        || RUNTIMES.iter().any(|(name, _, _)| *name == runtime)
    {
        return Ok(());
    }
    Err(invalid(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or be a valid ARN",
        on_offer(now).join(", ")
    )))
}

/// The runtimes with which functions can be created at a time, in seconds since the epoch, in the
/// order in which Lambda lists them.
pub(crate) fn on_offer(now: f64) -> Vec<&'static str> {
    let today = date_of(now);
    let offered = RUNTIMES
        .iter()
        .filter(|(_, create, _)| !is_blocked(create, &today));
    crate::wire::hash_set(offered.map(|(name, _, _)| *name).collect())
}

fn date_of(now: f64) -> String {
    crate::wire::iso8601(now).chars().take(10).collect()
}

fn is_blocked(date: &str, today: &str) -> bool {
    date != "-" && date <= today
}

/// Whether functions of a runtime can start from a snapshot: Java 11, Python 3.12, .NET 8, and
/// later ones.
pub(super) fn can_snap_start(runtime: &str) -> bool {
    let parts = |family: &str| {
        let rest = runtime.strip_prefix(family)?;
        let mut numbers = rest.split('.').map_while(|part| part.parse::<u32>().ok());
        Some((numbers.next()?, numbers.next().unwrap_or(0)))
    };
    parts("java").is_some_and(|version| version >= (11, 0))
        || parts("python").is_some_and(|version| version >= (3, 12))
        || parts("dotnet").is_some_and(|version| version >= (8, 0))
}

#[cfg(test)]
mod tests {
    use super::{For, RUNTIMES, can_snap_start, check, on_offer};

    /// 2026-11-27 and 2027-03-03, in seconds since the epoch.
    const TODAY: f64 = 1_795_737_600.0;
    const LATER: f64 = 1_804_032_000.0;

    #[test]
    fn runtimes_are_blocked_from_their_dates_on() {
        for (runtime, purpose, now, allowed) in [
            ("python3.13", For::Creation, TODAY, true),
            ("nodejs16.x", For::Creation, TODAY, true),
            ("nodejs16.x", For::Creation, LATER, false),
            ("nodejs16.x", For::Update, LATER, false),
            ("nodejs14.x", For::Creation, TODAY, false),
            ("nodejs14.x", For::Update, TODAY, true),
            ("python2.7", For::Update, TODAY, false),
            ("nodejs26.x", For::Creation, LATER, true),
            ("custom", For::Creation, TODAY, true),
        ] {
            assert_eq!(
                check(runtime, purpose, now).is_ok(),
                allowed,
                "{runtime} {purpose:?} {now}"
            );
        }
        let error = check("PYTHON3.9", For::Creation, TODAY).expect_err("no such runtime");
        assert!(
            error.message.starts_with("Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [")
        );
        assert!(
            error.message.contains("python3.9, ") && !error.message.contains("python3.7"),
            "{}",
            error.message
        );
        assert!(
            error.message.ends_with("] or be a valid ARN"),
            "{}",
            error.message
        );
    }

    /// Recorded from AWS on 2026-01-12. Runtimes that came later lie between them.
    #[test]
    fn runtimes_are_listed_as_recorded() {
        let recorded = [
            "nodejs20.x python3.14 provided.al2023 python3.12 python3.13 nodejs24.x nodejs22.x java25 python3.10 python3.11 java21 ruby3.3",
            "ruby3.4 ruby3.2 python3.8 python3.9 java17 nodejs16.x dotnet10 dotnet8 java11 dotnet6 nodejs18.x provided.al2 java8.al2",
        ];
        let recorded: Vec<&str> = recorded.iter().flat_map(|line| line.split(' ')).collect();
        let mut listed = on_offer(1_768_176_000.0);
        let later = [
            "nodejs26.x",
            "python3.15",
            "java8.al2023",
            "java11.al2023",
            "java17.al2023",
            "ruby4.0",
        ];
        listed.retain(|runtime| !later.contains(runtime));
        assert_eq!(listed, recorded);
    }

    /// Every runtime of the service's model is here.
    #[test]
    fn the_table_has_the_runtimes_of_the_model() {
        let model: serde_json::Value =
            serde_json::from_str(include_str!("../../../../models/lambda.json")).expect("a model");
        let modelled = model["shapes"]["Runtime"]["enum"]
            .as_array()
            .expect("runtimes")
            .iter()
            .filter_map(|it| it.as_str());
        let missing: Vec<&str> = modelled
            .filter(|name| *name != "custom" && !RUNTIMES.iter().any(|(known, _, _)| known == name))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn snapshots_are_for_some_runtimes() {
        let can = [
            "java11",
            "java11.al2023",
            "java25",
            "python3.12",
            "python3.13",
            "dotnet8",
            "dotnet10",
        ];
        let cannot = [
            "java8",
            "java8.al2",
            "python3.11",
            "python2.7",
            "dotnet6",
            "dotnetcore3.1",
            "nodejs22.x",
            "provided.al2023",
            "custom",
        ];
        assert!(
            can.iter().all(|runtime| can_snap_start(runtime))
                && !cannot.iter().any(|runtime| can_snap_start(runtime))
        );
    }
}
