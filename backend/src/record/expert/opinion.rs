//! Opinions in progress of earlier releases, before they became form drafts: they are read until they are saved as such.

use chrono::{DateTime, Utc};
use domain::engine::assessment::Assessment;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::SealContext;
use crate::matter::LoadedMatter;
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

/// Saves an opinion as earlier releases did.
#[cfg(test)]
pub(crate) async fn save_opinion_of_earlier_release(app: &AppState, matter: &LoadedMatter, assessment: &Assessment) {
    let (id, account, round, now) = (matter.id, matter.actor.account, i64::from(matter.state.rounds), app.now());
    let sealed = app.keys.seal_json(context(id, account), assessment);
    app.db
        .write(move |tx| Box::pin(async move { db::expert::upsert_opinion_draft(tx, id, account, round, &sealed, now).await }))
        .await
        .unwrap();
}

/// An opinion is bound to its matter and its expert.
fn context(matter: Uuid, account: Uuid) -> SealContext {
    SealContext::paired(OPINION, matter, account)
}
