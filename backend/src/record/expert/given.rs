//! The opinion that an expert gave: all that the expert reads of a matter until the other experts have given theirs.

use domain::engine::flow::{Party, Requires, Transition};
use domain::engine::form_draft::Subject;
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::matter::load::load_for_command;
use crate::matter::{MatterError, Seen};
use crate::record::form_draft::{OpenDrafts, drafts_in_tx, state_of};
use crate::state::AppState;

/// The opinion that an expert gave on a matter.
#[derive(Clone)]
pub struct GivenOpinion {
    /// The matter.
    pub matter: Uuid,
    /// 业务编号 of the matter.
    pub number: Option<String>,
    /// Its kind.
    pub kind: &'static Kind,
    /// Label of the result.
    pub result: &'static str,
    /// Its text.
    pub note: String,
    /// What it asks to be rectified.
    pub items: Vec<String>,
    /// The transition by which the expert steps back from the matter.
    pub recusal: Option<&'static Transition>,
    /// What the expert sees of the matter.
    pub seen: Seen,
    /// The expert's form drafts about it.
    pub drafts: OpenDrafts,
}

/// The caller's opinion on a matter that awaits the other experts; `None` if the caller gave none.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller is no party to it.
pub async fn given_opinion(app: &AppState, who: &Allowed, id: Uuid) -> Result<Option<GivenOpinion>, MatterError> {
    let mut tx = app.db.read().await?;
    let matter = load_for_command(&mut tx, app, who.caller(), id).await?;
    let vote = matter.state.votes.iter().find(|vote| vote.by == who.account() && matter.is_party(Party::Expert));
    let Some(vote) = vote else { return Ok(None) };
    let transition = matter.stage().and_then(|stage| stage.transitions.iter().find(|t| t.command == vote.command));
    let drafts = drafts_in_tx(&mut tx, app, who.account(), id, Subject::Matter, state_of(&matter)).await?;
    let recusal = matter.open_transitions().into_iter().find(|t| t.requires == Requires::Recusal);
    Ok(Some(GivenOpinion {
        matter: id,
        number: matter.number.clone(),
        kind: matter.kind,
        result: transition.map_or("", |t| t.label),
        note: vote.note.clone(),
        items: vote.items.iter().map(|item| item.text.clone()).collect(),
        recusal,
        seen: matter.seen(),
        drafts,
    }))
}
