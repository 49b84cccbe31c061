//! SQL of what ties a matter to institutions, to people who stay clear of it, and to the matter it disputes.

use uuid::Uuid;

use crate::infra::db::matter::{After, Narrow, Row, bounds};
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Ties an institution to a matter, in place of the one that this link tied before.
pub async fn tie(tx: &mut Tx, matter: Uuid, link: &str, institution: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_tie (matter_id, link, institution_id) values ($1, $2, $3)
         on conflict (matter_id, link) do update set institution_id = excluded.institution_id",
        matter,
        link,
        institution
    )
}

/// Institutions tied to a matter beside the one that recommends: link and institution.
pub async fn ties(tx: &mut Tx, matter: Uuid) -> Result<Vec<(String, Uuid)>, DbError> {
    fetch_all!(tx, (String, Uuid), "select link, institution_id from matter_tie where matter_id = $1 order by link", matter)
}

/// Takes the ties of a draft away with it.
pub async fn untie_draft(tx: &mut Tx, matter: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from matter_tie where matter_id = $1 and exists (select 1 from matter where id = $1 and event_count = 0)", matter)
}

/// Submitted matters tied to an institution otherwise than by its recommendation, newest first; without those an account stays clear of.
pub async fn tied_to(
    tx: &mut Tx,
    institution: Uuid,
    account: Uuid,
    narrow: &Narrow,
    after: After,
    limit: i64,
) -> Result<Vec<Row>, DbError> {
    let (at, id) = bounds(after);
    fetch_all!(
        tx,
        Row,
        "select m.* from matter m where m.id in (select matter_id from matter_tie where institution_id = $1) and m.submitted_at is not null
         and (m.updated_at < $2 or (m.updated_at = $2 and m.id > $3))
         and case $5 when 'open' then m.closed_at is null when 'closed' then m.closed_at is not null else true end
         and m.title like $6 escape '\\'
         and not exists (select 1 from matter_apart a where a.matter_id = m.id and a.account_id = $7)
         order by m.updated_at desc, m.id limit $4",
        institution,
        at,
        if after.is_some() { id } else { Uuid::nil() },
        limit,
        &narrow.state,
        narrow.like(),
        account
    )
}

/// Matters that wait for an institution tied to them otherwise than by its recommendation, longest first.
pub async fn waiting_for_tied(tx: &mut Tx, institution: Uuid, limit: i64) -> Result<Vec<Row>, DbError> {
    fetch_all!(
        tx,
        Row,
        "select m.* from matter m join matter_tie t on t.matter_id = m.id
         where t.institution_id = $1 and m.turn = 'institution_' || t.link and m.closed_at is null order by m.submitted_at, m.id limit $2",
        institution,
        limit
    )
}

/// Notes that an account stays clear of a matter.
pub async fn keep_apart(tx: &mut Tx, matter: Uuid, account: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_apart (matter_id, account_id) values ($1, $2) on conflict (matter_id, account_id) do nothing",
        matter,
        account
    )
}

/// Forgets who stays clear of a matter, before it is noted anew.
pub async fn forget_apart(tx: &mut Tx, matter: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from matter_apart where matter_id = $1", matter)
}

/// Accounts that stay clear of a matter.
pub async fn apart(tx: &mut Tx, matter: Uuid) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(tx, (Uuid,), "select account_id from matter_apart where matter_id = $1 order by account_id", matter)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// Notes which matter another disputes.
pub async fn dispute(tx: &mut Tx, matter: Uuid, disputed: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into dispute (matter_id, disputed_id) values ($1, $2) on conflict (matter_id) do update set disputed_id = excluded.disputed_id",
        matter,
        disputed
    )
}

/// The matter that another disputes.
pub async fn disputed_by(tx: &mut Tx, matter: Uuid) -> Result<Option<Uuid>, DbError> {
    Ok(fetch_optional!(tx, (Uuid,), "select disputed_id from dispute where matter_id = $1", matter)?.map(|(id,)| id))
}

/// A matter of someone that was submitted, and when the last appeal against it was; the appeal of the given id left out.
#[derive(Clone, sqlx::FromRow)]
pub struct Submitted {
    /// The matter.
    #[sqlx(flatten)]
    pub matter: Row,
    /// When the last appeal against it was submitted.
    pub appealed_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// Everything a person has submitted, newest first, without one matter.
pub async fn submitted_by(tx: &mut Tx, owner: Uuid, except: Uuid) -> Result<Vec<Submitted>, DbError> {
    fetch_all!(
        tx,
        Submitted,
        "select m.*, (select max(a.submitted_at) from dispute d join matter a on a.id = d.matter_id
                      where d.disputed_id = m.id and a.id <> $2) as appealed_at
         from matter m where m.owner_id = $1 and m.submitted_at is not null and m.id <> $2
         order by m.updated_at desc, m.id limit 500",
        owner,
        except
    )
}
