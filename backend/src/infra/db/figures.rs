//! SQL of the figures of workbenches. Each statement reads an index alone.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::infra::db::{DbError, Tx, fetch_all};

/// Number of weeks that are counted.
pub const WEEKS: usize = 12;

/// The matters that are counted: those of an institution, or those of the kinds that the roles of an account may see.
#[derive(Debug, Clone)]
pub struct FigureScope {
    /// The institution; none for the association.
    pub institution: Option<Uuid>,
    /// The account that asks; matters from which it is excluded are not counted.
    pub account: Uuid,
    /// Codes of kinds that it may not see, each between commas.
    pub without: String,
}

/// Matters of a kind by week, the oldest week first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindWeeks {
    /// Code of the kind.
    pub kind: String,
    /// Numbers.
    pub weeks: [i64; WEEKS],
}

type WeekRow = (String, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);

/// Counts matters by kind and by the weeks in which a column lies. `$1` to `$13` are the ends of the weeks.
macro_rules! count_weeks {
    ($fetch:ident, $tx:expr, $column:literal, $ends:expr, $scope:expr) => {
        $fetch!(
            $tx,
            WeekRow,
            concat!(
                "select m.kind, ",
                "count(*) filter (where m.",
                $column,
                " < $2), ",
                "count(*) filter (where m.",
                $column,
                " >= $2 and m.",
                $column,
                " < $3), ",
                "count(*) filter (where m.",
                $column,
                " >= $3 and m.",
                $column,
                " < $4), ",
                "count(*) filter (where m.",
                $column,
                " >= $4 and m.",
                $column,
                " < $5), ",
                "count(*) filter (where m.",
                $column,
                " >= $5 and m.",
                $column,
                " < $6), ",
                "count(*) filter (where m.",
                $column,
                " >= $6 and m.",
                $column,
                " < $7), ",
                "count(*) filter (where m.",
                $column,
                " >= $7 and m.",
                $column,
                " < $8), ",
                "count(*) filter (where m.",
                $column,
                " >= $8 and m.",
                $column,
                " < $9), ",
                "count(*) filter (where m.",
                $column,
                " >= $9 and m.",
                $column,
                " < $10), ",
                "count(*) filter (where m.",
                $column,
                " >= $10 and m.",
                $column,
                " < $11), ",
                "count(*) filter (where m.",
                $column,
                " >= $11 and m.",
                $column,
                " < $12), ",
                "count(*) filter (where m.",
                $column,
                " >= $12) ",
                "from matter m where m.",
                $column,
                " is not null and m.",
                $column,
                " >= $1 and m.",
                $column,
                " < $13
                 and ($14 = '' or m.institution_id = $15) and $16 not like '%,' || m.kind || ',%'
                 and m.id not in (select a.matter_id from matter_apart a where a.account_id = $17)
                 group by m.kind"
            ),
            $ends[0],
            $ends[1],
            $ends[2],
            $ends[3],
            $ends[4],
            $ends[5],
            $ends[6],
            $ends[7],
            $ends[8],
            $ends[9],
            $ends[10],
            $ends[11],
            $ends[12],
            $scope.code(),
            $scope.institution.unwrap_or_default(),
            &$scope.without,
            $scope.account
        )
    };
}

impl FigureScope {
    fn code(&self) -> &'static str {
        if self.institution.is_some() { "institution" } else { "" }
    }
}

fn weeks(row: WeekRow) -> KindWeeks {
    let (kind, a, b, c, d, e, f, g, h, i, j, k, l) = row;
    KindWeeks { kind, weeks: [a, b, c, d, e, f, g, h, i, j, k, l] }
}

/// Matters received, by kind and week. `ends`: the begin of the first week and the end of each.
pub async fn count_received(tx: &mut Tx, scope: &FigureScope, ends: [DateTime<Utc>; WEEKS + 1]) -> Result<Vec<KindWeeks>, DbError> {
    Ok(count_weeks!(fetch_all, tx, "submitted_at", ends, scope)?.into_iter().map(weeks).collect())
}

/// Matters finished, by kind and week.
pub async fn count_finished(tx: &mut Tx, scope: &FigureScope, ends: [DateTime<Utc>; WEEKS + 1]) -> Result<Vec<KindWeeks>, DbError> {
    Ok(count_weeks!(fetch_all, tx, "closed_at", ends, scope)?.into_iter().map(weeks).collect())
}

macro_rules! count_open {
    ($fetch:ident, $tx:expr, $scope:expr, $today:expr) => {
        $fetch!(
            $tx,
            (String, i64, i64),
            concat!(
                "select m.kind, count(*), count(*) filter (where m.due_on < $1) from matter m
         where m.closed_at is null and m.submitted_at is not null and ($2 = '' or m.institution_id = $3)
         and $4 not like '%,' || m.kind || ',%' and m.id not in (select a.matter_id from matter_apart a where a.account_id = $5)
         group by m.kind"
            ),
            $today,
            $scope.code(),
            $scope.institution.unwrap_or_default(),
            &$scope.without,
            $scope.account
        )
    };
}

/// Kind, number of open matters, and number of those overdue.
pub async fn count_open(tx: &mut Tx, scope: &FigureScope, today: NaiveDate) -> Result<Vec<(String, i64, i64)>, DbError> {
    count_open!(fetch_all, tx, scope, today)
}

/// A finished matter.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FinishedMatter {
    /// When it was submitted first.
    pub submitted_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: DateTime<Utc>,
    /// Code of its last stage.
    pub stage: String,
}

macro_rules! list_finished {
    ($fetch:ident, $tx:expr, $scope:expr, $kind:expr, $limit:expr) => {
        $fetch!(
            $tx,
            FinishedMatter,
            concat!(
                "select m.submitted_at, m.closed_at, m.stage from matter m
         where m.kind = $1 and m.closed_at is not null and m.submitted_at is not null and ($2 = '' or m.institution_id = $3)
         and m.id not in (select a.matter_id from matter_apart a where a.account_id = $4)
         order by m.closed_at desc limit $5"
            ),
            $kind,
            $scope.code(),
            $scope.institution.unwrap_or_default(),
            $scope.account,
            $limit
        )
    };
}

/// The last finished matters of a kind, newest first.
pub async fn list_finished(tx: &mut Tx, scope: &FigureScope, kind: &str, limit: i64) -> Result<Vec<FinishedMatter>, DbError> {
    list_finished!(fetch_all, tx, scope, kind, limit)
}

/// The index that each statement is to use, and its plan.
#[cfg(test)]
pub async fn plans(
    tx: &mut Tx,
    scope: &FigureScope,
    ends: [DateTime<Utc>; WEEKS + 1],
    today: NaiveDate,
) -> Vec<(&'static str, Vec<String>)> {
    use crate::infra::db::tx::plan;
    vec![
        ("matter_received", count_weeks!(plan, tx, "submitted_at", ends, scope).unwrap()),
        ("matter_finished", count_weeks!(plan, tx, "closed_at", ends, scope).unwrap()),
        ("matter_open", count_open!(plan, tx, scope, today).unwrap()),
        ("matter_pace", list_finished!(plan, tx, scope, "registration", 200_i64).unwrap()),
    ]
}
