//! Dates in conditions, as IAM's first parser reads them.
//!
//! It is more lenient than ISO 8601: years have any number of digits and may have a sign, trailing
//! parts may be omitted, and one digit is accepted for two. A text without a `T` or a hyphen is a
//! number of seconds. Source: the dates in moto's recorded documents.

/// Whether a text is a date, or a number of seconds that fits 64 bits.
pub(super) fn is_date(text: &str) -> bool {
    let small = text.to_ascii_lowercase();
    if !small.contains(['t', '-']) {
        return is_digits(&small) && small.parse::<i64>().is_ok();
    }
    let (date, time) = small.split_once('t').unwrap_or((&small, ""));
    is_day(date) && (time.is_empty() || is_time(time))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_within(text: &str, least: u64, most: u64) -> bool {
    is_digits(text)
        && text
            .parse::<u64>()
            .is_ok_and(|number| (least..=most).contains(&number))
}

/// A year within the range of Java's dates, with at most a month and a day.
fn is_day(date: &str) -> bool {
    let (most, positive) = match date.strip_prefix('-') {
        Some(rest) => (292_275_054, rest),
        None => (292_278_993, date),
    };
    let parts: Vec<&str> = positive.split('-').collect();
    let year = |year: &str| is_within(year, 0, most);
    match parts[..] {
        [only] => year(only),
        [first, month] => year(first) && is_within(month, 1, 12),
        [first, month, day] => year(first) && is_within(month, 1, 12) && is_within(day, 1, 31),
        _ => false,
    }
}

/// Hours, minutes, and seconds with a fraction and a zone.
fn is_time(time: &str) -> bool {
    let (clock, zone) = match time.find(['z', '+']) {
        Some(at) => (&time[..at], Some(&time[at..])),
        None => (time, None),
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let clock_is_right = match parts[..] {
        [hours] => is_within(hours, 0, 23),
        [hours, minutes] => is_within(hours, 0, 23) && is_within(minutes, 0, 59),
        [hours, minutes, seconds] => {
            is_within(hours, 0, 23) && is_within(minutes, 0, 59) && is_seconds(seconds)
        }
        _ => false,
    };
    clock_is_right && zone.is_none_or(|zone| parts.len() == 3 && is_zone(zone))
}

fn is_seconds(seconds: &str) -> bool {
    match seconds.split_once('.') {
        Some((whole, fraction)) => is_within(whole, 0, 59) && is_within(fraction, 0, 999_999_999),
        None => is_within(seconds, 0, 59),
    }
}

/// `z`, `+hh` or `+hh:mm`.
fn is_zone(zone: &str) -> bool {
    let Some(offset) = zone.strip_prefix('+') else {
        return zone == "z";
    };
    let two = |text: &str, most| text.len() == 2 && is_within(text, 0, most);
    match offset.split_once(':') {
        Some((hours, minutes)) => two(hours, 23) && two(minutes, 59),
        None => two(offset, 23),
    }
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn dates_are_read_leniently() {
        for date in [
            "2013-06-30T00:00:00Z",
            "2016-12-13t2:00:00.593194+10:59",
            "2016-12-13T12:00:00.1999+10",
            "-292275054",
            "292278993-12-31T23:59",
            "2016",
            "2016-1-1",
            "0",
            "9223372036854775807",
            "2013-06-30T12",
        ] {
            assert!(is_date(date), "{date}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "sdfdsf",
            "234-13",
            "9223372036854775808",
            "2016-12-13t2:00:00.593194+1",
            "2016-12-13t2:00:00.1999999999+10:59",
            "2016-12-32",
            "2016-12-13T24:00",
            "2016-12-13T12:00Z",
            "292278994-01-01",
            "1-2-3-4",
            "12.5",
            "+5",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }
}
