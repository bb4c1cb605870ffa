//! Timestamps: epoch seconds inside, whatever the protocol asks for outside.

/// `2026-11-24T12:00:00Z`, as XML protocols write timestamps.
pub(crate) fn iso8601(epoch_seconds: f64) -> String {
    let (year, month, day, hour, minute, second) = civil(epoch_seconds);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Epoch seconds of an ISO 8601 timestamp in UTC; nothing where it is none.
pub(crate) fn parse_iso8601(text: &str) -> Option<f64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds of four-digit years are exact"
    )]
    let seconds = (days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second) as f64;
    Some(seconds)
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (Howard Hinnant,
/// "chrono-compatible low-level date algorithms").
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(epoch_seconds: f64) -> (i64, i64, i64, i64, i64, i64) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "timestamps are far below 2^63"
    )]
    let seconds = epoch_seconds.floor() as i64;
    let (day_number, of_day) = (
        seconds.div_euclid(86_400) + 719_468,
        seconds.rem_euclid(86_400),
    );
    let era = day_number.div_euclid(146_097);
    let of_era = day_number.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (
        year,
        month,
        day,
        of_day / 3_600,
        of_day / 60 % 60,
        of_day % 60,
    )
}

#[cfg(test)]
mod tests {
    use super::{iso8601, parse_iso8601};

    #[test]
    fn both_ways() {
        for text in [
            "1970-01-01T00:00:00Z",
            "2000-02-29T23:59:59Z",
            "2026-11-24T12:16:42Z",
            "1969-12-31T23:59:59Z",
        ] {
            assert_eq!(parse_iso8601(text).map(iso8601).as_deref(), Some(text));
        }
    }
}
