//! SQL of changes of identity: what they replaced in an account and on its certificates.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all};
use crate::infra::secret::SealContext;

/// What an approved change replaced.
#[derive(Clone, sqlx::FromRow)]
pub struct IdentityChangeRow {
    /// The matter.
    pub matter_id: Uuid,
    /// The account.
    pub account_id: Uuid,
    /// The identity before, sealed.
    pub before_sealed: Vec<u8>,
    /// Who approved it.
    pub approved_by: Option<Uuid>,
    /// Time of the approval.
    pub changed_at: DateTime<Utc>,
}

/// Inserts a change.
pub async fn insert(tx: &mut Tx, row: &IdentityChangeRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into identity_change (matter_id, account_id, before_sealed, approved_by, changed_at) values ($1, $2, $3, $4, $5)",
        row.matter_id,
        row.account_id,
        &row.before_sealed,
        row.approved_by,
        row.changed_at
    )
}

/// The changes of an account, oldest first.
pub async fn list_of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<IdentityChangeRow>, DbError> {
    fetch_all!(tx, IdentityChangeRow, "select * from identity_change where account_id = $1 order by changed_at, matter_id", account)
}

/// A name that a certificate bore before.
#[derive(Clone, sqlx::FromRow)]
pub struct FormerHolderRow {
    /// The certificate.
    pub certificate_id: Uuid,
    /// The matter that changed the name.
    pub matter_id: Uuid,
    /// The name, sealed.
    pub holder_sealed: Vec<u8>,
    /// The day since which the certificate bears another name.
    pub replaced_on: NaiveDate,
}

impl FormerHolderRow {
    /// The context in which the name is sealed.
    pub fn context(certificate: Uuid, matter: Uuid) -> SealContext {
        SealContext::paired("former_holder.holder_sealed", certificate, matter)
    }
}

/// Stores the name that a certificate bore, and sets its new one.
pub async fn replace_holder(tx: &mut Tx, former: &FormerHolderRow, new_sealed: &[u8]) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into former_holder (certificate_id, matter_id, holder_sealed, replaced_on) values ($1, $2, $3, $4)",
        former.certificate_id,
        former.matter_id,
        &former.holder_sealed,
        former.replaced_on
    )?;
    execute!(tx, "update certificate set holder_sealed = $2 where id = $1", former.certificate_id, new_sealed)
}

/// The names that a certificate bore before, newest first.
pub async fn list_former_holders(tx: &mut Tx, certificate: Uuid) -> Result<Vec<FormerHolderRow>, DbError> {
    fetch_all!(
        tx,
        FormerHolderRow,
        "select * from former_holder where certificate_id = $1 order by replaced_on desc, matter_id desc",
        certificate
    )
}
