//! SQL of 待办: the open tasks of a role of the association or of an institution, counted and listed.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::infra::db::list::ListFilter;
use crate::infra::db::matter::MatterRow;
use crate::infra::db::search::{SearchConditions, SearchPath, SearchScope, matters_meeting};
#[cfg(test)]
use crate::infra::db::tx::plan;
use crate::infra::db::{DbError, Tx, fetch_all, fetch_optional};

/// Whose open tasks are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueScope {
    /// Those of a role of the association, by the code of its party.
    Role(String),
    /// Those of an institution.
    Institution(Uuid),
}

/// Conditions of a queue, beside those of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueConditions {
    /// Code of the kind whose stage is meant; empty for all.
    pub kind: String,
    /// Code of the stage; empty for all.
    pub stage: String,
    /// By who has taken the task.
    pub holder: Holder,
}

/// Who has taken a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Holder {
    /// Anyone or nobody.
    #[default]
    Any,
    /// The account that asks.
    Own,
    /// Nobody.
    Nobody,
}

impl Holder {
    fn code(self) -> &'static str {
        match self {
            Holder::Any => "",
            Holder::Own => "own",
            Holder::Nobody => "nobody",
        }
    }
}

/// Order of a queue, and the key of the last task of the page before; its id is 0 for the first page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueuePlace {
    /// By due day, those without one last.
    Due(NaiveDate, Uuid),
    /// By the first submission of the matter, oldest first.
    Submitted(DateTime<Utc>, Uuid),
    /// By the begin of the task, newest first.
    Opened(DateTime<Utc>, Uuid),
}

/// A matter with its open task.
#[derive(Clone, sqlx::FromRow)]
pub struct QueueRow {
    /// The matter.
    #[sqlx(flatten)]
    pub matter: MatterRow,
    /// Id of the task.
    pub task_id: Uuid,
    /// Due day of the task.
    pub task_due_on: Option<NaiveDate>,
    /// When the task began.
    pub opened_at: DateTime<Utc>,
    /// Who has taken it.
    pub assignee_id: Option<Uuid>,
}

/// Numbers of open tasks of a stage: all, those overdue, and those due soon.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct StageCount {
    /// Code of the kind.
    pub kind: String,
    /// Code of the stage.
    pub stage: String,
    /// All tasks.
    pub all_tasks: i64,
    /// Of all, those overdue.
    pub all_overdue: i64,
    /// Of all, those due soon.
    pub all_soon: i64,
    /// Those the account has taken.
    pub own_tasks: i64,
    /// Of its own, those overdue.
    pub own_overdue: i64,
    /// Of its own, those due soon.
    pub own_soon: i64,
    /// Those that nobody has taken.
    pub free_tasks: i64,
    /// Of these, those overdue.
    pub free_overdue: i64,
    /// Of these, those due soon.
    pub free_soon: i64,
}

/// Counts the open tasks of a scope by kind and stage. Arguments: the scope, the account, today, and the last day that counts as soon.
macro_rules! count_by_stage {
    ($fetch:ident, $tx:expr, $from:literal, $($arg:expr),+) => {
        $fetch!(
            $tx,
            StageCount,
            concat!(
                "select coalesce(t.kind, '') as kind, t.stage as stage, count(*) as all_tasks,
         count(*) filter (where t.due_on < $3) as all_overdue,
         count(*) filter (where t.due_on >= $3 and t.due_on <= $4) as all_soon,
         count(*) filter (where t.assignee_id = $2) as own_tasks,
         count(*) filter (where t.assignee_id = $2 and t.due_on < $3) as own_overdue,
         count(*) filter (where t.assignee_id = $2 and t.due_on >= $3 and t.due_on <= $4) as own_soon,
         count(*) filter (where t.assignee_id is null) as free_tasks,
         count(*) filter (where t.assignee_id is null and t.due_on < $3) as free_overdue,
         count(*) filter (where t.assignee_id is null and t.due_on >= $3 and t.due_on <= $4) as free_soon ",
                $from,
                " and t.matter_id not in (select a.matter_id from matter_apart a where a.account_id = $2)
         group by t.kind, t.stage order by t.kind, t.stage"
            ),
            $($arg),+
        )
    };
}

/// Numbers of open tasks by kind and stage, except those of matters from which the account is excluded. `soon`: the last day that counts as soon.
pub async fn count_tasks(
    tx: &mut Tx,
    scope: &QueueScope,
    account: Uuid,
    today: NaiveDate,
    soon: NaiveDate,
) -> Result<Vec<StageCount>, DbError> {
    match scope {
        QueueScope::Role(turn) => count_by_stage!(
            fetch_all,
            tx,
            "from task t where t.turn = $1 and t.done_at is null and t.account_id is null",
            turn.as_str(),
            account,
            today,
            soon
        ),
        QueueScope::Institution(institution) => count_by_stage!(
            fetch_all,
            tx,
            "from task t join matter m on m.id = t.matter_id
         where t.institution_id = $1 and t.done_at is null and m.submitted_at is not null",
            *institution,
            account,
            today,
            soon
        ),
    }
}

/// A statement over the open tasks of one scope.
macro_rules! tasks_meeting {
    ($fetch:ident, $tx:expr, $row:ty, [$($before:literal),+], [$($after:literal),+], $scope:tt, $of:expr, $found:tt, $($more:expr),+) => {
        matters_meeting!(
            $fetch,
            $tx,
            $row,
            [$($before),+],
            [
                " and ($19 = '' or t.kind = $19) and ($20 = '' or t.stage = $20)
         and case $21 when 'own' then t.assignee_id = $3 when 'nobody' then t.assignee_id is null else true end ",
                $($after),+
            ],
            $scope,
            $found,
            &$of.kind,
            &$of.stage,
            $of.holder.code(),
            $($more),+
        )
    };
}

/// The condition by which the queue of a role finds its tasks, as [`SearchPath`] for matters.
enum QueuePath {
    Order,
    Stage,
    Own,
    Number,
    Name,
    Title,
}

impl QueuePath {
    fn of(queue: &QueueConditions, search: &SearchConditions) -> Self {
        match search.path {
            SearchPath::Number => QueuePath::Number,
            SearchPath::Name => QueuePath::Name,
            SearchPath::Title => QueuePath::Title,
            SearchPath::Order if queue.holder == Holder::Own => QueuePath::Own,
            SearchPath::Order if !queue.stage.is_empty() => QueuePath::Stage,
            SearchPath::Order => QueuePath::Order,
        }
    }
}

/// A statement over the open tasks of a role, with the tables that the path reads.
macro_rules! tasks_of_role {
    ($fetch:ident, $tx:expr, $row:ty, $select:literal, $from:literal, [$($after:literal),+], $turn:expr, $of:expr, $found:tt, $($more:expr),+) => {
        tasks_meeting!(
            $fetch, $tx, $row, [$select, $from,
            "t.turn = $1 and t.done_at is null and t.account_id is null and coalesce(t.institution_id, $2) = $2"],
            [$($after),+], ($turn.as_str(), Uuid::nil()), $of, $found, $($more),+
        )
    };
}

/// Runs a statement over the open tasks `t` with their matters `m` that meet the conditions of a queue and of a search; further arguments from
/// `$22` on.
macro_rules! tasks_found {
    ($fetch:ident, $tx:expr, $row:ty, $select:literal, [$($after:literal),+], ($queue:expr, $of:expr), $found:tt, $($more:expr),+) => {
        match $queue {
            QueueScope::Role(turn) => match QueuePath::of($of, $found.2) {
                QueuePath::Order => tasks_of_role!(
                    $fetch, $tx, $row, $select, " from task t join matter m on m.id = t.matter_id where ",
                    [$($after),+], turn, $of, $found, $($more),+
                ),
                QueuePath::Stage => tasks_of_role!(
                    $fetch, $tx, $row, $select,
                    " from task t join matter m on m.id = t.matter_id where t.kind = $19 and t.stage = $20 and ",
                    [$($after),+], turn, $of, $found, $($more),+
                ),
                // The limit keeps the tasks of one person from being read in the order of the list.
                QueuePath::Own => tasks_of_role!(
                    $fetch, $tx, $row, $select,
                    " from (select * from task o where o.assignee_id = $3 and o.done_at is null limit 1000000) t
         join matter m on m.id = t.matter_id where ",
                    [$($after),+], turn, $of, $found, $($more),+
                ),
                QueuePath::Number => tasks_of_role!(
                    $fetch, $tx, $row, $select,
                    " from matter m cross join task t where m.number = $18 and t.matter_id = m.id and ",
                    [$($after),+], turn, $of, $found, $($more),+
                ),
                QueuePath::Name => tasks_of_role!(
                    $fetch, $tx, $row, $select,
                    " from name_mark k cross join matter m cross join task t
         where k.mark = $17 and m.owner_id = k.account_id and t.matter_id = m.id and ",
                    [$($after),+], turn, $of, $found, $($more),+
                ),
                QueuePath::Title => tasks_of_role!(
                    $fetch, $tx, $row, $select,
                    " from matter_title x cross join matter m cross join task t
         where x.title like $6 escape '\\' and m.title = x.title and t.matter_id = m.id and ",
                    [$($after),+], turn, $of, $found, $($more),+
                ),
            },
            QueueScope::Institution(institution) => tasks_meeting!(
                $fetch, $tx, $row,
                [$select, " from task t join matter m on m.id = t.matter_id where t.institution_id = $2 and t.done_at is null and $1 = ''"],
                [$($after),+], ("", *institution), $of, $found, $($more),+
            ),
        }
    };
}

/// The next page in an order: the key, how a later key compares, and its direction.
macro_rules! tasks_in_order {
    ($fetch:ident, $tx:expr, $key:literal, $later:literal, $direction:literal, $scope:tt, $found:tt, $after:expr, $id:expr, $limit:expr) => {
        tasks_found!(
            $fetch,
            $tx,
            QueueRow,
            "select m.*, t.id as task_id, t.due_on as task_due_on, t.opened_at as opened_at, t.assignee_id as assignee_id",
            ["and (", $key, $later, "$22 or (", $key, " = $22 and t.id > $23)) order by ", $key, $direction, ", t.id limit $24"],
            $scope,
            $found,
            $after,
            $id,
            $limit
        )
    };
}

/// A page of the tasks found, from a place on.
pub async fn list_tasks(
    tx: &mut Tx,
    queue: (&QueueScope, &QueueConditions),
    (scope, filter, search): (&SearchScope, &ListFilter, &SearchConditions),
    place: QueuePlace,
    limit: i64,
) -> Result<Vec<QueueRow>, DbError> {
    match place {
        QueuePlace::Due(day, id) => {
            tasks_in_order!(
                fetch_all,
                tx,
                "coalesce(t.due_on, '9999-12-31')",
                " > ",
                "",
                (queue.0, queue.1),
                (scope, filter, search),
                day,
                id,
                limit
            )
        }
        QueuePlace::Submitted(at, id) => {
            tasks_in_order!(fetch_all, tx, "t.submitted_at", " > ", "", (queue.0, queue.1), (scope, filter, search), at, id, limit)
        }
        QueuePlace::Opened(at, id) => {
            tasks_in_order!(fetch_all, tx, "t.opened_at", " < ", " desc", (queue.0, queue.1), (scope, filter, search), at, id, limit)
        }
    }
}

/// Number of the tasks found, up to a limit.
pub async fn count_found(
    tx: &mut Tx,
    queue: (&QueueScope, &QueueConditions),
    (scope, filter, search): (&SearchScope, &ListFilter, &SearchConditions),
    limit: i64,
) -> Result<i64, DbError> {
    let row = tasks_found!(
        fetch_optional,
        tx,
        (i64,),
        "select count(*) from (select t.id",
        ["limit $22) found"],
        (queue.0, queue.1),
        (scope, filter, search),
        limit
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// The plan of [`count_tasks`] for a role.
#[cfg(test)]
pub async fn plan_of_count(tx: &mut Tx, turn: &str, account: Uuid, today: NaiveDate) -> Vec<String> {
    let steps = count_by_stage!(
        plan,
        tx,
        "from task t where t.turn = $1 and t.done_at is null and t.account_id is null",
        turn,
        account,
        today,
        today
    );
    steps.unwrap()
}

/// The plan of [`list_tasks`] for a role, by due day.
#[cfg(test)]
pub async fn plan_of_list(tx: &mut Tx, turn: &str, account: Uuid) -> Vec<String> {
    let queue = (&QueueScope::Role(turn.to_owned()), &QueueConditions::default());
    let scope = SearchScope { institution: None, account, without: ",".to_owned() };
    let (filter, search) = (ListFilter::default(), SearchConditions::default());
    let steps = match queue.0 {
        QueueScope::Role(turn) => tasks_meeting!(
            plan,
            tx,
            QueueRow,
            [
                "select m.*, t.id as task_id",
                " from task t join matter m on m.id = t.matter_id
         where t.turn = $1 and t.done_at is null and t.account_id is null and coalesce(t.institution_id, $2) = $2"
            ],
            ["and (coalesce(t.due_on, '9999-12-31') > $22 or (coalesce(t.due_on, '9999-12-31') = $22 and t.id > $23))
         order by coalesce(t.due_on, '9999-12-31'), t.id limit $24"],
            (turn.as_str(), Uuid::nil()),
            queue.1,
            (&scope, &filter, &search),
            NaiveDate::default(),
            Uuid::nil(),
            21_i64
        ),
        QueueScope::Institution(_) => Ok(Vec::new()),
    };
    steps.unwrap()
}
