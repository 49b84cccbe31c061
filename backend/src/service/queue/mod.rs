//! 待办: the open tasks of the caller's institutions, or of the caller's roles in the association, with counters, filters and an order.

pub mod batch;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate};
use domain::base::calendar::SOON_DAYS;
use domain::engine::flow::{Party, Requires, Stage, Tone, Transition};
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::account::name_mark::searched_mark;
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::queue::{QueueConditions, QueuePlace, QueueRow, QueueScope, StageCount, count_found, list_tasks};
use crate::infra::db::search::SearchScope;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::load::load_in_tx;
use crate::matter::{LoadedMatter, MatterError, MatterSummary, Seen};
use crate::service::matters::{PAGE, hidden_kinds, is_visible, names_of};
use crate::service::search::{DayRange, MatterSearch, SearchConditions};
use crate::state::AppState;
use crate::workflow::notify::role_holders;

pub use crate::infra::db::queue::Holder;

/// Most tasks found that are counted for each institution or role.
const COUNTED: i64 = 1_000;

/// Whose queue is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueOf {
    /// That of the caller's institutions.
    Institutions,
    /// That of the caller's roles in the association.
    Association,
}

/// Order of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueueOrder {
    /// By due day.
    #[default]
    Due,
    /// By the first submission, oldest first.
    Submitted,
    /// By the last change, newest first.
    Updated,
}

/// The last task of a page: its key in the order (days from the common era, or microseconds since the epoch) and its id.
pub type QueueCursor = Option<(i64, Uuid)>;

/// What part of a queue is asked for, beside the conditions of a search.
#[derive(Clone, Copy, Default)]
pub struct QueueFilter {
    /// Kind and stage; none for all.
    pub stage: Option<(&'static Kind, &'static Stage)>,
    /// By who has taken the task.
    pub holder: Holder,
    /// Order of the tasks.
    pub order: QueueOrder,
}

/// Numbers of tasks: all, those overdue, and those due within [`SOON_DAYS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TaskCount {
    /// All tasks.
    pub all: i64,
    /// Those overdue.
    pub overdue: i64,
    /// Those due soon.
    pub soon: i64,
}

/// The tasks of a stage, counted.
pub struct QueueStage {
    /// The kind.
    pub kind: &'static Kind,
    /// The stage.
    pub stage: &'static Stage,
    /// All its tasks.
    pub all: TaskCount,
    /// Those that the caller has taken.
    pub own: TaskCount,
    /// Those that nobody has taken.
    pub free: TaskCount,
}

/// A task in a queue.
pub struct QueueTask {
    /// Its matter, with its assignee.
    pub matter: MatterSummary,
    /// What can be done with it in a batch; none if the caller must not open the matter.
    pub offer: Option<Offer>,
}

/// What the caller can do with a task in a batch.
pub struct Offer {
    /// What the list shows of the matter.
    pub seen: Seen,
    /// Transitions that need nothing but a click.
    pub transitions: Vec<&'static Transition>,
    /// Whether it is the task of a role of the caller, which has an assignee.
    pub has_assignee: bool,
}

/// One page of a queue.
pub struct QueuePage {
    /// The whole queue by kind and stage, whatever is filtered.
    pub stages: Vec<QueueStage>,
    /// Tasks of the page.
    pub tasks: Vec<QueueTask>,
    /// Number of tasks that meet the filter.
    pub found: i64,
    /// Whether there are more than were counted.
    pub is_capped: bool,
    /// Where the next page begins.
    pub next: QueueCursor,
    /// Accounts and names of those to whom tasks can be handed over.
    pub colleagues: Vec<(Uuid, String)>,
}

impl QueueStage {
    /// Its tasks by who has taken them.
    pub fn of(&self, holder: Holder) -> TaskCount {
        match holder {
            Holder::Any => self.all,
            Holder::Own => self.own,
            Holder::Nobody => self.free,
        }
    }

    fn add(&mut self, count: &StageCount) {
        let TaskCount { all, overdue, soon } = &mut self.all;
        (*all, *overdue, *soon) = (*all + count.all_tasks, *overdue + count.all_overdue, *soon + count.all_soon);
        let TaskCount { all, overdue, soon } = &mut self.own;
        (*all, *overdue, *soon) = (*all + count.own_tasks, *overdue + count.own_overdue, *soon + count.own_soon);
        let TaskCount { all, overdue, soon } = &mut self.free;
        (*all, *overdue, *soon) = (*all + count.free_tasks, *overdue + count.free_overdue, *soon + count.free_soon);
    }
}

impl std::ops::Add for TaskCount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { all: self.all + other.all, overdue: self.overdue + other.overdue, soon: self.soon + other.soon }
    }
}

impl std::iter::Sum for TaskCount {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |all, one| all + one)
    }
}

impl QueueOrder {
    fn key(self, row: &QueueRow) -> i64 {
        match self {
            QueueOrder::Due => i64::from(row.task_due_on.unwrap_or(last_day()).num_days_from_ce()),
            QueueOrder::Submitted => row.matter.submitted_at.unwrap_or_default().timestamp_micros(),
            QueueOrder::Updated => row.matter.updated_at.timestamp_micros(),
        }
    }

    /// Where a page begins. What is no key of the order begins the first page.
    fn place(self, cursor: QueueCursor) -> QueuePlace {
        let (key, id) = cursor.map_or((None, Uuid::nil()), |(key, id)| (Some(key), id));
        let time = |key: Option<i64>, first| key.and_then(DateTime::from_timestamp_micros).unwrap_or(first);
        match self {
            QueueOrder::Due => {
                let day = key.and_then(|key| NaiveDate::from_num_days_from_ce_opt(i32::try_from(key).ok()?));
                QueuePlace::Due(day.unwrap_or_default(), id)
            }
            QueueOrder::Submitted => QueuePlace::Submitted(time(key, DateTime::default()), id),
            QueueOrder::Updated => QueuePlace::Updated(time(key, DateTime::from_timestamp(253_370_764_800, 0).unwrap_or_default()), id),
        }
    }

    fn compare(self, a: &QueueRow, b: &QueueRow) -> std::cmp::Ordering {
        let (before, after) = if self == QueueOrder::Updated { (b, a) } else { (a, b) };
        self.key(before).cmp(&self.key(after)).then(a.task_id.cmp(&b.task_id))
    }
}

/// The day that stands for none, after all others.
fn last_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX)
}

/// The last day that counts as soon.
fn soon(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(SOON_DAYS.unsigned_abs())).unwrap_or(today)
}

/// The scopes of a queue of the caller.
fn scopes(caller: &Caller, of: QueueOf) -> Vec<QueueScope> {
    match of {
        QueueOf::Institutions => caller.institutions.iter().map(|(id, _)| QueueScope::Institution(*id)).collect(),
        QueueOf::Association => {
            let roles = caller.roles.iter().filter(|role| role.is_staff());
            roles.map(|role| QueueScope::Role(Party::Association(*role).code())).collect()
        }
    }
}

/// Number of all open tasks in a queue of the caller.
pub(crate) async fn count_tasks(tx: &mut Tx, app: &AppState, caller: &Caller, of: QueueOf) -> Result<i64, DbError> {
    Ok(count_stages(tx, app, caller, of).await?.iter().map(|stage| stage.all.all).sum())
}

async fn count_stages(tx: &mut Tx, app: &AppState, caller: &Caller, of: QueueOf) -> Result<Vec<QueueStage>, DbError> {
    let (today, mut stages) = (app.today(), Vec::<QueueStage>::new());
    for scope in scopes(caller, of) {
        for count in db::queue::count_tasks(tx, &scope, caller.account, today, soon(today)).await? {
            let Some(kind) = domain::kind::by_code(&count.kind) else { continue };
            let Some(stage) = kind.stage(&count.stage) else { continue };
            let known = stages.iter().position(|s| s.kind.code == kind.code && s.stage.code == stage.code);
            let place = known.unwrap_or_else(|| {
                let none = TaskCount::default();
                stages.push(QueueStage { kind, stage, all: none, own: none, free: none });
                stages.len() - 1
            });
            if let Some(stage) = stages.get_mut(place) {
                stage.add(&count);
            }
        }
    }
    // As the kinds and the stages of their flows are listed.
    let order = |s: &QueueStage| {
        let kind = domain::kind::KINDS.iter().position(|kind| kind.code == s.kind.code);
        (kind, s.kind.flow.stages.iter().position(|stage| stage.code == s.stage.code))
    };
    stages.sort_by_key(order);
    Ok(stages)
}

/// A page of a queue of the caller.
///
/// # Errors
/// The database.
pub async fn queue_page(
    app: &AppState,
    who: &Allowed,
    of: QueueOf,
    search: &MatterSearch,
    filter: &QueueFilter,
    cursor: QueueCursor,
) -> Result<QueuePage, DbError> {
    let mut search = search.clone();
    search.filter.state = "open".to_owned();
    search.conditions.name_mark = searched_mark(&app.keys, &search.applicant);
    let mut tx = app.db.snapshot().await?;
    let page = read_queue(&mut tx, app, who.caller(), of, &search, filter, cursor).await;
    tx.finish().await?;
    page
}

async fn read_queue(
    tx: &mut Tx,
    app: &AppState,
    caller: &Caller,
    of: QueueOf,
    search: &MatterSearch,
    filter: &QueueFilter,
    cursor: QueueCursor,
) -> Result<QueuePage, DbError> {
    let stages = count_stages(tx, app, caller, of).await?;
    let conditions = conditions(filter);
    let scope = search_scope(caller, of, search, app.today());
    let counted = counted_without_search(&stages, search, filter, app.today());
    let (mut rows, mut found) = (Vec::new(), counted.unwrap_or_default());
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    for queue in scopes(caller, of) {
        let matching = (&scope, &search.filter, &search.conditions);
        rows.extend(list_tasks(tx, (&queue, &conditions), matching, filter.order.place(cursor), limit).await?);
        if counted.is_none() {
            found += count_found(tx, (&queue, &conditions), matching, COUNTED + 1).await?;
        }
    }
    rows.sort_by(|a, b| filter.order.compare(a, b));
    let are_more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| are_more).map(|row| (filter.order.key(row), row.task_id));
    let is_capped = counted.is_none() && found > COUNTED;
    Ok(QueuePage {
        stages,
        tasks: read_tasks(tx, app, caller, of, rows).await?,
        found: if is_capped { COUNTED } else { found },
        is_capped,
        next,
        colleagues: if of == QueueOf::Association { colleagues(tx, app, caller).await? } else { Vec::new() },
    })
}

fn conditions(filter: &QueueFilter) -> QueueConditions {
    let code = |code: Option<&str>| code.unwrap_or_default().to_owned();
    QueueConditions {
        kind: code(filter.stage.map(|(kind, _)| kind.code)),
        stage: code(filter.stage.map(|(_, stage)| stage.code)),
        holder: filter.holder,
    }
}

/// Finance sees the tasks of matters that it must not open, but does not find out by a search whom they are about.
fn search_scope(caller: &Caller, of: QueueOf, search: &MatterSearch, today: NaiveDate) -> SearchScope {
    let days = MatterSearch { conditions: SearchConditions { due: DayRange::default(), ..search.conditions.clone() }, ..search.clone() };
    let hides = of == QueueOf::Association && !is_plain(&days, today);
    SearchScope { institution: None, account: caller.account, without: if hides { hidden_kinds(caller) } else { ",".to_owned() } }
}

/// Days that the counters count too: none, those overdue, those due soon.
fn counted_due(due: DayRange, today: NaiveDate, count: TaskCount) -> Option<i64> {
    match due {
        due if due == DayRange::default() => Some(count.all),
        DayRange { from: None, until } if until == today.pred_opt() => Some(count.overdue),
        DayRange { from, until } if from == Some(today) && until == Some(soon(today)) => Some(count.soon),
        _ => None,
    }
}

/// Whether a search asks for nothing but a kind and days that the counters count.
fn is_plain(search: &MatterSearch, today: NaiveDate) -> bool {
    let MatterSearch { filter, conditions, applicant } = search;
    let plain = SearchConditions { kind: conditions.kind.clone(), due: conditions.due, ..SearchConditions::default() };
    let counted = counted_due(conditions.due, today, TaskCount::default()).is_some();
    filter.text.is_empty() && applicant.is_empty() && *conditions == plain && counted
}

/// The number of tasks that a filter leaves, if the counters say it.
fn counted_without_search(stages: &[QueueStage], search: &MatterSearch, filter: &QueueFilter, today: NaiveDate) -> Option<i64> {
    if !is_plain(search, today) {
        return None;
    }
    let kind = search.conditions.kind.as_str();
    let of_stage = |s: &&QueueStage| filter.stage.is_none_or(|(kind, stage)| s.kind.code == kind.code && s.stage.code == stage.code);
    let left = stages.iter().filter(|s| kind.is_empty() || s.kind.code == kind).filter(of_stage);
    counted_due(search.conditions.due, today, left.map(|s| s.of(filter.holder)).sum())
}

/// The tasks of rows, with names, and with what the caller can do.
async fn read_tasks(tx: &mut Tx, app: &AppState, caller: &Caller, of: QueueOf, rows: Vec<QueueRow>) -> Result<Vec<QueueTask>, DbError> {
    let readable = |row: &QueueRow| of == QueueOf::Institutions || is_visible(caller, &row.matter.kind);
    let people = rows.iter().filter(|row| readable(row)).map(|row| row.matter.owner_id);
    let names = names_of(tx, app, people.chain(rows.iter().filter_map(|row| row.assignee_id))).await?;
    let name = |account: Uuid| names.get(&account).cloned().unwrap_or_default();
    let mut tasks = Vec::with_capacity(rows.len());
    for row in rows {
        let is_readable = readable(&row);
        let offer = match is_readable {
            true => match load_in_tx(tx, app, caller, row.matter.id).await {
                Ok(matter) => Some(offer(&matter)),
                // Who is excluded by name does not learn that it exists.
                Err(MatterError::NotFound) => continue,
                Err(MatterError::Db(error)) => return Err(error),
                Err(_) => None,
            },
            false => None,
        };
        let (assignee, due_on) = (row.assignee_id.map(|account| (account, name(account))), row.task_due_on);
        let applicant = if is_readable { name(row.matter.owner_id) } else { String::new() };
        let matter = MatterSummary { is_readable, assignee, due_on, ..MatterSummary::new(row.matter, applicant) };
        tasks.push(QueueTask { matter, offer });
    }
    Ok(tasks)
}

/// What the caller can do with a matter in a batch: nothing that ends it, since whoever ends a matter has opened it.
fn offer(matter: &LoadedMatter) -> Offer {
    let turn = matter.stage().and_then(|stage| stage.turn).filter(|turn| matter.is_party(*turn));
    let is_plain = |t: &&'static Transition| {
        let ends = |code: &&str| matter.kind.flow.stage(code).is_none_or(|stage| stage.closed());
        let plain = matches!(t.requires, Requires::Nothing | Requires::OptionalNote) && t.tone != Tone::Destructive;
        Some(t.by) == turn && plain && !t.to.iter().any(|(_, to)| ends(to))
    };
    Offer {
        seen: matter.seen(),
        transitions: matter.open_transitions().into_iter().filter(is_plain).collect(),
        has_assignee: matches!(turn, Some(Party::Association(_))),
    }
}

/// Accounts and names of those to whom tasks of a queue can be handed over.
///
/// # Errors
/// The database.
pub async fn role_colleagues(app: &AppState, who: &Allowed, of: QueueOf) -> Result<Vec<(Uuid, String)>, DbError> {
    match of {
        QueueOf::Institutions => Ok(Vec::new()),
        QueueOf::Association => colleagues(&mut app.db.read().await?, app, who.caller()).await,
    }
}

/// The holders of the caller's roles.
async fn colleagues(tx: &mut Tx, app: &AppState, caller: &Caller) -> Result<Vec<(Uuid, String)>, DbError> {
    let mut accounts = Vec::new();
    for role in caller.roles.iter().filter(|role| role.is_staff()) {
        accounts.extend(role_holders(tx, *role).await?);
    }
    let names: BTreeMap<Uuid, String> = names_of(tx, app, accounts.into_iter()).await?;
    Ok(names.into_iter().collect())
}
