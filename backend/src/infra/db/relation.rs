//! SQL of relations of matters: institutions, excluded accounts.

use uuid::Uuid;

use crate::infra::db::list::{Cursor, ListFilter, bounds};
use crate::infra::db::matter::MatterRow;
use crate::infra::db::{DbError, Tx, execute, fetch_all};

/// Sets the institution of a relation.
pub async fn set_relation(tx: &mut Tx, matter: Uuid, link: &str, institution: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_tie (matter_id, link, institution_id) values ($1, $2, $3)
         on conflict (matter_id, link) do update set institution_id = excluded.institution_id",
        matter,
        link,
        institution
    )
}

/// Related institutions beside the recommending one: relation and institution.
pub async fn list_relations(tx: &mut Tx, matter: Uuid) -> Result<Vec<(String, Uuid)>, DbError> {
    fetch_all!(tx, (String, Uuid), "select link, institution_id from matter_tie where matter_id = $1 order by link", matter)
}

/// Submitted matters related to an institution other than as recommending one, newest first, except those from which the account is excluded.
pub async fn list_related_to(
    tx: &mut Tx,
    institution: Uuid,
    account: Uuid,
    filter: &ListFilter,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<MatterRow>, DbError> {
    let (at, id) = bounds(cursor);
    fetch_all!(
        tx,
        MatterRow,
        "select m.* from matter m where m.id in (select matter_id from matter_tie where institution_id = $1
         union select id from matter where owner_institution_id = $1) and m.submitted_at is not null
         and (m.updated_at < $2 or (m.updated_at = $2 and m.id > $3))
         and case $5 when 'open' then m.closed_at is null when 'closed' then m.closed_at is not null else true end
         and m.title like $6 escape '\\'
         and not exists (select 1 from matter_apart a where a.matter_id = m.id and a.account_id = $7)
         order by m.updated_at desc, m.id limit $4",
        institution,
        at,
        id,
        limit,
        &filter.state,
        filter.title_pattern(),
        account
    )
}

/// Excludes an account from a matter.
pub async fn insert_exclusion(tx: &mut Tx, matter: Uuid, account: Uuid) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into matter_apart (matter_id, account_id) values ($1, $2) on conflict (matter_id, account_id) do nothing",
        matter,
        account
    )
}

/// Deletes the exclusions of a matter.
pub async fn delete_exclusions(tx: &mut Tx, matter: Uuid) -> Result<u64, DbError> {
    execute!(tx, "delete from matter_apart where matter_id = $1", matter)
}

/// Accounts excluded from a matter.
pub async fn list_excluded(tx: &mut Tx, matter: Uuid) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(tx, (Uuid,), "select account_id from matter_apart where matter_id = $1 order by account_id", matter)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
