//! Drafts: begun, edited and discarded. Saving never validates.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::base::permission::UserRole;
use domain::base::rule::key;
use domain::engine::flow::{Party, Stage};
use domain::engine::form::{Answers, Field, Value, prefill};
use domain::engine::form_draft::RECTIFICATION;
use domain::matter::{Availability, Kind};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::access::owner::Owner;
use crate::infra::db::task::NewTask;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::context::{OwnedMatterContext, availability_in_tx};
use crate::matter::load::load_own;
use crate::matter::{LoadedMatter, MatterError, Seen, Shown};
use crate::record::form_draft::{self, DraftKey, state_of};
use crate::state::AppState;
use crate::workflow::closing::require_new_matters;
use crate::workflow::edit::edited_answers;
use crate::workflow::index::task_holder;
use crate::workflow::save::{NewRevision, plan_sweep, require_editable, require_unlocked, save_answers};

pub use crate::workflow::edit::DraftEdit;
pub use crate::workflow::save::SavedRevision;

/// Begins an empty draft. The caller chooses the id, so that a repeated request has no further effect.
pub async fn begin_draft(app: &AppState, who: &Allowed, kind: &'static Kind, id: Uuid) -> Result<Uuid, MatterError> {
    begin_draft_with(app, who, kind, id, BTreeMap::new()).await
}

/// Begins a draft with initial answers. A draft that exists is left unchanged.
pub async fn begin_draft_with(
    app: &AppState,
    who: &Allowed,
    kind: &'static Kind,
    id: Uuid,
    answers: BTreeMap<String, Value>,
) -> Result<Uuid, MatterError> {
    begin_draft_for(app, who, kind, id, None, answers).await
}

/// Begins a draft on behalf of an institution, or for the caller. Initial answers to fields that the form does not have are dropped.
///
/// # Errors
/// [`MatterError::Blocked`] if the kind is not available now; [`MatterError::NotFound`] if the caller cannot begin it at all, or if the
/// id belongs to someone else.
pub async fn begin_draft_for(
    app: &AppState,
    who: &Allowed,
    kind: &'static Kind,
    id: Uuid,
    institution: Option<Uuid>,
    answers: BTreeMap<String, Value>,
) -> Result<Uuid, MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    let fields: BTreeMap<String, Value> =
        answers.into_iter().filter(|(name, _)| kind.form.fields().any(|(_, f)| f.name == name.as_str())).collect();
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                if insert_draft(tx, &owned, &caller, kind, id, institution).await? {
                    let matter = load_own(tx, &owned, &caller, id).await?;
                    let answers = first_answers(tx, &owned, &matter, fields).await?;
                    if !answers.fields.is_empty() {
                        save_answers(tx, &owned, &matter, answers).await?;
                    }
                }
                Ok(id)
            })
        })
        .await
}

/// The answers with which a draft begins: those given, and the only options of lists.
async fn first_answers(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    fields: BTreeMap<String, Value>,
) -> Result<Answers, MatterError> {
    let mut answers = Answers { fields, ..Answers::default() };
    let prefilled: Vec<&'static Field> = matter.kind.form.fields().map(|(_, field)| field).filter(|field| field.prefilled).collect();
    if !prefilled.is_empty() {
        let context = OwnedMatterContext::for_matter(tx, app, matter, Shown::fields(prefilled)).await?;
        prefill(matter.kind.form, &mut answers, &context.as_context());
    }
    Ok(answers)
}

/// Applies one edit. An edit that changes nothing makes no revision.
///
/// # Errors
/// [`MatterError::EditConflicts`], [`MatterError::Locked`], [`MatterError::NotEditable`], or those of the edit.
pub async fn edit_draft(app: &AppState, who: &Allowed, id: Uuid, edit: DraftEdit) -> Result<SavedRevision, MatterError> {
    if let Some(saved) = edit_outside(app, who, id, &edit).await? {
        return Ok(saved);
    }
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { apply_edit(tx, &owned, &caller, id, edit).await })).await
}

/// Reads and merges an edit outside of the write transaction, which then only stores the revision. `None` if that is not possible: for an
/// edit that changes more than the answers or refers to files, and if the matter changes at this moment.
async fn edit_outside(app: &AppState, who: &Allowed, id: Uuid, edit: &DraftEdit) -> Result<Option<SavedRevision>, MatterError> {
    if !matches!(edit, DraftEdit::Fields { .. } | DraftEdit::Record { .. } | DraftEdit::RemoveRecord { .. }) {
        return Ok(None);
    }
    let revision = {
        let mut tx = app.db.read().await?;
        let matter = load_own(&mut tx, app, who.caller(), id).await?;
        let answers = merge_edit(&mut tx, app, &matter, edit.clone()).await?;
        match NewRevision::prepare(&mut tx, app, &matter, answers).await? {
            Some(revision) => revision,
            None => return Ok(Some(SavedRevision { revision: matter.revision, at: matter.saved_at })),
        }
    };
    let owned = app.clone();
    let saved = app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { revision.save(tx, &owned).await })).await;
    match saved {
        Err(MatterError::ChangedMeanwhile) => Ok(None),
        other => other.map(Some),
    }
}

/// Removes a draft that was never submitted. `seen`: what the page showed on which that was decided.
///
/// # Errors
/// [`MatterError::NotEditable`] if it was submitted; [`MatterError::Outdated`] if it is not as its page showed it.
pub async fn discard_draft(app: &AppState, who: &Allowed, id: Uuid, seen: Option<Seen>) -> Result<(), MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let matter = load_own(tx, &owned, &caller, id).await?;
                if let Some(seen) = seen.filter(|seen| *seen != matter.seen()) {
                    return Err(MatterError::Outdated(seen));
                }
                if !db::matter::delete_draft(tx, id).await? {
                    return Err(MatterError::NotEditable);
                }
                db::discarded::insert(tx, id, matter.owner, matter.filing_institution(), owned.now()).await?;
                Ok(plan_sweep(tx, &owned, matter.belongs_to()).await?)
            })
        })
        .await
}

/// Inserts an empty draft, for the caller or on behalf of an institution. Returns whether its id was new.
///
/// # Errors
/// [`MatterError::NotFound`] if the id belongs to someone else; [`MatterError::Discarded`] if the caller has deleted a draft of this id.
pub(crate) async fn insert_draft(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    kind: &'static Kind,
    id: Uuid,
    institution: Option<Uuid>,
) -> Result<bool, MatterError> {
    let (owner, now) = (Owner::new(caller.account, institution), app.now());
    // Other ids, such as that of the system, are none of a new draft.
    if !matches!(id.get_version(), Some(uuid::Version::Random | uuid::Version::SortRand)) {
        return Err(MatterError::InvalidPatch);
    }
    if let Some(existing) = db::matter::by_id(tx, id).await? {
        return if caller.acts_for(Owner::of(&existing)) { Ok(false) } else { Err(MatterError::NotFound) };
    }
    // A late or repeated request does not bring it back.
    if let Some(former) = Owner::of_discarded(tx, id).await? {
        return Err(if caller.acts_for(former) { MatterError::Discarded } else { MatterError::NotFound });
    }
    check_availability(tx, app, caller, kind, institution).await?;
    check_draft_quota(tx, app, owner).await?;
    let stage = kind.flow.draft().ok_or(MatterError::NotFound)?;
    let row = db::matter::MatterRow { owner_institution_id: institution, ..draft_row(kind, stage, id, caller.account, now) };
    if !db::matter::insert(tx, &row).await? {
        let existing = db::matter::by_id(tx, id).await?;
        return if existing.is_some_and(|row| caller.acts_for(Owner::of(&row))) { Ok(false) } else { Err(MatterError::NotFound) };
    }
    insert_draft_task(tx, &row, now).await?;
    Ok(true)
}

/// Opens the task of a new draft: its owner fills it in.
pub(crate) async fn insert_draft_task(tx: &mut Tx, row: &db::matter::MatterRow, now: DateTime<Utc>) -> Result<(), DbError> {
    let (account, institution) = task_holder(Party::Applicant, Owner::of(row), &[]);
    let (id, matter) = (Uuid::now_v7(), row.id);
    db::task::insert(tx, &NewTask { id, matter, stage: &row.stage, turn: &row.turn, account, institution, due_on: None }, now).await?;
    Ok(())
}

/// The index row of an empty draft. `stage`: the first one of the flow.
pub(crate) fn draft_row(kind: &Kind, stage: &Stage, id: Uuid, owner: Uuid, now: DateTime<Utc>) -> db::matter::MatterRow {
    db::matter::MatterRow {
        id,
        kind: kind.code.to_owned(),
        owner_id: owner,
        owner_institution_id: None,
        saved_by: None,
        institution_id: None,
        number: None,
        title: kind.label.to_owned(),
        stage: stage.code.to_owned(),
        turn: stage.turn_code(),
        due_on: None,
        revision: 0,
        submitted_revision: None,
        form_version: kind.form.version,
        event_count: 0,
        created_at: now,
        updated_at: now,
        submitted_at: None,
        closed_at: None,
    }
}

/// Checks that the caller can begin a matter of a kind now, for themselves or on behalf of an institution of theirs.
async fn check_availability(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    kind: &'static Kind,
    institution: Option<Uuid>,
) -> Result<(), MatterError> {
    let permitted = match institution {
        Some(institution) => kind.can_be_filed_by_institution() && caller.has_user_role(institution, UserRole::Handler),
        None => kind.begun_by.contains(&Party::Applicant),
    };
    if !permitted {
        return Err(MatterError::NotFound);
    }
    require_new_matters(tx, institution).await?;
    match availability_in_tx(tx, app, caller, kind, institution).await? {
        Availability::Open => Ok(()),
        Availability::Closed { reason, .. } => Err(MatterError::Blocked(reason)),
    }
}

/// Checks that a person or an institution may have one more draft. The row of the account is locked, since the write is on its behalf.
async fn check_draft_quota(tx: &mut Tx, app: &AppState, owner: Owner) -> Result<(), MatterError> {
    let max = app.tables().rules.on(app.today()).int(key::DRAFTS_MAX);
    let (person, institution) = owner.person_and_institution();
    if db::revision::count_drafts(tx, person, institution).await? < max {
        return Ok(());
    }
    if let Owner::Institution(_) = owner {
        return Err(MatterError::Blocked(format!("本机构的草稿已达 {max} 份，请先在“机构草稿”中删除不再需要的草稿")));
    }
    Err(MatterError::Blocked(format!("草稿箱中的草稿已达 {max} 份，请先在“我的事项”中删除不再需要的草稿")))
}

/// Applies one edit within a transaction.
pub(crate) async fn apply_edit(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    id: Uuid,
    edit: DraftEdit,
) -> Result<SavedRevision, MatterError> {
    let matter = load_own(tx, app, caller, id).await?;
    let sends_responses = matches!(edit, DraftEdit::Responses { .. });
    let answers = merge_edit(tx, app, &matter, edit).await?;
    let saved = save_answers(tx, app, &matter, answers).await?;
    if sends_responses {
        let key = DraftKey { form: &RECTIFICATION, part: String::new(), subject: id };
        form_draft::end(tx, app, caller.account, &key, &state_of(&matter)).await?;
    }
    Ok(saved)
}

/// The answers of a matter after an edit.
async fn merge_edit(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, edit: DraftEdit) -> Result<Answers, MatterError> {
    require_editable(matter)?;
    let answers = edited_answers(tx, &app.keys, matter, edit).await?;
    require_unlocked(matter, &answers)?;
    Ok(answers)
}
