//! The decision that a matter disputes.

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::day_of;
use domain::engine::flow::EventKind;
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::Keys;
use crate::matter::answers::answers_at;
use crate::matter::history::list_events;
use crate::matter::loaded::LoadedMatter;

/// The decision that a matter disputes, shown to its reviewers.
pub struct DisputedDecision {
    /// Title of the disputed matter.
    pub title: String,
    /// Name of its kind.
    pub kind: &'static str,
    /// Label of the stage it was decided into.
    pub decision: &'static str,
    /// The reason of the decision, and the opinion given with it.
    pub note: String,
    /// The day of the decision, in Shanghai.
    pub day: NaiveDate,
}

/// The matter whose decision a submitted matter disputes; `None` if it disputes none.
pub(crate) async fn disputed_matter(tx: &mut Tx, matter: &LoadedMatter) -> Result<Option<Uuid>, DbError> {
    match matter.kind.disputing_role() {
        Some(role) => db::link::other_of(tx, matter.id, role.code).await,
        None => Ok(None),
    }
}

/// The decision that a matter disputes, as of its submission; `None` if it disputes none.
pub(crate) async fn disputed_decision(tx: &mut Tx, keys: &Keys, matter: &LoadedMatter) -> Result<Option<DisputedDecision>, DbError> {
    let Some(id) = disputed_matter(tx, matter).await? else { return Ok(None) };
    let Some(row) = db::matter::by_id(tx, id).await? else { return Ok(None) };
    let Some(kind) = domain::kind::by_code(&row.kind) else { return Ok(None) };
    let events = list_events(tx, keys, id).await?;
    // Only decisions before the appeal: a sustained appeal adds another one.
    let before = |at: &DateTime<Utc>| matter.submitted_at.is_none_or(|submitted| *at <= submitted);
    let decision = events.iter().rev().filter(|e| before(&e.at)).find_map(|e| match &e.kind {
        EventKind::Transitioned { to, note, .. } => {
            kind.flow.stage(to).filter(|s| s.can_be_appealed()).map(|s| (s.label, note.clone(), day_of(e.at)))
        }
        _ => None,
    });
    let reason = match kind.decision_reason {
        Some(field) => answers_at(tx, keys, kind.form, id, row.submitted_revision.unwrap_or(row.revision)).await?.0.text(field).to_owned(),
        None => String::new(),
    };
    let reason = if reason.is_empty() { reason } else { format!("{reason}\n") };
    Ok(decision.map(|(decision, note, day)| {
        // Its readers may not know whom it is about.
        let (title, note) = (matter.redact(&row.title), matter.redact(&format!("{reason}{note}")));
        DisputedDecision { title, kind: kind.label, decision, note, day }
    }))
}
