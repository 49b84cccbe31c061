//! A change of the practice institution: the person's membership, their certificates, and their open matters.

use chrono::NaiveDate;
use domain::engine::flow::{InstitutionRelation, Party};
use domain::matter::OnTransfer;
use domain::record::certificate::Standing;
use uuid::Uuid;

use crate::infra::db::{self, Tx};
use crate::matter::load::load_as_system;
use crate::matter::{LoadedMatter, MatterError};
use crate::record::audit::audit;
use crate::state::AppState;
use crate::workflow::save::store_answers;

/// Makes the institution in this relation to the matter the applicant's practice institution, in place of the one they leave.
///
/// # Errors
/// [`MatterError::Blocked`] if the applicant does not practise in the institution they leave by now, or has a certificate suspended by a measure.
pub(super) async fn join_institution(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    relation: InstitutionRelation,
    today: NaiveDate,
) -> Result<(), MatterError> {
    let institution = |relation: InstitutionRelation| {
        matter.related(relation).ok_or_else(|| MatterError::misconfigured(matter.kind.code, "related_institutions"))
    };
    let (from, to) = (institution(InstitutionRelation::Leaving)?, institution(relation)?);
    for open in db::transfer::list_open_matters(tx, matter.owner, matter.id).await? {
        // A discarded draft is gone; anything else is as it is now.
        let Some(row) = db::matter::lock(tx, open.id).await?.filter(|row| row.closed_at.is_none()) else { continue };
        apply_policy(tx, app, &row, from, to).await?;
    }
    // After the matters, as an approval of one of them locks.
    db::account::lock(tx, matter.owner).await?;
    require_unsuspended(tx, matter.owner, today).await?;
    if !db::transfer::move_practice(tx, matter.owner, from, to, today).await? {
        let reason = "申请人目前的执业机构已不是转出机构，不能转换，请不予批准";
        return Err(MatterError::Blocked(reason.to_owned()));
    }
    db::transfer::move_certificates(tx, matter.owner, from, to).await?;
    let row = db::transfer::TransferRow {
        matter_id: matter.id,
        account_id: matter.owner,
        from_institution_id: from,
        to_institution_id: to,
        effective_on: today,
    };
    db::transfer::insert(tx, &row).await?;
    Ok(())
}

/// Refuses a person with a certificate that a measure suspended since the application. The account is locked.
async fn require_unsuspended(tx: &mut Tx, account: Uuid, today: NaiveDate) -> Result<(), MatterError> {
    let usable = db::certificate::list_usable_of_account(tx, account).await?;
    let suspended = usable.iter().find(|row| row.held().standing_on(today) == Some(Standing::Suspended));
    suspended.map_or(Ok(()), |row| {
        let number = &row.number;
        Err(MatterError::Blocked(format!("申请人的证书 {number} 因处置处于暂停期，不能转换执业机构；请待其恢复后再批准，或不予批准")))
    })
}

/// Applies the transfer policy to another open matter of the applicant.
async fn apply_policy(tx: &mut Tx, app: &AppState, row: &db::matter::MatterRow, from: Uuid, to: Uuid) -> Result<(), MatterError> {
    let Some(kind) = domain::kind::by_code(&row.kind) else { return Ok(()) };
    match kind.transfer_policy(&row.stage).then {
        OnTransfer::Unchanged => {}
        OnTransfer::Waits => {
            let stage = kind.flow.stage(&row.stage).map_or("", |s| s.label);
            let reason = format!("申请人的业务“{}”当前为“{stage}”，须待其进入下一环节后才能批准转换", row.title);
            return Err(MatterError::Blocked(reason));
        }
        OnTransfer::Follows(field) => {
            replace_institution(tx, app, row.id, field, from, to).await?;
            if row.institution_id == Some(from) {
                db::transfer::set_matter_institution(tx, row.id, to).await?;
                audit(tx, app, None, "transfer.follow", &row.id.to_string()).await?;
            }
        }
    }
    Ok(())
}

/// Replaces the old institution by the new one in the applicant's answers, so that later submissions go to the new one.
async fn replace_institution(tx: &mut Tx, app: &AppState, matter: Uuid, field: &str, from: Uuid, to: Uuid) -> Result<(), MatterError> {
    let matter = load_as_system(tx, app, Party::Applicant, matter).await?;
    if matter.answers.text(field) == from.to_string() {
        let mut answers = matter.answers.clone();
        answers.fields.insert(field.to_owned(), to.to_string().as_str().into());
        store_answers(tx, app, &matter, answers).await?;
    }
    Ok(())
}
