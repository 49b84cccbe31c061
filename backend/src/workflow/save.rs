//! Saving a revision of the answers.

use chrono::{DateTime, TimeDelta, Utc};
use domain::base::rule::key;
use domain::engine::flow::{Edit, RESPONSES, is_unlocked};
use domain::engine::form::{Answers, changes, check_size};
use uuid::Uuid;

use crate::access::owner::Owner;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::Keys;
use crate::matter::load::{answers_at, seal_answers};
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::thin::thin_revisions;

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

/// Saves answers of their owner as a new revision, unless they equal the present ones.
///
/// # Errors
/// [`MatterError::SavedTooOften`] if the account saves more than a server can spare, and the errors of [`store_answers`].
pub(crate) async fn save_answers(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    answers: Answers,
) -> Result<SavedRevision, MatterError> {
    let (saved, bytes) = store(tx, app, matter, answers).await?;
    if saved.revision > matter.revision {
        spend_budget(app, matter.actor.account, bytes)?;
    }
    Ok(saved)
}

/// Stores answers as a new revision, unless they equal the present ones.
///
/// # Errors
/// [`MatterError::Oversized`] if an answer or the draft is too large; [`MatterError::ChangedMeanwhile`] if another save came first.
pub(crate) async fn store_answers(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    answers: Answers,
) -> Result<SavedRevision, MatterError> {
    Ok(store(tx, app, matter, answers).await?.0)
}

/// The same; also gives the number of bytes stored.
async fn store(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, answers: Answers) -> Result<(SavedRevision, usize), MatterError> {
    let (id, from, now): (Uuid, i64, DateTime<Utc>) = (matter.id, matter.revision, app.now());
    if answers == matter.answers && from > 0 {
        return Ok((SavedRevision { revision: from, at: matter.saved_at }, 0));
    }
    check_size(matter.kind.form, &[&RESPONSES], &matter.answers, &answers).map_err(MatterError::Oversized)?;
    let sealed = seal_answers(&app.keys, id, from + 1, &answers);
    let institution = match (matter.kind.institution)(&answers) {
        Some(id) => db::institution::by_id(tx, id).await?.map(|i| i.id),
        None => None,
    };
    // Others see title and institution of a submitted matter; they change with its next submission.
    let (title, institution) = match matter.is_draft() {
        true => (matter.kind.title_for(&answers), institution),
        false => (matter.title.clone(), matter.institution),
    };
    let (event_count, form_version) = (matter.event_count, matter.kind.form.version);
    let saved_by = Some(matter.actor.account).filter(|account| !account.is_nil());
    let update = db::matter::RevisionUpdate { id, from, event_count, form_version, title: &title, institution, saved_by, now };
    if !db::matter::set_revision(tx, &update).await? {
        return Err(MatterError::ChangedMeanwhile);
    }
    db::matter::insert_answers(tx, id, from + 1, &sealed, now).await?;
    let thinned = thin_revisions(tx, matter, now).await?;
    if thinned || has_lost_files(&matter.answers, &answers) {
        plan_sweep(tx, app, matter.belongs_to()).await?;
    }
    Ok((SavedRevision { revision: from + 1, at: now }, sealed.len()))
}

/// Whether a file of the one is none of the other.
fn has_lost_files(before: &Answers, after: &Answers) -> bool {
    before.files().any(|file| after.files().all(|other| other.file != file.file))
}

/// Has the files of an owner checked for references once they may be removed: those of the person, or of everyone who may have attached one
/// for the institution.
pub(crate) async fn plan_sweep(tx: &mut Tx, app: &AppState, owner: Owner) -> Result<(), DbError> {
    let hours = app.tables().rules.on(app.today()).int(key::RETAIN_FILE_HOURS);
    let accounts = match owner {
        Owner::Person(account) => vec![account],
        Owner::Institution(institution) => db::institution::list_users_ever(tx, institution).await?,
    };
    for account in accounts {
        db::file::plan_sweep(tx, account, app.now() + TimeDelta::hours(hours)).await?;
    }
    Ok(())
}

/// Spends the bytes of a save from the budget of its account.
fn spend_budget(app: &AppState, account: Uuid, bytes: usize) -> Result<(), MatterError> {
    let megabytes = app.tables().rules.on(app.today()).int(key::DRAFT_SAVE_MB);
    let per_minute = u64::try_from(megabytes).unwrap_or(0).saturating_mul(1024 * 1024);
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    if app.save_budget.spend(account, bytes, per_minute, app.now()) { Ok(()) } else { Err(MatterError::SavedTooOften) }
}
