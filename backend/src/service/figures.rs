//! 统计 of a workbench: matters received and finished in each of twelve weeks, those open and overdue, and how long the last ones took.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use domain::base::calendar::{day_of, end_of};
use domain::engine::flow::Outcome;
use domain::engine::stage_duration::{SAMPLE_SIZE, StageDuration};
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::guard::{Allowed, Caller};
use crate::infra::db::figures::{FigureScope, KindWeeks, count_finished, count_open, count_received, list_finished};
use crate::infra::db::{DbError, Tx};
use crate::service::matters::hidden_kinds;
use crate::state::AppState;

pub use crate::infra::db::figures::WEEKS;

/// Whose matters are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiguresOf {
    /// Those of one of the caller's institutions.
    Institution(Uuid),
    /// Those that the association shows to the caller's roles.
    Association,
}

/// A week, from Monday to Sunday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week {
    /// Its Monday.
    pub monday: NaiveDate,
    /// Matters received: submitted for the first time.
    pub received: i64,
    /// Matters finished.
    pub finished: i64,
}

/// The figures of a kind.
#[derive(Clone)]
pub struct KindFigures {
    /// The kind.
    pub kind: &'static Kind,
    /// Matters received in the twelve weeks.
    pub received: i64,
    /// Matters finished in the twelve weeks.
    pub finished: i64,
    /// Matters that are open now.
    pub open: i64,
    /// Of these, those whose stage is overdue.
    pub overdue: i64,
    /// Median time from submission to decision; none if too few were decided.
    pub duration: Option<StageDuration>,
}

/// The figures of a workbench.
#[derive(Clone)]
pub struct Figures {
    /// Twelve weeks, the oldest first; the last one is not over yet.
    pub weeks: Vec<Week>,
    /// The kinds of which there are matters.
    pub kinds: Vec<KindFigures>,
}

/// The figures of the caller's institution or association.
///
/// # Errors
/// The database.
pub async fn figures(app: &AppState, who: &Allowed, of: FiguresOf) -> Result<Figures, DbError> {
    let Some(scope) = scope(who.caller(), of) else { return Ok(Figures { weeks: weeks(app.today(), &[], &[]), kinds: Vec::new() }) };
    let mut tx = app.db.snapshot().await?;
    let figures = read(&mut tx, app, &scope).await;
    tx.finish().await?;
    figures
}

/// None for an institution that is not the caller's.
fn scope(caller: &Caller, of: FiguresOf) -> Option<FigureScope> {
    match of {
        FiguresOf::Association => Some(FigureScope { institution: None, account: caller.account, without: hidden_kinds(caller) }),
        FiguresOf::Institution(institution) => {
            let is_own = caller.institutions.iter().any(|(id, _)| *id == institution);
            is_own.then(|| FigureScope { institution: Some(institution), account: caller.account, without: ",".to_owned() })
        }
    }
}

async fn read(tx: &mut Tx, app: &AppState, scope: &FigureScope) -> Result<Figures, DbError> {
    let today = app.today();
    let (received, finished) = (count_received(tx, scope, ends(today)).await?, count_finished(tx, scope, ends(today)).await?);
    let open = count_open(tx, scope, today).await?;
    let mut kinds = Vec::new();
    for kind in domain::kind::KINDS {
        let sum = |counts: &[KindWeeks]| counts.iter().filter(|count| count.kind == kind.code).flat_map(|count| count.weeks).sum();
        let (_, open, overdue) = open.iter().find(|(code, ..)| code == kind.code).cloned().unwrap_or_default();
        let (received, finished) = (sum(&received), sum(&finished));
        if received + finished + open > 0 {
            let duration = duration(tx, app, scope, kind).await?;
            kinds.push(KindFigures { kind, received, finished, open, overdue, duration });
        }
    }
    Ok(Figures { weeks: weeks(today, &received, &finished), kinds })
}

/// The Monday of the first week.
fn first_monday(today: NaiveDate) -> NaiveDate {
    let days = u64::from(today.weekday().num_days_from_monday()) + 7 * (WEEKS as u64 - 1);
    today.checked_sub_days(Days::new(days)).unwrap_or(today)
}

fn monday(today: NaiveDate, week: usize) -> NaiveDate {
    let first = first_monday(today);
    first.checked_add_days(Days::new(7 * week as u64)).unwrap_or(first)
}

/// The begin of the first week and the end of each.
fn ends(today: NaiveDate) -> [DateTime<Utc>; WEEKS + 1] {
    std::array::from_fn(|week| end_of(monday(today, week).pred_opt().unwrap_or_default()))
}

fn weeks(today: NaiveDate, received: &[KindWeeks], finished: &[KindWeeks]) -> Vec<Week> {
    let sum = |counts: &[KindWeeks], week: usize| counts.iter().filter_map(|count| count.weeks.get(week)).sum();
    (0..WEEKS).map(|week| Week { monday: monday(today, week), received: sum(received, week), finished: sum(finished, week) }).collect()
}

/// Withdrawn and lapsed matters do not count, as in the duration of a stage.
async fn duration(tx: &mut Tx, app: &AppState, scope: &FigureScope, kind: &Kind) -> Result<Option<StageDuration>, DbError> {
    let limit = i64::try_from(SAMPLE_SIZE * 2).unwrap_or(i64::MAX);
    let finished = list_finished(tx, scope, kind.code, limit).await?;
    let was_decided = |stage: &str| {
        let outcome = kind.stage(stage).and_then(|stage| stage.outcome);
        !matches!(outcome, Some(Outcome::Withdrawn | Outcome::Lapsed))
    };
    let spans: Vec<_> = finished
        .iter()
        .filter(|matter| was_decided(&matter.stage))
        .take(SAMPLE_SIZE)
        .map(|matter| (day_of(matter.submitted_at), day_of(matter.closed_at)))
        .collect();
    Ok(StageDuration::from_spans(&spans, &app.tables().working_days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::testing::{TestApp, insert_queue};
    use crate::demo_test;
    use crate::infra::db::figures::plans;

    #[test]
    fn weeks_begin_on_mondays_and_the_last_one_holds_today() {
        for today in ["2026-11-23", "2026-11-27", "2026-11-29"] {
            let today: NaiveDate = today.parse().unwrap();
            assert_eq!(monday(today, WEEKS - 1).to_string(), "2026-11-23");
            assert_eq!(first_monday(today).to_string(), "2026-09-07");
            assert!(ends(today).is_sorted() && ends(today)[0].to_rfc3339() == "2026-09-06T16:00:00+00:00");
        }
    }

    demo_test!(figures_count_what_the_caller_may_see, |demo| async move {
        let s = TestApp::new(demo).await;
        let (officer, finance) = (s.sign_in("officer").await, s.sign_in("finance").await);
        let before = figures(&s.app, &officer, FiguresOf::Association).await.unwrap();
        insert_queue(&s.app, s.account("applicant").await, officer.account(), 40).await.unwrap();
        let after = figures(&s.app, &officer, FiguresOf::Association).await.unwrap();
        let week = |figures: &Figures| *figures.weeks.last().unwrap();
        assert_eq!((week(&after).received, week(&after).finished), (week(&before).received + 400, week(&before).finished + 360));
        let of_kind = |figures: &Figures| figures.kinds.iter().find(|f| f.kind.code == "registration").cloned().unwrap();
        let (old, new) = (of_kind(&before), of_kind(&after));
        assert_eq!((new.open, new.overdue), (old.open + 40, old.overdue + 10));
        assert_eq!(new.duration.map(|duration| duration.days), Some(0), "submitted and finished at once");
        let hidden = figures(&s.app, &finance, FiguresOf::Association).await.unwrap();
        assert!(hidden.kinds.is_empty() && hidden.weeks.iter().all(|week| week.received == 0), "no kind is visible to finance");
        let (id, _) = s.sign_in("inst-a").await.caller().institutions[0].clone();
        let foreign = figures(&s.app, &s.sign_in("inst-b").await, FiguresOf::Institution(id)).await.unwrap();
        assert!(foreign.kinds.is_empty(), "another institution");
        let own = figures(&s.app, &s.sign_in("inst-a").await, FiguresOf::Institution(id)).await.unwrap();
        assert!(!own.kinds.is_empty() && own.weeks.len() == WEEKS);
    });

    demo_test!(figures_are_counted_from_indexes_alone, |demo| async move {
        let s = TestApp::new(demo).await;
        let officer = s.sign_in("officer").await;
        insert_queue(&s.app, s.account("applicant").await, officer.account(), 2_000).await.unwrap();
        let scope = scope(officer.caller(), FiguresOf::Association).unwrap();
        let mut tx = s.app.db.read().await.unwrap();
        // Twelve weeks of few matters among the twenty thousand of today.
        let past = ends(s.app.today().checked_sub_days(Days::new(200)).unwrap());
        for (index, plan) in plans(&mut tx, &scope, past, s.app.today()).await {
            let plan = plan.join("\n");
            // PostgreSQL may prefer another index.
            assert!(plan.contains(index) || plan.contains("Index"), "{index}: {plan}");
            assert!(!plan.contains("SCAN m\n") && !plan.contains("Seq Scan on matter m"), "{plan}");
        }
    });
}
