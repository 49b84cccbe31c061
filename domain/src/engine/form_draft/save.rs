//! What becomes of one save of a form draft.
//!
//! Every page has an id of its own and numbers its saves, so that the newest text of one page wins in whatever order its requests arrive.
//! A page also names the revision that it grew from: if another page has saved since, its author chooses.

use uuid::Uuid;

/// The stored draft, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Number of accepted saves.
    pub revision: i64,
    /// The page of the last accepted save.
    pub page: Uuid,
    /// The number of that save on its page.
    pub seq: i64,
    /// Whether the form was sent since: then only the revision is left.
    pub is_ended: bool,
}

/// A save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save<'a> {
    /// The revision that the page showed; 0 for an empty form.
    pub base: i64,
    /// Id of the page; nil for a page without scripts.
    pub page: Uuid,
    /// Number of this save on its page.
    pub seq: i64,
    /// The state of the subject that the page showed.
    pub state: &'a str,
}

/// What becomes of a save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaveOutcome {
    /// It is stored as this revision.
    Store(i64),
    /// Newer text of the same page is stored already, as this revision.
    Superseded(i64),
    /// Another page has saved other text since this one was loaded.
    Older,
    /// The form is not open any more, or was sent from a page: there is nothing that the text belongs to.
    MovedOn,
}

/// Decides on a save. `stored`: the draft of the state that the page showed; `state`: the state in which the form is open now, none if it is
/// not open; `is_same`: whether the save has the stored text.
pub fn judge(stored: Option<&Stored>, save: &Save<'_>, state: Option<&str>, is_same: bool) -> SaveOutcome {
    if state != Some(save.state) {
        return SaveOutcome::MovedOn;
    }
    match stored {
        None => SaveOutcome::Store(save.base.max(0).saturating_add(1)),
        Some(stored) if stored.is_ended && save.base < stored.revision => SaveOutcome::MovedOn,
        Some(stored) if stored.is_ended => SaveOutcome::Store(stored.revision + 1),
        Some(stored) if stored.page == save.page && !save.page.is_nil() => {
            if save.seq > stored.seq {
                SaveOutcome::Store(stored.revision + 1)
            } else {
                SaveOutcome::Superseded(stored.revision)
            }
        }
        Some(stored) if is_same => SaveOutcome::Superseded(stored.revision),
        Some(stored) if save.base == stored.revision => SaveOutcome::Store(stored.revision + 1),
        Some(_) => SaveOutcome::Older,
    }
}
