//! SQL of certificates and of counters.

use chrono::NaiveDate;
use domain::base::catalogue::{Category, Grade};
use domain::record::certificate::{Held, Status};
use sqlx::types::Json;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A certificate.
#[derive(Clone, sqlx::FromRow)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// 证书编号.
    pub number: String,
    /// Whose it is.
    pub account_id: Uuid,
    /// Practice institution.
    pub institution_id: Option<Uuid>,
    /// The matter it was issued for.
    pub matter_id: Uuid,
    /// 人员类别.
    pub category: String,
    /// Code of the domain.
    pub domain: String,
    /// 注册级别.
    pub grade: String,
    /// 注册专业.
    pub specialties: Json<Vec<String>>,
    /// Name of the holder, sealed.
    pub holder_sealed: Vec<u8>,
    /// 首次注册日期.
    pub first_registered_on: NaiveDate,
    /// 批准日期.
    pub issued_on: NaiveDate,
    /// 有效期至.
    pub valid_until: NaiveDate,
    /// Next 年度确认.
    pub confirm_due_on: NaiveDate,
    /// Stored status; what it is worth today depends on the day.
    pub status: String,
    /// The certificate that took its place.
    pub superseded_by: Option<Uuid>,
    /// The day it is made public.
    pub published_on: Option<NaiveDate>,
    /// The next day on which time does something to it.
    pub look_on: Option<NaiveDate>,
    /// Since when it is suspended, or over, for want of a confirmation.
    pub overdue_from: Option<NaiveDate>,
}

impl Row {
    /// As the rules read it; none for codes the trade does not know.
    pub fn held(&self) -> Option<Held> {
        Some(Held {
            category: Category::from_code(&self.category)?,
            grade: Grade::from_code(&self.grade)?,
            status: Status::from_code(&self.status)?,
            number: self.number.clone(),
            domain: self.domain.clone(),
            issued_on: self.issued_on,
            valid_until: self.valid_until,
            confirm_due_on: self.confirm_due_on,
            overdue: self.overdue_from.is_some(),
            specialties: self.specialties.0.clone(),
            holder: self.account_id,
        })
    }
}

/// Adds a certificate.
pub async fn insert(tx: &mut Tx, row: &Row) -> Result<u64, DbError> {
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
        &row.category,
        &row.domain,
        &row.grade,
        &row.specialties,
        &row.holder_sealed,
        row.first_registered_on,
        row.issued_on,
        row.valid_until,
        row.confirm_due_on,
        &row.status,
        row.superseded_by,
        row.published_on,
        row.look_on,
        row.overdue_from
    )
}

/// Puts a certificate in the place of one that still has the status it was read with; says whether it had.
pub async fn supersede(tx: &mut Tx, old: Uuid, status: &str, new: Uuid) -> Result<bool, DbError> {
    let touched =
        execute!(tx, "update certificate set status = 'superseded', superseded_by = $3 where id = $1 and status = $2", old, status, new)?;
    Ok(touched == 1)
}

/// The number of a certificate.
pub async fn number_of(tx: &mut Tx, id: Uuid) -> Result<Option<String>, DbError> {
    Ok(fetch_optional!(tx, (String,), "select number from certificate where id = $1", id)?.map(|(number,)| number))
}

/// Where a public list goes on: the day of publication and the number of the last line before.
pub type Before = (NaiveDate, String);

/// Published certificates, newest batch first.
pub async fn published(tx: &mut Tx, today: NaiveDate, before: &Before, limit: i64) -> Result<Vec<Row>, DbError> {
    fetch_all!(
        tx,
        Row,
        "select * from certificate where published_on <= $1 and (published_on, number) < ($2, $3)
         order by published_on desc, number desc limit $4",
        today,
        before.0,
        &before.1,
        limit
    )
}

/// Published certificates of people at institutions with a text in their name, newest batch first.
pub async fn published_at(tx: &mut Tx, words: &str, today: NaiveDate, before: &Before, limit: i64) -> Result<Vec<Row>, DbError> {
    fetch_all!(
        tx,
        Row,
        "select * from certificate where institution_id in (select id from institution where name like $5 escape '\\')
         and published_on <= $1 and (published_on, number) < ($2, $3)
         order by published_on desc, number desc limit $4",
        today,
        before.0,
        &before.1,
        limit,
        containing(words)
    )
}

/// A pattern for texts that contain these words as they are.
fn containing(words: &str) -> String {
    let plain: String = words.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect();
    format!("%{plain}%")
}

/// The certificate of this number.
pub async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<Row>, DbError> {
    fetch_optional!(tx, Row, "select * from certificate where number = $1", number)
}

/// The certificate issued for a matter.
pub async fn by_matter(tx: &mut Tx, matter: Uuid) -> Result<Option<Row>, DbError> {
    fetch_optional!(tx, Row, "select * from certificate where matter_id = $1", matter)
}

/// Certificates of an account, newest first.
pub async fn of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<Row>, DbError> {
    fetch_all!(tx, Row, "select * from certificate where account_id = $1 order by issued_on desc, id limit 100", account)
}

/// The next number of a series.
pub async fn next(tx: &mut Tx, series: &str, first: i64) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "insert into counter (name, value) values ($1, $2) on conflict (name) do update set value = counter.value + 1 returning value",
        series,
        first
    )?;
    Ok(row.map_or(first, |(n,)| n))
}
