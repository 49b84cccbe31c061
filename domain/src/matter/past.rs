//! Matters submitted earlier, as rules about another matter read them.

use chrono::NaiveDate;
use uuid::Uuid;

use super::Kind;
use crate::engine::flow::Stage;

/// A matter the applicant submitted earlier.
#[derive(Clone)]
pub struct PastMatter {
    /// Its id.
    pub id: Uuid,
    /// Its kind.
    pub kind: &'static Kind,
    /// Its title in lists.
    pub title: String,
    /// Code of its stage.
    pub stage: String,
    /// The institution that recommends it.
    pub institution: Option<Uuid>,
    /// The day it was closed, in Shanghai; none while it is open.
    pub closed_on: Option<NaiveDate>,
    /// Whether an appeal was submitted against the decision that closed it.
    pub appealed: bool,
}

impl PartialEq for PastMatter {
    fn eq(&self, other: &Self) -> bool {
        let key = |m: &Self| (m.id, m.kind.code, m.closed_on, m.appealed);
        key(self) == key(other) && self.stage == other.stage && self.title == other.title && self.institution == other.institution
    }
}

impl Eq for PastMatter {}

impl std::fmt::Debug for PastMatter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PastMatter({} {} {})", self.kind.code, self.id, self.stage)
    }
}

impl PastMatter {
    /// Its stage; none for a code that the flow no longer has.
    pub fn stage(&self) -> Option<&'static Stage> {
        self.kind.flow.stage(&self.stage)
    }

    /// The day of its decision, if that decision can be appealed.
    pub fn decided_on(&self) -> Option<NaiveDate> {
        self.closed_on.filter(|_| self.stage().is_some_and(Stage::disputable))
    }
}
