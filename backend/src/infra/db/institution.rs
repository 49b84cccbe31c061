//! SQL of institutions and who belongs to them.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// An institution.
#[derive(Clone, sqlx::FromRow)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// 统一社会信用代码.
    pub credit_code: String,
    /// 批准号.
    pub approval_no: String,
    /// `certification_body` or `training_provider`.
    pub kind: String,
    /// `active`, `suspended` or `closed`.
    pub status: String,
}

/// Adds an institution.
pub async fn insert(tx: &mut Tx, row: &Row) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into institution (id, name, credit_code, approval_no, kind, status) values ($1, $2, $3, $4, $5, $6)",
        row.id,
        &row.name,
        &row.credit_code,
        &row.approval_no,
        &row.kind,
        &row.status
    )
}

/// Active institutions of a kind, by name.
pub async fn active(tx: &mut Tx, kind: &str) -> Result<Vec<Row>, DbError> {
    fetch_all!(tx, Row, "select * from institution where kind = $1 and status = 'active' order by name limit 2000", kind)
}

/// One institution.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Row>, DbError> {
    fetch_optional!(tx, Row, "select * from institution where id = $1", id)
}

/// The institution of this credit code.
pub async fn by_code(tx: &mut Tx, code: &str) -> Result<Option<Row>, DbError> {
    fetch_optional!(tx, Row, "select * from institution where credit_code = $1", code)
}

/// A tie between an account and an institution: institution, role, status of the tie, status and name of the institution.
pub async fn ties(tx: &mut Tx, account: Uuid) -> Result<Vec<(Uuid, String, String, String, String)>, DbError> {
    fetch_all!(
        tx,
        (Uuid, String, String, String, String),
        "select m.institution_id, m.role, m.status, i.status, i.name from membership m join institution i on i.id = m.institution_id where m.account_id = $1",
        account
    )
}

/// Ties an account to an institution.
pub async fn tie(tx: &mut Tx, account: Uuid, institution: Uuid, role: &str, status: &str, since: NaiveDate) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into membership (account_id, institution_id, role, status, since) values ($1, $2, $3, $4, $5)
         on conflict (account_id, institution_id, role) do update set status = excluded.status",
        account,
        institution,
        role,
        status,
        since
    )
}

/// The users of an institution.
pub async fn users(tx: &mut Tx, institution: Uuid) -> Result<Vec<(Uuid,)>, DbError> {
    fetch_all!(
        tx,
        (Uuid,),
        "select account_id from membership where institution_id = $1 and role = 'user' and status = 'active' order by account_id limit 200",
        institution
    )
}
