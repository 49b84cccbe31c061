//! A form draft, and a save of one.

use chrono::{DateTime, Utc};
use domain::engine::form_draft::{DraftForm, Pairs, Since};
use uuid::Uuid;

/// Sealing column of the values.
pub(crate) const VALUES_COLUMN: &str = "form_draft.values_sealed";

/// Which draft of an account.
#[derive(Debug, Clone)]
pub struct DraftKey {
    /// The form.
    pub form: &'static DraftForm,
    /// What its subject adds to the form: the name of a command, the number of a certificate; may be empty.
    pub part: String,
    /// What it is about: id of a matter, an order, a certificate or an account.
    pub subject: Uuid,
}

/// A draft with its text.
#[derive(Debug, Clone)]
pub struct FormDraft {
    /// Row id.
    pub id: Uuid,
    /// Which draft it is.
    pub key: DraftKey,
    /// State of the subject in which it was typed.
    pub state: String,
    /// Names and values.
    pub pairs: Pairs,
    /// Number of accepted saves.
    pub revision: i64,
    /// When it was saved.
    pub saved_at: DateTime<Utc>,
    /// When its author first saw that it was not used.
    pub shown_at: Option<DateTime<Utc>>,
}

/// A save, as a page sends it.
#[derive(Debug, Clone)]
pub struct SaveRequest {
    /// Which draft.
    pub key: DraftKey,
    /// State of the subject that the page showed.
    pub state: String,
    /// The revision that the page showed; 0 for an empty form.
    pub base: i64,
    /// Id of the page; nil without scripts.
    pub page: Uuid,
    /// Number of the save on its page.
    pub seq: i64,
    /// The account that typed it, if the page says it.
    pub account: Option<Uuid>,
    /// Names and values of the form's controls.
    pub pairs: Pairs,
    /// What the page changed since `base`, from which it is merged with the text of another page; none of a page without scripts.
    pub since: Option<Since>,
}

/// What a device asks of a form that it stores.
#[derive(Debug, Clone)]
pub struct StateRequest {
    /// Which draft.
    pub key: DraftKey,
    /// State of the subject in which it was typed.
    pub state: String,
    /// The account that typed it.
    pub account: Uuid,
    /// Idempotency key of the post with its text, if it was posted.
    pub posted: Option<Uuid>,
}

/// A draft is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedDraft {
    /// Its revision now.
    pub revision: i64,
    /// When it was saved.
    pub at: DateTime<Utc>,
    /// The text now, if it was merged with that of another page.
    pub merged: Option<Pairs>,
}
