//! SQL of renewals: the certificates of a matter, their terms, and the checks of the expiry job.

use chrono::{DateTime, NaiveDate, Utc};
use domain::record::certificate::{CertificateStatus, Renewal, Terms};
use uuid::Uuid;

use crate::infra::db::certificate::CertificateRow;
use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Records that a submitted matter renews a certificate.
pub async fn insert_request(tx: &mut Tx, matter: Uuid, certificate: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_certificate (matter_id, certificate_id) values ($1, $2) on conflict (matter_id, certificate_id) do nothing",
        matter,
        certificate
    )
}

/// Deletes the certificates recorded for a matter.
pub async fn delete_requests(tx: &mut Tx, matter: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from matter_certificate where matter_id = $1", matter)
}

/// An open matter that renews a certificate.
#[derive(sqlx::FromRow)]
pub struct OpenRenewalRow {
    /// Number of the certificate.
    pub number: String,
    /// The matter.
    pub matter_id: Uuid,
    /// Code of the matter's kind.
    pub kind: String,
    /// Code of the matter's stage.
    pub stage: String,
    /// The applicant.
    pub owner_id: Uuid,
    /// The institution that the matter belongs to.
    pub owner_institution_id: Option<Uuid>,
    /// When the matter was submitted, or created.
    pub requested_at: DateTime<Utc>,
}

/// Open renewals of a person's certificates.
pub async fn list_open_renewals(tx: &mut Tx, holder: Uuid) -> Result<Vec<OpenRenewalRow>, DbError> {
    fetch_all!(
        tx,
        OpenRenewalRow,
        "select c.number, m.id as matter_id, m.kind, m.stage, m.owner_id, m.owner_institution_id, coalesce(m.submitted_at, m.created_at) as requested_at
         from certificate c join matter_certificate a on a.certificate_id = c.id join matter m on m.id = a.matter_id
         where c.account_id = $1 and m.closed_at is null order by c.number, m.id",
        holder
    )
}

/// Numbers of certificates of an institution's people with an open renewal other than `except`.
pub async fn list_requested_numbers(tx: &mut Tx, institution: Uuid, except: Uuid) -> Result<Vec<String>, DbError> {
    let rows = fetch_all!(
        tx,
        (String,),
        "select distinct c.number from certificate c join matter_certificate a on a.certificate_id = c.id join matter m on m.id = a.matter_id
         where c.institution_id = $1 and m.closed_at is null and m.id <> $2",
        institution,
        except
    )?;
    Ok(rows.into_iter().map(|(number,)| number).collect())
}

/// Certificates of an institution's people whose renewal is due until a day, by due day.
pub async fn list_due_of_institution(tx: &mut Tx, institution: Uuid, until: NaiveDate) -> Result<Vec<CertificateRow>, DbError> {
    fetch_all!(
        tx,
        CertificateRow,
        "select * from certificate where institution_id = $1 and status in ('valid', 'suspended', 'expired') and confirm_due_on <= $2
         order by confirm_due_on, number",
        institution,
        until
    )
}

/// Whether a certificate has an open renewal.
pub async fn has_open_renewal(tx: &mut Tx, certificate: Uuid) -> Result<bool, DbError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select m.id from matter_certificate a join matter m on m.id = a.matter_id where a.certificate_id = $1 and m.closed_at is null limit 1",
        certificate
    )?;
    Ok(row.is_some())
}

/// A renewal of a certificate.
pub struct TermExtension<'a> {
    /// The certificate as read.
    pub row: &'a CertificateRow,
    /// The matter.
    pub matter: Uuid,
    /// Kind of renewal.
    pub renewal: Renewal,
    /// New terms.
    pub terms: Terms,
    /// Effective day.
    pub on: NaiveDate,
    /// Day of the next check.
    pub next_check_on: Option<NaiveDate>,
}

/// Extends a certificate and records its former terms; returns false if it changed since it was read.
pub async fn extend_term(tx: &mut Tx, extension: &TermExtension<'_>) -> Result<bool, DbError> {
    let (row, terms) = (extension.row, extension.terms);
    let updated = execute!(
        tx,
        "update certificate set status = 'valid', overdue_from = null, valid_until = $5, confirm_due_on = $6, look_on = $7
         where id = $1 and status = $2 and valid_until = $3 and confirm_due_on = $4 and coalesce(scheduled_measure, '') = $8",
        row.id,
        row.status.code(),
        row.valid_until,
        row.confirm_due_on,
        terms.valid_until,
        terms.confirm_due_on,
        extension.next_check_on,
        row.scheduled_measure.clone().unwrap_or_default()
    )?;
    if updated != 1 {
        return Ok(false);
    }
    execute!(
        tx,
        "insert into certificate_term (certificate_id, matter_id, upkeep, effective_on, valid_before, valid_until, due_before, confirm_due_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.id,
        extension.matter,
        extension.renewal.code(),
        extension.on,
        row.valid_until,
        terms.valid_until,
        row.confirm_due_on,
        terms.confirm_due_on
    )?;
    Ok(true)
}

/// A past renewal.
#[derive(sqlx::FromRow)]
pub struct TermRow {
    /// Number of the certificate.
    pub number: String,
    /// Kind of renewal.
    #[sqlx(rename = "upkeep", try_from = "Coded<Renewal>")]
    pub renewal: Renewal,
    /// Effective day.
    pub effective_on: NaiveDate,
}

/// Past renewals of an account, newest first, up to two hundred.
pub async fn list_terms(tx: &mut Tx, account: Uuid) -> Result<Vec<TermRow>, DbError> {
    fetch_all!(
        tx,
        TermRow,
        "select c.number, t.upkeep, t.effective_on from certificate_term t join certificate c on c.id = t.certificate_id
         where c.account_id = $1 order by t.effective_on desc, c.number",
        account
    )
}

/// Certificates whose check is due, longest first.
pub async fn list_to_check(tx: &mut Tx, today: NaiveDate, limit: i64) -> Result<Vec<CertificateRow>, DbError> {
    fetch_all!(tx, CertificateRow, "select * from certificate where look_on <= $1 order by look_on, id limit $2", today, limit)
}

/// Records the result of a check; returns false if another process checked the certificate or scheduled a measure meanwhile.
pub async fn set_checked(
    tx: &mut Tx,
    row: &CertificateRow,
    status: CertificateStatus,
    overdue_from: Option<NaiveDate>,
    next: Option<NaiveDate>,
) -> Result<bool, DbError> {
    let updated = execute!(
        tx,
        "update certificate set status = $4, overdue_from = $5, look_on = $6
         where id = $1 and look_on = $2 and status = $3 and coalesce(scheduled_measure, '') = $7",
        row.id,
        row.next_check_on,
        row.status.code(),
        status.code(),
        overdue_from,
        next,
        row.scheduled_measure.clone().unwrap_or_default()
    )?;
    Ok(updated == 1)
}

/// Backdates a certificate and schedules a new check; for demos.
pub async fn backdate(tx: &mut Tx, row: &CertificateRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "update certificate set first_registered_on = $2, issued_on = $3, valid_until = $4, confirm_due_on = $5, look_on = $6 where id = $1",
        row.id,
        row.first_registered_on,
        row.issued_on,
        row.valid_until,
        row.confirm_due_on,
        row.next_check_on
    )
}
