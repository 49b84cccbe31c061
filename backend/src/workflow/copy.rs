//! 复制为新申请: a new draft from a matter that was submitted.

use domain::engine::flow::Hat;
use domain::engine::form::carry_over;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::matter::{MatterError, Opened, open};
use crate::state::AppState;
use crate::workflow::draft::{begin, open_own, save};

impl Opened {
    /// Whether this person may begin a new draft from it.
    pub fn copyable(&self) -> bool {
        self.actor.hats.contains(&Hat::Applicant) && !self.draft()
    }
}

/// Begins a draft of the same kind, on the present form, with what the applicant last answered; what counts for one application only
/// is left out. The id is made where it is asked for; asking twice is asking once. A draft is not copied.
pub async fn copy_matter(app: &AppState, who: &Allowed, from: Uuid, id: Uuid) -> Result<Uuid, MatterError> {
    let (owned, caller, now) = (app.clone(), who.caller().clone(), app.now());
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let old = open_own(tx, &owned, &caller, from).await?;
                if !old.copyable() {
                    return Err(MatterError::Closed);
                }
                if begin(tx, &owned, &caller, old.kind, id, old.desk()).await? {
                    let new = open(tx, &owned, &caller, id).await?;
                    save(tx, &owned.keys, &new, carry_over(old.kind.form, &old.answers, Uuid::now_v7), now).await?;
                }
                Ok(id)
            })
        })
        .await
}
