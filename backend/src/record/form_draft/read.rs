//! Reading form drafts: those of a page, and those that were not used.

use std::collections::BTreeMap;

use domain::engine::form_draft::{DraftForm, Subject, VOUCHER, stored_form};
use uuid::Uuid;

use super::draft::{DraftKey, FormDraft, VALUES_COLUMN};
use super::open::{is_current, state_of};
use crate::access::guard::Allowed;
use crate::infra::db::form_draft::FormDraftRow;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::SealContext;
use crate::matter::load::load_for_command;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;

/// Most drafts of an account that a page lists; the quota is lower.
const MOST: i64 = 500;

/// The drafts of one account about one subject, as a page needs them.
#[derive(Debug, Clone)]
pub struct OpenDrafts {
    /// The account.
    pub account: Uuid,
    /// The subject.
    pub subject: Uuid,
    /// The state of the subject now.
    pub state: String,
    drafts: Vec<FormDraft>,
    ended: Vec<(String, String, i64)>,
}

impl OpenDrafts {
    /// The draft of a form in the present state.
    pub fn draft(&self, form: &'static DraftForm, part: &str) -> Option<&FormDraft> {
        self.drafts.iter().find(|draft| draft.key.form == form && draft.key.part == part && draft.state == self.state)
    }

    /// The revision of a form that its page names; 0 if nothing was saved.
    pub fn revision(&self, form: &'static DraftForm, part: &str) -> i64 {
        let ended = || self.ended.iter().find(|(code, of, _)| code == form.code && of == part).map_or(0, |(_, _, revision)| *revision);
        self.draft(form, part).map_or_else(ended, |draft| draft.revision)
    }

    /// Whether a form was sent in the present state and nothing was typed since.
    pub fn is_ended(&self, form: &'static DraftForm, part: &str) -> bool {
        self.draft(form, part).is_none() && self.revision(form, part) > 0
    }

    /// The drafts of earlier states: text that was not used.
    pub fn unused(&self) -> Vec<FormDraft> {
        self.drafts.iter().filter(|draft| draft.state != self.state).cloned().collect()
    }
}

/// The drafts of the matter's caller about it.
///
/// # Errors
/// The database cannot be read, or a value cannot be unsealed.
pub async fn drafts_of_matter(app: &AppState, matter: &LoadedMatter) -> Result<OpenDrafts, DbError> {
    open_drafts(app, matter.actor.account, matter.id, Subject::Matter, state_of(matter)).await
}

/// A matter as the caller may act on it, with the caller's drafts about it. An expert who has given the own opinion may still step back.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller is no party to it.
pub async fn drafts_for_command(app: &AppState, who: &Allowed, id: Uuid) -> Result<(LoadedMatter, OpenDrafts), MatterError> {
    let mut tx = app.db.read().await?;
    let matter = load_for_command(&mut tx, app, who.caller(), id).await?;
    let drafts = drafts_in_tx(&mut tx, app, who.account(), id, Subject::Matter, state_of(&matter)).await?;
    Ok((matter, drafts))
}

/// The drafts of an account about a subject of this kind in this state.
///
/// # Errors
/// The database cannot be read, or a value cannot be unsealed.
pub async fn open_drafts(app: &AppState, account: Uuid, subject: Uuid, kind: Subject, state: String) -> Result<OpenDrafts, DbError> {
    let mut tx = app.db.read().await?;
    drafts_in_tx(&mut tx, app, account, subject, kind, state).await
}

pub(crate) async fn drafts_in_tx(
    tx: &mut Tx,
    app: &AppState,
    account: Uuid,
    subject: Uuid,
    kind: Subject,
    state: String,
) -> Result<OpenDrafts, DbError> {
    let rows = db::form_draft::list_of_subject(tx, account, subject).await?;
    unseal_open(app, (account, subject), kind, state, rows)
}

/// The drafts of an account for the reasons why finance returns vouchers, by order.
pub(crate) async fn voucher_drafts_in_tx(
    tx: &mut Tx,
    app: &AppState,
    account: Uuid,
    orders: impl Iterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, OpenDrafts>, DbError> {
    let mut rows: BTreeMap<Uuid, Vec<FormDraftRow>> = BTreeMap::new();
    for row in db::form_draft::list_of_form(tx, account, VOUCHER.code).await? {
        rows.entry(row.subject_id).or_default().push(row);
    }
    let mut drafts = |order| unseal_open(app, (account, order), Subject::Order, String::new(), rows.remove(&order).unwrap_or_default());
    orders.map(|order| Ok((order, drafts(order)?))).collect()
}

fn unseal_open(
    app: &AppState,
    (account, subject): (Uuid, Uuid),
    kind: Subject,
    state: String,
    rows: Vec<FormDraftRow>,
) -> Result<OpenDrafts, DbError> {
    let (mut drafts, mut ended) = (Vec::new(), Vec::new());
    for row in rows.into_iter().filter(|row| stored_form(&row.form).is_some_and(|form| form.subject == kind)) {
        match unseal(app, &row)? {
            Some(draft) => drafts.push(draft),
            None if row.state == state => ended.push((row.form, row.part, row.revision)),
            None => {}
        }
    }
    Ok(OpenDrafts { account, subject, state, drafts, ended })
}

/// The draft of a row; none if its form was sent or does not exist any more.
pub(super) fn unseal(app: &AppState, row: &FormDraftRow) -> Result<Option<FormDraft>, DbError> {
    let (Some(sealed), Some(form)) = (&row.values_sealed, stored_form(&row.form)) else { return Ok(None) };
    let pairs = app.keys.unseal_json(SealContext::new(VALUES_COLUMN, row.id), sealed);
    let pairs = pairs.map_err(|_| DbError::Unreadable(VALUES_COLUMN.into()))?;
    let key = DraftKey { form, part: row.part.clone(), subject: row.subject_id };
    let (state, revision) = (row.state.clone(), row.revision);
    Ok(Some(FormDraft { id: row.id, key, state, pairs, revision, saved_at: row.saved_at, shown_at: row.shown_at }))
}

/// A draft of the caller, and whether its subject is still in the state in which it was typed.
#[derive(Debug, Clone)]
pub struct OwnDraft {
    /// The draft.
    pub draft: FormDraft,
    /// Whether its form may be sent yet.
    pub is_current: bool,
}

/// Every draft of the caller with text, newest first. Those that were not used count as shown from now on.
///
/// # Errors
/// The database cannot be read or written, or a value cannot be unsealed.
pub async fn own_drafts(app: &AppState, who: &Allowed) -> Result<Vec<OwnDraft>, DbError> {
    let mut drafts = Vec::new();
    {
        let mut tx = app.db.read().await?;
        for draft in own_drafts_in_tx(&mut tx, app, who.account()).await? {
            let is_current = is_current(&mut tx, app, who.caller(), &draft).await?;
            drafts.push(OwnDraft { draft, is_current });
        }
    }
    let unused: Vec<FormDraft> = drafts.iter().filter(|own| !own.is_current).map(|own| own.draft.clone()).collect();
    show_unused(app, &unused).await?;
    Ok(drafts)
}

pub(crate) async fn own_drafts_in_tx(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<Vec<FormDraft>, DbError> {
    let rows = db::form_draft::list_of_account(tx, account, MOST).await?;
    rows.iter().filter_map(|row| unseal(app, row).transpose()).collect()
}

/// Records that a page shows drafts that were not used; from then on they are kept for the days of the retention rule.
///
/// # Errors
/// The database cannot be written.
pub async fn show_unused(app: &AppState, drafts: &[FormDraft]) -> Result<(), DbError> {
    let new: Vec<Uuid> = drafts.iter().filter(|draft| draft.shown_at.is_none()).map(|draft| draft.id).collect();
    if new.is_empty() {
        return Ok(());
    }
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                for id in new {
                    db::form_draft::set_shown(tx, id, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Deletes a draft of the caller; one that does not exist any more is no error.
///
/// # Errors
/// The database cannot be written.
pub async fn discard(app: &AppState, who: &Allowed, id: Uuid) -> Result<(), DbError> {
    let account = who.account();
    let delete = app.db.on_behalf_of(account);
    delete.write(move |tx| Box::pin(async move { db::form_draft::delete(tx, account, id).await.map(|_| ()) })).await
}
