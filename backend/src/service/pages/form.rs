//! Pages that show the form of a matter: wizard, review, rectification, return, and the confirmation of a submission.

use domain::record::library::LibraryOffer;
use uuid::Uuid;

use crate::access::access_log::Access;
use crate::access::guard::Allowed;
use crate::infra::db::Tx;
use crate::matter::context::OwnedMatterContext;
use crate::matter::load::load_in_tx;
use crate::matter::{LoadedMatter, MatterError, Shown};
use crate::state::AppState;
use crate::workflow::library::offers_of;

/// A matter with the context its form is shown and checked in.
pub struct FormPage {
    /// The matter.
    pub matter: LoadedMatter,
    /// The context.
    pub context: OwnedMatterContext,
}

/// The confirmation of a submission.
pub struct SubmittedPage {
    /// The matter.
    pub matter: LoadedMatter,
    /// The context its records are shown in.
    pub context: OwnedMatterContext,
    /// Records that the applicant's library does not have yet.
    pub offers: Vec<LibraryOffer>,
}

/// Reads a matter with the context of its form.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller is no party to it.
pub async fn form_page(app: &AppState, who: &Allowed, id: Uuid) -> Result<FormPage, MatterError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_form_page(&mut tx, app, who, id).await;
    tx.finish().await?;
    page
}

async fn read_form_page(tx: &mut Tx, app: &AppState, who: &Allowed, id: Uuid) -> Result<FormPage, MatterError> {
    let matter = load_in_tx(tx, app, who.caller(), id).await?;
    let context = OwnedMatterContext::for_matter(tx, app, &matter, Shown::answers()).await?;
    matter.record_reading(app, Access::CaseOpened, "");
    Ok(FormPage { matter, context })
}

/// Reads the confirmation of a submission, for the applicant.
///
/// # Errors
/// [`MatterError::NotFound`] for everyone else, and for a draft.
pub async fn submitted_page(app: &AppState, who: &Allowed, id: Uuid) -> Result<SubmittedPage, MatterError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_submitted_page(&mut tx, app, who, id).await;
    tx.finish().await?;
    page
}

async fn read_submitted_page(tx: &mut Tx, app: &AppState, who: &Allowed, id: Uuid) -> Result<SubmittedPage, MatterError> {
    let matter = load_in_tx(tx, app, who.caller(), id).await?;
    if matter.is_draft() || !matter.is_own() {
        return Err(MatterError::NotFound);
    }
    let offers = offers_of(tx, app, &matter).await?;
    let context = OwnedMatterContext::without_record(app, who.caller().person.name.clone());
    Ok(SubmittedPage { matter, context, offers })
}
