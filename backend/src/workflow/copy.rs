//! 复制为新申请: a new draft from a matter that was submitted.

use domain::engine::form::copy_answers;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::matter::MatterError;
use crate::matter::load::load_own;
use crate::state::AppState;
use crate::workflow::draft::insert_draft;
use crate::workflow::save::save_answers;

/// Begins a draft of the same kind with the applicant's last answers, without those that count for one application only. The caller
/// chooses the id, so that a repeated request has no further effect.
///
/// # Errors
/// [`MatterError::NotEditable`] if the matter was never submitted.
pub async fn copy_matter(app: &AppState, who: &Allowed, from: Uuid, id: Uuid) -> Result<Uuid, MatterError> {
    let (owned, caller) = (app.clone(), who.caller().clone());
    app.db
        .on_behalf_of(who.account())
        .write(move |tx| {
            Box::pin(async move {
                let source = load_own(tx, &owned, &caller, from).await?;
                if !source.is_copyable() {
                    return Err(MatterError::NotEditable);
                }
                if insert_draft(tx, &owned, &caller, source.kind, id, source.filing_institution()).await? {
                    let copy = load_own(tx, &owned, &caller, id).await?;
                    let answers = copy_answers(source.kind.form, &source.applicable_answers(&owned), Uuid::now_v7);
                    save_answers(tx, &owned, &copy, answers).await?;
                }
                Ok(id)
            })
        })
        .await
}
