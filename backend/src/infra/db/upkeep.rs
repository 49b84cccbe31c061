//! SQL of keeping certificates alive: which ones a matter asks for, what became of them, and what time does to the others.

use chrono::{DateTime, NaiveDate, Utc};
use domain::record::certificate::Terms;
use uuid::Uuid;

use crate::infra::db::certificate::Row;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Notes that a submitted matter asks for a certificate.
pub async fn ask(tx: &mut Tx, matter: Uuid, certificate: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_certificate (matter_id, certificate_id) values ($1, $2) on conflict (matter_id, certificate_id) do nothing",
        matter,
        certificate
    )
}

/// Forgets what a matter asked for, before it is noted anew.
pub async fn forget(tx: &mut Tx, matter: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from matter_certificate where matter_id = $1", matter)
}

/// An open matter that asks for a certificate: number, matter, its kind, its stage, who began it, and since when it asks.
pub type Asking = (String, Uuid, String, String, Uuid, DateTime<Utc>);

/// Open matters that ask for a person's certificates.
pub async fn asking(tx: &mut Tx, holder: Uuid) -> Result<Vec<Asking>, DbError> {
    fetch_all!(
        tx,
        Asking,
        "select c.number, m.id, m.kind, m.stage, m.owner_id, coalesce(m.submitted_at, m.created_at)
         from certificate c join matter_certificate a on a.certificate_id = c.id join matter m on m.id = a.matter_id
         where c.account_id = $1 and m.closed_at is null order by c.number, m.id",
        holder
    )
}

/// Numbers of certificates of an institution's people that an open matter asks for, without one matter.
pub async fn asked_for_at(tx: &mut Tx, institution: Uuid, except: Uuid) -> Result<Vec<String>, DbError> {
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

/// Certificates of an institution's people that are to be kept alive by a day, nearest first.
pub async fn due_at(tx: &mut Tx, institution: Uuid, until: NaiveDate, limit: i64) -> Result<Vec<Row>, DbError> {
    fetch_all!(
        tx,
        Row,
        "select * from certificate where institution_id = $1 and status in ('valid', 'suspended', 'expired') and confirm_due_on <= $2
         order by confirm_due_on, number limit $3",
        institution,
        until,
        limit
    )
}

/// Whether an open matter asks for a certificate.
pub async fn under_way(tx: &mut Tx, certificate: Uuid) -> Result<bool, DbError> {
    let row = fetch_optional!(
        tx,
        (Uuid,),
        "select m.id from matter_certificate a join matter m on m.id = a.matter_id where a.certificate_id = $1 and m.closed_at is null limit 1",
        certificate
    )?;
    Ok(row.is_some())
}

/// A certificate that was kept alive.
pub struct Extended<'a> {
    /// As it was read.
    pub row: &'a Row,
    /// By which matter.
    pub matter: Uuid,
    /// As what: a code of [`domain::record::certificate::Upkeep`].
    pub upkeep: &'a str,
    /// What it is worth now.
    pub terms: Terms,
    /// Since when.
    pub on: NaiveDate,
    /// The next day on which time does something to it.
    pub look_on: Option<NaiveDate>,
}

/// Keeps a certificate alive that is still as it was read, and keeps what it was worth before. Says whether it was.
pub async fn extend(tx: &mut Tx, extended: &Extended<'_>) -> Result<bool, DbError> {
    let (row, terms) = (extended.row, extended.terms);
    let touched = execute!(
        tx,
        "update certificate set status = 'valid', overdue_from = null, valid_until = $5, confirm_due_on = $6, look_on = $7
         where id = $1 and status = $2 and valid_until = $3 and confirm_due_on = $4",
        row.id,
        &row.status,
        row.valid_until,
        row.confirm_due_on,
        terms.valid_until,
        terms.confirm_due_on,
        extended.look_on
    )?;
    if touched != 1 {
        return Ok(false);
    }
    execute!(
        tx,
        "insert into certificate_term (certificate_id, matter_id, upkeep, effective_on, valid_before, valid_until, due_before, confirm_due_on)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        row.id,
        extended.matter,
        extended.upkeep,
        extended.on,
        row.valid_until,
        terms.valid_until,
        row.confirm_due_on,
        terms.confirm_due_on
    )?;
    Ok(true)
}

/// How certificates of an account were kept alive, newest first: number, as what, since when.
pub async fn history(tx: &mut Tx, account: Uuid) -> Result<Vec<(String, String, NaiveDate)>, DbError> {
    fetch_all!(
        tx,
        (String, String, NaiveDate),
        "select c.number, t.upkeep, t.effective_on from certificate_term t join certificate c on c.id = t.certificate_id
         where c.account_id = $1 order by t.effective_on desc, c.number limit 200",
        account
    )
}

/// Certificates to be looked at by a day, longest first.
pub async fn to_look_at(tx: &mut Tx, today: NaiveDate, limit: i64) -> Result<Vec<Row>, DbError> {
    fetch_all!(tx, Row, "select * from certificate where look_on <= $1 order by look_on, id limit $2", today, limit)
}

/// Notes that a certificate was looked at on the day it was to be, and what became of it. Says whether nobody else did meanwhile.
pub async fn looked(
    tx: &mut Tx,
    row: &Row,
    status: &str,
    overdue_from: Option<NaiveDate>,
    next: Option<NaiveDate>,
) -> Result<bool, DbError> {
    let touched = execute!(
        tx,
        "update certificate set status = $4, overdue_from = $5, look_on = $6 where id = $1 and look_on = $2 and status = $3",
        row.id,
        row.look_on,
        &row.status,
        status,
        overdue_from,
        next
    )?;
    Ok(touched == 1)
}

/// Puts the days of a certificate so many days back, as if it had been issued earlier; it is looked at anew. For demos.
pub async fn age(tx: &mut Tx, row: &Row) -> Result<u64, DbError> {
    execute!(
        tx,
        "update certificate set first_registered_on = $2, issued_on = $3, valid_until = $4, confirm_due_on = $5, look_on = $6 where id = $1",
        row.id,
        row.first_registered_on,
        row.issued_on,
        row.valid_until,
        row.confirm_due_on,
        row.look_on
    )
}
