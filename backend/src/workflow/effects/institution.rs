//! An approved registration of an institution: the institution, and its first user.

use chrono::NaiveDate;
use domain::base::permission::{GrantStatus, InstitutionRole, UserRole};
use domain::record::institution::{InstitutionKind, InstitutionState, RegisteredInstitution};
use uuid::Uuid;

use crate::infra::db::account::AccountStatus;
use crate::infra::db::institution::InstitutionRow;
use crate::infra::db::{self, Tx};
use crate::infra::secret::Keys;
use crate::matter::submission::exclude_newcomer;
use crate::matter::{LoadedMatter, MatterError};
use crate::record::audit::audit;
use crate::record::institution::seal_contact;
use crate::state::AppState;

/// Registers the institution of the submitted answers, and makes the applicant its first user with every role.
///
/// # Errors
/// [`MatterError::Blocked`] if the institution is registered by now, or the applicant's account cannot be used.
pub(super) async fn register_institution(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, today: NaiveDate) -> Result<(), MatterError> {
    let missing = || MatterError::misconfigured(matter.kind.code, "registers");
    let registers = matter.kind.registers.ok_or_else(missing)?;
    let registered = registers(&matter.answers).ok_or_else(missing)?;
    let applicant = db::account::lock(tx, matter.owner).await?.ok_or(MatterError::NotFound)?;
    if applicant.status != AccountStatus::Active {
        return Err(MatterError::Blocked("申请人的账号已停用或注销，不能成为机构用户，请不予受理".to_owned()));
    }
    let row = row_of(&app.keys, matter.id, registered).ok_or_else(missing)?;
    match db::institution::insert(tx, &row).await {
        // Registered from the command line after the submission.
        Err(error) if error.violates("institution", "credit_code") => {
            return Err(MatterError::Blocked("该统一社会信用代码的机构已注册，请退回修改或不予受理".to_owned()));
        }
        other => other?,
    };
    db::institution::set_membership(tx, applicant.id, row.id, InstitutionRole::User, GrantStatus::Active, today).await?;
    db::user_role::replace(tx, row.id, applicant.id, &UserRole::ALL).await?;
    exclude_newcomer(tx, app, applicant.id).await?;
    let approver = Some(matter.actor.account).filter(|account| !account.is_nil());
    audit(tx, app, approver, "institution.registered", &row.id.to_string()).await?;
    Ok(())
}

/// The row of an institution; none without a kind.
fn row_of(keys: &Keys, matter: Uuid, of: RegisteredInstitution) -> Option<InstitutionRow> {
    let (id, kind) = (Uuid::now_v7(), of.kinds.iter().next()?);
    Some(InstitutionRow {
        id,
        name: of.name,
        credit_code: of.credit_code.as_str().to_owned(),
        approval_no: of.approval_no,
        kind,
        also_trains: kind != InstitutionKind::TrainingProvider && of.kinds.includes(InstitutionKind::TrainingProvider),
        state: InstitutionState::Active,
        matter_id: Some(matter),
        contact_sealed: Some(seal_contact(keys, id, &of.contact)),
    })
}
