//! Which calls a fault strikes, and how often; written as text so that a command can repeat it:
//! `KIND@service:Operation@account/region/function@times`.

use std::fmt;
use std::str::FromStr;

use super::call::Call;
use super::kinds::{Class, KINDS, Kind};

/// A fault.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: &'static Kind,
    /// `service:Operation`, or `*`.
    pub(crate) operation: String,
    /// An account id, or `*`.
    pub(crate) account: String,
    /// A Region, or `*`.
    pub(crate) region: String,
    /// A function's name, or `*`.
    pub(crate) function: String,
    pub(crate) times: Times,
}

/// How often a fault strikes the calls that it fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    Always,
    /// Each request the first time that it comes: a second attempt is answered.
    EachOnce,
    /// One in so many requests the first time that it comes, drawn by the request.
    SomeOnce(u64),
    /// The first calls only.
    First(u64),
}

impl Times {
    /// Whether a call is struck: `number` calls came before it, `first` is set where none of them
    /// asked the same, `drawn` belongs to the request.
    pub(crate) fn strike(self, number: u64, first: bool, drawn: u64) -> bool {
        match self {
            Self::Always => true,
            Self::EachOnce => first,
            Self::SomeOnce(one_in) => first && (drawn >> 7).is_multiple_of(one_in),
            Self::First(most) => number < most,
        }
    }
}

impl Fault {
    /// A fault that strikes all calls of an operation.
    pub(crate) fn everywhere(kind: &'static Kind, operation: &str) -> Self {
        let any = || "*".to_owned();
        Self {
            kind,
            operation: operation.to_owned(),
            account: any(),
            region: any(),
            function: any(),
            times: Times::Always,
        }
    }

    /// The same fault in the place of a call only: its account and, where calls are made for a
    /// Region, its Region.
    #[must_use]
    pub(crate) fn at(self, call: &Call) -> Self {
        let region = if call.service == "lambda" {
            call.region.clone()
        } else {
            "*".to_owned()
        };
        Self {
            account: call.account.clone(),
            region,
            ..self
        }
    }

    /// The same fault for the call's function only, if it is about one.
    #[must_use]
    pub(crate) fn of_function(self, call: &Call) -> Self {
        Self {
            function: call.function.clone().unwrap_or_else(|| "*".to_owned()),
            ..self
        }
    }

    pub(crate) fn fits(&self, call: &Call) -> bool {
        let fits = |pattern: &str, value: &str| pattern == "*" || pattern == value;
        let here = fits(&self.account, &call.account) && fits(&self.region, &call.region);
        here && fits(&self.operation, &call.name())
            && fits(&self.function, call.function.as_deref().unwrap_or_default())
    }

    /// Whether trying again overcomes the fault where it struck a session, or the caller's own
    /// credentials.
    pub(crate) fn is_overcome(&self, session: bool) -> bool {
        match (self.kind.class, self.times) {
            (Class::Harmless, _) => true,
            (_, Times::Always) => false,
            (Class::Passing | Class::Slow | Class::Brief, _) => true,
            (Class::Expiring, _) => session,
            (Class::Wrong | Class::Paging | Class::Huge, _) => false,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}@{}@{}/{}/{}@",
            self.kind.name, self.operation, self.account, self.region, self.function
        )?;
        match self.times {
            Times::Always => f.write_str("always"),
            Times::EachOnce => f.write_str("each-once"),
            Times::SomeOnce(one_in) => write!(f, "some-once-{one_in}"),
            Times::First(most) => write!(f, "first-{most}"),
        }
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            format!(
                "`{text}` is not a fault: write KIND@service:Operation@account/region/function@always, each-once, some-once-N or first-N"
            )
        };
        let parts: Vec<&str> = text.split('@').collect();
        let [name, operation, place, times] = parts[..] else {
            return Err(wrong());
        };
        let kind = KINDS
            .iter()
            .find(|kind| kind.name == name)
            .ok_or_else(|| format!("there is no kind of fault `{name}`; see --list"))?;
        let place: Vec<String> = place.split('/').map(str::to_owned).collect();
        let Ok([account, region, function]) = <[String; 3]>::try_from(place) else {
            return Err(wrong());
        };
        let number = |prefix: &str| {
            times
                .strip_prefix(prefix)
                .and_then(|it| it.parse::<u64>().ok())
                .filter(|it| *it > 0)
        };
        let times = match times {
            "always" => Times::Always,
            "each-once" => Times::EachOnce,
            _ => number("some-once-")
                .map(Times::SomeOnce)
                .or_else(|| number("first-").map(Times::First))
                .ok_or_else(wrong)?,
        };
        Ok(Self {
            kind,
            operation: operation.to_owned(),
            account,
            region,
            function,
            times,
        })
    }
}
