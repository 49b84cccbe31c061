//! 办事指南.

use domain::engine::form::Answers;
use domain::matter::{Availability, Kind};

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::{DbError, Tx};
use crate::matter::MatterSummary;
use crate::matter::context::{OwnedMatterContext, availability_in_tx};
use crate::service::own_matters::own_drafts;
use crate::state::AppState;
use crate::workflow::library::library_answers;

/// The guide of a kind, for an applicant.
pub struct GuidePage {
    /// Whether the caller can begin a matter of the kind today.
    pub availability: Availability,
    /// What the requirements of the kind are checked against before there is an application: the caller's record, and their library as
    /// answers. `None` for kinds without requirements.
    pub applicant: Option<(OwnedMatterContext, Answers)>,
    /// The caller's drafts of the kind, newest first.
    pub drafts: Vec<MatterSummary>,
}

/// Reads the guide of a kind.
pub async fn guide_page(app: &AppState, who: &Allowed, kind: &'static Kind) -> Result<GuidePage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_guide(&mut tx, app, who.caller(), kind).await;
    tx.finish().await?;
    page
}

async fn read_guide(tx: &mut Tx, app: &AppState, caller: &Caller, kind: &'static Kind) -> Result<GuidePage, DbError> {
    let (applicant, availability) = match kind.requirements {
        Some(_) => {
            let context = OwnedMatterContext::for_applicant(tx, app, caller, kind).await?;
            let availability = kind.availability_for(&context.as_context());
            (Some((context, library_answers(tx, app, caller, kind.form).await?)), availability)
        }
        None => (None, availability_in_tx(tx, app, caller, kind, None).await?),
    };
    Ok(GuidePage { availability, applicant, drafts: own_drafts(tx, app, caller, kind).await? })
}
