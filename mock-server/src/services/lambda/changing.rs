//! Resources whose changes take some time. Nothing runs in the background: the state is derived
//! when the resource is read.

use serde_json::{Map, Value};

/// A resource by the API's member names: its state during the last change, and its state
/// afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Changing {
    /// The state during the change, and the end of the change in seconds since the epoch.
    meanwhile: Option<(Map<String, Value>, f64)>,
    /// `None` if the resource is being deleted.
    afterwards: Option<Map<String, Value>>,
}

impl From<Map<String, Value>> for Changing {
    fn from(members: Map<String, Value>) -> Self {
        Self {
            meanwhile: None,
            afterwards: Some(members),
        }
    }
}

impl Changing {
    /// A resource whose change or deletion ends at a time, in seconds since the epoch.
    pub(super) fn until(
        until: f64,
        meanwhile: Map<String, Value>,
        afterwards: Option<Map<String, Value>>,
    ) -> Self {
        Self {
            meanwhile: Some((meanwhile, until)),
            afterwards,
        }
    }

    /// The resource at a time, in seconds since the epoch; `None` if it has been deleted by then.
    pub fn at(&self, now: f64) -> Option<&Map<String, Value>> {
        match &self.meanwhile {
            Some((members, until)) if now < *until => Some(members),
            _ => self.afterwards(),
        }
    }

    /// The resource after its last change; `None` if it is being deleted.
    pub(super) fn afterwards(&self) -> Option<&Map<String, Value>> {
        self.afterwards.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::Changing;

    #[test]
    fn a_change_is_over_from_its_time_on() {
        let state = |state: &str| Map::from_iter([("State".to_owned(), json!(state))]);
        let (creating, enabled) = (state("Creating"), state("Enabled"));
        let made = Changing::until(5.0, creating.clone(), Some(enabled.clone()));
        assert_eq!(
            (made.at(4.9), made.at(5.0)),
            (Some(&creating), Some(&enabled))
        );
        let deleted = Changing::until(5.0, state("Deleting"), None);
        assert_eq!(
            (deleted.at(4.9), deleted.at(5.0)),
            (Some(&state("Deleting")), None)
        );
        assert_eq!(Changing::from(enabled.clone()).at(0.0), Some(&enabled));
    }
}
