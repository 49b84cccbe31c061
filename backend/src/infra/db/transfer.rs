//! SQL of 转换执业机构: what its approval changes, and the history it leaves.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::infra::db::matter::Row;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// A transfer that was approved.
#[derive(Clone, sqlx::FromRow)]
pub struct Transfer {
    /// The matter.
    pub matter_id: Uuid,
    /// Whose it is.
    pub account_id: Uuid,
    /// 转出机构.
    pub from_institution_id: Uuid,
    /// 转入机构.
    pub to_institution_id: Uuid,
    /// Since when.
    pub effective_on: NaiveDate,
}

/// Keeps a transfer.
pub async fn insert(tx: &mut Tx, row: &Transfer) -> Result<u64, DbError> {
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
pub async fn last(tx: &mut Tx, account: Uuid) -> Result<Option<NaiveDate>, DbError> {
    let row = fetch_optional!(
        tx,
        (NaiveDate,),
        "select effective_on from transfer where account_id = $1 order by effective_on desc limit 1",
        account
    )?;
    Ok(row.map(|(day,)| day))
}

/// A person's transfers, newest first: from where to where, by name, and since when.
pub async fn history(tx: &mut Tx, account: Uuid) -> Result<Vec<(String, String, NaiveDate)>, DbError> {
    fetch_all!(
        tx,
        (String, String, NaiveDate),
        "select f.name, i.name, t.effective_on from transfer t
         join institution f on f.id = t.from_institution_id join institution i on i.id = t.to_institution_id
         where t.account_id = $1 order by t.effective_on desc, t.matter_id desc limit 50",
        account
    )
}

/// Ends a person's practice at one institution and begins it at another.
pub async fn practise(tx: &mut Tx, account: Uuid, from: Uuid, to: Uuid, since: NaiveDate) -> Result<u64, DbError> {
    execute!(
        tx,
        "update membership set status = 'ended' where account_id = $1 and institution_id = $2 and role = 'practitioner'",
        account,
        from
    )?;
    execute!(
        tx,
        "insert into membership (account_id, institution_id, role, status, since) values ($1, $2, 'practitioner', 'active', $3)
         on conflict (account_id, institution_id, role) do update set status = excluded.status, since = excluded.since",
        account,
        to,
        since
    )
}

/// Puts a person's living certificates of one institution under another; gives how many.
pub async fn move_certificates(tx: &mut Tx, account: Uuid, from: Uuid, to: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "update certificate set institution_id = $3 where account_id = $1 and institution_id = $2 and status in ('valid', 'suspended')",
        account,
        from,
        to
    )
}

/// A person's matters that are not over, drafts among them, without one.
pub async fn running(tx: &mut Tx, account: Uuid, except: Uuid) -> Result<Vec<Row>, DbError> {
    fetch_all!(
        tx,
        Row,
        "select * from matter where owner_id = $1 and closed_at is null and id <> $2 order by created_at, id limit 1000",
        account,
        except
    )
}

/// Puts a matter before another institution.
pub async fn move_matter(tx: &mut Tx, matter: Uuid, to: Uuid) -> Result<u64, DbError> {
    execute!(tx, "update matter set institution_id = $2 where id = $1", matter, to)
}
