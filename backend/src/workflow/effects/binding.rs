//! 绑定课程类别: the applicant becomes a teacher of the category.

use chrono::NaiveDate;
use domain::kind::category_binding::category;
use domain::record::teaching::{TEACHER_SERIES, teacher_number};
use uuid::Uuid;

use crate::infra::db::teaching::BindingRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::{LoadedMatter, MatterError};
use crate::record::audit::audit;
use crate::state::AppState;

/// Binds the applicant to the category that the submitted answers name.
///
/// # Errors
/// [`MatterError::Misconfigured`] for answers that name none; [`MatterError::Blocked`] if the category is no longer used, or the applicant is
/// bound to it by now.
pub(super) async fn bind_category(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, today: NaiveDate) -> Result<(), MatterError> {
    let code = category(&matter.answers).ok_or_else(|| MatterError::misconfigured(matter.kind.code, "category"))?;
    let found = db::teaching::category(tx, &code).await?;
    if !found.is_some_and(|category| category.is_active_on(today)) {
        return Err(MatterError::Blocked("该课程类别已停用，不能绑定".to_owned()));
    }
    let row = BindingRow {
        id: Uuid::now_v7(),
        account_id: matter.owner,
        category_code: code,
        matter_id: Some(matter.id),
        bound_at: app.now(),
        ended_at: None,
    };
    if !db::teaching::insert_binding(tx, &row).await? {
        return Err(MatterError::Blocked("教师已绑定该课程类别，不能重复绑定".to_owned()));
    }
    number_teacher(tx, app, matter.owner).await?;
    let actor = Some(matter.actor.account).filter(|account| !account.is_nil());
    Ok(audit(tx, app, actor, "teaching.bound", &row.id.to_string()).await?)
}

/// Gives 教师编号 with the first binding. The row of the series is locked before it is known whether there is a number, so that two first
/// bindings at once give one.
async fn number_teacher(tx: &mut Tx, app: &AppState, account: Uuid) -> Result<(), DbError> {
    if db::teaching::teacher_number_of(tx, account).await?.is_none() {
        let serial = db::certificate::next_serial(tx, TEACHER_SERIES, 1).await?;
        db::teaching::insert_teacher(tx, account, &teacher_number(serial), app.now()).await?;
    }
    Ok(())
}
