//! SQL of the rule table, the holiday table and notices.

use chrono::NaiveDate;
use domain::base::rule::RuleRow;
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, execute, fetch_all};

/// Every row of the rule table.
pub async fn list_rules(tx: &mut Tx) -> Result<Vec<RuleRow>, DbError> {
    let rows = fetch_all!(tx, (String, String, NaiveDate), "select key, value, effective_from from rule_param")?;
    Ok(rows.into_iter().map(|(key, value, effective_from)| RuleRow { key, value, effective_from }).collect())
}

/// Adds a row of the rule table, unless one of that day is there.
pub async fn insert_rule(tx: &mut Tx, rule: &RuleRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into rule_param (key, value, effective_from) values ($1, $2, $3) on conflict (key, effective_from) do nothing",
        &rule.key,
        &rule.value,
        rule.effective_from
    )
}

/// The holiday table: a day, and whether it is worked.
pub async fn list_holidays(tx: &mut Tx) -> Result<Vec<(NaiveDate, bool)>, DbError> {
    fetch_all!(tx, (NaiveDate, bool), "select day, working from holiday")
}

/// A notice of the association.
#[derive(sqlx::FromRow)]
pub struct NoticeRow {
    /// Row id.
    pub id: Uuid,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// Day it was published.
    pub published_on: NaiveDate,
}

/// The newest notices.
pub async fn list_notices(tx: &mut Tx) -> Result<Vec<NoticeRow>, DbError> {
    fetch_all!(tx, NoticeRow, "select id, title, body, published_on from notice order by published_on desc, id limit 5")
}

/// Adds a notice.
pub async fn insert_notice(tx: &mut Tx, notice: &NoticeRow) -> Result<u64, DbError> {
    execute!(
        tx,
        "insert into notice (id, title, body, published_on) values ($1, $2, $3, $4)",
        notice.id,
        &notice.title,
        &notice.body,
        notice.published_on
    )
}
