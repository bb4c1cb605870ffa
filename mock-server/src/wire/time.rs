//! Timestamps: epoch seconds internally, the protocol's format externally.

use crate::model::TimestampFormat;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
/// The epoch began on a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// The epoch seconds of years with four digits.
const REPRESENTABLE: std::ops::RangeInclusive<f64> = -62_167_219_200.0..=253_402_300_799.999;

/// A timestamp in a format, with milliseconds if it has any.
pub(crate) fn format(format: TimestampFormat, epoch_seconds: f64) -> String {
    let millis = (epoch_seconds * 1_000.0).round() / 1_000.0;
    match format {
        TimestampFormat::Iso8601 if millis.fract() == 0.0 => iso8601(millis),
        TimestampFormat::Iso8601 => {
            let fraction = (millis - millis.floor()) * 1_000.0;
            iso8601(millis).replace('Z', &format!(".{:03}Z", fraction.round()))
        }
        TimestampFormat::Rfc822 => rfc822(millis),
        TimestampFormat::UnixTimestamp => millis.to_string(),
    }
}

/// Epoch seconds of a text in a format; `None` if it does not have that format.
pub(crate) fn parse(format: TimestampFormat, text: &str) -> Option<f64> {
    match format {
        TimestampFormat::Iso8601 => parse_iso8601(text),
        TimestampFormat::Rfc822 => parse_rfc822(text),
        TimestampFormat::UnixTimestamp => text
            .parse()
            .ok()
            .filter(|seconds| REPRESENTABLE.contains(seconds)),
    }
}

/// `2026-11-24T12:00:00Z`, as XML protocols write timestamps.
pub(crate) fn iso8601(epoch_seconds: f64) -> String {
    let (_, (year, month, day, hour, minute, second)) = civil(epoch_seconds);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

fn rfc822(epoch_seconds: f64) -> String {
    let (weekday, (year, month, day, hour, minute, second)) = civil(epoch_seconds);
    let month = usize::try_from(month - 1)
        .ok()
        .and_then(|at| MONTHS.get(at))
        .unwrap_or(&"Jan");
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Epoch seconds of an ISO 8601 timestamp; `None` if it is not valid. A timestamp without an offset
/// is in UTC.
pub(crate) fn parse_iso8601(text: &str) -> Option<f64> {
    let (date, rest) = text.split_at_checked(19)?;
    let bytes = date.as_bytes();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if separators
        .iter()
        .any(|(at, byte)| bytes.get(*at) != Some(byte))
    {
        return None;
    }
    let number = |range: std::ops::Range<usize>| digits(date.get(range)?);
    let time = (number(11..13)?, number(14..16)?, number(17..19)?);
    let seconds = seconds(number(0..4)?, number(5..7)?, number(8..10)?, time)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let (fraction, zone) = rest.split_at(end);
            (
                format!("0.{fraction}")
                    .parse::<f64>()
                    .ok()
                    .filter(|_| end > 0)?,
                zone,
            )
        }
        None => (0.0, rest),
    };
    Some(seconds + fraction - offset(zone)?)
}

/// The offset of a zone from UTC in seconds: `Z`, `+01:00`, `+0100`.
fn offset(zone: &str) -> Option<f64> {
    if matches!(zone, "" | "Z" | "z") {
        return Some(0.0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    if minutes.len() != 2 {
        return None;
    }
    let seconds = sign * (digits(hours)? * 3_600 + digits(minutes)? * 60);
    i32::try_from(seconds).ok().map(f64::from)
}

/// Epoch seconds of an HTTP date.
fn parse_rfc822(text: &str) -> Option<f64> {
    let (weekday, rest) = text.split_once(", ")?;
    let rest = rest
        .strip_suffix(" GMT")
        .or_else(|| rest.strip_suffix(" +0000"))?;
    let [day, month, year, time] = rest.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = time.split(':').collect::<Vec<_>>().try_into().ok()?;
    let month = i64::try_from(MONTHS.iter().position(|it| *it == month)?).ok()? + 1;
    let time = (digits(hour)?, digits(minute)?, digits(second)?);
    let fraction: f64 = format!("0.{}", digits(fraction).map(|_| fraction)?)
        .parse()
        .ok()?;
    let seconds = seconds(digits(year)?, month, digits(day)?, time)?;
    WEEKDAYS.contains(&weekday).then_some(seconds + fraction)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// Epoch seconds of a date and a time in UTC; `None` if there is no such day or time.
fn seconds(year: i64, month: i64, day: i64, time: (i64, i64, i64)) -> Option<f64> {
    let (hour, minute, second) = time;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    // A leap second is the first second of the next minute.
    let exists = (1..=longest).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    if !exists || year > 9_999 {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    #[expect(
        clippy::cast_precision_loss,
        reason = "seconds of four-digit years are exact"
    )]
    Some(seconds as f64)
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

/// The weekday, and year, month, day, hour, minute and second. A time outside the years with four
/// digits becomes the nearest second within them.
fn civil(epoch_seconds: f64) -> (&'static str, (i64, i64, i64, i64, i64, i64)) {
    let within = epoch_seconds.clamp(*REPRESENTABLE.start(), *REPRESENTABLE.end());
    #[expect(clippy::cast_possible_truncation, reason = "within four-digit years")]
    let seconds = within.floor() as i64;
    let (since_epoch, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let weekday = usize::try_from(since_epoch.rem_euclid(7))
        .ok()
        .and_then(|at| WEEKDAYS.get(at));
    let day_number = since_epoch + 719_468;
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
    let time = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    (
        weekday.copied().unwrap_or("Thu"),
        (year, month, day, time.0, time.1, time.2),
    )
}

#[cfg(test)]
mod tests {
    use super::{format, iso8601, parse, parse_iso8601};
    use crate::model::TimestampFormat::{Iso8601, Rfc822, UnixTimestamp};

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
        // RFC 9110, section 5.6.7, and Smithy's protocol tests.
        for (kind, text, seconds) in [
            (Rfc822, "Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777.0),
            (Rfc822, "Tue, 29 Apr 2014 18:30:38 GMT", 1_398_796_238.0),
            (Iso8601, "2014-04-29T18:30:38Z", 1_398_796_238.0),
            (Iso8601, "2000-01-02T20:34:56.123Z", 946_845_296.123),
            (Iso8601, "1969-12-31T23:59:59.500Z", -0.5),
            (UnixTimestamp, "1398796238", 1_398_796_238.0),
            (UnixTimestamp, "946845296.123", 946_845_296.123),
        ] {
            assert_eq!(format(kind, seconds), text);
            assert_eq!(parse(kind, text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_read() {
        for (kind, text, seconds) in [
            (Iso8601, "2019-12-16T22:48:18-01:00", 1_576_540_098.0),
            (Iso8601, "2019-12-17T00:48:18+0100", 1_576_540_098.0),
            (Iso8601, "2019-12-16T23:48:18", 1_576_540_098.0),
            (Rfc822, "Sun, 02 Jan 2000 20:34:56.456 GMT", 946_845_296.456),
        ] {
            assert_eq!(parse(kind, text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_read() {
        for text in [
            "",
            "2014",
            "2014-02-29T00:00:00Z",
            "2014-13-01T00:00:00Z",
            "2014-01-01T24:00:00Z",
            "2014-01-01 00:00:00Z",
            "2014-01-01T00:00:00X",
            "2014-01-01T00:00:00.Z",
            "+014-01-01T00:00:00Z",
            "2014-01-01T00:00:00+1",
            "2014-01-01T00:00:00+é0",
            "é014-01-01T00:00:00Z",
            "1398796238",
        ] {
            assert_eq!(parse(Iso8601, text), None, "{text}");
        }
        for text in [
            "",
            "Sun, 06 Nov 1994",
            "Sun, 06 Nov 1994 08:49:37 CET",
            "Xxx, 06 Nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
        ] {
            assert_eq!(parse(Rfc822, text), None, "{text}");
        }
        for text in ["", "NaN", "inf", "1e300", "2014-04-29T18:30:38Z"] {
            assert_eq!(parse(UnixTimestamp, text), None, "{text}");
        }
        assert_eq!(iso8601(f64::INFINITY), "9999-12-31T23:59:59Z");
        assert_eq!(format(Rfc822, f64::NAN), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
