//! Renewal of certificates: which certificates a matter may renew, and the extension in the transaction of its approval.

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::day_of;
use domain::engine::notification::NotificationKind;
use domain::matter::CERTIFICATES_FIELD;
use domain::record::certificate::{CertificateStatus, HeldCertificate, Renewal, next_check_on};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::access::owner::Owner;
use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::renewal::{OpenRenewalRow, TermExtension};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::{LoadedMatter, MatterError};
use crate::record::certificate::disposition::apply_scheduled;
use crate::record::notification::{Notification, Topic, notify_account};
use crate::state::AppState;

/// Whether a matter may renew a certificate: the applicant's own, or one of the filing institution's people.
fn may_renew(matter: &LoadedMatter, row: &CertificateRow) -> bool {
    match matter.filing_institution() {
        Some(institution) => row.institution_id == Some(institution),
        None => row.account_id == matter.owner,
    }
}

/// Records the certificates of a submitted matter, and notifies holders for whom an institution files.
///
/// # Errors
/// [`MatterError::CertificateUnavailable`] if the matter may not renew one of them.
pub(crate) async fn register_requests(tx: &mut Tx, app: &AppState, matter: &LoadedMatter, now: DateTime<Utc>) -> Result<(), MatterError> {
    let Some(renewal) = matter.kind.renewal else { return Ok(()) };
    db::renewal::delete_requests(tx, matter.id).await?;
    for number in matter.answers.codes(CERTIFICATES_FIELD) {
        let row = db::certificate::by_number(tx, number).await?.filter(|row| may_renew(matter, row));
        let row = row.ok_or(MatterError::CertificateUnavailable)?;
        db::renewal::insert_request(tx, matter.id, row.id).await?;
        let body = format!("您的执业机构已代您提交证书 {number} 的{}申请。如有疑问，请与机构联系。", renewal.label());
        notify_holder(tx, app, matter, &row, "asked", &body, now).await?;
    }
    Ok(())
}

/// Extends the certificates of a matter by the rules of the first submission.
///
/// # Errors
/// [`MatterError::Blocked`] if one of them cannot be renewed any more; [`MatterError::ChangedMeanwhile`] if one changes at this moment.
pub(crate) async fn renew_certificates(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    renewal: Renewal,
    today: NaiveDate,
) -> Result<(), MatterError> {
    let tables = app.tables();
    let applied = matter.submitted_at.map_or(today, day_of);
    for number in matter.answers.codes(CERTIFICATES_FIELD) {
        let row = match db::certificate::by_number(tx, number).await? {
            Some(row) => Some(apply_scheduled(tx, app, row, today).await?),
            None => None,
        };
        // The rules of the first submission decide whether it can be renewed.
        let Some(row) = row.filter(|row| may_renew(matter, row) && renewal.is_open(&row.held(), applied, tables.rules.on(applied))) else {
            let reason = format!("证书 {number} 已不在可以办理{}的状态，请退回修改或不予批准", renewal.label());
            return Err(MatterError::Blocked(reason));
        };
        // An expired certificate may have been replaced by a new registration.
        let ended = !matches!(row.status, CertificateStatus::Valid | CertificateStatus::Suspended);
        if ended && let Some(other) = db::certificate::number_of_other(tx, &row).await? {
            return Err(MatterError::Blocked(format!(
                "持证人已另有该领域该级别的有效证书 {other}，证书 {number} 不能再办理{}",
                renewal.label()
            )));
        }
        let rules = tables.rules.on(today);
        let terms = renewal.extended_terms(&row.held(), today, rules);
        let renewed = HeldCertificate {
            valid_until: terms.valid_until,
            confirm_due_on: terms.confirm_due_on,
            status: CertificateStatus::Valid,
            overdue: false,
            ..row.held()
        };
        let next_check_on = next_check_on(&renewed, today, rules);
        let extension = TermExtension { row: &row, matter: matter.id, renewal, terms, on: today, next_check_on };
        if !db::renewal::extend_term(tx, &extension).await? {
            return Err(MatterError::ChangedMeanwhile);
        }
        let body = format!("您的注册证书 {number} 已完成{}，有效期至 {}。", renewal.label(), terms.valid_until);
        notify_holder(tx, app, matter, &row, "kept", &body, app.now()).await?;
    }
    Ok(())
}

/// Notifies the holder of what an institution does on their behalf; applicants are notified as such, and nobody of an own act.
async fn notify_holder(
    tx: &mut Tx,
    app: &AppState,
    matter: &LoadedMatter,
    row: &CertificateRow,
    step: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if row.account_id == matter.owner || row.account_id == matter.actor.account {
        return Ok(());
    }
    let matter_kind = matter.kind.label;
    let notification = Notification {
        account: row.account_id,
        matter: matter.id,
        matter_kind,
        topic: Topic::Certificate(row.id),
        names_applicant: false,
        kind: NotificationKind::Progress,
        dedupe_key: format!("{step}-{}-{}", matter.state.seq, row.number),
        title: &format!("{matter_kind}：机构代办"),
        body,
        link: crate::record::link::OWN_CERTIFICATES.to_owned(),
    };
    notify_account(tx, app, &notification, now).await
}

/// An open matter that renews a certificate.
#[derive(Clone)]
pub struct OpenRenewal {
    /// Certificate number.
    pub number: String,
    /// Kind of renewal.
    pub renewal: Renewal,
    /// Label of the matter's stage.
    pub stage: &'static str,
    /// Day of submission in Shanghai.
    pub submitted_on: NaiveDate,
    /// Id of the holder's own matter; `None` if the institution filed it.
    pub own_matter: Option<Uuid>,
}

/// A past renewal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRenewal {
    /// Certificate number.
    pub number: String,
    /// Kind of renewal.
    pub renewal: Renewal,
    /// Effective day.
    pub effective_on: NaiveDate,
}

/// Open renewals of the caller's certificates, whoever filed them.
pub async fn open_renewals(app: &AppState, who: &Allowed) -> Result<Vec<OpenRenewal>, DbError> {
    let mut tx = app.db.read().await?;
    open_renewals_of(&mut tx, who.account()).await
}

/// Open renewals of an account's certificates, whoever filed them.
pub(crate) async fn open_renewals_of(tx: &mut Tx, account: Uuid) -> Result<Vec<OpenRenewal>, DbError> {
    let rows = db::renewal::list_open_renewals(tx, account).await?;
    let open_renewal = |row: OpenRenewalRow| {
        let kind = domain::kind::by_code(&row.kind)?;
        Some(OpenRenewal {
            number: row.number,
            renewal: kind.renewal?,
            stage: kind.stage(&row.stage)?.label,
            submitted_on: day_of(row.requested_at),
            own_matter: (Owner::new(row.owner_id, row.owner_institution_id) == Owner::Person(account)).then_some(row.matter_id),
        })
    };
    Ok(rows.into_iter().filter_map(open_renewal).collect())
}

/// Past renewals of the caller's certificates, newest first.
pub async fn past_renewals(app: &AppState, who: &Allowed) -> Result<Vec<PastRenewal>, DbError> {
    let mut tx = app.db.read().await?;
    past_renewals_of(&mut tx, who.account()).await
}

/// Past renewals of an account's certificates, newest first.
pub(crate) async fn past_renewals_of(tx: &mut Tx, account: Uuid) -> Result<Vec<PastRenewal>, DbError> {
    let rows = db::renewal::list_terms(tx, account).await?;
    Ok(rows.into_iter().map(|r| PastRenewal { number: r.number, renewal: r.renewal, effective_on: r.effective_on }).collect())
}

/// Backdates a certificate by a number of days, in demo mode only; returns whether it exists.
pub async fn backdate_certificate(app: &AppState, number: &str, days: u32) -> Result<bool, DbError> {
    let (number, back, demo) = (number.to_owned(), chrono::Days::new(u64::from(days)), app.demo);
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let Some(mut row) = db::certificate::by_number(tx, &number).await?.filter(|_| demo) else { return Ok(false) };
                for day in [&mut row.first_registered_on, &mut row.issued_on, &mut row.valid_until, &mut row.confirm_due_on] {
                    *day = day.checked_sub_days(back).unwrap_or(*day);
                }
                row.next_check_on = Some(row.issued_on);
                Ok(db::renewal::backdate(tx, &row).await? == 1)
            })
        })
        .await
}
