//! The lessons of a training plan, as they follow from decisions on it.

use domain::engine::flow::MatterState;
use domain::kind::training_plan::{PlannedLesson, planned_lessons};

use crate::infra::db::plan::LessonRow;
use crate::infra::db::{self, Tx};
use crate::matter::{LoadedMatter, MatterError};

/// Stores the lessons of the submitted answers. Those of teachers whose part is as they confirmed it stay confirmed.
pub(super) async fn plan_lessons(tx: &mut Tx, matter: &LoadedMatter, after: &MatterState) -> Result<(), MatterError> {
    let row = |lesson: PlannedLesson| LessonRow {
        matter_id: matter.id,
        record_id: lesson.record,
        account_id: lesson.teacher,
        day: lesson.span.day,
        starts: lesson.span.starts.into(),
        ends: lesson.span.ends.into(),
        city: lesson.span.city,
        is_confirmed: after.agreed.contains(&lesson.teacher),
    };
    let lessons: Vec<LessonRow> = planned_lessons(&matter.answers).into_iter().map(row).collect();
    db::plan::replace(tx, matter.id, &lessons).await?;
    Ok(())
}

/// Confirms the lessons of the teacher who has just answered, or gives their time back. The account of the teacher is locked by the command, so
/// that of two plans that are confirmed at once the second one is compared with the first.
///
/// # Errors
/// [`MatterError::Blocked`] if a lesson overlaps one that the teacher has confirmed in another plan.
pub(super) async fn confirm_lessons(tx: &mut Tx, matter: &LoadedMatter, after: &MatterState) -> Result<(), MatterError> {
    let teacher = matter.actor.account;
    if !after.agreed.contains(&teacher) {
        db::plan::delete_of(tx, matter.id, teacher).await?;
        return Ok(());
    }
    if let Some(other) = db::plan::confirmed_overlap(tx, matter.id, teacher).await? {
        let (span, plan) = (other.lesson.span(), other.title);
        let text = format!("与您已确认的培训计划时间冲突，不能确认：{} {} 已有培训计划“{plan}”", span.day, span.time());
        return Err(MatterError::Blocked(text));
    }
    db::plan::confirm(tx, matter.id, teacher).await?;
    Ok(())
}

/// Gives the time of every lesson back.
pub(super) async fn release_lessons(tx: &mut Tx, matter: &LoadedMatter) -> Result<(), MatterError> {
    db::plan::delete(tx, matter.id).await?;
    Ok(())
}
