//! Opinions in progress: what an expert has found so far, private to them until it is submitted.

use chrono::{DateTime, Utc};
use domain::engine::assessment::Assessment;
use domain::engine::flow::Party;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::SealContext;
use crate::matter::{LoadedMatter, MatterError};
use crate::state::AppState;

const OPINION: &str = "opinion.assessment_sealed";

/// The opinion of the matter's caller in the present round, and when it was saved.
pub(crate) async fn opinion_in_tx(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
) -> Result<Option<(Assessment, DateTime<Utc>)>, DbError> {
    let (account, round) = (matter.actor.account, i64::from(matter.state.rounds));
    let Some((sealed, at)) = db::expert::opinion_draft(tx, matter.id, account, round).await? else {
        return Ok(None);
    };
    let opinion = app.keys.unseal_json(context(matter.id, account), &sealed);
    opinion.map(|a| Some((a, at))).map_err(|_| DbError::Unreadable(OPINION.into()))
}

/// The opinion of the matter's caller in the present round, and when it was saved.
pub async fn opinion(app: &AppState, matter: &LoadedMatter) -> Result<Option<(Assessment, DateTime<Utc>)>, DbError> {
    let mut tx = app.db.read().await?;
    opinion_in_tx(&mut tx, app, matter).await
}

/// Saves an opinion, finished or not.
///
/// # Errors
/// [`MatterError::NotEditable`] if the matter does not wait for the caller's opinion.
pub async fn save_opinion(app: &AppState, matter: &LoadedMatter, assessment: &Assessment) -> Result<DateTime<Utc>, MatterError> {
    if !matter.is_party(Party::Expert) || matter.open_transitions().is_empty() {
        return Err(MatterError::NotEditable);
    }
    let (id, account, round, now) = (matter.id, matter.actor.account, i64::from(matter.state.rounds), app.now());
    let sealed = app.keys.seal_json(context(id, account), assessment);
    app.db
        .on_behalf_of(account)
        .write(move |tx| Box::pin(async move { db::expert::upsert_opinion_draft(tx, id, account, round, &sealed, now).await }))
        .await?;
    Ok(now)
}

/// An opinion is bound to its matter and its expert.
fn context(matter: Uuid, account: Uuid) -> SealContext {
    SealContext::new(OPINION, Uuid::from_u128(matter.as_u128() ^ account.as_u128().rotate_left(64)))
}
