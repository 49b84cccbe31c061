//! What part of a queue is asked for, and in which order.

use chrono::{DateTime, Datelike, Days, NaiveDate};
use domain::base::calendar::SOON_DAYS;
use domain::engine::flow::{Party, Stage};
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::guard::Caller;
use crate::infra::db::queue::{Holder, QueueConditions, QueuePlace, QueueRow, QueueScope};

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
    /// By the begin of the task, newest first.
    Opened,
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

impl QueueOrder {
    fn key(self, row: &QueueRow) -> i64 {
        match self {
            QueueOrder::Due => i64::from(row.task_due_on.unwrap_or(last_day()).num_days_from_ce()),
            QueueOrder::Submitted => row.matter.submitted_at.unwrap_or_default().timestamp_micros(),
            QueueOrder::Opened => row.opened_at.timestamp_micros(),
        }
    }

    /// The place of a task.
    pub(super) fn place_of(self, row: &QueueRow) -> (i64, Uuid) {
        (self.key(row), row.task_id)
    }

    /// Where a page begins. What is no key of the order begins the first page.
    pub(super) fn place(self, cursor: QueueCursor) -> QueuePlace {
        let (key, id) = cursor.map_or((None, Uuid::nil()), |(key, id)| (Some(key), id));
        let time = |key: Option<i64>, first| key.and_then(DateTime::from_timestamp_micros).unwrap_or(first);
        match self {
            QueueOrder::Due => {
                let day = key.and_then(|key| NaiveDate::from_num_days_from_ce_opt(i32::try_from(key).ok()?));
                QueuePlace::Due(day.unwrap_or_default(), id)
            }
            QueueOrder::Submitted => QueuePlace::Submitted(time(key, DateTime::default()), id),
            QueueOrder::Opened => QueuePlace::Opened(time(key, DateTime::from_timestamp(253_370_764_800, 0).unwrap_or_default()), id),
        }
    }

    pub(super) fn compare(self, a: &QueueRow, b: &QueueRow) -> std::cmp::Ordering {
        let (before, after) = if self == QueueOrder::Opened { (b, a) } else { (a, b) };
        self.key(before).cmp(&self.key(after)).then(a.task_id.cmp(&b.task_id))
    }
}

/// The day that stands for none, after all others.
pub(super) fn last_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX)
}

/// The last day that counts as soon.
pub(super) fn soon(today: NaiveDate) -> NaiveDate {
    today.checked_add_days(Days::new(SOON_DAYS.unsigned_abs())).unwrap_or(today)
}

/// The scopes of a queue of the caller.
pub(super) fn scopes(caller: &Caller, of: QueueOf) -> Vec<QueueScope> {
    match of {
        QueueOf::Institutions => caller.institutions.iter().map(|(id, _)| QueueScope::Institution(*id)).collect(),
        QueueOf::Association => {
            let roles = caller.roles.iter().filter(|role| role.is_staff());
            roles.map(|role| QueueScope::Role(Party::Association(*role).code())).collect()
        }
    }
}

/// The conditions of a filter as statements take them.
pub(super) fn conditions(filter: &QueueFilter) -> QueueConditions {
    let code = |code: Option<&str>| code.unwrap_or_default().to_owned();
    QueueConditions {
        kind: code(filter.stage.map(|(kind, _)| kind.code)),
        stage: code(filter.stage.map(|(_, stage)| stage.code)),
        holder: filter.holder,
    }
}
