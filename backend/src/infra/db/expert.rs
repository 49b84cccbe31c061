//! SQL of experts: what they are competent in, what they are asked, and what they have found so far.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::infra::db::matter::After;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Notes that an expert is competent in a domain.
pub async fn add_domain(tx: &mut Tx, account: Uuid, domain: &str) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into expert_domain (account_id, domain) values ($1, $2) on conflict (account_id, domain) do nothing",
        account,
        domain
    )
}

/// Every expert whose role counts, up to five hundred.
pub async fn all(tx: &mut Tx) -> Result<Vec<(Uuid,)>, DbError> {
    fetch_all!(
        tx,
        (Uuid,),
        "select g.account_id from role_grant g join account a on a.id = g.account_id
         where g.role = 'expert' and g.status = 'active' and a.status = 'active' order by g.account_id limit 500"
    )
}

/// Expert and domain, for all of them.
pub async fn domains(tx: &mut Tx) -> Result<Vec<(Uuid, String)>, DbError> {
    fetch_all!(tx, (Uuid, String), "select account_id, domain from expert_domain")
}

/// Expert, institution, and status of the tie, for all of them.
pub async fn ties(tx: &mut Tx) -> Result<Vec<(Uuid, Uuid, String)>, DbError> {
    fetch_all!(
        tx,
        (Uuid, Uuid, String),
        "select m.account_id, m.institution_id, m.status from membership m
         join role_grant g on g.account_id = m.account_id and g.role = 'expert' and g.status = 'active'"
    )
}

/// Expert and cases to evaluate now.
pub async fn loads(tx: &mut Tx) -> Result<Vec<(Uuid, i64)>, DbError> {
    fetch_all!(tx, (Uuid, i64), "select account_id, count(*) from assignment where done_at is null and left_at is null group by account_id")
}

/// Puts a case before an expert, anew if it was there before.
pub async fn assign(tx: &mut Tx, matter: Uuid, account: Uuid, kind: &str, title: &str, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into assignment (matter_id, account_id, kind, title, assigned_at) values ($1, $2, $3, $4, $5)
         on conflict (matter_id, account_id) do update set left_at = null, title = excluded.title",
        matter,
        account,
        kind,
        title,
        now
    )
}

/// Notes that an expert no longer has a case.
pub async fn leave(tx: &mut Tx, matter: Uuid, account: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update assignment set left_at = $3 where matter_id = $1 and account_id = $2 and left_at is null", matter, account, now)
}

/// Notes that an expert has given their opinion.
pub async fn done(tx: &mut Tx, matter: Uuid, account: Uuid, now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(tx, "update assignment set done_at = $3 where matter_id = $1 and account_id = $2", matter, account, now)
}

/// Asks everyone assigned to a case for an opinion once more.
pub async fn ask_again(tx: &mut Tx, matter: Uuid) -> Result<u64, DbError> {
    execute!(tx, "update assignment set done_at = null where matter_id = $1 and left_at is null", matter)
}

/// A case of an expert.
#[derive(Clone, sqlx::FromRow)]
pub struct Assigned {
    /// The matter.
    #[sqlx(flatten)]
    pub matter: crate::infra::db::matter::Row,
    /// When it was put before them.
    pub assigned_at: DateTime<Utc>,
    /// When they gave their opinion.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What an expert's list is narrowed to.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `waiting`, `done`, or anything else for all.
    pub state: String,
    /// Words of the title.
    pub words: String,
    /// Code of the kind; empty for all.
    pub kind: String,
}

/// A page of an expert's cases, those put before them last first.
pub async fn of_account(tx: &mut Tx, account: Uuid, filter: &Filter, after: After, limit: i64) -> Result<Vec<Assigned>, DbError> {
    let (at, id) = crate::infra::db::matter::bounds(after);
    let words = format!("%{}%", filter.words.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
    fetch_all!(
        tx,
        Assigned,
        "select m.*, a.assigned_at as assigned_at, a.done_at as finished_at from assignment a join matter m on m.id = a.matter_id
         where a.account_id = $1 and a.left_at is null and (a.assigned_at < $2 or (a.assigned_at = $2 and a.matter_id > $3))
         and case $5 when 'waiting' then a.done_at is null and m.turn = 'expert' when 'done' then a.done_at is not null else true end
         and a.title like $6 escape '\\' and ($7 = '' or a.kind = $7)
         order by a.assigned_at desc, a.matter_id limit $4",
        account,
        at,
        if after.is_some() { id } else { Uuid::nil() },
        limit,
        &filter.state,
        &words,
        &filter.kind
    )
}

/// How many cases wait for an expert's opinion.
pub async fn waiting(tx: &mut Tx, account: Uuid) -> Result<i64, DbError> {
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from assignment a join matter m on m.id = a.matter_id
         where a.account_id = $1 and a.left_at is null and a.done_at is null and m.turn = 'expert'",
        account
    )?;
    Ok(row.map_or(0, |(n,)| n))
}

/// What a reviewer has found so far in a round, sealed.
pub async fn opinion(tx: &mut Tx, matter: Uuid, account: Uuid, round: i64) -> Result<Option<(Vec<u8>, DateTime<Utc>)>, DbError> {
    fetch_optional!(
        tx,
        (Vec<u8>, DateTime<Utc>),
        "select assessment_sealed, updated_at from opinion where matter_id = $1 and account_id = $2 and round = $3",
        matter,
        account,
        round
    )
}

/// Keeps what a reviewer has found so far.
pub async fn put_opinion(tx: &mut Tx, matter: Uuid, account: Uuid, round: i64, sealed: &[u8], now: DateTime<Utc>) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into opinion (matter_id, account_id, round, assessment_sealed, updated_at) values ($1, $2, $3, $4, $5)
         on conflict (matter_id, account_id, round) do update set assessment_sealed = excluded.assessment_sealed, updated_at = excluded.updated_at",
        matter,
        account,
        round,
        sealed,
        now
    )
}

/// Experts whose opinion on a case is still to come.
pub async fn waiting_on(tx: &mut Tx, matter: Uuid) -> Result<Vec<(Uuid,)>, DbError> {
    fetch_all!(
        tx,
        (Uuid,),
        "select account_id from assignment where matter_id = $1 and left_at is null and done_at is null order by account_id",
        matter
    )
}
