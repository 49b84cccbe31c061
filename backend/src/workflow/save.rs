//! Saving a revision of the answers.

use chrono::{DateTime, TimeDelta, Utc};
use domain::base::rule::key;
use domain::engine::flow::{Edit, RESPONSES, is_unlocked};
use domain::engine::form::{Answers, changes, check_size};
use uuid::Uuid;

use crate::access::owner::Owner;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::Keys;
use crate::matter::answers::{answers_at, seal_answers};
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;
use crate::workflow::thin::superseded_revisions;

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
    match NewRevision::prepare(tx, app, matter, answers).await? {
        Some(revision) => revision.save(tx, app).await,
        None => Ok(SavedRevision { revision: matter.revision, at: matter.saved_at }),
    }
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
    match NewRevision::prepare(tx, app, matter, answers).await? {
        Some(revision) => revision.store(tx, app).await,
        None => Ok(SavedRevision { revision: matter.revision, at: matter.saved_at }),
    }
}

/// A revision of the answers that can be stored as long as its matter is as it was read: everything that needs no write transaction is done.
#[derive(Clone)]
pub(crate) struct NewRevision {
    matter: Uuid,
    owner: Owner,
    /// The account that saves; nil for the platform.
    author: Uuid,
    from: i64,
    event_count: i64,
    form_version: i64,
    title: String,
    institution: Option<Uuid>,
    sealed: Vec<u8>,
    /// Earlier revisions that nobody needs any more.
    superseded: Vec<i64>,
    /// Whether files may have lost their last reference.
    loses_files: bool,
}

impl NewRevision {
    /// Prepares answers as a new revision; none if they equal the present ones.
    ///
    /// # Errors
    /// [`MatterError::Oversized`] if an answer or the draft is too large.
    pub(crate) async fn prepare(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, answers: Answers) -> Result<Option<Self>, MatterError> {
        let from = matter.revision;
        if answers == matter.answers && from > 0 {
            return Ok(None);
        }
        check_size(matter.kind.form, &[&RESPONSES], &matter.answers, &answers).map_err(MatterError::Oversized)?;
        let institution = match (matter.kind.institution)(&answers) {
            Some(id) => db::institution::by_id(tx, id).await?.map(|i| i.id),
            None => None,
        };
        // Others see title and institution of a submitted matter; they change with its next submission.
        let (title, institution) = match matter.is_draft() {
            true => (matter.kind.title_for(&answers), institution),
            false => (matter.title.clone(), matter.institution),
        };
        let superseded = superseded_revisions(tx, matter, app.now()).await?;
        Ok(Some(Self {
            matter: matter.id,
            owner: matter.belongs_to(),
            author: matter.actor.account,
            from,
            event_count: matter.event_count,
            form_version: matter.kind.form.version,
            title,
            institution,
            sealed: seal_answers(&app.keys, matter.id, from + 1, &answers),
            loses_files: !superseded.is_empty() || has_lost_files(&matter.answers, &answers),
            superseded,
        }))
    }

    /// Number of the revision once it is stored.
    pub(crate) fn number(&self) -> i64 {
        self.from + 1
    }

    /// Stores it at the expense of its author.
    ///
    /// # Errors
    /// [`MatterError::SavedTooOften`] if the account saves more than a server can spare, and the errors of [`Self::store`].
    pub(crate) async fn save(self, tx: &mut Tx, app: &AppState) -> Result<SavedRevision, MatterError> {
        let (author, bytes) = (self.author, self.sealed.len());
        let saved = self.store(tx, app).await?;
        spend_budget(app, author, bytes)?;
        Ok(saved)
    }

    /// Stores it.
    ///
    /// # Errors
    /// [`MatterError::ChangedMeanwhile`] if the matter was saved or decided on since it was read.
    pub(crate) async fn store(self, tx: &mut Tx, app: &AppState) -> Result<SavedRevision, MatterError> {
        let (id, from, now) = (self.matter, self.from, app.now());
        let (event_count, form_version, institution) = (self.event_count, self.form_version, self.institution);
        let saved_by = Some(self.author).filter(|account| !account.is_nil());
        let update = db::matter::RevisionUpdate { id, from, event_count, form_version, title: &self.title, institution, saved_by, now };
        if !db::matter::set_revision(tx, &update).await? {
            return Err(MatterError::ChangedMeanwhile);
        }
        db::matter::insert_answers(tx, id, self.number(), &self.sealed, now).await?;
        for revision in &self.superseded {
            db::revision::delete(tx, id, *revision).await?;
        }
        if self.loses_files {
            plan_sweep(tx, app, self.owner).await?;
        }
        Ok(SavedRevision { revision: self.number(), at: now })
    }
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
