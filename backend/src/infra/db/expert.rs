//! SQL of experts: domains, assignments, unfinished opinions.

use chrono::{DateTime, Utc};
use domain::base::permission::GrantStatus;
use uuid::Uuid;

use crate::infra::db::list::{Cursor, bounds, containing};
use crate::infra::db::matter::MatterRow;
use crate::infra::db::text_code::Coded;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Adds a domain of competence.
pub async fn insert_domain(tx: &mut Tx, account: Uuid, domain: &str) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into expert_domain (account_id, domain) values ($1, $2) on conflict (account_id, domain) do nothing",
        account,
        domain
    )
}

/// Active experts.
pub async fn list_experts(tx: &mut Tx) -> Result<Vec<Uuid>, DbError> {
    let rows = fetch_all!(
        tx,
        (Uuid,),
        "select g.account_id from role_grant g join account a on a.id = g.account_id
         where g.role = 'expert' and g.status = 'active' and a.status = 'active' order by g.account_id"
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A domain in which an expert is competent.
#[derive(sqlx::FromRow)]
pub struct ExpertDomainRow {
    /// The expert.
    pub account_id: Uuid,
    /// Code of the certification domain.
    pub domain: String,
}

/// The domains of all experts.
pub async fn list_domains(tx: &mut Tx) -> Result<Vec<ExpertDomainRow>, DbError> {
    fetch_all!(tx, ExpertDomainRow, "select account_id, domain from expert_domain")
}

/// Membership of an expert in an institution.
#[derive(sqlx::FromRow)]
pub struct ExpertMembershipRow {
    /// The expert.
    pub account_id: Uuid,
    /// The institution.
    pub institution_id: Uuid,
    /// Status of the membership.
    #[sqlx(try_from = "Coded<GrantStatus>")]
    pub status: GrantStatus,
}

/// The memberships of all experts, ended ones included.
pub async fn list_memberships(tx: &mut Tx) -> Result<Vec<ExpertMembershipRow>, DbError> {
    fetch_all!(
        tx,
        ExpertMembershipRow,
        "select m.account_id, m.institution_id, m.status from membership m
         join role_grant g on g.account_id = m.account_id and g.role = 'expert' and g.status = 'active'"
    )
}

/// Expert and number of open assignments.
pub async fn count_open_assignments(tx: &mut Tx) -> Result<Vec<(Uuid, i64)>, DbError> {
    fetch_all!(
        tx,
        (Uuid, i64),
        "select account_id, count(*) from matter_person where part = 'expert' and done_at is null and left_at is null group by account_id"
    )
}

/// An assignment of an expert.
#[derive(Clone, sqlx::FromRow)]
pub struct AssignmentRow {
    /// The matter.
    #[sqlx(flatten)]
    pub matter: MatterRow,
    /// Time of the assignment.
    pub assigned_at: DateTime<Utc>,
    /// Time of the opinion.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Filter of an expert's list.
#[derive(Debug, Clone, Default)]
pub struct AssignmentFilter {
    /// `waiting`, `done`, or anything else for all.
    pub state: String,
    /// Text that the title contains.
    pub text: String,
    /// Code of the kind; empty for all.
    pub kind: String,
}

/// A page of an expert's assignments, newest first.
pub async fn list_assignments(
    tx: &mut Tx,
    account: Uuid,
    filter: &AssignmentFilter,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<AssignmentRow>, DbError> {
    let (at, id) = bounds(cursor);
    fetch_all!(
        tx,
        AssignmentRow,
        "select m.*, a.asked_at as assigned_at, a.done_at as finished_at from matter_person a join matter m on m.id = a.matter_id
         where a.account_id = $1 and a.part = 'expert' and a.left_at is null
         and (a.asked_at < $2 or (a.asked_at = $2 and a.matter_id > $3))
         and case $5 when 'waiting' then exists (select 1 from task t where t.matter_id = m.id and t.account_id = $1 and t.turn = 'expert' and t.done_at is null)
                     when 'done' then a.done_at is not null else true end
         and a.title like $6 escape '\\' and ($7 = '' or a.kind = $7)
         order by a.asked_at desc, a.matter_id limit $4",
        account,
        at,
        id,
        limit,
        &filter.state,
        containing(&filter.text),
        &filter.kind
    )
}

/// A reviewer's unfinished opinion in a round, sealed.
pub async fn opinion_draft(tx: &mut Tx, matter: Uuid, account: Uuid, round: i64) -> Result<Option<(Vec<u8>, DateTime<Utc>)>, DbError> {
    fetch_optional!(
        tx,
        (Vec<u8>, DateTime<Utc>),
        "select assessment_sealed, updated_at from opinion where matter_id = $1 and account_id = $2 and round = $3",
        matter,
        account,
        round
    )
}

/// Stores a reviewer's unfinished opinion, as earlier releases did.
#[cfg(test)]
pub async fn upsert_opinion_draft(
    tx: &mut Tx,
    matter: Uuid,
    account: Uuid,
    round: i64,
    sealed: &[u8],
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
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
