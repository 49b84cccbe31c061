//! Loads a matter for one of its parties.

use chrono::{DateTime, Utc};
use domain::base::rule::key;
use domain::engine::flow::{Actor, MatterState, Party};
use domain::engine::form::{Answers, Form};
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller, MatterAccess};
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::{Keys, SealContext};
use crate::matter::error::MatterError;
use crate::matter::loaded::LoadedMatter;
use crate::matter::relations;
use crate::state::AppState;

/// The column that sealed answers are bound to.
pub(crate) const ANSWERS: &str = "matter_answers.answers_sealed";

/// Loads a matter if the caller is a party to it.
///
/// # Errors
/// [`MatterError::NotFound`] if it does not exist or the caller is no party to it.
pub async fn load(app: &AppState, who: &Allowed, id: Uuid) -> Result<LoadedMatter, MatterError> {
    let mut tx = app.db.read().await?;
    load_in_tx(&mut tx, app, who.caller(), id).await
}

/// Loads a matter within a transaction, if the caller is a party to it.
pub(crate) async fn load_in_tx(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid) -> Result<LoadedMatter, MatterError> {
    load_with(tx, app, caller.account, |access| caller.parties(access), id).await
}

/// Loads a matter for its applicant.
///
/// # Errors
/// [`MatterError::NotFound`] for everyone else.
pub(crate) async fn load_own(tx: &mut Tx, app: &AppState, caller: &Caller, id: Uuid) -> Result<LoadedMatter, MatterError> {
    let matter = load_in_tx(tx, app, caller, id).await?;
    if matter.is_own() { Ok(matter) } else { Err(MatterError::NotFound) }
}

/// Loads a matter for the system itself, which acts as `party`: a payment, an appeal, or the deadline job.
pub(crate) async fn load_as_system(tx: &mut Tx, app: &AppState, party: Party, id: Uuid) -> Result<LoadedMatter, MatterError> {
    load_with(tx, app, Uuid::nil(), |_| vec![party], id).await
}

async fn load_with(
    tx: &mut Tx,
    app: &AppState,
    account: Uuid,
    parties: impl FnOnce(&MatterAccess<'_>) -> Vec<Party>,
    id: Uuid,
) -> Result<LoadedMatter, MatterError> {
    let row = db::matter::by_id(tx, id).await?.ok_or(MatterError::NotFound)?;
    let kind = domain::kind::by_code(&row.kind).ok_or(MatterError::NotFound)?;
    let events = db::matter::list_events(tx, id).await?;
    let state = MatterState::from_events(kind.flow, &events);
    let institutions = relations::related_institutions(tx, kind, id, row.institution_id).await?;
    let excluded = if kind.exclusions.is_some() { db::relation::list_excluded(tx, id).await? } else { Vec::new() };
    let parties = parties(&MatterAccess {
        owner: row.owner_id,
        institutions: &institutions,
        submitted: row.submitted_revision.is_some(),
        assigned: &state.assigned,
        visible_to: kind.visible_to,
        excluded: &excluded,
    });
    if parties.is_empty() {
        return Err(MatterError::NotFound);
    }
    let own = parties.contains(&Party::Applicant);
    let revision = if own { row.revision } else { row.submitted_revision.unwrap_or(row.revision) };
    let (answers, saved_at) = answers_at(tx, &app.keys, kind.form, id, revision).await?;
    Ok(LoadedMatter {
        id,
        kind,
        owner: row.owner_id,
        institution: row.institution_id,
        title: row.title,
        revision: row.revision,
        submitted_revision: row.submitted_revision,
        form_version: row.form_version,
        event_count: row.event_count,
        due_on: row.due_on,
        submitted_at: row.submitted_at,
        closed_at: row.closed_at,
        state,
        events,
        answers,
        saved_at,
        actor: Actor { account, parties },
        max_rounds: max_rectification_rounds(app),
        institutions,
        excluded,
    })
}

/// Rounds of rectification allowed by the rules of today.
fn max_rectification_rounds(app: &AppState) -> u32 {
    u32::try_from(app.tables().rules.on(app.today()).int(key::RECTIFICATION_ROUNDS)).unwrap_or(0)
}

/// The answers of one revision, upgraded to the present version of the form, and when they were saved. Revision 0 is the empty form.
pub(crate) async fn answers_at(
    tx: &mut Tx,
    keys: &Keys,
    form: &Form,
    id: Uuid,
    revision: i64,
) -> Result<(Answers, DateTime<Utc>), DbError> {
    match db::matter::answers_at(tx, id, revision).await? {
        Some((sealed, at)) => {
            let mut answers = keys.unseal_json(SealContext::new(ANSWERS, id), &sealed).map_err(|_| DbError::Unreadable(ANSWERS.into()))?;
            (form.upgrade)(&mut answers);
            Ok((answers, at))
        }
        None => Ok((Answers::default(), DateTime::default())),
    }
}

/// The answers of the submission before the last one, for reviewers who compare the two.
pub(crate) async fn previous_submission(tx: &mut Tx, keys: &Keys, matter: &LoadedMatter) -> Result<Option<Answers>, DbError> {
    let Some(revision) = matter.state.submitted_before else {
        return Ok(None);
    };
    Ok(Some(answers_at(tx, keys, matter.kind.form, matter.id, revision).await?.0))
}

/// The answers of the submission before the last one, read on a separate connection.
pub async fn previously_submitted_answers(app: &AppState, matter: &LoadedMatter) -> Result<Option<Answers>, DbError> {
    let mut tx = app.db.read().await?;
    previous_submission(&mut tx, &app.keys, matter).await
}
