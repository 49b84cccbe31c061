//! SQL of the check values of keys.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::text_code::{Coded, coded_enum};
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

coded_enum! {
    /// What a key does.
    KeyKind {
        /// It seals.
        Seal = "seal",
        /// It makes fingerprints.
        Print = "print",
    }
}

/// A known value under one key.
#[derive(Clone, sqlx::FromRow)]
pub struct KeyCheckRow {
    /// What the key does.
    #[sqlx(try_from = "Coded<KeyKind>")]
    pub kind: KeyKind,
    /// Id of the key.
    pub key_id: i64,
    /// The known text, sealed, or its fingerprint.
    pub value: Vec<u8>,
}

/// A sealed person with a fingerprint of it.
#[derive(sqlx::FromRow)]
pub struct SealedSample {
    /// Id of the account.
    pub id: Uuid,
    /// Personal data, sealed.
    pub person_sealed: Vec<u8>,
    /// Fingerprint of the mobile number.
    pub mobile_fingerprint: Vec<u8>,
}

/// Every check value.
pub async fn list_checks(tx: &mut Tx) -> Result<Vec<KeyCheckRow>, DbError> {
    fetch_all!(tx, KeyCheckRow, "select kind, key_id, value from key_check order by kind, key_id")
}

/// Ids of the keys that made fingerprints of identities.
pub async fn list_print_ids(tx: &mut Tx) -> Result<Vec<i64>, DbError> {
    let rows = fetch_all!(tx, (i64,), "select key_id from key_check where kind = 'print'")?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Locks the counter of the keys against a change until the end of the transaction; others may lock it in the same way.
pub async fn share_counter(tx: &mut Tx) -> Result<(), DbError> {
    if tx.locks_rows() {
        fetch_optional!(tx, (i64,), "select value from counter where name = 'keys' for share")?;
    }
    Ok(())
}

/// Adds a check value, unless one of this key is there.
pub async fn insert_check(tx: &mut Tx, row: &KeyCheckRow, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into key_check (kind, key_id, value, created_at) values ($1, $2, $3, $4) on conflict (kind, key_id) do nothing",
        row.kind.code(),
        row.key_id,
        &row.value,
        now
    )
}

/// Removes every check value.
pub async fn delete_checks(tx: &mut Tx) -> Result<u64, DbError> {
    execute!(tx, "delete from key_check")
}

/// Whether anything is stored that was sealed or decided: then the keys of the database exist already.
pub async fn holds_data(tx: &mut Tx) -> Result<bool, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select cast(1 as bigint) where exists (select 1 from account) or exists (select 1 from institution) or exists (select 1 from outbox)
         or exists (select 1 from signup) or exists (select 1 from audit) or exists (select 1 from audit_waiting)"
    )?;
    Ok(row.is_some())
}

/// A sealed value to try a key on.
pub async fn sample(tx: &mut Tx) -> Result<Option<SealedSample>, DbError> {
    fetch_optional!(
        tx,
        SealedSample,
        "select id, person_sealed, mobile_fingerprint from account where closed_at is null and released_at is null order by id limit 1"
    )
}
