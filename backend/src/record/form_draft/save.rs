//! Saving form drafts, and ending them when their form is sent.

use domain::base::rule::key::{DRAFT_SAVE_MB, DRAFTS_MAX};
use domain::engine::form_draft::{Save, SaveOutcome, Stored, judge, merge_pairs};
use uuid::Uuid;

use super::draft::{DraftKey, FormDraft, SaveRequest, SavedDraft, VALUES_COLUMN};
use super::error::FormDraftError;
use super::open::open_state;
use super::read::unseal;
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::form_draft::FormDraftRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::SealContext;
use crate::matter::MatterError;
use crate::state::AppState;

/// Saves what was typed into a form. Saving never validates the text.
///
/// # Errors
/// [`FormDraftError::Older`] if another page has saved other text since; [`FormDraftError::MovedOn`] if the form is not open any more, or was
/// sent; [`FormDraftError::NotFound`] for a subject of others; the limits of size, number and frequency.
pub async fn save(app: &AppState, who: &Allowed, request: SaveRequest) -> Result<SavedDraft, FormDraftError> {
    if request.account.is_some_and(|account| account != who.account()) {
        return Err(MatterError::OtherAccount.into());
    }
    let pairs = request.key.form.stored_pairs(&request.pairs);
    if !request.key.form.fits(&pairs) {
        return Err(FormDraftError::TooLarge);
    }
    let request = SaveRequest { pairs, ..request };
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db.on_behalf_of(who.account()).write(move |tx| Box::pin(async move { save_in_tx(tx, &owned, &caller, &request).await })).await
}

async fn save_in_tx(tx: &mut Tx, app: &AppState, caller: &Caller, request: &SaveRequest) -> Result<SavedDraft, FormDraftError> {
    let rows = db::form_draft::list_of_subject(tx, caller.account, request.key.subject).await?;
    let of_form = |row: &&FormDraftRow| row.form == request.key.form.code && row.part == request.key.part;
    let state = match open_state(tx, app, caller, &request.key).await {
        // Whoever typed here before has lost the subject.
        Err(FormDraftError::NotFound) if rows.iter().any(|row| of_form(&row)) => None,
        other => other?,
    };
    let row = rows.iter().find(|row| of_form(row) && row.state == request.state);
    let draft = match row {
        Some(row) => unseal(app, row)?,
        None => None,
    };
    let stored = row.map(|row| Stored { revision: row.revision, page: row.page_id, seq: row.page_seq, is_ended: row.ended_at.is_some() });
    let save = Save { base: request.base, page: request.page, seq: request.seq, state: &request.state };
    let is_same = draft.as_ref().is_some_and(|draft| draft.pairs == request.pairs);
    match judge(stored.as_ref(), &save, state.as_deref(), is_same) {
        SaveOutcome::Store(revision) => {
            if draft.is_none() {
                check_quota(tx, app, caller.account).await?;
            }
            let id = row.map_or_else(Uuid::now_v7, |row| row.id);
            store(tx, app, caller.account, request, id, revision).await
        }
        SaveOutcome::Superseded(revision) => {
            Ok(SavedDraft { revision, at: draft.map_or_else(|| app.now(), |draft| draft.saved_at), merged: None })
        }
        SaveOutcome::Older => merge(tx, app, caller.account, request, draft.ok_or(FormDraftError::MovedOn)?).await,
        SaveOutcome::MovedOn => Err(FormDraftError::MovedOn),
    }
}

/// Saves the text of a page together with what another page has saved since. Where both differ nothing is stored, and the author chooses.
async fn merge(tx: &mut Tx, app: &AppState, account: Uuid, request: &SaveRequest, other: FormDraft) -> Result<SavedDraft, FormDraftError> {
    let merged = request.since.as_ref().map(|since| merge_pairs(since, &request.pairs, &other.pairs));
    match merged {
        Some(merged) if merged.questions.is_empty() => {
            // It is no page's own: until its page has the answer, a further save of the page replaces nothing that it has not seen.
            let request = SaveRequest { pairs: merged.pairs, page: Uuid::nil(), seq: 0, ..request.clone() };
            if !request.key.form.fits(&request.pairs) {
                return Err(FormDraftError::TooLarge);
            }
            let saved = store(tx, app, account, &request, other.id, other.revision + 1).await?;
            Ok(SavedDraft { merged: Some(request.pairs), ..saved })
        }
        merged => Err(FormDraftError::Older(Box::new(other), merged)),
    }
}

/// Checks that an account may have one more draft. Its row is locked, since the write is on its behalf.
async fn check_quota(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<(), FormDraftError> {
    let max = app.tables().rules.on(app.today()).int(DRAFTS_MAX);
    if db::form_draft::count(tx, account).await? < max { Ok(()) } else { Err(FormDraftError::TooMany(max)) }
}

async fn store(
    tx: &mut Tx,
    app: &AppState,
    account: Uuid,
    request: &SaveRequest,
    id: Uuid,
    revision: i64,
) -> Result<SavedDraft, FormDraftError> {
    let sealed = app.keys.seal_json(SealContext::new(VALUES_COLUMN, id), &request.pairs);
    let (bytes, now) = (u64::try_from(sealed.len()).unwrap_or(u64::MAX), app.now());
    let megabytes = app.tables().rules.on(app.today()).int(DRAFT_SAVE_MB);
    let per_minute = u64::try_from(megabytes).unwrap_or(0).saturating_mul(1024 * 1024);
    if !app.save_budget.spend(account, bytes, per_minute, now) {
        return Err(MatterError::SavedTooOften.into());
    }
    let row = FormDraftRow {
        id,
        account_id: account,
        form: request.key.form.code.to_owned(),
        part: request.key.part.clone(),
        subject_id: request.key.subject,
        state: request.state.clone(),
        values_sealed: Some(sealed),
        revision,
        page_id: request.page,
        page_seq: request.seq,
        saved_at: now,
        ended_at: None,
        shown_at: None,
    };
    db::form_draft::upsert(tx, &row).await?;
    Ok(SavedDraft { revision, at: now, merged: None })
}

/// Ends the draft of a form that is sent in this transaction: its text goes, and late saves of its pages are refused.
pub(crate) async fn end(tx: &mut Tx, app: &AppState, account: Uuid, key: &DraftKey, state: &str) -> Result<(), DbError> {
    let rows = db::form_draft::list_of_subject(tx, account, key.subject).await?;
    let row = rows.into_iter().find(|row| row.form == key.form.code && row.part == key.part && row.state == state);
    let (id, revision) = row.map_or_else(|| (Uuid::now_v7(), 0), |row| (row.id, row.revision));
    let now = app.now();
    let ended = FormDraftRow {
        id,
        account_id: account,
        form: key.form.code.to_owned(),
        part: key.part.clone(),
        subject_id: key.subject,
        state: state.to_owned(),
        values_sealed: None,
        revision: revision + 1,
        page_id: Uuid::nil(),
        page_seq: 0,
        saved_at: now,
        ended_at: Some(now),
        shown_at: None,
    };
    db::form_draft::upsert(tx, &ended).await?;
    Ok(())
}
