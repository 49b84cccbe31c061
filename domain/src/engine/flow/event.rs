//! Events of a matter: typed and append-only.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::form::{Answers, Path};

/// An event of a matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Number within the matter, from 1.
    pub seq: i64,
    /// Time of recording.
    pub at: DateTime<Utc>,
    /// Effective day in Shanghai.
    pub effective_on: NaiveDate,
    /// Acting account; `None` for system parties.
    pub by: Option<Uuid>,
    /// Code of the acting [`super::Party`].
    pub party: String,
    /// Kind and data of the event.
    #[serde(rename = "what")]
    pub kind: EventKind,
}

/// Kind and data of the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum EventKind {
    /// A transition was made.
    #[serde(rename = "moved")]
    Transitioned {
        /// Code of the stage before.
        from: String,
        /// Command of the transition.
        command: String,
        /// Code of the stage afterwards.
        to: String,
        /// Note given with the command.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
        /// Items for rectification.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<RectificationItem>,
        /// The revision submitted with the command.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<i64>,
        /// Answers to the form of the transition.
        #[serde(default, skip_serializing_if = "Answers::is_empty")]
        answers: Answers,
    },
    /// A vote was given; the stage is unchanged.
    Voted {
        /// Code of the stage at which the vote was given.
        stage: String,
        /// Command voted for.
        command: String,
        /// Note given with the vote.
        note: String,
        /// Items for rectification.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<RectificationItem>,
        /// Answers to the form of the transition.
        #[serde(default, skip_serializing_if = "Answers::is_empty")]
        answers: Answers,
    },
    /// Experts were assigned in place of earlier ones.
    Assigned {
        /// Accounts of the people assigned.
        people: Vec<Uuid>,
        /// Candidates who could not be assigned, with reasons.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        recused: Vec<(Uuid, String)>,
    },
    /// An assignee recused themselves.
    Recused {
        /// Reason for leaving the case.
        note: String,
    },
    /// People assigned left the case, since they did not vote in time.
    Absent {
        /// Their accounts.
        people: Vec<Uuid>,
    },
    /// The answers submitted next name these participants.
    Named {
        /// Accounts of everyone named.
        people: Vec<Uuid>,
        /// Those of them whose part of the answers is new or changed, so that an earlier agreement does not count.
        changed: Vec<Uuid>,
    },
    /// The association excluded everyone of a name.
    Excluded {
        /// The name.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
        /// Accounts of this name that had a part in it.
        people: Vec<Uuid>,
        /// Reason of the exclusion.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
}

impl Event {
    /// The answers that came with it, with the stage and the command that asked for them.
    pub fn answers_mut(&mut self) -> Option<(&str, &str, &mut Answers)> {
        match &mut self.kind {
            EventKind::Transitioned { from: stage, command, answers, .. } | EventKind::Voted { stage, command, answers, .. } => {
                (!answers.is_empty()).then_some((stage, command, answers))
            }
            _ => None,
        }
    }
}

/// An item for rectification: an answer, and what is required of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RectificationItem {
    /// Item id, which the applicant's response refers to.
    #[serde(default)]
    pub id: Uuid,
    /// Path of the answer.
    pub path: Path,
    /// What the applicant has to change or supply.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_events_keep_their_names() {
        let stored = serde_json::json!({
            "seq": 1, "at": "2026-11-23T00:00:00Z", "effective_on": "2026-11-23", "by": null, "party": "applicant",
            "what": { "what": "moved", "from": "draft", "command": "submit", "to": "review", "revision": 3 },
        });
        let event: Event = serde_json::from_value(stored.clone()).unwrap();
        assert!(matches!(&event.kind, EventKind::Transitioned { revision: Some(3), .. }));
        assert_eq!(serde_json::to_value(&event).unwrap(), stored);
    }
}
