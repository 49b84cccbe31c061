//! Counters of a queue: by kind and stage, by who has taken the tasks, and by due day.

use chrono::NaiveDate;
use domain::engine::flow::Stage;
use domain::matter::Kind;

use super::filter::{QueueFilter, QueueOf, scopes, soon};
use crate::access::guard::Caller;
use crate::infra::db::queue::{Holder, StageCount};
use crate::infra::db::{self, DbError, Tx};
use crate::service::search::{DayRange, MatterSearch, SearchConditions};
use crate::state::AppState;

/// Numbers of tasks: all, those overdue, and those due within `SOON_DAYS`.
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

/// Number of all open tasks in a queue of the caller.
pub(crate) async fn count_tasks(tx: &mut Tx, app: &AppState, caller: &Caller, of: QueueOf) -> Result<i64, DbError> {
    Ok(count_stages(tx, app, caller, of).await?.iter().map(|stage| stage.all.all).sum())
}

pub(super) async fn count_stages(tx: &mut Tx, app: &AppState, caller: &Caller, of: QueueOf) -> Result<Vec<QueueStage>, DbError> {
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
pub(super) fn is_plain(search: &MatterSearch, today: NaiveDate) -> bool {
    let MatterSearch { filter, conditions, applicant } = search;
    let plain = SearchConditions { kind: conditions.kind.clone(), due: conditions.due, ..SearchConditions::default() };
    let counted = counted_due(conditions.due, today, TaskCount::default()).is_some();
    filter.text.is_empty() && applicant.is_empty() && *conditions == plain && counted
}

/// The number of tasks that a filter leaves, if the counters say it.
pub(super) fn counted_without_search(stages: &[QueueStage], search: &MatterSearch, filter: &QueueFilter, today: NaiveDate) -> Option<i64> {
    if !is_plain(search, today) {
        return None;
    }
    let kind = search.conditions.kind.as_str();
    let of_stage = |s: &&QueueStage| filter.stage.is_none_or(|(kind, stage)| s.kind.code == kind.code && s.stage.code == stage.code);
    let left = stages.iter().filter(|s| kind.is_empty() || s.kind.code == kind).filter(of_stage);
    counted_due(search.conditions.due, today, left.map(|s| s.of(filter.holder)).sum())
}
