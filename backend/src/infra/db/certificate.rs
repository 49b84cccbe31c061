//! SQL of certificates and of serial numbers.

use chrono::NaiveDate;
use domain::base::catalogue::{Category, Grade};
use domain::record::certificate::{CertificateStatus, HeldCertificate, Measure, ScheduledMeasure};
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db::list::containing;
use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};
use crate::infra::secret::{Keys, SealContext};

/// A certificate.
#[derive(Clone, sqlx::FromRow)]
pub struct CertificateRow {
    /// Id of the certificate.
    pub id: Uuid,
    /// 证书编号.
    pub number: String,
    /// Holder.
    pub account_id: Uuid,
    /// 执业机构.
    pub institution_id: Option<Uuid>,
    /// The matter for which it was issued.
    pub matter_id: Uuid,
    /// 人员类别.
    #[sqlx(try_from = "Coded<Category>")]
    pub category: Category,
    /// Code of the certification domain.
    pub domain: String,
    /// 注册级别.
    #[sqlx(try_from = "Coded<Grade>")]
    pub grade: Grade,
    /// 注册专业.
    pub specialties: Json<Vec<String>>,
    /// The holder's name, sealed.
    pub holder_sealed: Vec<u8>,
    /// 首次注册日期.
    pub first_registered_on: NaiveDate,
    /// 批准日期.
    pub issued_on: NaiveDate,
    /// 有效期至.
    pub valid_until: NaiveDate,
    /// Due day of the next 年度确认.
    pub confirm_due_on: NaiveDate,
    /// Stored status; the status on a day may differ.
    #[sqlx(try_from = "Coded<CertificateStatus>")]
    pub status: CertificateStatus,
    /// The certificate that superseded it.
    pub superseded_by: Option<Uuid>,
    /// Day of publication.
    pub published_on: Option<NaiveDate>,
    /// Day of the next check by the expiry job.
    #[sqlx(rename = "look_on")]
    pub next_check_on: Option<NaiveDate>,
    /// Day since which it is suspended or ended for lack of a confirmation.
    pub overdue_from: Option<NaiveDate>,
    /// Code of the measure that is not part of the status yet.
    pub scheduled_measure: Option<String>,
    /// The day it takes effect.
    pub scheduled_on: Option<NaiveDate>,
}

/// The column that the sealed name of the holder is bound to.
pub const HOLDER: &str = "certificate.holder_sealed";

impl CertificateRow {
    /// The unsealed name of the holder; `None` if it cannot be read.
    pub fn holder_name(&self, keys: &Keys) -> Option<String> {
        String::from_utf8(keys.unseal(SealContext::new(HOLDER, self.id), &self.holder_sealed).ok()?).ok()
    }

    /// The measure that is not part of the status yet.
    fn scheduled(&self) -> Option<ScheduledMeasure> {
        let measure = Measure::from_code(self.scheduled_measure.as_deref()?)?;
        Some(ScheduledMeasure { measure, on: self.scheduled_on? })
    }

    /// The certificate as the rules see it.
    pub fn held(&self) -> HeldCertificate {
        HeldCertificate {
            category: self.category,
            grade: self.grade,
            status: self.status,
            number: self.number.clone(),
            domain: self.domain.clone(),
            issued_on: self.issued_on,
            valid_until: self.valid_until,
            confirm_due_on: self.confirm_due_on,
            overdue: self.overdue_from.is_some(),
            scheduled: self.scheduled(),
            specialties: self.specialties.0.clone(),
            holder: self.account_id,
        }
    }
}

/// Inserts a certificate.
pub async fn insert(tx: &mut Tx, row: &CertificateRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into certificate (id, number, account_id, institution_id, matter_id, category, domain, grade, specialties, holder_sealed,
         first_registered_on, issued_on, valid_until, confirm_due_on, status, superseded_by, published_on, look_on, overdue_from)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        row.id,
        &row.number,
        row.account_id,
        row.institution_id,
        row.matter_id,
        row.category.code(),
        &row.domain,
        row.grade.code(),
        &row.specialties,
        &row.holder_sealed,
        row.first_registered_on,
        row.issued_on,
        row.valid_until,
        row.confirm_due_on,
        row.status.code(),
        row.superseded_by,
        row.published_on,
        row.next_check_on,
        row.overdue_from
    )
}

/// Marks a certificate as superseded; returns false if its status changed since it was read.
pub async fn supersede(tx: &mut Tx, old: Uuid, status: CertificateStatus, new: Uuid) -> Result<bool, DbError> {
    let updated = execute!(
        tx,
        "update certificate set status = 'superseded', superseded_by = $3 where id = $1 and status = $2",
        old,
        status.code(),
        new
    )?;
    Ok(updated == 1)
}

/// Ends the certificates of an account in a domain and grade whose validity is over.
pub async fn end_outlived(tx: &mut Tx, account: Uuid, domain: &str, grade: Grade, today: NaiveDate) -> Result<u64, DbError> {
    execute!(
        tx,
        "update certificate set status = 'expired'
         where account_id = $1 and domain = $2 and grade = $3 and valid_until < $4 and status in ('valid', 'suspended')",
        account,
        domain,
        grade.code(),
        today
    )
}

/// The number of another certificate that the holder of this one can use in its domain and grade.
pub async fn number_of_other(tx: &mut Tx, row: &CertificateRow) -> Result<Option<String>, DbError> {
    let number = fetch_optional!(
        tx,
        (String,),
        "select number from certificate
         where account_id = $1 and domain = $2 and grade = $3 and id <> $4 and status in ('valid', 'suspended') order by number limit 1",
        row.account_id,
        &row.domain,
        row.grade.code(),
        row.id
    )?;
    Ok(number.map(|(number,)| number))
}

/// The certificate of an id.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<CertificateRow>, DbError> {
    fetch_optional!(tx, CertificateRow, "select * from certificate where id = $1", id)
}

/// The number of the certificate of an id.
pub async fn number_by_id(tx: &mut Tx, id: Uuid) -> Result<Option<String>, DbError> {
    Ok(fetch_optional!(tx, (String,), "select number from certificate where id = $1", id)?.map(|(number,)| number))
}

/// Cursor of the public list: day of publication and number of the last row.
pub type PublicationCursor = (NaiveDate, String);

/// Published certificates, newest publication first.
pub async fn list_published(tx: &mut Tx, today: NaiveDate, cursor: &PublicationCursor, limit: i64) -> Result<Vec<CertificateRow>, DbError> {
    fetch_all!(
        tx,
        CertificateRow,
        "select * from certificate where published_on <= $1 and (published_on, number) < ($2, $3)
         order by published_on desc, number desc limit $4",
        today,
        cursor.0,
        &cursor.1,
        limit
    )
}

/// Published certificates of institutions whose name contains a text, newest publication first.
pub async fn list_published_of_institution(
    tx: &mut Tx,
    text: &str,
    today: NaiveDate,
    cursor: &PublicationCursor,
    limit: i64,
) -> Result<Vec<CertificateRow>, DbError> {
    fetch_all!(
        tx,
        CertificateRow,
        "select * from certificate where institution_id in (select id from institution where name like $5 escape '\\')
         and published_on <= $1 and (published_on, number) < ($2, $3)
         order by published_on desc, number desc limit $4",
        today,
        cursor.0,
        &cursor.1,
        limit,
        containing(text)
    )
}

/// The certificate of a number.
pub async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<CertificateRow>, DbError> {
    fetch_optional!(tx, CertificateRow, "select * from certificate where number = $1", number)
}

/// The certificate that was issued for a matter.
pub async fn by_matter(tx: &mut Tx, matter: Uuid) -> Result<Option<CertificateRow>, DbError> {
    fetch_optional!(tx, CertificateRow, "select * from certificate where matter_id = $1", matter)
}

/// Certificates of an account, newest first.
pub async fn list_of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<CertificateRow>, DbError> {
    fetch_all!(tx, CertificateRow, "select * from certificate where account_id = $1 order by issued_on desc, id", account)
}

/// Certificates of an account that can be used or are suspended.
pub async fn list_usable_of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<CertificateRow>, DbError> {
    fetch_all!(
        tx,
        CertificateRow,
        "select * from certificate where account_id = $1 and status in ('valid', 'suspended') order by id",
        account
    )
}

/// Increments a series of serial numbers, which begins with `first`, and returns the new one.
pub async fn next_serial(tx: &mut Tx, series: &str, first: i64) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "insert into counter (name, value) values ($1, $2) on conflict (name) do update set value = counter.value + 1 returning value",
        series,
        first
    )?;
    Ok(row.map_or(first, |(n,)| n))
}
