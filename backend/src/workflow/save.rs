//! Saving a revision of the answers.

use chrono::{DateTime, Utc};
use domain::engine::flow::{Edit, is_unlocked};
use domain::engine::form::{Answers, changes};
use uuid::Uuid;

use crate::infra::db::{self, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::matter::load::{ANSWERS, answers_at};
use crate::matter::{LoadedMatter, MatterError};

/// Result of a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SavedRevision {
    /// The revision now.
    pub revision: i64,
    /// When it was saved.
    pub at: DateTime<Utc>,
}

/// Checks that the answers can be edited at the present stage.
pub(crate) fn require_editable(matter: &LoadedMatter) -> Result<(), MatterError> {
    if matter.stage().is_none_or(|s| s.edit == Edit::Nothing) { Err(MatterError::NotEditable) } else { Ok(()) }
}

/// Checks that every change lies within the items of the last return.
pub(crate) fn require_unlocked(matter: &LoadedMatter, answers: &Answers) -> Result<(), MatterError> {
    let Some(items) = matter.open_items() else { return Ok(()) };
    let unlocked = changes(&matter.answers, answers).iter().all(|path| is_unlocked(matter.kind.form, items, path));
    if unlocked { Ok(()) } else { Err(MatterError::Locked) }
}

/// The answers of the revision that a page or patch was based on.
///
/// # Errors
/// [`MatterError::UnknownRevision`] for a revision that does not exist yet.
pub(crate) async fn base_answers(tx: &mut Tx, keys: &Keys, matter: &LoadedMatter, base: i64) -> Result<Answers, MatterError> {
    if base == matter.revision {
        return Ok(matter.answers.clone());
    }
    if base > matter.revision || base < 0 {
        return Err(MatterError::UnknownRevision);
    }
    Ok(answers_at(tx, keys, matter.kind.form, matter.id, base).await?.0)
}

/// Saves answers as a new revision, unless they equal the present ones.
///
/// # Errors
/// [`MatterError::ChangedMeanwhile`] if another save came first.
pub(crate) async fn save_answers(
    tx: &mut Tx,
    keys: &Keys,
    matter: &LoadedMatter,
    answers: Answers,
    now: DateTime<Utc>,
) -> Result<SavedRevision, MatterError> {
    let (id, from): (Uuid, i64) = (matter.id, matter.revision);
    if answers == matter.answers && from > 0 {
        return Ok(SavedRevision { revision: from, at: matter.saved_at });
    }
    let institution = match (matter.kind.institution)(&answers) {
        Some(id) => db::institution::by_id(tx, id).await?.map(|i| i.id),
        None => None,
    };
    // After a submission the index row keeps its institution until another one is chosen.
    let institution = if matter.is_draft() { institution } else { institution.or(matter.institution) };
    let title = matter.kind.title_for(&answers);
    if !db::matter::set_revision(tx, id, from, matter.kind.form.version, &title, institution, now).await? {
        return Err(MatterError::ChangedMeanwhile);
    }
    let sealed = keys.seal_json(SealContext::new(ANSWERS, id), &answers);
    db::matter::insert_answers(tx, id, from + 1, &sealed, now).await?;
    Ok(SavedRevision { revision: from + 1, at: now })
}
