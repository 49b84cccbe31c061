//! 处置 in the transaction of their decision: imposing a measure, its effect on its day, and lifting it after an appeal.

use chrono::{DateTime, NaiveDate, Utc};
use domain::engine::notification::NotificationKind;
use domain::record::certificate::{
    CertificateStatus, HeldCertificate, ImposedMeasure, Lifting, Measure, ScheduledMeasure, Standing, lapse, next_check_on,
};
use uuid::Uuid;

use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::disposition::{CertificateState, DispositionRow};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::MatterError;
use crate::record::audit::audit;
use crate::record::link;
use crate::record::notification::{Notification, Topic, notify_account};
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
    let rules = tables.rules.on(today);
    // A resumed certificate may have missed a confirmation meanwhile. A renewal filed in time suspends lapses until its decision.
    let is_resumed = is_effective && scheduled.measure == Measure::Resume;
    let may_lapse = is_resumed && !db::renewal::has_open_renewal(tx, row.id).await?;
    let lapse = lapse(&after, today, rules).filter(|_| may_lapse);
    let after = lapse.map_or_else(|| after.clone(), |lapse| lapse.of(&after));
    let next = next_check_on(&after, today, rules);
    let state = CertificateState {
        status: after.status,
        overdue_from: if lapse.is_some() { Some(today) } else { row.overdue_from.filter(|_| after.overdue) },
        scheduled: None,
        next_check_on: if is_resumed { Some(today) } else { next },
    };
    if !db::disposition::set_state(tx, &row, &state).await? {
        // Another process did it.
        return Ok(db::certificate::by_number(tx, &row.number).await?.unwrap_or(row));
    }
    if let Some(disposition) = db::disposition::waiting_of_certificate(tx, row.id).await? {
        db::disposition::set_applied(tx, disposition.matter_id, &row, app.now()).await?;
        audit(tx, app, None, "certificate.measure_applied", &row.id.to_string()).await?;
        let body = applied_text(&after, scheduled, is_effective, today);
        tell(tx, app, &row, disposition.matter_id, "applied", &body).await?;
    }
    Ok(db::certificate::by_number(tx, &row.number).await?.unwrap_or(row))
}

/// The message about a measure whose day has come. `after`: the certificate since then.
fn applied_text(after: &HeldCertificate, scheduled: ScheduledMeasure, is_effective: bool, today: NaiveDate) -> String {
    let (name, status) = (display_name(after), after.status_on(today).label());
    let (day, measure) = (scheduled.on, scheduled.measure);
    if !is_effective {
        return format!("{name}的“{}”处置没有执行：证书此前已变为“{status}”。", measure.label());
    }
    let done = done(measure);
    match (measure, after.standing_on(today)) {
        (Measure::Resume, Some(Standing::Unconfirmed)) => {
            format!("{name}自 {day} 起{done}；因逾期未办理年度确认，证书状态仍为“{status}”。")
        }
        (Measure::Resume, _) => format!("{name}自 {day} 起{done}，证书状态为“{status}”。"),
        _ => format!("{name}自 {day} 起{done}。"),
    }
}

/// Why an appeal cannot change the measure of a matter in words: no other measure can be carried out on a certificate that it ended.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn amendment_obstacle(tx: &mut Tx, matter: Uuid, today: NaiveDate) -> Result<Option<String>, DbError> {
    let Some(disposition) = db::disposition::by_matter(tx, matter).await?.filter(|d| d.lifted_at.is_none()) else { return Ok(None) };
    let Some(row) = db::certificate::by_id(tx, disposition.certificate_id).await? else { return Ok(None) };
    let (held, to) = (row.held(), disposition.measure.rule().to);
    let status = held.status_on(today);
    let is_ended = to == Some(status) && held.standing_on(today).is_none();
    Ok(is_ended.then(|| format!("该证书{}，变更后的处置无法执行；请撤销原决定后另行处置", status.label())))
}

/// What lifting the measure of a matter does today, and the certificate; none for a matter that imposed none.
///
/// # Errors
/// The database cannot be read.
pub(crate) async fn lifting_of(tx: &mut Tx, matter: Uuid, today: NaiveDate) -> Result<Option<(Lifting, CertificateRow)>, DbError> {
    Ok(planned_lifting(tx, matter, today).await?.map(|planned| (planned.lifting, planned.row)))
}

/// What lifting a measure does.
struct PlannedLifting {
    lifting: Lifting,
    /// The certificate.
    row: CertificateRow,
    /// Day since which the certificate lacked a confirmation before the measure.
    overdue_before: Option<NaiveDate>,
}

async fn planned_lifting(tx: &mut Tx, matter: Uuid, today: NaiveDate) -> Result<Option<PlannedLifting>, DbError> {
    let Some(disposition) = db::disposition::by_matter(tx, matter).await? else { return Ok(None) };
    let Some(row) = db::certificate::by_id(tx, disposition.certificate_id).await? else { return Ok(None) };
    let held = row.held();
    let is_due = disposition.applied_at.is_none() && disposition.effective_on <= today;
    // Its day has come, and the job has not been there yet.
    let before = if is_due { Some((row.status, row.overdue_from)) } else { state_before(&disposition) };
    let measures = db::disposition::list_of_certificate(tx, row.id).await?;
    let changes = |other: &&DispositionRow| other.lifted_at.is_none() && other.measure.rule().to.is_some();
    // One that is not applied yet is the last one.
    let is_overtaken = disposition.applied_at.is_some() && measures.iter().filter(changes).any(|other| order(other) > order(&disposition));
    let other = number_of_successor(tx, &row, today).await?;
    let before = before.map(|before| without_lifted(before, &disposition, &measures));
    let overdue_before = before.and_then(|(_, overdue_from)| overdue_from);
    let before = before.map(|(status, overdue_from)| (status, overdue_from.is_some()));
    let imposed = ImposedMeasure { measure: disposition.measure, before, is_overtaken };
    Ok(Some(PlannedLifting { lifting: Lifting::of(imposed, &held, other, today), row, overdue_before }))
}

/// Order of measures in effect. A certificate is the subject of one open matter at a time, so ids, which begin with the time, decide within
/// one moment.
fn order(of: &DispositionRow) -> (Option<DateTime<Utc>>, Uuid) {
    (of.applied_at, of.matter_id)
}

/// Status of a certificate, and the day since which it lacks a confirmation.
type StoredState = (CertificateStatus, Option<NaiveDate>);

/// The state before a measure; none while it is not in effect.
fn state_before(disposition: &DispositionRow) -> Option<StoredState> {
    disposition.before().map(|status| (status, disposition.overdue_before))
}

/// The state before a measure, without the measures directly before it that were lifted while it was in effect: the certificate was not
/// restored then.
fn without_lifted(before: StoredState, disposition: &DispositionRow, measures: &[DispositionRow]) -> StoredState {
    let is_earlier = |other: &&DispositionRow| {
        let is_effective = other.applied_at.is_some() && other.measure.rule().to.is_some();
        is_effective && (disposition.applied_at.is_none() || order(other) < order(disposition))
    };
    let mut earlier: Vec<&DispositionRow> = measures.iter().filter(is_earlier).collect();
    earlier.sort_by_key(|other| std::cmp::Reverse(order(other)));
    let mut state = before;
    for measure in earlier {
        let led_to = measure.measure.rule().to.map(|to| (to, None));
        let Some(former) = state_before(measure).filter(|_| measure.lifted_at.is_some() && led_to == Some(state)) else { break };
        state = former;
    }
    state
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
    // The issue of another certificate of the holder comes before, or finds the certificate as it is then.
    db::account::lock(tx, row.account_id).await?;
    let row = db::certificate::by_id(tx, row.id).await?.ok_or_else(nothing)?;
    apply_scheduled(tx, app, row, today).await?;
    let PlannedLifting { lifting, row, overdue_before } = planned_lifting(tx, matter, today).await?.ok_or_else(nothing)?;
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
            overdue_from: overdue.then(|| overdue_before.unwrap_or(today)),
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

/// Name of a certificate, to be followed by Chinese characters: 质量管理体系证书 2025-N1QMS-4000001 with a space behind.
pub(crate) fn display_name(held: &HeldCertificate) -> String {
    format!("{}证书 {} ", held.domain_label(), held.number)
}

/// What is said of a certificate under a measure.
fn done(measure: Measure) -> &'static str {
    match measure {
        Measure::Warn => "受到警告处置，证书状态不变",
        Measure::Suspend => "暂停",
        Measure::Resume => "解除暂停",
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
            topic: Topic::Matter,
            names_applicant: false,
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
