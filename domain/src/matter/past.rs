//! A matter a person has submitted, as rules about another one read it.

use chrono::NaiveDate;
use uuid::Uuid;

use super::{Kind, kind};
use crate::flow::Stage;

/// A matter that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Its id.
    pub id: Uuid,
    /// Code of its kind.
    pub kind: String,
    /// What it is called.
    pub title: String,
    /// Code of its stage.
    pub stage: String,
    /// The institution that recommends it.
    pub institution: Option<Uuid>,
    /// The day it ended, in Shanghai.
    pub closed_on: Option<NaiveDate>,
    /// Whether an appeal was submitted against the decision that ended it.
    pub appealed: bool,
}

impl Past {
    /// Its kind.
    pub fn kind(&self) -> Option<&'static Kind> {
        kind(&self.kind)
    }

    /// The stage it is at.
    pub fn stage(&self) -> Option<&'static Stage> {
        self.kind()?.flow.stage(&self.stage)
    }

    /// The day of a decision that can be disputed; none when there is none.
    pub fn decided_on(&self) -> Option<NaiveDate> {
        self.closed_on.filter(|_| self.stage().is_some_and(Stage::disputable))
    }
}
