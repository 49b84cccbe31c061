//! 我的事项: the matters of a person, with filters and their numbers.

use std::collections::BTreeMap;

use domain::engine::flow::Party;
use domain::engine::form::{Answers, FormProgress};
use domain::matter::Kind;
use uuid::Uuid;

use super::matters::{MAX_DRAFTS, into_page, limit};
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::list::Cursor;
use crate::infra::db::matter::OwnCountRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::MatterSummary;
use crate::matter::answers::unseal_answers;
use crate::matter::durations::stage_duration;
use crate::state::AppState;

/// Own tasks that the home page shows, of each kind of task.
const MAX_OWN_TASKS: i64 = 20;
/// Drafts of one kind that its guide leads back to.
const MAX_DRAFTS_OF_KIND: usize = 3;

/// Which of the own matters are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OwnView {
    /// All of them.
    #[default]
    All,
    /// Those that were never submitted.
    Drafts,
    /// Those that are under way.
    Open,
    /// Those that are closed.
    Closed,
}

impl OwnView {
    /// Stable code, as it stands in addresses.
    pub fn code(self) -> &'static str {
        match self {
            OwnView::All => "all",
            OwnView::Drafts => "drafts",
            OwnView::Open => "open",
            OwnView::Closed => "closed",
        }
    }
}

/// What restricts the list of own matters.
#[derive(Clone, Copy, Default)]
pub struct OwnFilter {
    /// State of the matters.
    pub view: OwnView,
    /// Their kind; `None` for every kind.
    pub kind: Option<&'static Kind>,
}

impl From<OwnView> for OwnFilter {
    fn from(view: OwnView) -> Self {
        Self { view, kind: None }
    }
}

/// Numbers of own matters of a kind.
#[derive(Clone, Copy)]
pub struct OwnCount {
    /// The kind.
    pub kind: &'static Kind,
    /// Those that were never submitted.
    pub drafts: i64,
    /// Those that are under way.
    pub open: i64,
    /// Those that are closed.
    pub closed: i64,
}

impl OwnCount {
    /// The number of a view.
    pub fn of(&self, view: OwnView) -> i64 {
        match view {
            OwnView::All => self.drafts + self.open + self.closed,
            OwnView::Drafts => self.drafts,
            OwnView::Open => self.open,
            OwnView::Closed => self.closed,
        }
    }
}

/// A page of the own matters.
pub struct OwnMattersPage {
    /// The matters, last changed first.
    pub matters: Vec<MatterSummary>,
    /// Cursor of the next page.
    pub next: Cursor,
    /// Numbers of all own matters, by kind.
    pub counts: Vec<OwnCount>,
}

/// The caller's own matters, last changed first, with the usual duration of their stages and how far drafts are filled in.
pub async fn list_own(app: &AppState, who: &Allowed, filter: OwnFilter, cursor: Cursor) -> Result<OwnMattersPage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_own(&mut tx, app, who.caller(), filter, cursor).await;
    tx.finish().await?;
    page
}

async fn read_own(tx: &mut Tx, app: &AppState, caller: &Caller, filter: OwnFilter, cursor: Cursor) -> Result<OwnMattersPage, DbError> {
    let kind = filter.kind.map_or("", |kind| kind.code);
    let rows = db::matter::list_of_owner(tx, caller.account, (filter.view.code(), kind), cursor, limit()).await?;
    let revisions: BTreeMap<Uuid, i64> = rows.iter().map(|row| (row.id, row.revision)).collect();
    let mut page = into_page(rows.into_iter().map(|row| MatterSummary::new(row, caller.person.name.clone())).collect());
    for matter in &mut page.matters {
        if let (Some(kind), Some(stage)) = (matter.kind, matter.stage.filter(|_| matter.is_under_way)) {
            matter.duration = stage_duration(tx, app, kind, stage.code).await?;
        }
        if let (Some(kind), Some(revision)) = (matter.kind, revisions.get(&matter.id).filter(|_| matter.is_draft)) {
            matter.progress = draft_progress(tx, app, kind, matter.id, *revision).await?;
        }
    }
    let counts = db::matter::count_of_owner(tx, caller.account).await?.into_iter().filter_map(own_count).collect();
    Ok(OwnMattersPage { matters: page.matters, next: page.next, counts })
}

/// The numbers of a row; none for a code that is no longer in the list of kinds.
fn own_count(row: OwnCountRow) -> Option<OwnCount> {
    let OwnCountRow { kind, drafts, open, closed } = row;
    domain::kind::by_code(&kind).map(|kind| OwnCount { kind, drafts, open, closed })
}

/// How far a draft is filled in; none if nothing was ever saved.
async fn draft_progress(
    tx: &mut Tx,
    app: &AppState,
    kind: &'static Kind,
    matter: Uuid,
    revision: i64,
) -> Result<Option<FormProgress>, DbError> {
    let Some((sealed, _)) = db::matter::answers_at(tx, matter, revision).await? else {
        return Ok(None);
    };
    // A draft that cannot be read is listed all the same.
    match unseal_answers::<Answers>(&app.keys, matter, revision, &sealed) {
        Ok(answers) => Ok(Some(kind.form.progress(&answers, app.tables().rules.on(app.today())))),
        Err(DbError::Unreadable(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The caller's own newest drafts of a kind, with how far they are filled in.
pub(crate) async fn own_drafts(tx: &mut Tx, app: &AppState, caller: &Caller, kind: &'static Kind) -> Result<Vec<MatterSummary>, DbError> {
    let mut rows = db::matter::list_drafts(tx, caller.account, MAX_DRAFTS).await?;
    rows.retain(|row| row.kind == kind.code);
    rows.truncate(MAX_DRAFTS_OF_KIND);
    let mut drafts = Vec::with_capacity(rows.len());
    for row in rows {
        let progress = draft_progress(tx, app, kind, row.id, row.revision).await?;
        drafts.push(MatterSummary { progress, ..MatterSummary::new(row, caller.person.name.clone()) });
    }
    Ok(drafts)
}

/// Matters that wait for the caller: the own ones, and those in which the caller must agree.
pub(crate) async fn own_tasks(tx: &mut Tx, caller: &Caller) -> Result<Vec<MatterSummary>, DbError> {
    let rows = db::matter::list_tasks_of_person(tx, caller.account, &Party::Applicant.code(), MAX_OWN_TASKS).await?;
    let mut tasks: Vec<MatterSummary> = rows.into_iter().map(|row| MatterSummary::new(row, caller.person.name.clone())).collect();
    for row in db::matter::list_tasks_of_person(tx, caller.account, &Party::Participant.code(), MAX_OWN_TASKS).await? {
        tasks.push(MatterSummary { awaits_caller: true, ..MatterSummary::new(row, String::new()) });
    }
    Ok(tasks)
}

/// The caller's own matters that are under way, last changed first, up to a limit.
pub(crate) async fn own_open(tx: &mut Tx, caller: &Caller) -> Result<Vec<MatterSummary>, DbError> {
    let rows = db::matter::list_of_owner(tx, caller.account, (OwnView::Open.code(), ""), None, MAX_OWN_TASKS).await?;
    Ok(rows.into_iter().map(|row| MatterSummary::new(row, caller.person.name.clone())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::testing::TestApp;
    use crate::demo_test;

    demo_test!(the_numbers_of_own_matters_are_those_of_their_lists, |demo| async move {
        let s = TestApp::new(demo).await;
        let who = s.sign_in("certified").await;
        let list = async |filter: OwnFilter| list_own(&s.app, &who, filter, None).await.unwrap();
        let all = list(OwnFilter::default()).await;
        assert!(all.counts.iter().map(|count| count.of(OwnView::All)).sum::<i64>() > 5 && all.next.is_none());
        for view in [OwnView::All, OwnView::Drafts, OwnView::Open, OwnView::Closed] {
            for count in &all.counts {
                let shown = list(OwnFilter { view, kind: Some(count.kind) }).await.matters;
                assert_eq!(i64::try_from(shown.len()).unwrap(), count.of(view), "{} {view:?}", count.kind.code);
                assert!(shown.iter().all(|matter| matter.kind.is_some_and(|kind| kind.code == count.kind.code)));
            }
        }
        let other = s.sign_in("expert1").await;
        assert!(list_own(&s.app, &other, OwnFilter::default(), None).await.unwrap().counts.is_empty());
    });
}
