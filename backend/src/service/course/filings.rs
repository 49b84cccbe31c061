//! 课程备案管理: the filings that name the caller as a teacher, and what is asked in each.

use chrono::NaiveDate;
use domain::base::calendar::day_of;
use domain::engine::flow::{EventKind, MatterState, Party};
use domain::engine::form::Answers;
use domain::kind::course_filing::{AGREE, CATEGORY, KIND, RESULT};
use domain::matter::Kind;
use domain::record::course::TieState;
use domain::record::teaching::CourseCategory;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::course::{ParticipantMatterRow, TieRow};
use crate::infra::db::list::Cursor;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::answers::answers_at;
use crate::matter::history::list_events;
use crate::state::AppState;

/// Rows on one page.
const PAGE: usize = 20;

/// Which filings are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FilingView {
    /// 待确认.
    #[default]
    Waiting,
    /// 已确认.
    Answered,
    /// 已备案.
    Filed,
    /// 全部.
    All,
}

impl FilingView {
    /// Every view, in the order of the tabs.
    pub const ALL: [FilingView; 4] = [FilingView::Waiting, FilingView::Answered, FilingView::Filed, FilingView::All];

    /// Stable code, as it stands in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            FilingView::Waiting => "waiting",
            FilingView::Answered => "answered",
            FilingView::Filed => "filed",
            FilingView::All => "all",
        }
    }

    /// The view with this code; the first for any other text.
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|view| view.code() == code).unwrap_or_default()
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            FilingView::Waiting => "待确认",
            FilingView::Answered => "已确认",
            FilingView::Filed => "已备案",
            FilingView::All => "全部",
        }
    }
}

/// State of a filing for one of its teachers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeacherStanding {
    /// The teacher is asked.
    Waiting,
    /// The teacher agreed.
    Agreed,
    /// The teacher declined.
    Declined,
    /// The teacher did not answer in time.
    Silent,
    /// The course is filed.
    Tied(TieState),
}

impl TeacherStanding {
    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            TeacherStanding::Waiting => "待确认",
            TeacherStanding::Agreed => "已同意",
            TeacherStanding::Declined => "已不同意",
            TeacherStanding::Silent => "逾期未确认",
            TeacherStanding::Tied(state) => state.label(),
        }
    }
}

/// A filing that names the caller.
pub struct TeacherFiling {
    /// The matter.
    pub matter: Uuid,
    /// Name of the course.
    pub course: String,
    /// Name of the institution.
    pub institution: String,
    /// Name of the category.
    pub category: String,
    /// Role and modules of the caller.
    pub part: Vec<(&'static str, String)>,
    /// State for the caller.
    pub standing: TeacherStanding,
    /// Last day to answer, while an answer is awaited.
    pub due_on: Option<NaiveDate>,
    /// Day on which the caller was asked.
    pub asked_on: NaiveDate,
    /// The course, once it is filed.
    pub filed: Option<Uuid>,
}

/// A page of filings.
pub struct FilingPage {
    /// The filings, newest first.
    pub filings: Vec<TeacherFiling>,
    /// 教师编号 of the caller; none before the first binding.
    pub teacher_number: Option<String>,
    /// Cursor of the next page.
    pub next: Cursor,
}

/// The filings that name the caller.
pub async fn list_filings(app: &AppState, who: &Allowed, view: FilingView, cursor: Cursor) -> Result<FilingPage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read(&mut tx, app, who.account(), view, cursor).await;
    tx.finish().await?;
    page
}

async fn read(tx: &mut Tx, app: &AppState, account: Uuid, view: FilingView, cursor: Cursor) -> Result<FilingPage, DbError> {
    let limit = i64::try_from(PAGE + 1).unwrap_or(0);
    let mut rows = db::course::list_of_participant(tx, account, KIND.code, view.code(), cursor, limit).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| (row.asked_at, row.matter_id));
    let categories = db::teaching::list_categories(tx).await?;
    let ties = db::course::list_ties_of(tx, account).await?;
    let mut filings = Vec::with_capacity(rows.len());
    for row in rows {
        let (category, part) = read_part(tx, app, account, &row).await?;
        let category = categories.iter().find(|c| c.code == category).map(CourseCategory::title).unwrap_or_default();
        let filed = db::course::by_matter(tx, row.matter_id).await?.map(|course| course.id);
        let tie = ties.iter().find(|tie| Some(tie.course_id) == filed);
        let standing = standing(tx, app, (&KIND, RESULT, AGREE), account, &row, tie).await?;
        filings.push(TeacherFiling {
            matter: row.matter_id,
            course: row.title,
            institution: row.institution_name.unwrap_or_default(),
            category,
            part,
            standing,
            due_on: row.due_on.filter(|_| standing == TeacherStanding::Waiting),
            asked_on: day_of(row.asked_at),
            filed,
        });
    }
    let teacher_number = db::teaching::teacher_number_of(tx, account).await?;
    Ok(FilingPage { filings, teacher_number, next })
}

/// Code of the category, and what the answers submitted last ask of the account.
async fn read_part(
    tx: &mut Tx,
    app: &AppState,
    account: Uuid,
    row: &ParticipantMatterRow,
) -> Result<(String, Vec<(&'static str, String)>), DbError> {
    let Some(revision) = row.submitted_revision else { return Ok((String::new(), Vec::new())) };
    let (answers, _) = answers_at(tx, &app.keys, KIND.form, row.matter_id, revision).await?;
    let part = own_part(tx, &KIND, row.matter_id, account, &answers).await?;
    Ok((answers.text(CATEGORY).to_owned(), part))
}

/// What answers of a kind ask of a participant.
pub(super) async fn own_part(
    tx: &mut Tx,
    kind: &Kind,
    matter: Uuid,
    account: Uuid,
    answers: &Answers,
) -> Result<Vec<(&'static str, String)>, DbError> {
    let named = db::participant::list(tx, matter).await?;
    let own = named.iter().filter(|(named, _)| *named == account);
    Ok(own.flat_map(|(_, path)| (kind.part_of_participant)(answers, path)).collect())
}

/// The state for the account: that of the tie, or of the own answer. `result`: the field with the result, and the one that agrees.
pub(super) async fn standing(
    tx: &mut Tx,
    app: &AppState,
    (kind, result, agrees): (&'static Kind, &str, &str),
    account: Uuid,
    row: &ParticipantMatterRow,
    tie: Option<&TieRow>,
) -> Result<TeacherStanding, DbError> {
    if let Some(tie) = tie {
        return Ok(TeacherStanding::Tied(tie.state));
    }
    let events = list_events(tx, &app.keys, row.matter_id).await?;
    let state = MatterState::from_events(kind.flow, &events);
    let is_asked =
        kind.stage(&row.stage).is_some_and(|stage| stage.turn == Some(Party::Participant) && state.awaited(stage).contains(&account));
    if is_asked {
        return Ok(TeacherStanding::Waiting);
    }
    let last = events.iter().rev().find_map(|event| match &event.kind {
        EventKind::Voted { answers, .. } if event.by == Some(account) => Some(answers.text(result) == agrees),
        _ => None,
    });
    Ok(match last {
        _ if state.agreed.contains(&account) => TeacherStanding::Agreed,
        Some(false) => TeacherStanding::Declined,
        _ => TeacherStanding::Silent,
    })
}
