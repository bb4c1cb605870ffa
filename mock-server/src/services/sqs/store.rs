//! Queues of one account and Region, and their messages: plain records that seeds build and
//! handlers change.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::store::{Place, Seed};

/// SQS's state in one account and Region.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Store {
    /// Queues, by name.
    pub queues: BTreeMap<String, Queue>,
    /// When queues were deleted, by name, in seconds since the epoch.
    pub deleted: BTreeMap<String, f64>,
    /// Tasks that move messages, oldest first.
    pub tasks: Vec<Task>,
    /// Whether a client has changed the seeded state.
    pub modified: bool,
}

impl crate::store::Store for Store {
    fn fill(&mut self, seed: &dyn Seed, place: Place<'_>) {
        seed.fill(place, self);
        super::seeded::fill(self, seed, place);
    }

    fn weight(&self) -> usize {
        self.queues.len() + 1
    }

    fn modified(&self) -> bool {
        self.modified
    }
}

/// A queue.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Queue {
    /// The attributes that were set, by the API's names; others have their defaults.
    pub attributes: BTreeMap<String, String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When it was created, in seconds since the epoch.
    pub created: f64,
    /// When its attributes were last changed, in seconds since the epoch.
    pub changed: f64,
    /// When it was last purged, in seconds since the epoch.
    pub purged: Option<f64>,
    /// Its messages, in the order of their arrival.
    pub messages: Vec<Message>,
    /// For FIFO queues, by deduplication id: when a message was sent, in seconds since the epoch,
    /// and the response.
    pub sent: BTreeMap<String, (f64, Value)>,
    /// How many messages were ever sent to it.
    pub sequence: u64,
}

impl Queue {
    /// Whether messages keep their order.
    pub fn is_fifo(&self) -> bool {
        self.attributes.get("FifoQueue").map(String::as_str) == Some("true")
    }
}

/// A message.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Message {
    /// A UUID.
    pub id: String,
    /// The body.
    pub body: String,
    /// Message attributes, by the API's member names.
    pub attributes: BTreeMap<String, Value>,
    /// System attributes that do not change: `SentTimestamp`, `SenderId`, `MessageGroupId`, …
    pub system: BTreeMap<String, String>,
    /// When it was sent, in seconds since the epoch.
    pub sent: f64,
    /// When it becomes visible, in seconds since the epoch.
    pub visible: f64,
    /// When it was first received, in seconds since the epoch.
    pub first_received: Option<f64>,
    /// How often it was received.
    pub receives: u64,
}

/// A task that moves messages out of a dead-letter queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// A UUID.
    pub id: String,
    /// The ARN of the dead-letter queue.
    pub source: String,
    /// The ARN of the destination queue; without one, messages return to their source queues.
    pub destination: Option<String>,
    /// Messages a second; without one all are moved at once.
    pub rate: Option<u64>,
    /// When it was started, in seconds since the epoch.
    pub started: f64,
    /// How many messages it found.
    pub found: u64,
    /// How many it has moved.
    pub moved: u64,
    /// The messages that it has not moved yet.
    pub waiting: VecDeque<Message>,
    /// The status.
    pub state: State,
}

/// The status of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is moving messages.
    Running,
    /// It has moved all messages.
    Completed,
    /// It was stopped.
    Cancelled,
    /// The destination does not exist any more.
    Failed,
}

impl State {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }
}

impl Message {
    /// Its size in bytes, as counted against the limit of a queue.
    pub(super) fn size(&self) -> usize {
        let attributes: usize = self
            .attributes
            .iter()
            .map(|(name, value)| name.len() + attribute_size(value))
            .sum();
        self.body.len() + attributes
    }
}

/// The bytes of a message attribute's type and value.
pub(super) fn attribute_size(value: &Value) -> usize {
    let text = |name: &str| value[name].as_str().map_or(0, str::len);
    text("DataType") + text("StringValue") + text("BinaryValue") * 3 / 4
}
