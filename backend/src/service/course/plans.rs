//! 培训计划管理: the plans that name the caller as a teacher, and the calendar of the lessons that the caller has confirmed.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeZone, Utc};
use domain::base::calendar::shanghai;
use domain::kind::training_plan::{AGREE, END, KIND, RESULT, START};
use uuid::Uuid;

use super::filings::{TeacherStanding, own_part, standing};
use crate::access::guard::Allowed;
use crate::infra::db::list::Cursor;
use crate::infra::db::plan::TitledLessonRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::answers::answers_at;
use crate::state::AppState;

/// Rows on one page.
const PAGE: usize = 20;

/// Which plans are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PlanView {
    /// 待确认.
    #[default]
    Waiting,
    /// 已确认.
    Answered,
    /// 全部.
    All,
}

impl PlanView {
    /// Every view, in the order of the tabs.
    pub const ALL: [PlanView; 3] = [PlanView::Waiting, PlanView::Answered, PlanView::All];

    /// Stable code, as it stands in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            PlanView::Waiting => "waiting",
            PlanView::Answered => "answered",
            PlanView::All => "all",
        }
    }

    /// The view with this code; the first for any other text.
    pub fn from_code(code: &str) -> Self {
        Self::ALL.into_iter().find(|view| view.code() == code).unwrap_or_default()
    }

    /// Chinese name.
    pub const fn label(self) -> &'static str {
        match self {
            PlanView::Waiting => "待确认",
            PlanView::Answered => "已确认",
            PlanView::All => "全部",
        }
    }
}

/// A plan that names the caller.
pub struct TeacherPlan {
    /// The matter.
    pub matter: Uuid,
    /// Name of the class.
    pub title: String,
    /// Name of the institution.
    pub institution: String,
    /// First and last day, as they are written.
    pub days: (String, String),
    /// The lessons of the caller.
    pub lessons: Vec<String>,
    /// State for the caller.
    pub standing: TeacherStanding,
    /// Last day to answer, while an answer is awaited.
    pub due_on: Option<NaiveDate>,
    /// A confirmed lesson of another plan that overlaps, while an answer is awaited.
    pub clash: Option<String>,
}

/// A page of plans.
pub struct PlanPage {
    /// The plans, newest first.
    pub plans: Vec<TeacherPlan>,
    /// Cursor of the next page.
    pub next: Cursor,
}

/// The plans that name the caller.
pub async fn list_plans(app: &AppState, who: &Allowed, view: PlanView, cursor: Cursor) -> Result<PlanPage, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read(&mut tx, app, who.account(), view, cursor).await;
    tx.finish().await?;
    page
}

async fn read(tx: &mut Tx, app: &AppState, account: Uuid, view: PlanView, cursor: Cursor) -> Result<PlanPage, DbError> {
    let limit = i64::try_from(PAGE + 1).unwrap_or(0);
    let mut rows = db::course::list_of_participant(tx, account, KIND.code, view.code(), cursor, limit).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|row| (row.asked_at, row.matter_id));
    let mut plans = Vec::with_capacity(rows.len());
    for row in rows {
        let standing = standing(tx, app, (&KIND, RESULT, AGREE), account, &row, None).await?;
        let is_waiting = standing == TeacherStanding::Waiting;
        let (mut days, mut lessons) = ((String::new(), String::new()), Vec::new());
        if let Some(revision) = row.submitted_revision {
            let (answers, _) = answers_at(tx, &app.keys, KIND.form, row.matter_id, revision).await?;
            days = (answers.text(START).to_owned(), answers.text(END).to_owned());
            lessons = own_part(tx, &KIND, row.matter_id, account, &answers).await?.into_iter().map(|(_, text)| text).collect();
        }
        let clash = if is_waiting { db::plan::confirmed_overlap(tx, row.matter_id, account).await? } else { None };
        plans.push(TeacherPlan {
            matter: row.matter_id,
            title: row.title,
            institution: row.institution_name.unwrap_or_default(),
            days,
            lessons,
            standing,
            due_on: row.due_on.filter(|_| is_waiting),
            clash: clash.map(|other| {
                let span = other.lesson.span();
                format!("{} {} 已有培训计划“{}”", span.day, span.time(), other.title)
            }),
        });
    }
    Ok(PlanPage { plans, next })
}

/// The lessons that the caller has confirmed, from today on, as a calendar file (RFC 5545).
pub async fn calendar(app: &AppState, who: &Allowed) -> Result<String, DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::plan::list_confirmed(&mut tx, who.account(), app.today()).await?;
    let events: String = rows.iter().map(|row| event(row, app.now())).collect();
    Ok(format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Registrar//Training plans//ZH\r\n{events}END:VCALENDAR\r\n"))
}

fn event(row: &TitledLessonRow, now: DateTime<Utc>) -> String {
    let time = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let lesson = &row.lesson;
    let lines = [
        format!("UID:{}@{}", lesson.record_id, lesson.matter_id),
        format!("DTSTAMP:{}", time(now)),
        format!("DTSTART:{}", time(instant(lesson.day, lesson.starts))),
        format!("DTEND:{}", time(instant(lesson.day, lesson.ends))),
        format!("SUMMARY:{}", escaped(&row.title)),
        format!("LOCATION:{}", escaped(&lesson.city)),
    ];
    let lines: String = lines.iter().map(|line| folded(line)).collect();
    format!("BEGIN:VEVENT\r\n{lines}END:VEVENT\r\n")
}

/// The instant of a minute of a day in Shanghai.
fn instant(day: NaiveDate, minutes: i64) -> DateTime<Utc> {
    let midnight = shanghai().from_local_datetime(&day.and_time(NaiveTime::MIN)).single();
    midnight.map_or_else(DateTime::default, |at| at.with_timezone(&Utc)) + chrono::TimeDelta::minutes(minutes)
}

/// A text with the signs escaped that RFC 5545 reserves.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,").replace('\n', "\\n")
}

/// A line in parts of at most 75 bytes, each of whole characters.
fn folded(line: &str) -> String {
    let (mut out, mut length) = (String::new(), 0);
    for c in line.chars() {
        if length + c.len_utf8() > 74 {
            out.push_str("\r\n ");
            length = 1;
        }
        out.push(c);
        length += c.len_utf8();
    }
    out + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_calendar_line_is_folded_between_characters_and_escaped() {
        assert_eq!(escaped("甲,乙;丙\\"), "甲\\,乙\\;丙\\\\");
        let long = folded(&format!("SUMMARY:{}", "培训".repeat(30)));
        assert!(long.split("\r\n").all(|part| part.len() <= 75), "{long}");
        assert_eq!(long.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "培训".repeat(30)));
        let noon = instant("2026-12-01".parse().unwrap(), 720);
        assert_eq!(noon.to_rfc3339(), "2026-12-01T04:00:00+00:00");
    }
}
