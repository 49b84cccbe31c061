//! What open matters claim: taken with the submission, given up when the matter is closed.

use std::collections::BTreeSet;

use domain::engine::flow::Decision;
use domain::matter::OpenKey;

use crate::access::owner::Owner;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::{LoadedMatter, MatterError};

/// Claims what the answers of a submission name, in place of what the matter claimed before. Returns the refusal if another open matter
/// has it.
///
/// The claim comes before the answers are checked: a matter that gave its keys up is then visible to the check.
pub(super) async fn claim_for_submission(tx: &mut Tx, matter: &LoadedMatter) -> Result<Option<MatterError>, DbError> {
    db::matter_key::release(tx, matter.id).await?;
    claim(tx, matter).await
}

/// Gives up the keys of a matter that a decision closes, and claims them again for one that it reopens.
///
/// # Errors
/// [`MatterError::Blocked`] if the subject of a reopened matter has another open one by now.
pub(super) async fn follow_decision(tx: &mut Tx, matter: &LoadedMatter, decision: &Decision) -> Result<(), MatterError> {
    if decision.stage.closed() {
        db::matter_key::release(tx, matter.id).await?;
        return Ok(());
    }
    // The applicant loads answers that may not be submitted yet, a blind party loads them without identities.
    if matter.is_own() || matter.is_anonymous() || !decision.entered {
        return Ok(());
    }
    // A matter that was open before there were keys claims them now, unless another one was faster.
    let taken = claim(tx, matter).await?;
    match taken {
        Some(_) if matter.closed_at.is_some() => {
            Err(MatterError::Blocked("原业务的事项已另有申请正在办理，须待其办结后才能重新办理".to_owned()))
        }
        _ => Ok(()),
    }
}

/// Claims the keys of a matter in their order; stops at the first that another open matter has.
async fn claim(tx: &mut Tx, matter: &LoadedMatter) -> Result<Option<MatterError>, DbError> {
    let keys: BTreeSet<OpenKey> = (matter.kind.open_keys)(&matter.answers).into_iter().collect();
    for key in keys {
        if let Some(holder) = db::matter_key::claim(tx, &key.text(matter.owner), matter.id).await? {
            let own = (Owner::new(holder.owner_id, holder.owner_institution_id) == matter.belongs_to()).then_some(holder.title);
            return Ok(Some(MatterError::AlreadyOpen(key.taken, own)));
        }
    }
    Ok(None)
}
