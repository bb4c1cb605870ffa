//! Compares the values of a condition with those of a request, by kind of operator.

use std::cmp::Ordering;
use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::operator::Operator;
use crate::pattern::Pattern;
use crate::request::View;

/// The positive comparison behind an operator or its negation.
pub(crate) fn holds(operator: Operator, wanted: &Pattern, value: &str, view: &View<'_>) -> bool {
    use Operator as O;
    match operator {
        O::StringLike | O::StringNotLike => return wanted.matches_in(value, view),
        O::ArnEquals | O::ArnLike | O::ArnNotEquals | O::ArnNotLike => {
            return wanted.matches_arn(value, view);
        }
        _ => {}
    }
    let Some(wanted) = wanted.resolved(view) else {
        return false;
    };
    let wanted = wanted.as_ref();
    match operator {
        O::StringEquals | O::StringNotEquals => wanted == value,
        O::StringEqualsIgnoreCase | O::StringNotEqualsIgnoreCase => {
            wanted.to_lowercase() == value.to_lowercase()
        }
        O::BinaryEquals => wanted.trim_end_matches('=') == value.trim_end_matches('='),
        O::Bool => is_boolean(wanted) && wanted.eq_ignore_ascii_case(value),
        O::IpAddress | O::NotIpAddress => in_network(wanted, value),
        O::NumericEquals | O::NumericNotEquals => numbers(value, wanted) == Some(Ordering::Equal),
        O::NumericLessThan => numbers(value, wanted) == Some(Ordering::Less),
        O::NumericLessThanEquals => numbers(value, wanted).is_some_and(Ordering::is_le),
        O::NumericGreaterThan => numbers(value, wanted) == Some(Ordering::Greater),
        O::NumericGreaterThanEquals => numbers(value, wanted).is_some_and(Ordering::is_ge),
        O::DateEquals | O::DateNotEquals => dates(value, wanted) == Some(Ordering::Equal),
        O::DateLessThan => dates(value, wanted) == Some(Ordering::Less),
        O::DateLessThanEquals => dates(value, wanted).is_some_and(Ordering::is_le),
        O::DateGreaterThan => dates(value, wanted) == Some(Ordering::Greater),
        O::DateGreaterThanEquals => dates(value, wanted).is_some_and(Ordering::is_ge),
        O::StringLike
        | O::StringNotLike
        | O::ArnEquals
        | O::ArnLike
        | O::ArnNotEquals
        | O::ArnNotLike
        | O::Null
        | O::Unknown => false,
    }
}

/// Whether a text is one of Bool's values.
pub(crate) fn is_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn numbers(value: &str, wanted: &str) -> Option<Ordering> {
    number(value)?.partial_cmp(&number(wanted)?)
}

/// A decimal number.
pub(crate) fn number(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    text.parse::<f64>()
        .ok()
        .filter(|number| plain && number.is_finite())
}

fn dates(value: &str, wanted: &str) -> Option<Ordering> {
    Some(date(value)?.cmp(&date(wanted)?))
}

/// A date in one of the forms of W3C's ISO 8601 profile, or in seconds since the epoch; without a
/// zone it is UTC.
///
/// Source: "IAM JSON policy elements: Condition operators", date condition operators.
pub(crate) fn date(text: &str) -> Option<Timestamp> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_year = digits.len() == 4 && text == digits;
    if !digits.is_empty() && !is_year && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Timestamp::from_second(text.parse().ok()?).ok();
    }
    let (year, month, day) = match text
        .get(..10)
        .unwrap_or(text)
        .split('-')
        .collect::<Vec<_>>()[..]
    {
        [year] => (year, "01", "01"),
        [year, month] => (year, month, "01"),
        [year, month, day] => (year, month, day),
        _ => return None,
    };
    if year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let day = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    match text.get(10..) {
        None | Some("") => TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok(),
        Some(rest) => {
            let zoned = rest.ends_with(['Z', 'z'])
                || rest.get(1..).is_some_and(|rest| rest.contains(['+', '-']));
            if zoned {
                return text.parse().ok();
            }
            let time: DateTime = text.parse().ok()?;
            TimeZone::UTC.to_timestamp(time).ok()
        }
    }
}

/// A network: its address and the length of its prefix.
pub(crate) fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.unwrap_or(longest);
    (prefix <= longest).then_some((address, prefix))
}

fn in_network(wanted: &str, value: &str) -> bool {
    let (Some((base, prefix)), Ok(address)) = (network(wanted), value.parse::<IpAddr>()) else {
        return false;
    };
    match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            u32::from(base) & mask == u32::from(address) & mask
        }
        (IpAddr::V6(base), IpAddr::V6(address)) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            u128::from(base) & mask == u128::from(address) & mask
        }
        _ => false,
    }
}
