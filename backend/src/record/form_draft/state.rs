//! What has become of a form that a device stores.

use domain::engine::form_draft::FormState;

use super::draft::StateRequest;
use super::error::FormDraftError;
use super::open::open_state;
use crate::access::guard::Allowed;
use crate::infra::db;
use crate::matter::MatterError;
use crate::state::AppState;

/// Whether a form is still open to its author as it was typed, and whether its post was carried out. A subject that is not, or no longer, the
/// caller's is answered as a form that is not open.
///
/// # Errors
/// [`MatterError::OtherAccount`] if another account typed it; the database cannot be read.
pub async fn form_state(app: &AppState, who: &Allowed, request: &StateRequest) -> Result<FormState, FormDraftError> {
    if request.account != who.account() {
        return Err(MatterError::OtherAccount.into());
    }
    let mut tx = app.db.read().await?;
    let is_sent = match request.posted {
        Some(key) => db::command::by_key(&mut tx, who.account(), key).await?.is_some(),
        None => false,
    };
    let open = match open_state(&mut tx, app, who.caller(), &request.key).await {
        Err(FormDraftError::NotFound) => None,
        other => other?,
    };
    Ok(FormState { is_open: open.as_deref() == Some(request.state.as_str()), is_sent })
}
