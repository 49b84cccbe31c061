//! 处置 in the transaction of their decision: imposing a measure, its effect on its day, and lifting it after an appeal.

use chrono::NaiveDate;
use domain::engine::notification::NotificationKind;
use domain::record::certificate::{HeldCertificate, ImposedMeasure, Lifting, Measure, ScheduledMeasure, next_check_on};
use uuid::Uuid;

use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::disposition::{CertificateState, DispositionRow};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::MatterError;
use crate::record::audit::audit;
use crate::record::link;
use crate::record::notification::{Notification, notify_account};
use crate::state::AppState;

/// Name of the kind in notifications.
const KIND: &str = "证书处置";

/// A measure to be imposed.
pub(crate) struct Imposition {
    /// The matter that decides it.
    pub matter: Uuid,
    /// The person who decides it.
    pub by: Uuid,
    /// Number of the certificate.
    pub number: String,
    /// The measure.
    pub measure: Measure,
    /// The day it takes effect; a day in the past counts as today.
    pub effective_on: NaiveDate,
}

/// Imposes a measure. It is in effect at once, or scheduled for its day.
///
/// # Errors
/// [`MatterError::Blocked`] if it does not apply to the certificate any more; [`MatterError::ChangedMeanwhile`] if the certificate changes
/// at this moment.
pub(crate) async fn impose(tx: &mut Tx, app: &AppState, imposition: &Imposition, today: NaiveDate) -> Result<(), MatterError> {
    let row = db::certificate::by_number(tx, &imposition.number).await?.ok_or(MatterError::CertificateUnavailable)?;
    let row = apply_scheduled(tx, app, row, today).await?;
    let (measure, on) = (imposition.measure, imposition.effective_on.max(today));
    let held = row.held();
    if let Some(reason) = obstacle(&held, measure, on) {
        return Err(MatterError::Blocked(reason));
    }
    let disposition = DispositionRow {
        matter_id: imposition.matter,
        certificate_id: row.id,
        measure,
        effective_on: on,
        decided_at: app.now(),
        applied_at: None,
        status_before: None,
        overdue_before: None,
        lifted_at: None,
        lifting: None,
    };
    db::disposition::insert(tx, &disposition).await?;
    let scheduled = HeldCertificate { scheduled: Some(ScheduledMeasure { measure, on }), ..held };
    let state = CertificateState {
        status: row.status,
        overdue_from: row.overdue_from,
        scheduled: Some((measure, on)),
        next_check_on: Some(on.min(row.next_check_on.unwrap_or(on))),
    };
    if !db::disposition::set_state(tx, &row, &state).await? {
        return Err(MatterError::ChangedMeanwhile);
    }
    audit(tx, app, Some(imposition.by), &format!("certificate.{}", measure.code()), &row.id.to_string()).await?;
    if on > today {
        let body = format!("{}将自 {on} 起{}。", display_name(&scheduled), done(measure));
        return Ok(tell(tx, app, &row, imposition.matter, "decided", &body).await?);
    }
    let row = db::certificate::by_number(tx, &imposition.number).await?.ok_or(MatterError::CertificateUnavailable)?;
    apply_scheduled(tx, app, row, today).await?;
    Ok(())
}

/// Why a measure cannot be imposed for a day; none if it can.
fn obstacle(held: &HeldCertificate, measure: Measure, on: NaiveDate) -> Option<String> {
    if let Some(scheduled) = held.scheduled {
        return Some(format!("该证书已有“{}”处置将于 {} 生效，在此之前不能再作处置", scheduled.measure.label(), scheduled.on));
    }
    let status = held.status_on(on).label();
    let reason = format!("证书的状态为“{status}”，不能作出“{}”处置，请不予处置", measure.label());
    (!measure.applies_to(held.standing_on(on))).then_some(reason)
}

/// Makes a scheduled measure whose day has come part of the status, and returns the certificate as it is then. Notifies the holder and the
/// institution.
pub(crate) async fn apply_scheduled(tx: &mut Tx, app: &AppState, row: CertificateRow, today: NaiveDate) -> Result<CertificateRow, DbError> {
    let held = row.held();
    let Some(scheduled) = held.scheduled.filter(|scheduled| scheduled.on <= today) else { return Ok(row) };
    let after = held.as_of(today);
    let is_effective = scheduled.measure.applies_to(HeldCertificate { scheduled: None, ..held }.standing_on(scheduled.on));
    let tables = app.tables();
    let next = next_check_on(&after, today, tables.rules.on(today));
    let state = CertificateState {
        status: after.status,
        overdue_from: row.overdue_from.filter(|_| after.overdue),
        scheduled: None,
        // A resumed certificate may have missed a confirmation meanwhile.
        next_check_on: if scheduled.measure == Measure::Resume { Some(today) } else { next },
    };
    if !db::disposition::set_state(tx, &row, &state).await? {
        // Another process did it.
        return Ok(db::certificate::by_number(tx, &row.number).await?.unwrap_or(row));
    }
    if let Some(disposition) = db::disposition::waiting_of_certificate(tx, row.id).await? {
        db::disposition::set_applied(tx, disposition.matter_id, &row, app.now()).await?;
        audit(tx, app, None, "certificate.measure_applied", &row.id.to_string()).await?;
        let (name, day, done) = (display_name(&after), scheduled.on, done(scheduled.measure));
        let body = if is_effective {
            format!("{name}自 {day} 起{done}。")
        } else {
            format!("{name}的“{}”处置没有执行：证书此前已变为“{}”。", scheduled.measure.label(), after.status_on(today).label())
        };
        tell(tx, app, &row, disposition.matter_id, "applied", &body).await?;
    }
    Ok(db::certificate::by_number(tx, &row.number).await?.unwrap_or(row))
}

/// What lifting the measure of a matter does today; none for a matter that imposed none.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn lifting_of(tx: &mut Tx, matter: Uuid, today: NaiveDate) -> Result<Option<(Lifting, CertificateRow)>, DbError> {
    let Some(disposition) = db::disposition::by_matter(tx, matter).await? else { return Ok(None) };
    let Some(row) = db::certificate::by_id(tx, disposition.certificate_id).await? else { return Ok(None) };
    let held = row.held();
    let is_due = disposition.applied_at.is_none() && disposition.effective_on <= today;
    // Its day has come, and the job has not been there yet.
    let before =
        if is_due { Some((row.status, held.overdue)) } else { disposition.before().map(|s| (s, disposition.overdue_before.is_some())) };
    // A certificate is the subject of one open matter at a time, so ids, which begin with the time, decide within one moment.
    let order = |of: &DispositionRow| (of.applied_at, of.matter_id);
    let measures = db::disposition::list_of_certificate(tx, row.id).await?;
    let changes = |other: &&DispositionRow| other.lifted_at.is_none() && other.measure.rule().to.is_some();
    // One that is not applied yet is the last one.
    let is_overtaken = disposition.applied_at.is_some() && measures.iter().filter(changes).any(|other| order(other) > order(&disposition));
    let other = number_of_successor(tx, &row, today).await?;
    let imposed = ImposedMeasure { measure: disposition.measure, before, is_overtaken };
    Ok(Some((Lifting::of(imposed, &held, other, today), row)))
}

/// Number of another usable certificate of the holder, of the same domain and of this or a higher grade.
async fn number_of_successor(tx: &mut Tx, row: &CertificateRow, today: NaiveDate) -> Result<Option<String>, DbError> {
    let usable = db::certificate::list_usable_of_account(tx, row.account_id).await?;
    let succeeds = |other: &CertificateRow| {
        let is_usable = other.held().standing_on(today).is_some_and(|s| s != domain::record::certificate::Standing::Expired);
        other.id != row.id && is_usable && other.domain == row.domain && other.category == row.category && other.grade >= row.grade
    };
    Ok(usable.into_iter().find(succeeds).map(|other| other.number))
}

/// Lifts the measure of a matter after an appeal.
///
/// # Errors
/// [`MatterError::Blocked`] if the matter imposed none; [`MatterError::ChangedMeanwhile`] if the certificate changes at this moment.
pub(crate) async fn lift(tx: &mut Tx, app: &AppState, matter: Uuid, today: NaiveDate) -> Result<(), MatterError> {
    let nothing = || MatterError::Blocked("该业务没有可以撤销的处置".to_owned());
    let disposition = db::disposition::by_matter(tx, matter).await?.ok_or_else(nothing)?;
    let row = db::certificate::by_id(tx, disposition.certificate_id).await?.ok_or_else(nothing)?;
    apply_scheduled(tx, app, row, today).await?;
    let (lifting, row) = lifting_of(tx, matter, today).await?.ok_or_else(nothing)?;
    let held = row.held();
    let scheduled = held.scheduled.map(|scheduled| (scheduled.measure, scheduled.on));
    let unchanged = CertificateState { status: row.status, overdue_from: row.overdue_from, scheduled, next_check_on: row.next_check_on };
    let state = match &lifting {
        Lifting::Dropped => {
            let free = HeldCertificate { scheduled: None, ..held };
            let next_check_on = next_check_on(&free, today, app.tables().rules.on(today));
            Some(CertificateState { scheduled: None, next_check_on, ..unchanged })
        }
        // What time would have done to it meanwhile is done by the next check.
        Lifting::Restored(status, overdue) => Some(CertificateState {
            status: *status,
            overdue_from: disposition_overdue(&disposition, *overdue, today),
            next_check_on: Some(today),
            ..unchanged
        }),
        Lifting::Unchanged | Lifting::Overtaken(_) | Lifting::Replaced(_) => None,
    };
    if let Some(state) = state
        && !db::disposition::set_state(tx, &row, &state).await?
    {
        return Err(MatterError::ChangedMeanwhile);
    }
    if !db::disposition::set_lifted(tx, matter, &lifting, app.now()).await? {
        return Err(MatterError::ChangedMeanwhile);
    }
    audit(tx, app, None, "certificate.measure_lifted", &row.id.to_string()).await?;
    let body =
        format!("{}的“{}”处置已撤销：{}。", display_name(&row.held()), disposition.measure.label(), lifting.text(today, row.valid_until));
    Ok(tell(tx, app, &row, matter, "lifted", &body).await?)
}

/// The day since which a restored certificate lacks a confirmation; none if it does not.
fn disposition_overdue(disposition: &DispositionRow, overdue: bool, today: NaiveDate) -> Option<NaiveDate> {
    overdue.then(|| disposition.overdue_before.unwrap_or(today))
}

/// Name of a certificate: 质量管理体系证书 2025-N1QMS-4000001.
fn display_name(held: &HeldCertificate) -> String {
    format!("{}证书 {} ", held.domain_label(), held.number)
}

/// What is said of a certificate under a measure.
fn done(measure: Measure) -> &'static str {
    match measure {
        Measure::Warn => "受到警告处置，证书状态不变",
        Measure::Suspend => "暂停",
        Measure::Resume => "恢复有效",
        Measure::Revoke => "撤销，不再有效",
        Measure::Cancel => "注销，不再有效",
    }
}

/// Notifies the holder and the users of the practice institution.
async fn tell(tx: &mut Tx, app: &AppState, row: &CertificateRow, matter: Uuid, step: &str, body: &str) -> Result<(), DbError> {
    let mut accounts = vec![row.account_id];
    if let Some(institution) = row.institution_id {
        accounts.extend(db::institution::list_users(tx, institution).await?);
    }
    accounts.dedup();
    for account in accounts {
        let kind = NotificationKind::CertificateDisposed;
        let notification = Notification {
            account,
            matter,
            matter_kind: KIND,
            kind,
            dedupe_key: format!("measure-{step}"),
            title: &format!("{KIND}：{}", kind.plan().label),
            body,
            link: link::matter(matter),
        };
        notify_account(tx, app, &notification, app.now()).await?;
    }
    Ok(())
}
