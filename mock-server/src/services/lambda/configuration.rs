//! A function's configuration in compact form: JSON text instead of a map, and the fields that are
//! used often.
//!
//! A map of a configuration takes 6 KB and its text 1 KB, and a mock holds hundreds of thousands of
//! them. Other members are parsed from the text when needed, which takes microseconds.

use serde_json::{Map, Value, json};

/// The reason that AWS gives for every change in progress, including updates. Source: answers
/// recorded from AWS.
const REASON: &str = "The function is being created.";

/// A configuration of `$LATEST` or of a published version.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Configuration {
    /// The members of the API, as they are when no change is under way.
    text: Box<str>,
    /// The number of a published version; 0 for `$LATEST`.
    version: u64,
    /// The size of the package, in bytes.
    code_size: u64,
    change: Change,
    /// When the change ends, in seconds since the epoch.
    until: f64,
}

/// The last change of a configuration.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// None that was made through the API.
    #[default]
    None,
    /// The function or the version was created.
    Creation,
    /// Code or configuration was updated.
    Update,
}

impl From<Map<String, Value>> for Configuration {
    fn from(members: Map<String, Value>) -> Self {
        let mut configuration = Self::default();
        configuration.write(&members);
        configuration
    }
}

impl Configuration {
    /// All members as they are when no change is under way.
    pub fn read(&self) -> Map<String, Value> {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A string member.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.read().remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The number of a published version; 0 for `$LATEST`.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The size of the package, in bytes.
    pub fn code_size(&self) -> u64 {
        self.code_size
    }

    /// Replaces all members.
    pub fn write(&mut self, members: &Map<String, Value>) {
        self.version = members
            .get("Version")
            .and_then(Value::as_str)
            .and_then(|version| version.parse().ok())
            .unwrap_or(0);
        self.code_size = members.get("CodeSize").and_then(Value::as_u64).unwrap_or(0);
        self.text = serde_json::to_string(members).unwrap_or_default().into();
    }

    /// Gives the configuration another `RevisionId`.
    pub fn revise(&mut self, revision: &str) {
        let mut members = self.read();
        members.insert("RevisionId".to_owned(), json!(revision));
        self.write(&members);
    }

    /// Begins a change that ends at a time, in seconds since the epoch. It ends by itself: nothing
    /// has to be done then.
    pub(super) fn begin(&mut self, change: Change, until: f64) {
        (self.change, self.until) = (change, until);
    }

    /// All members as they are at a time, in seconds since the epoch.
    pub(super) fn at(&self, now: f64) -> Map<String, Value> {
        if now < self.until {
            self.begun()
        } else {
            self.read()
        }
    }

    /// All members as they are during the last change, as in the response to the call that began
    /// it.
    pub(super) fn begun(&self) -> Map<String, Value> {
        let mut members = self.read();
        let mut put = |name: &str, value: &str| members.insert(name.to_owned(), json!(value));
        match self.change {
            Change::None => return members,
            Change::Creation => {
                put("State", "Pending");
                put("StateReason", REASON);
                put("StateReasonCode", "Creating");
                members.remove("LastUpdateStatus");
            }
            Change::Update => {
                put("LastUpdateStatus", "InProgress");
                put("LastUpdateStatusReason", REASON);
                put("LastUpdateStatusReasonCode", "Creating");
            }
        }
        if let Some(revision) = members
            .get_mut("RevisionId")
            .and_then(|it| it.as_str().map(before))
        {
            members.insert("RevisionId".to_owned(), json!(revision));
        }
        members
    }

    /// The `RevisionId` at a time, in seconds since the epoch.
    pub(super) fn revision_at(&self, now: f64) -> Option<String> {
        let revision = self.text("RevisionId")?;
        Some(if now < self.until && self.change != Change::None {
            before(&revision)
        } else {
            revision
        })
    }
}

/// The `RevisionId` until the change ends, since the end of a change changes it too. The two differ
/// in the first digit; the rest is unique to one call.
fn before(revision: &str) -> String {
    let mut letters = revision.chars();
    let first = letters
        .next()
        .and_then(|letter| letter.to_digit(16))
        .and_then(|digit| char::from_digit(digit ^ 8, 16));
    format!("{}{}", first.unwrap_or('x'), letters.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::{Change, Configuration};

    fn made(members: Value) -> Configuration {
        members
            .as_object()
            .cloned()
            .map(Configuration::from)
            .unwrap_or_default()
    }

    #[test]
    fn a_configuration_is_what_was_written() {
        let members = json!({"Version": "7", "CodeSize": 12, "Environment": {"Variables": {"A": "\"\u{e9}"}}, "RevisionId": "1"});
        let configuration = made(members.clone());
        assert_eq!(
            (
                Value::Object(configuration.read()),
                configuration.version(),
                configuration.code_size()
            ),
            (members, 7, 12)
        );
        assert_eq!(
            (
                configuration.text("RevisionId").as_deref(),
                configuration.text("CodeSize")
            ),
            (Some("1"), None)
        );
        assert_eq!(
            (
                made(json!({"Version": "$LATEST"})).version(),
                Configuration::default().read()
            ),
            (0, Map::new())
        );
    }

    #[test]
    fn a_change_ends_by_itself_and_gives_another_revision_id() {
        let mut configuration = made(
            json!({"State": "Active", "LastUpdateStatus": "Successful", "RevisionId": "0a000000-0000-4000-8000-000000000001"}),
        );
        let settled = configuration.read();
        configuration.begin(Change::Creation, 5.0);
        let pending = configuration.at(4.9);
        assert_eq!(
            (pending["State"].as_str(), pending.get("LastUpdateStatus")),
            (Some("Pending"), None)
        );
        assert_eq!(
            pending["RevisionId"],
            "8a000000-0000-4000-8000-000000000001"
        );
        assert_eq!(
            (configuration.at(5.0), configuration.begun() == pending),
            (settled.clone(), true)
        );
        assert_eq!(
            configuration.revision_at(4.9).as_deref(),
            pending["RevisionId"].as_str()
        );
        configuration.begin(Change::Update, 9.0);
        let updating = configuration.at(8.0);
        assert_eq!(
            (
                updating["State"].as_str(),
                updating["LastUpdateStatus"].as_str()
            ),
            (Some("Active"), Some("InProgress"))
        );
        assert_eq!(configuration.at(9.0), settled);
    }

    /// The text holds all that Lambda returns about a function; a map would take six times as much.
    #[test]
    fn a_configuration_takes_little_beside_its_text() {
        assert!(
            std::mem::size_of::<Configuration>() <= 48,
            "{}",
            std::mem::size_of::<Configuration>()
        );
    }
}
