//! What happened to a matter: typed, append-only, in the words of the field.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::form::Path;

/// One entry of a matter's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Place in the matter's history, from 1.
    pub seq: i64,
    /// When it was recorded.
    pub at: DateTime<Utc>,
    /// From which day it counts.
    pub effective_on: NaiveDate,
    /// Who; none for the daily job.
    pub by: Option<Uuid>,
    /// As what: a code of [`super::Party`].
    pub party: String,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// The matter went from one stage to another.
    Moved {
        /// The stage it was at.
        from: String,
        /// The move.
        command: String,
        /// The stage it went to.
        to: String,
        /// The opinion given with it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
        /// Answers it points at.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<Item>,
        /// The revision submitted with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<i64>,
    },
    /// One of several gave an opinion; the stage stays.
    Voted {
        /// The stage.
        stage: String,
        /// The move they are for.
        command: String,
        /// Their opinion.
        note: String,
        /// Answers it points at.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        items: Vec<Item>,
    },
    /// People were assigned, in place of those assigned before.
    Assigned {
        /// Who.
        people: Vec<Uuid>,
        /// Who could not be, and why.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        recused: Vec<(Uuid, String)>,
    },
    /// One of those assigned left the case.
    Recused {
        /// Why.
        note: String,
    },
}

/// An answer that someone points at, and what is asked about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Made with it; the applicant's response carries it.
    #[serde(default)]
    pub id: Uuid,
    /// The answer.
    pub path: Path,
    /// What is asked.
    pub text: String,
}
