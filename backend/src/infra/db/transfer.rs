//! SQL of 转换执业机构: the changes by an approval, and the history.

use chrono::NaiveDate;
use domain::base::permission::{GrantStatus, InstitutionRole};
use uuid::Uuid;

use crate::infra::db::institution;
use crate::infra::db::matter::MatterRow;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// An approved transfer.
#[derive(Clone, sqlx::FromRow)]
pub struct TransferRow {
    /// The matter.
    pub matter_id: Uuid,
    /// The person's account.
    pub account_id: Uuid,
    /// 转出机构.
    pub from_institution_id: Uuid,
    /// 转入机构.
    pub to_institution_id: Uuid,
    /// Effective day.
    pub effective_on: NaiveDate,
}

/// Inserts a transfer.
pub async fn insert(tx: &mut Tx, row: &TransferRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into transfer (matter_id, account_id, from_institution_id, to_institution_id, effective_on) values ($1, $2, $3, $4, $5)",
        row.matter_id,
        row.account_id,
        row.from_institution_id,
        row.to_institution_id,
        row.effective_on
    )
}

/// The day of a person's last transfer.
pub async fn last_effective_on(tx: &mut Tx, account: Uuid) -> Result<Option<NaiveDate>, DbError> {
    let row = fetch_optional!(
        tx,
        (NaiveDate,),
        "select effective_on from transfer where account_id = $1 order by effective_on desc limit 1",
        account
    )?;
    Ok(row.map(|(day,)| day))
}

/// A past transfer by the names of its institutions.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct PastTransferRow {
    /// 转出机构.
    pub from_name: String,
    /// 转入机构.
    pub to_name: String,
    /// Effective day.
    pub effective_on: NaiveDate,
}

/// Transfers of a person, newest first, up to fifty.
pub async fn list_of_account(tx: &mut Tx, account: Uuid) -> Result<Vec<PastTransferRow>, DbError> {
    fetch_all!(
        tx,
        PastTransferRow,
        "select f.name as from_name, i.name as to_name, t.effective_on from transfer t
         join institution f on f.id = t.from_institution_id join institution i on i.id = t.to_institution_id
         where t.account_id = $1 order by t.effective_on desc, t.matter_id desc limit 50",
        account
    )
}

/// Ends the practice at one institution and begins it at another. Returns false, and changes nothing, if there is none to end.
pub async fn move_practice(tx: &mut Tx, account: Uuid, from: Uuid, to: Uuid, since: NaiveDate) -> Result<bool, DbError> {
    if !institution::end_practice(tx, account, from).await? {
        return Ok(false);
    }
    institution::set_membership(tx, account, to, InstitutionRole::Practitioner, GrantStatus::Active, since).await?;
    Ok(true)
}

/// Moves a person's active certificates to another institution; returns their number.
pub async fn move_certificates(tx: &mut Tx, account: Uuid, from: Uuid, to: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "update certificate set institution_id = $3 where account_id = $1 and institution_id = $2 and status in ('valid', 'suspended')",
        account,
        from,
        to
    )
}

/// Open matters of a person including drafts, except one, in the sequence in which they are locked.
pub async fn list_open_matters(tx: &mut Tx, account: Uuid, except: Uuid) -> Result<Vec<MatterRow>, DbError> {
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where owner_id = $1 and owner_institution_id is null and closed_at is null and id <> $2 order by id",
        account,
        except
    )
}

/// Changes the institution of a matter.
pub async fn set_matter_institution(tx: &mut Tx, matter: Uuid, to: Uuid) -> Result<u64, DbError> {
    execute!(tx, "update task set institution_id = $2 where matter_id = $1 and done_at is null and turn = 'institution'", matter, to)?;
    execute!(tx, "update matter set institution_id = $2 where id = $1", matter, to)
}
