//! SQL of searches: facets of matters, marks of names, and the lists that they restrict.

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::end_of;
use uuid::Uuid;

use crate::infra::db::account::AccountRow;
use crate::infra::db::expert::{AssignmentFilter, AssignmentRow};
use crate::infra::db::list::{Cursor, ListFilter, bounds, containing};
use crate::infra::db::matter::MatterRow;
use crate::infra::db::{DbError, Tx, execute, fetch_all, fetch_optional};

/// Conditions of a search, beside state and title; an empty one restricts nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchConditions {
    /// Code of the kind; empty for all.
    pub kind: String,
    /// Facets in their stored form, all of which a matter must have.
    pub facets: Vec<String>,
    /// First and last day of the assignment of an expert.
    pub assigned: DayRange,
    /// First and last day on which the present stage ends.
    pub due: DayRange,
    /// Number of the one matter that is looked for, in place of a title; empty for any.
    pub number: String,
    /// Mark of the beginning of the applicant's name.
    pub name_mark: Option<Vec<u8>>,
    /// By which of its conditions the search finds rows.
    pub path: SearchPath,
}

/// The condition by which a search finds its rows; the others are checked on each of them. The work follows from what meets the condition, not
/// from how much is on file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SearchPath {
    /// None: rows are read in the order of the list.
    #[default]
    Order,
    /// The number of the matter.
    Number,
    /// The name of the applicant.
    Name,
    /// The title, which few matters have.
    Title,
}

/// Matters of a title that is searched for; if it has more, a list in its order meets them soon.
const FEW: i64 = 1_000;

/// The path of a search.
pub async fn choose_path(tx: &mut Tx, filter: &ListFilter, search: &SearchConditions) -> Result<SearchPath, DbError> {
    if !search.number.is_empty() {
        return Ok(SearchPath::Number);
    }
    if search.name_mark.is_some() {
        return Ok(SearchPath::Name);
    }
    if filter.text.is_empty() {
        return Ok(SearchPath::Order);
    }
    let row = fetch_optional!(
        tx,
        (i64,),
        "select count(*) from (select m.id from matter_title x cross join matter m
         where x.title like $1 escape '\\' and m.title = x.title and m.submitted_at is not null limit $2) found",
        filter.title_pattern(),
        FEW
    )?;
    Ok(if row.is_some_and(|(count,)| count < FEW) { SearchPath::Title } else { SearchPath::Order })
}

/// A range of days, in Shanghai; open where there is no day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayRange {
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub until: Option<NaiveDate>,
}

impl DayRange {
    /// `yes` if it restricts anything.
    pub(super) fn restricts(self) -> &'static str {
        if self == Self::default() { "" } else { "yes" }
    }

    pub(super) fn first(self) -> NaiveDate {
        self.from.unwrap_or_default()
    }

    pub(super) fn last(self) -> NaiveDate {
        self.until.or_else(|| NaiveDate::from_ymd_opt(9999, 1, 1)).unwrap_or(NaiveDate::MAX)
    }

    pub(super) fn begins_at(self) -> DateTime<Utc> {
        end_of(self.first().pred_opt().unwrap_or_default())
    }

    pub(super) fn ends_at(self) -> DateTime<Utc> {
        end_of(self.last())
    }
}

impl SearchConditions {
    /// Every facet between commas.
    pub(super) fn facet_list(&self) -> String {
        self.facets.iter().fold(",".to_owned(), |all, facet| all + facet + ",")
    }

    pub(super) fn facet_count(&self) -> i64 {
        i64::try_from(self.facets.len()).unwrap_or(i64::MAX)
    }

    pub(super) fn by_name(&self) -> &'static str {
        if self.name_mark.is_some() { "yes" } else { "" }
    }

    pub(super) fn mark(&self) -> Vec<u8> {
        self.name_mark.clone().unwrap_or_default()
    }
}

/// The matters among which a workbench searches.
#[derive(Debug, Clone)]
pub struct SearchScope {
    /// The institution; none for the association.
    pub institution: Option<Uuid>,
    /// The account that searches; matters from which it is excluded are not found.
    pub account: Uuid,
    /// Codes of kinds that it may not see, each between commas.
    pub without: String,
}

impl SearchScope {
    fn code(&self) -> &'static str {
        if self.institution.is_some() { "institution" } else { "association" }
    }
}

/// Runs a statement over the submitted matters `m` of a scope that meet the conditions of a search: what stands before the conditions and may use
/// the two arguments of the scope as `$1` and `$2`, what stands after them, and further arguments from `$19` on.
macro_rules! matters_meeting {
    ($fetch:ident, $tx:expr, $row:ty, [$($before:literal),+], [$($after:literal),+], ($first:expr, $second:expr), ($scope:expr, $filter:expr, $search:expr), $($more:expr),+) => {
        $fetch!(
            $tx,
            $row,
            concat!(
                $($before),+,
                " and m.submitted_at is not null and not exists (select 1 from matter_apart a where a.matter_id = m.id and a.account_id = $3)
         and $4 not like '%,' || m.kind || ',%'
         and case $5 when 'open' then m.closed_at is null when 'closed' then m.closed_at is not null else true end
         and (m.number = $18 or ($18 = '' and m.title like $6 escape '\\')) and ($7 = '' or m.kind = $7)
         and ($8 = 0 or (select count(*) from matter_facet f where f.matter_id = m.id and $9 like '%,' || f.facet || ',%') = $8)
         and ($10 = '' or exists (select 1 from matter_person s where s.matter_id = m.id and s.part = 'expert' and s.left_at is null
                          and s.asked_at >= $11 and s.asked_at < $12))
         and ($13 = '' or (m.closed_at is null and m.due_on >= $14 and m.due_on <= $15))
         and ($16 = '' or m.owner_id in (select n.account_id from name_mark n where n.mark = $17)) ",
                $($after),+
            ),
            $first,
            $second,
            $scope.account,
            &$scope.without,
            &$filter.state,
            $filter.title_pattern(),
            &$search.kind,
            $search.facet_count(),
            $search.facet_list(),
            $search.assigned.restricts(),
            $search.assigned.begins_at(),
            $search.assigned.ends_at(),
            $search.due.restricts(),
            $search.due.first(),
            $search.due.last(),
            $search.by_name(),
            $search.mark(),
            &$search.number,
            $($more),+
        )
    };
}

/// Runs a statement over the matters found: what stands before and after `from … where …`, and further arguments from `$19` on. A cross join
/// keeps SQLite from reading the second table first.
macro_rules! matters_found {
    ($fetch:ident, $tx:expr, $row:ty, $before:literal, $after:literal, ($scope:expr, $filter:expr, $search:expr), $($more:expr),+) => {
        match $search.path {
            SearchPath::Order => matters_from!(
                $fetch, $tx, $row, $before, " from matter m where ", $after, ($scope, $filter, $search), $($more),+
            ),
            SearchPath::Number => matters_from!(
                $fetch, $tx, $row, $before, " from matter m where m.number = $18 and ", $after, ($scope, $filter, $search), $($more),+
            ),
            SearchPath::Name => matters_from!(
                $fetch, $tx, $row, $before,
                " from name_mark k cross join matter m where k.mark = $17 and m.owner_id = k.account_id and ",
                $after, ($scope, $filter, $search), $($more),+
            ),
            SearchPath::Title => matters_from!(
                $fetch, $tx, $row, $before,
                " from matter_title x cross join matter m where x.title like $6 escape '\\' and m.title = x.title and ",
                $after, ($scope, $filter, $search), $($more),+
            ),
        }
    };
}

/// The same with the tables that the path reads.
macro_rules! matters_from {
    ($fetch:ident, $tx:expr, $row:ty, $before:literal, $from:literal, $after:literal, ($scope:expr, $filter:expr, $search:expr), $($more:expr),+) => {
        matters_meeting!(
            $fetch,
            $tx,
            $row,
            [$before, $from, "($1 = 'association' or m.institution_id = $2 or m.owner_institution_id = $2
         or m.id in (select t.matter_id from matter_tie t where t.institution_id = $2))"],
            [$after],
            ($scope.code(), $scope.institution.unwrap_or_default()),
            ($scope, $filter, $search),
            $($more),+
        )
    };
}

pub(super) use matters_meeting;

/// A page of the matters found, newest first.
pub async fn list_matters(
    tx: &mut Tx,
    scope: &SearchScope,
    filter: &ListFilter,
    search: &SearchConditions,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<MatterRow>, DbError> {
    let (at, id) = bounds(cursor);
    matters_found!(
        fetch_all,
        tx,
        MatterRow,
        "select m.*",
        "and (m.updated_at < $19 or (m.updated_at = $19 and m.id > $20)) order by m.updated_at desc, m.id limit $21",
        (scope, filter, search),
        at,
        id,
        limit
    )
}

/// Number of the matters found, up to a limit.
pub async fn count_matters(
    tx: &mut Tx,
    scope: &SearchScope,
    filter: &ListFilter,
    search: &SearchConditions,
    limit: i64,
) -> Result<i64, DbError> {
    let row = matters_found!(
        fetch_optional,
        tx,
        (i64,),
        "select count(*) from (select m.id",
        "limit $19) found",
        (scope, filter, search),
        limit
    )?;
    Ok(row.map_or(0, |(count,)| count))
}

/// Runs a statement over the assignments of an expert that were found, like [`matters_found`]; further arguments from `$14` on.
macro_rules! assignments_found {
    ($fetch:ident, $tx:expr, $row:ty, $before:literal, $after:literal, ($account:expr, $filter:expr, $search:expr) $(, $more:expr)*) => {
        $fetch!(
            $tx,
            $row,
            concat!(
                $before,
                " from matter_person a join matter m on m.id = a.matter_id
         where a.account_id = $1 and a.part = 'expert' and a.left_at is null
         and case $2 when 'waiting' then exists (select 1 from task t where t.matter_id = m.id and t.account_id = $1 and t.turn = 'expert' and t.done_at is null)
                     when 'done' then a.done_at is not null else true end
         and (m.number = $13 or ($13 = '' and a.title like $3 escape '\\')) and ($4 = '' or a.kind = $4)
         and ($5 = 0 or (select count(*) from matter_facet f where f.matter_id = m.id and $6 like '%,' || f.facet || ',%') = $5)
         and ($7 = '' or (a.asked_at >= $8 and a.asked_at < $9))
         and ($10 = '' or (a.done_at is null and m.turn = 'expert' and m.due_on >= $11 and m.due_on <= $12)) ",
                $after
            ),
            $account,
            &$filter.state,
            containing(&$filter.text),
            &$filter.kind,
            $search.facet_count(),
            $search.facet_list(),
            $search.assigned.restricts(),
            $search.assigned.begins_at(),
            $search.assigned.ends_at(),
            $search.due.restricts(),
            $search.due.first(),
            $search.due.last(),
            &$search.number
            $(, $more)*
        )
    };
}

/// A page of an expert's assignments found, newest first. The applicant's name is no condition.
pub async fn list_assignments(
    tx: &mut Tx,
    account: Uuid,
    filter: &AssignmentFilter,
    search: &SearchConditions,
    cursor: Cursor,
    limit: i64,
) -> Result<Vec<AssignmentRow>, DbError> {
    let (at, id) = bounds(cursor);
    assignments_found!(
        fetch_all,
        tx,
        AssignmentRow,
        "select m.*, a.asked_at as assigned_at, a.done_at as finished_at",
        "and (a.asked_at < $14 or (a.asked_at = $14 and a.matter_id > $15)) order by a.asked_at desc, a.matter_id limit $16",
        (account, filter, search),
        at,
        id,
        limit
    )
}

/// Number of an expert's assignments found.
pub async fn count_assignments(tx: &mut Tx, account: Uuid, filter: &AssignmentFilter, search: &SearchConditions) -> Result<i64, DbError> {
    let row = assignments_found!(fetch_optional, tx, (i64,), "select count(*)", "", (account, filter, search))?;
    Ok(row.map_or(0, |(count,)| count))
}

/// The facets of a matter.
pub async fn list_facets(tx: &mut Tx, matter: Uuid) -> Result<Vec<String>, DbError> {
    let rows = fetch_all!(tx, (String,), "select facet from matter_facet where matter_id = $1 order by facet", matter)?;
    Ok(rows.into_iter().map(|(facet,)| facet).collect())
}

/// Replaces the facets of a matter by those of a submitted revision.
pub async fn replace_facets(tx: &mut Tx, matter: Uuid, revision: i64, facets: impl IntoIterator<Item = String>) -> Result<(), DbError> {
    execute!(tx, "delete from matter_facet where matter_id = $1", matter)?;
    for facet in facets {
        execute!(tx, "insert into matter_facet (matter_id, facet) values ($1, $2) on conflict do nothing", matter, facet)?;
    }
    execute!(tx, "update matter set facets_of = $2 where id = $1", matter, revision)?;
    Ok(())
}

/// Submitted matters whose facets are not those of what was submitted last.
pub async fn list_without_facets(tx: &mut Tx, limit: i64) -> Result<Vec<MatterRow>, DbError> {
    fetch_all!(
        tx,
        MatterRow,
        "select * from matter where submitted_revision is not null and (facets_of is null or facets_of <> submitted_revision) order by id limit $1",
        limit
    )
}

/// Replaces the marks of a person's name.
pub async fn replace_name_marks(tx: &mut Tx, account: Uuid, marks: &[Vec<u8>]) -> Result<(), DbError> {
    execute!(tx, "delete from name_mark where account_id = $1", account)?;
    for mark in marks {
        execute!(tx, "insert into name_mark (account_id, mark) values ($1, $2) on conflict do nothing", account, mark.as_slice())?;
    }
    Ok(())
}

/// Accounts whose name has no mark yet.
pub async fn list_without_mark(tx: &mut Tx, limit: i64) -> Result<Vec<AccountRow>, DbError> {
    fetch_all!(
        tx,
        AccountRow,
        "select a.* from account a where not exists (select 1 from name_mark n where n.account_id = a.id) order by a.id limit $1",
        limit
    )
}

/// Forgets what matters and people are searched by, as in a database of an earlier release.
#[cfg(test)]
pub async fn forget_all(tx: &mut Tx) -> Result<(), DbError> {
    execute!(tx, "delete from matter_facet")?;
    execute!(tx, "delete from name_mark")?;
    execute!(tx, "update matter set facets_of = null")?;
    Ok(())
}
