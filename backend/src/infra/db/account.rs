//! SQL of accounts, role grants, and registrations that wait for their code.

use chrono::{DateTime, Utc};
use domain::base::permission::{GrantStatus, Role};
use uuid::Uuid;

use crate::infra::db::text_code::{Coded, coded_enum};
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

coded_enum! {
    /// Status of an account.
    AccountStatus {
        /// The account can be used.
        Active = "active",
        /// The account cannot sign in.
        Disabled = "disabled",
    }
}

/// An account.
#[derive(Clone, sqlx::FromRow)]
pub struct AccountRow {
    /// Id of the account.
    pub id: Uuid,
    /// 登录账号.
    pub name: String,
    /// Personal data, sealed.
    pub person_sealed: Vec<u8>,
    /// Fingerprint of type and number of the identity document.
    pub document_fingerprint: Vec<u8>,
    /// Fingerprint of the mobile number.
    pub mobile_fingerprint: Vec<u8>,
    /// Fingerprint of the e-mail address.
    pub email_fingerprint: Vec<u8>,
    /// Argon2id hash of the password, as a PHC string.
    pub password_hash: String,
    /// Status of the account.
    #[sqlx(try_from = "Coded<AccountStatus>")]
    pub status: AccountStatus,
    /// Whether the account belongs to the demo data.
    pub demo: bool,
    /// Time of creation.
    pub created_at: DateTime<Utc>,
    /// Time at which the mail address was confirmed.
    pub email_verified_at: Option<DateTime<Utc>>,
    /// Time at which its person closed it.
    pub closed_at: Option<DateTime<Utc>>,
    /// Time at which its document, mobile number and mail address were freed.
    pub released_at: Option<DateTime<Utc>>,
    /// Version that its sessions must carry.
    pub session_version: i64,
}

/// Inserts an account.
pub async fn insert(tx: &mut Tx, row: &AccountRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into account (id, name, person_sealed, document_fingerprint, mobile_fingerprint, email_fingerprint, password_hash, status, demo, created_at,
                              email_verified_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        row.id,
        &row.name,
        &row.person_sealed,
        &row.document_fingerprint,
        &row.mobile_fingerprint,
        &row.email_fingerprint,
        &row.password_hash,
        row.status.code(),
        row.demo,
        row.created_at,
        row.email_verified_at
    )
}

/// The account of this name.
pub async fn by_name(tx: &mut Tx, name: &str) -> Result<Option<AccountRow>, DbError> {
    fetch_optional!(tx, AccountRow, "select * from account where name = $1", name)
}

/// The account with this mobile number.
pub async fn by_mobile(tx: &mut Tx, mobile: &[u8]) -> Result<Option<AccountRow>, DbError> {
    fetch_optional!(tx, AccountRow, "select * from account where mobile_fingerprint = $1", mobile)
}

/// The id of the account with this document.
pub async fn id_by_document(tx: &mut Tx, document: &[u8]) -> Result<Option<Uuid>, DbError> {
    Ok(fetch_optional!(tx, (Uuid,), "select id from account where document_fingerprint = $1", document)?.map(|(id,)| id))
}

/// The account of this id.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<AccountRow>, DbError> {
    fetch_optional!(tx, AccountRow, "select * from account where id = $1", id)
}

/// Accounts in the order of their ids, after one of them.
pub async fn list_after(tx: &mut Tx, after: Uuid, limit: i64) -> Result<Vec<AccountRow>, DbError> {
    fetch_all!(tx, AccountRow, "select * from account where id > $1 order by id limit $2", after, limit)
}

/// The unique properties of an account.
#[derive(sqlx::FromRow)]
pub struct AccountIdentity {
    /// 登录账号.
    pub name: String,
    /// Fingerprint of type and number of the identity document.
    pub document_fingerprint: Vec<u8>,
    /// Fingerprint of the mobile number.
    pub mobile_fingerprint: Vec<u8>,
    /// Fingerprint of the e-mail address.
    pub email_fingerprint: Vec<u8>,
}

/// Identities of the accounts that share the name, document, mobile number or e-mail address of this one.
pub async fn list_with_identity(tx: &mut Tx, identity: &AccountIdentity) -> Result<Vec<AccountIdentity>, DbError> {
    fetch_all!(
        tx,
        AccountIdentity,
        "select name, document_fingerprint, mobile_fingerprint, email_fingerprint from account
         where name = $1 or document_fingerprint = $2 or mobile_fingerprint = $3 or email_fingerprint = $4",
        &identity.name,
        &identity.document_fingerprint,
        &identity.mobile_fingerprint,
        &identity.email_fingerprint
    )
}

/// Sets the password hash.
pub async fn set_password(tx: &mut Tx, id: Uuid, hash: &str) -> Result<u64, DbError> {
    execute!(tx, "update account set password_hash = $2 where id = $1", id, hash)
}

/// Sets the status.
pub async fn set_status(tx: &mut Tx, id: Uuid, status: AccountStatus) -> Result<u64, DbError> {
    execute!(tx, "update account set status = $2 where id = $1", id, status.code())
}

/// Personal data and fingerprints of an account.
#[derive(Clone)]
pub struct PersonUpdate {
    /// Personal data, sealed.
    pub person_sealed: Vec<u8>,
    /// Fingerprint of type and number of the identity document.
    pub document_fingerprint: Vec<u8>,
    /// Fingerprint of the mobile number.
    pub mobile_fingerprint: Vec<u8>,
    /// Fingerprint of the e-mail address.
    pub email_fingerprint: Vec<u8>,
    /// Time at which the mail address was confirmed.
    pub email_verified_at: Option<DateTime<Utc>>,
}

/// Sets personal data and fingerprints, unless they were changed since `before` was read; returns whether they were set.
pub async fn set_person(tx: &mut Tx, before: &AccountRow, new: &PersonUpdate) -> Result<bool, DbError> {
    let changed = execute!(
        tx,
        "update account set person_sealed = $3, document_fingerprint = $4, mobile_fingerprint = $5, email_fingerprint = $6,
                            email_verified_at = $7
         where id = $1 and person_sealed = $2",
        before.id,
        &before.person_sealed,
        &new.person_sealed,
        &new.document_fingerprint,
        &new.mobile_fingerprint,
        &new.email_fingerprint,
        new.email_verified_at
    )?;
    Ok(changed == 1)
}

/// Records that the person closed the account.
pub async fn set_closed(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update account set closed_at = $2 where id = $1", id, now)
}

/// Records that document, mobile number and mail address were freed.
pub async fn set_released(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update account set released_at = $2 where id = $1", id, now)
}

/// Number of matters of an account that were submitted and are not closed.
pub async fn count_open_matters(tx: &mut Tx, id: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from matter where owner_id = $1 and owner_institution_id is null and submitted_at is not null and closed_at is null",
        id
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// A role granted to an account.
#[derive(sqlx::FromRow)]
pub struct RoleGrant {
    /// The role.
    #[sqlx(try_from = "Coded<Role>")]
    pub role: Role,
    /// Status of the grant.
    #[sqlx(try_from = "Coded<GrantStatus>")]
    pub status: GrantStatus,
}

/// The roles of an account, whatever their status.
pub async fn list_role_grants(tx: &mut Tx, id: Uuid) -> Result<Vec<RoleGrant>, DbError> {
    fetch_all!(tx, RoleGrant, "select role, status from role_grant where account_id = $1", id)
}

/// Grants a role, or sets the status of the grant.
pub async fn set_role_grant(tx: &mut Tx, id: Uuid, role: Role, status: GrantStatus, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into role_grant (account_id, role, status, granted_at) values ($1, $2, $3, $4)
         on conflict (account_id, role) do update set status = excluded.status",
        id,
        role.code(),
        status.code(),
        now
    )
}

/// Accounts with an active grant of a role.
pub async fn list_role_holders(tx: &mut Tx, role: Role) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select account_id from role_grant where role = $1 and status = 'active' order by account_id",
        role.code()
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Whether any account exists.
pub async fn any_exists(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(fetch_optional!(tx, (i64,), "select cast(1 as bigint) from account limit 1")?.is_some())
}

/// Whether there is an account that does not belong to a demo.
pub async fn any_real_exists(tx: &mut Tx) -> Result<bool, DbError> {
    Ok(fetch_optional!(tx, (i64,), "select cast(1 as bigint) from account where demo = false limit 1")?.is_some())
}

/// An unconfirmed registration.
#[derive(Clone, sqlx::FromRow)]
pub struct SignupRow {
    /// Id, known only to its session.
    pub id: Uuid,
    /// Form data, sealed.
    pub person_sealed: Vec<u8>,
    /// Fingerprint of the mobile number.
    pub mobile_fingerprint: Vec<u8>,
    /// Expiry.
    pub expires_at: DateTime<Utc>,
}

/// Stores an unconfirmed registration.
pub async fn upsert_signup(tx: &mut Tx, row: &SignupRow) -> Result<u64, DbError> {
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

/// An unconfirmed registration by id.
pub async fn signup_by_id(tx: &mut Tx, id: Uuid) -> Result<Option<SignupRow>, DbError> {
    fetch_optional!(tx, SignupRow, "select id, person_sealed, mobile_fingerprint, expires_at from signup where id = $1", id)
}

/// Deletes an unconfirmed registration.
pub async fn delete_signup(tx: &mut Tx, id: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from signup where id = $1", id)
}

/// Deletes expired registrations.
pub async fn delete_expired_signups(tx: &mut Tx, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "delete from signup where expires_at < $1", now)
}

/// Increments the version that the sessions of an account must carry; returns the new one.
pub async fn next_session_version(tx: &mut Tx, id: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "update account set session_version = session_version + 1 where id = $1 returning session_version",
        id
    )?;
    Ok(row.map_or(0, |(version,)| version))
}

/// The account of this id. Where rows can be locked, its row is locked until the end of the transaction, so that neither it nor what is
/// counted for it can change meanwhile.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<AccountRow>, DbError> {
    if tx.locks_rows() {
        return fetch_optional!(tx, AccountRow, "select * from account where id = $1 for no key update", id);
    }
    by_id(tx, id).await
}
