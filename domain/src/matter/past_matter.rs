//! Matters submitted earlier, as rules about another matter read them.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::engine::flow::Stage;

/// A matter the applicant submitted earlier.
#[derive(Clone)]
pub struct PastMatter {
    /// Id of the matter.
    pub id: Uuid,
    /// Code of its kind.
    pub kind: &'static str,
    /// Name of its kind.
    pub kind_label: &'static str,
    /// Title in lists.
    pub title: String,
    /// Current stage; none for a code that the flow no longer has.
    pub stage: Option<&'static Stage>,
    /// Whether the matter, while open with the old institution, blocks an application for a transfer.
    pub blocks_transfer: bool,
    /// The recommending institution.
    pub institution: Option<Uuid>,
    /// The day it was closed, in Shanghai; none while it is open.
    pub closed_on: Option<NaiveDate>,
    /// Whether an appeal was submitted against the decision that closed it.
    pub appealed: bool,
}

impl PastMatter {
    /// Code of the current stage; empty for a stage that the flow no longer has.
    pub fn stage_code(&self) -> &'static str {
        self.stage.map_or("", |stage| stage.code)
    }

    /// Name of the current stage; empty for a stage that the flow no longer has.
    pub fn stage_label(&self) -> &'static str {
        self.stage.map_or("", |stage| stage.label)
    }

    /// The day of the decision, if the decision can be appealed.
    pub fn decided_on(&self) -> Option<NaiveDate> {
        self.closed_on.filter(|_| self.stage.is_some_and(Stage::can_be_appealed))
    }
}

impl PartialEq for PastMatter {
    fn eq(&self, other: &Self) -> bool {
        let key = |m: &Self| (m.id, m.kind, m.stage_code(), m.institution, m.closed_on, m.appealed);
        key(self) == key(other) && self.title == other.title
    }
}

impl Eq for PastMatter {}

impl std::fmt::Debug for PastMatter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PastMatter({} {} {})", self.kind, self.id, self.stage_code())
    }
}
