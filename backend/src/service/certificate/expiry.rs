//! The expiry job: reminders, suspension and end of certificates.
//!
//! Each certificate stores the day of its next check, which is advanced in the transaction of the action. So each action happens once,
//! however often the job runs and wherever it is interrupted.

use chrono::NaiveDate;
use domain::base::rule::{RulesOn, key};
use domain::engine::notification::NotificationKind;
use domain::record::certificate::{HeldCertificate, Lapse, Renewal, lapse, next_check_on, reminder};

use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::{self, DbError, Tx};
use crate::record::audit::audit;
use crate::record::certificate::disposition::{apply_scheduled, display_name};
use crate::record::notification::{Notification, Topic, notify_account};
use crate::state::AppState;

/// Certificates in one transaction.
const BATCH: i64 = 100;

/// Result of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ExpiryReport {
    /// Holders reminded.
    pub reminded: usize,
    /// Certificates suspended or ended.
    pub lapsed: usize,
}

/// Checks every certificate whose next check is due.
pub async fn run_expiry(app: &AppState) -> Result<ExpiryReport, DbError> {
    let (today, mut report) = (app.today(), ExpiryReport::default());
    loop {
        let owned = app.clone();
        let batch = app.db.write(move |tx| Box::pin(async move { check_batch(tx, &owned, today).await })).await?;
        let Some(batch) = batch else { return Ok(report) };
        report.reminded += batch.reminded;
        report.lapsed += batch.lapsed;
    }
}

/// Checks the next batch; `None` if there are no more.
async fn check_batch(tx: &mut Tx, app: &AppState, today: NaiveDate) -> Result<Option<ExpiryReport>, DbError> {
    let rows = db::renewal::list_to_check(tx, today, BATCH).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut report = ExpiryReport::default();
    for row in &rows {
        check_certificate(tx, app, row, today, &mut report).await?;
    }
    Ok(Some(report))
}

/// Applies the due actions to one certificate.
async fn check_certificate(
    tx: &mut Tx,
    app: &AppState,
    row: &CertificateRow,
    today: NaiveDate,
    report: &mut ExpiryReport,
) -> Result<(), DbError> {
    let tables = app.tables();
    let rules = tables.rules.on(today);
    let row = &apply_scheduled(tx, app, row.clone(), today).await?;
    let held = row.held();
    // A renewal filed in time suspends reminders and lapses until its decision.
    if db::renewal::has_open_renewal(tx, row.id).await? {
        db::renewal::set_checked(tx, row, row.status, row.overdue_from, today.succ_opt()).await?;
        return Ok(());
    }
    let lapse = lapse(&held, today, rules);
    let since = row.next_check_on.unwrap_or(today);
    let reminder = reminder(&held, since, today, rules).filter(|_| lapse.is_none());
    let after = lapse.map_or_else(|| held.clone(), |lapse| lapse.of(&held));
    let overdue_from = if lapse.is_some() { row.overdue_from.or(Some(today)) } else { row.overdue_from };
    if !db::renewal::set_checked(tx, row, after.status, overdue_from, next_check_on(&after, today, rules)).await? {
        return Ok(());
    }
    if let Some(lapse) = lapse {
        report.lapsed += 1;
        audit(tx, app, None, "certificate.lapse", &row.id.to_string()).await?;
        let (renewal, body) = lapse_text(&held, lapse, today, rules);
        let step = format!("lapse-{}", after.status.code());
        notify_holder(tx, app, row, renewal, NotificationKind::CertificateLapsed, &step, &body).await?;
    } else if let Some((renewal, step)) = reminder {
        report.reminded += 1;
        let body = reminder_text(&held, renewal, today, rules);
        notify_holder(tx, app, row, renewal, NotificationKind::RenewalDue, &step.to_string(), &body).await?;
    }
    Ok(())
}

async fn notify_holder(
    tx: &mut Tx,
    app: &AppState,
    row: &CertificateRow,
    renewal: Renewal,
    kind: NotificationKind,
    step: &str,
    body: &str,
) -> Result<(), DbError> {
    let matter_kind = renewal.label();
    let notification = Notification {
        account: row.account_id,
        matter: row.matter_id,
        matter_kind,
        topic: Topic::Certificate(row.id),
        names_applicant: false,
        kind,
        dedupe_key: format!("{}-{}-{step}", renewal.code(), row.confirm_due_on),
        title: &format!("{matter_kind}：{}", kind.plan().label),
        body,
        link: crate::record::link::OWN_CERTIFICATES.into(),
    };
    notify_account(tx, app, &notification, app.now()).await
}

fn reminder_text(held: &HeldCertificate, renewal: Renewal, today: NaiveDate, rules: RulesOn<'_>) -> String {
    let (due, label) = (renewal.due_on(held), renewal.label());
    let left = (due - today).num_days();
    if left >= 0 {
        return format!("您的{}应于 {due}（含当日）前办理{label}，剩余 {left} 天。", display_name(held));
    }
    let closes = renewal.closes_on(held, rules);
    format!(
        "您的{}应于 {due}（含当日）前办理{label}，已超过 {} 天。最迟于 {closes}（含当日）办理，逾期证书将被暂停。",
        display_name(held),
        -left
    )
}

fn lapse_text(held: &HeldCertificate, lapse: Lapse, today: NaiveDate, rules: RulesOn<'_>) -> (Renewal, String) {
    let name = display_name(held);
    match lapse {
        Lapse::Suspend if rules.yes(key::AC_LATE) => {
            (Renewal::AnnualConfirmation, format!("您的{name}因逾期未办理年度确认，自 {today} 起暂停。补办年度确认并获批准后恢复有效。"))
        }
        Lapse::Suspend => (Renewal::AnnualConfirmation, format!("您的{name}因逾期未办理年度确认，自 {today} 起暂停。")),
        Lapse::Expire if today > held.valid_until => {
            (Renewal::Reregistration, format!("您的{name}有效期已于 {} 届满，证书已失效。", held.valid_until))
        }
        Lapse::Expire => (Renewal::AnnualConfirmation, format!("您的{name}连续未办理年度确认，自 {today} 起失效。")),
    }
}
