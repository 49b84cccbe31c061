//! What time does to certificates: reminders before and after their day, suspension, and their end. Each certificate says itself when it is
//! next looked at, and that day is moved on in the transaction of what is done, so that each thing is done once, however often a run begins
//! and wherever it is broken off.

use chrono::NaiveDate;
use domain::base::rule::{RulesOn, key};
use domain::engine::message::Moment;
use domain::record::certificate::{Held, Lapse, Status, Upkeep, lapse, next_look, reminder};

use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::record::audit::audit;
use crate::record::notification::News;
use crate::record::notification::tell;
use crate::state::AppState;

/// Certificates looked at in one transaction.
const BATCH: i64 = 100;

/// What one run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Watched {
    /// Holders reminded.
    pub reminded: usize,
    /// Certificates suspended or ended.
    pub lapsed: usize,
}

/// Looks at every certificate that is to be looked at by today.
pub async fn watch_certificates(app: &AppState) -> Result<Watched, DbError> {
    let (today, mut watched) = (app.today(), Watched::default());
    loop {
        let owned = app.clone();
        let done = app.db.write(move |tx| Box::pin(async move { batch(tx, &owned, today).await })).await?;
        let Some(done) = done else { return Ok(watched) };
        watched.reminded += done.reminded;
        watched.lapsed += done.lapsed;
    }
}

/// The next ones; none when there are no more.
async fn batch(tx: &mut Tx, app: &AppState, today: NaiveDate) -> Result<Option<Watched>, DbError> {
    let rows = db::upkeep::to_look_at(tx, today, BATCH).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut done = Watched::default();
    for row in &rows {
        look(tx, app, row, today, &mut done).await?;
    }
    Ok(Some(done))
}

/// Does to one certificate what is due.
async fn look(tx: &mut Tx, app: &AppState, row: &db::certificate::Row, today: NaiveDate, done: &mut Watched) -> Result<(), DbError> {
    let tables = app.tables();
    let rules = tables.rules.on(today);
    let Some(held) = row.held() else {
        db::upkeep::looked(tx, row, &row.status, row.overdue_from, None).await?;
        return Ok(());
    };
    // Who has asked in time waits for the decision, and is not reminded of what was done.
    if db::upkeep::under_way(tx, row.id).await? {
        db::upkeep::looked(tx, row, &row.status, row.overdue_from, today.succ_opt()).await?;
        return Ok(());
    }
    let lapse = lapse(&held, today, rules);
    let since = row.look_on.unwrap_or(today);
    let reminder = reminder(&held, since, today, rules).filter(|_| lapse.is_none());
    let after = match lapse {
        Some(Lapse::Suspend) => Held { status: Status::Suspended, overdue: true, ..held.clone() },
        Some(Lapse::Expire) => Held { status: Status::Expired, overdue: true, ..held.clone() },
        None => held.clone(),
    };
    let overdue_from = if lapse.is_some() { row.overdue_from.or(Some(today)) } else { row.overdue_from };
    if !db::upkeep::looked(tx, row, after.status.code(), overdue_from, next_look(&after, today, rules)).await? {
        return Ok(());
    }
    if let Some(lapse) = lapse {
        done.lapsed += 1;
        audit(tx, None, "certificate.lapse", &row.id.to_string(), app.now()).await?;
        let (upkeep, body) = lapsed(&held, lapse, today, rules);
        say(tx, app, row, upkeep, Moment::Lapsed, &format!("lapse-{}", after.status.code()), &body).await?;
    } else if let Some((upkeep, step)) = reminder {
        done.reminded += 1;
        let body = reminded(&held, upkeep, today, rules);
        say(tx, app, row, upkeep, Moment::Upkeep, &step.to_string(), &body).await?;
    }
    Ok(())
}

async fn say(
    tx: &mut Tx,
    app: &AppState,
    row: &db::certificate::Row,
    upkeep: Upkeep,
    moment: Moment,
    what: &str,
    body: &str,
) -> Result<(), DbError> {
    let kind = upkeep.label();
    let (account, matter, occasion) = (row.account_id, row.matter_id, format!("{}-{}-{what}", upkeep.code(), row.confirm_due_on));
    let title = format!("{kind}：{}", moment.plan().label);
    tell(tx, app, &News { account, matter, kind, moment, occasion, title: &title, body, link: "/me/certificates".into() }, app.now()).await
}

/// 质量管理体系证书 2025-N1QMS-4000001.
fn called(held: &Held) -> String {
    format!("{}证书 {}", held.domain_label(), held.number)
}

fn reminded(held: &Held, upkeep: Upkeep, today: NaiveDate, rules: RulesOn<'_>) -> String {
    let (due, what) = (upkeep.due(held), upkeep.label());
    let left = (due - today).num_days();
    if left >= 0 {
        return format!("您的{}应于 {due} 前办理{what}，还有 {left} 天。", called(held));
    }
    let closes = upkeep.closes(held, rules);
    format!("您的{}应于 {due} 前办理{what}，已超过 {} 天。请在 {closes} 前办理，逾期证书将被暂停。", called(held), -left)
}

fn lapsed(held: &Held, lapse: Lapse, today: NaiveDate, rules: RulesOn<'_>) -> (Upkeep, String) {
    let name = called(held);
    match lapse {
        Lapse::Suspend if rules.yes(key::AC_LATE) => {
            (Upkeep::Confirmation, format!("您的{name}因逾期未办理年度确认，自 {today} 起暂停。补办年度确认并获批准后恢复有效。"))
        }
        Lapse::Suspend => (Upkeep::Confirmation, format!("您的{name}因逾期未办理年度确认，自 {today} 起暂停。")),
        Lapse::Expire if today > held.valid_until => {
            (Upkeep::Renewal, format!("您的{name}有效期已于 {} 届满，证书已失效。", held.valid_until))
        }
        Lapse::Expire => (Upkeep::Confirmation, format!("您的{name}连续未办理年度确认，自 {today} 起失效。")),
    }
}
