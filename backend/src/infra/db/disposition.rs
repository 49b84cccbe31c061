//! SQL of dispositions: measures on certificates.

use chrono::{DateTime, NaiveDate, Utc};
use domain::record::certificate::{CertificateStatus, Lifting, Measure};
use uuid::Uuid;

use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A measure that the association decided.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct DispositionRow {
    /// The matter that decided it.
    pub matter_id: Uuid,
    /// The certificate.
    pub certificate_id: Uuid,
    /// The measure.
    #[sqlx(try_from = "Coded<Measure>")]
    pub measure: Measure,
    /// The day it takes effect.
    pub effective_on: NaiveDate,
    /// When it was decided.
    pub decided_at: DateTime<Utc>,
    /// When it took effect.
    pub applied_at: Option<DateTime<Utc>>,
    /// Code of the status of the certificate before it took effect.
    pub status_before: Option<String>,
    /// Day since which the certificate lacked a confirmation then.
    pub overdue_before: Option<NaiveDate>,
    /// When an appeal lifted it.
    pub lifted_at: Option<DateTime<Utc>>,
    /// Code of what lifting did.
    pub lifting: Option<String>,
}

impl DispositionRow {
    /// Status of the certificate before it took effect; none while it is not in effect.
    pub fn before(&self) -> Option<CertificateStatus> {
        self.status_before.as_deref().and_then(CertificateStatus::from_code)
    }
}

/// Inserts a measure that is not in effect yet.
pub async fn insert(tx: &mut Tx, row: &DispositionRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into disposition (matter_id, certificate_id, measure, effective_on, decided_at) values ($1, $2, $3, $4, $5)",
        row.matter_id,
        row.certificate_id,
        row.measure.code(),
        row.effective_on,
        row.decided_at
    )
}

/// The measure that a matter decided.
pub async fn by_matter(tx: &mut Tx, matter: Uuid) -> Result<Option<DispositionRow>, DbError> {
    fetch_optional!(tx, DispositionRow, "select * from disposition where matter_id = $1", matter)
}

/// The measures on a certificate, newest first.
pub async fn list_of_certificate(tx: &mut Tx, certificate: Uuid) -> Result<Vec<DispositionRow>, DbError> {
    fetch_all!(tx, DispositionRow, "select * from disposition where certificate_id = $1 order by decided_at desc, matter_id", certificate)
}

/// The measure on a certificate that is not in effect yet.
pub async fn waiting_of_certificate(tx: &mut Tx, certificate: Uuid) -> Result<Option<DispositionRow>, DbError> {
    fetch_optional!(
        tx,
        DispositionRow,
        "select * from disposition where certificate_id = $1 and applied_at is null and lifted_at is null",
        certificate
    )
}

/// Records that a measure took effect, and the state of the certificate before.
pub async fn set_applied(tx: &mut Tx, matter: Uuid, before: &CertificateRow, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "update disposition set applied_at = $2, status_before = $3, overdue_before = $4 where matter_id = $1 and applied_at is null",
        matter,
        now,
        before.status.code(),
        before.overdue_from
    )
}

/// Records that an appeal lifted a measure; returns false if it was lifted before.
pub async fn set_lifted(tx: &mut Tx, matter: Uuid, lifting: &Lifting, now: DateTime<Utc>) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update disposition set lifted_at = $2, lifting = $3 where matter_id = $1 and lifted_at is null",
        matter,
        now,
        lifting.code()
    )?;
    Ok(changed == 1)
}

/// The state of a certificate that measures change.
pub struct CertificateState {
    /// Status.
    pub status: CertificateStatus,
    /// Day since which it lacks a confirmation.
    pub overdue_from: Option<NaiveDate>,
    /// The measure that is not part of the status yet, and its day.
    pub scheduled: Option<(Measure, NaiveDate)>,
    /// Day of the next check by the expiry job.
    pub next_check_on: Option<NaiveDate>,
}

/// Replaces the state of a certificate; returns false if it changed since it was read.
pub async fn set_state(tx: &mut Tx, row: &CertificateRow, state: &CertificateState) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update certificate set status = $5, overdue_from = $6, scheduled_measure = $7, scheduled_on = $8, look_on = $9
         where id = $1 and status = $2 and confirm_due_on = $3 and coalesce(scheduled_measure, '') = $4",
        row.id,
        row.status.code(),
        row.confirm_due_on,
        row.scheduled_measure.clone().unwrap_or_default(),
        state.status.code(),
        state.overdue_from,
        state.scheduled.map(|(measure, _)| measure.code()),
        state.scheduled.map(|(_, on)| on),
        state.next_check_on
    )?;
    Ok(changed == 1)
}
