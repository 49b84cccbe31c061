//! SQL of accounts and roles.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// An account.
#[derive(Clone, sqlx::FromRow)]
pub struct Row {
    /// Id.
    pub id: Uuid,
    /// 登录账号.
    pub name: String,
    /// The person, sealed.
    pub person_sealed: Vec<u8>,
    /// Fingerprint of type and number of the document.
    pub document_fingerprint: Vec<u8>,
    /// Fingerprint of the mobile number.
    pub mobile_fingerprint: Vec<u8>,
    /// Fingerprint of the e-mail address.
    pub email_fingerprint: Vec<u8>,
    /// Argon2id, as a PHC string.
    pub password_hash: String,
    /// `active` or `disabled`.
    pub status: String,
    /// Made by the demo.
    pub demo: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Adds an account.
pub async fn insert(tx: &mut Tx, row: &Row) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into account (id, name, person_sealed, document_fingerprint, mobile_fingerprint, email_fingerprint, password_hash, status, demo, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row.id,
        &row.name,
        &row.person_sealed,
        &row.document_fingerprint,
        &row.mobile_fingerprint,
        &row.email_fingerprint,
        &row.password_hash,
        &row.status,
        row.demo,
        row.created_at
    )
}

/// The account of this name.
pub async fn by_name(tx: &mut Tx, name: &str) -> Result<Option<Row>, DbError> {
    fetch_optional!(tx, Row, "select * from account where name = $1", name)
}

/// The account of this id.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Row>, DbError> {
    fetch_optional!(tx, Row, "select * from account where id = $1", id)
}

/// What is taken already, of a name, a document, a mobile number and an address.
pub async fn taken(
    tx: &mut Tx,
    name: &str,
    document: &[u8],
    mobile: &[u8],
    email: &[u8],
) -> Result<Vec<(String, Vec<u8>, Vec<u8>, Vec<u8>)>, DbError> {
    fetch_all!(
        tx,
        (String, Vec<u8>, Vec<u8>, Vec<u8>),
        "select name, document_fingerprint, mobile_fingerprint, email_fingerprint from account
         where name = $1 or document_fingerprint = $2 or mobile_fingerprint = $3 or email_fingerprint = $4",
        name,
        document,
        mobile,
        email
    )
}

/// Changes the password.
pub async fn set_password(tx: &mut Tx, id: Uuid, hash: &str) -> Result<u64, DbError> {
    execute!(tx, "update account set password_hash = $2 where id = $1", id, hash)
}

/// Roles of an account, with their status.
pub async fn roles(tx: &mut Tx, id: Uuid) -> Result<Vec<(String, String)>, DbError> {
    fetch_all!(tx, (String, String), "select role, status from role_grant where account_id = $1", id)
}

/// Grants a role, or changes its status.
pub async fn grant(tx: &mut Tx, id: Uuid, role: &str, status: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into role_grant (account_id, role, status, granted_at) values ($1, $2, $3, $4)
         on conflict (account_id, role) do update set status = excluded.status",
        id,
        role,
        status,
        now
    )
}

/// Holders of a role.
pub async fn holders(tx: &mut Tx, role: &str) -> Result<Vec<(Uuid,)>, DbError> {
    fetch_all!(tx, (Uuid,), "select account_id from role_grant where role = $1 and status = 'active' order by account_id limit 200", role)
}

/// How many accounts there are, up to one.
pub async fn any(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(fetch_optional!(tx, (i64,), "select cast(1 as bigint) from account limit 1")?.is_some())
}

/// A registration waiting for its code.
#[derive(sqlx::FromRow)]
pub struct Signup {
    /// Id; known only to the session that began it.
    pub id: Uuid,
    /// Who asks, sealed.
    pub person_sealed: Vec<u8>,
    /// Where the code goes.
    pub mobile_fingerprint: Vec<u8>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
}

/// Keeps a registration until its code comes.
pub async fn put_signup(tx: &mut Tx, row: &Signup) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into signup (id, person_sealed, mobile_fingerprint, expires_at) values ($1, $2, $3, $4)
         on conflict (id) do update set person_sealed = excluded.person_sealed, mobile_fingerprint = excluded.mobile_fingerprint, expires_at = excluded.expires_at",
        row.id,
        &row.person_sealed,
        &row.mobile_fingerprint,
        row.expires_at
    )
}

/// A registration that waits.
pub async fn signup(tx: &mut Tx, id: Uuid) -> Result<Option<Signup>, DbError> {
    fetch_optional!(tx, Signup, "select id, person_sealed, mobile_fingerprint, expires_at from signup where id = $1", id)
}

/// Gives a registration up, or ends it.
pub async fn drop_signup(tx: &mut Tx, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from signup where id = $1", id)
}

/// Gives up what waited past its time.
pub async fn sweep_signups(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from signup where expires_at < $1", now)
}
