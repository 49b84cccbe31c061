//! SQL that gives the records of one account to another.

use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute};

/// Gives everything that `from` owns to `into`: matters, certificates, practices, scores that `into` does not have, bindings to course
/// categories, payments, files, records, messages. Duties (roles, users of institutions) are granted to a person again.
///
/// # Errors
/// [`DbError::Unique`] if both hold a valid certificate of the same domain and grade.
pub async fn move_records(tx: &mut Tx, from: Uuid, into: Uuid) -> Result<(), DbError> {
    execute!(tx, "update certificate set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update matter set owner_id = $2 where owner_id = $1", from, into)?;
    execute!(tx, "update matter set saved_by = $2 where saved_by = $1", from, into)?;
    execute!(tx, "update task set account_id = $2 where account_id = $1 and turn = 'applicant' and done_at is null", from, into)?;
    execute!(
        tx,
        "update score set account_id = $2 where account_id = $1
         and not exists (select 1 from score other where other.account_id = $2 and other.subject = score.subject and other.session = score.session)",
        from,
        into
    )?;
    execute!(tx, "update charge set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update payment_order set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update transfer set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update identity_change set account_id = $2 where account_id = $1", from, into)?;
    execute!(tx, "update file set owner_id = $2 where owner_id = $1", from, into)?;
    execute!(tx, "update library_record set owner_id = $2 where owner_id = $1", from, into)?;
    execute!(
        tx,
        "update form_draft set account_id = $2 where account_id = $1 and not exists
         (select 1 from form_draft other where other.account_id = $2 and other.form = form_draft.form and other.part = form_draft.part
          and other.subject_id = form_draft.subject_id and other.state = form_draft.state)",
        from,
        into
    )?;
    execute!(
        tx,
        "update saved_view set account_id = $2 where account_id = $1 and not exists
         (select 1 from saved_view other where other.account_id = $2 and other.name_mark = saved_view.name_mark)",
        from,
        into
    )?;
    execute!(
        tx,
        "update course_teacher set account_id = $2 where account_id = $1 and not exists
         (select 1 from course_teacher other where other.account_id = $2 and other.course_id = course_teacher.course_id)",
        from,
        into
    )?;
    execute!(tx, "update participant_record set account_id = $2 where account_id = $1", from, into)?;
    execute!(
        tx,
        "update category_binding set account_id = $2 where account_id = $1 and (ended_at is not null or not exists
         (select 1 from category_binding other
          where other.account_id = $2 and other.category_code = category_binding.category_code and other.ended_at is null))",
        from,
        into
    )?;
    execute!(
        tx,
        "update teacher set account_id = $2 where account_id = $1 and not exists (select 1 from teacher other where other.account_id = $2)",
        from,
        into
    )?;
    execute!(tx, "update discarded_draft set owner_id = $2 where owner_id = $1", from, into)?;
    execute!(tx, "update message set account_id = $2 where account_id = $1", from, into)?;
    move_practices(tx, from, into).await
}

/// Gives the practices of `from` to `into`, which must have its certificates already. Of two active ones the one that began last stays,
/// and the certificates belong to its institution (docs/domain.md §7.2).
async fn move_practices(tx: &mut Tx, from: Uuid, into: Uuid) -> Result<(), DbError> {
    execute!(
        tx,
        "update membership set status = 'ended'
         where role = 'practitioner' and status = 'active' and account_id in ($1, $2) and exists (
             select 1 from membership later
             where later.role = 'practitioner' and later.status = 'active' and later.account_id in ($1, $2)
               and later.account_id <> membership.account_id
               and (later.since > membership.since or (later.since = membership.since and later.account_id = $2)))",
        from,
        into
    )?;
    // A practice that both accounts have on record becomes one row.
    execute!(
        tx,
        "delete from membership where account_id = $2 and role = 'practitioner' and status <> 'active' and exists (
             select 1 from membership other where other.account_id = $1 and other.institution_id = membership.institution_id
               and other.role = 'practitioner')",
        from,
        into
    )?;
    execute!(
        tx,
        "update membership set account_id = $2 where account_id = $1 and role = 'practitioner' and not exists (
             select 1 from membership other where other.account_id = $2 and other.institution_id = membership.institution_id
               and other.role = 'practitioner')",
        from,
        into
    )?;
    execute!(
        tx,
        "update certificate set institution_id = practice.institution_id from membership practice
         where certificate.account_id = $1 and certificate.status in ('valid', 'suspended')
           and practice.account_id = $1 and practice.role = 'practitioner' and practice.status = 'active'",
        into
    )?;
    Ok(())
}
