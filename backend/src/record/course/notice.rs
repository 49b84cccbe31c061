//! Messages about an entry of the register.

use chrono::NaiveDate;
use domain::engine::notification::NotificationKind;
use uuid::Uuid;

use crate::infra::db::course::CourseRow;
use crate::infra::db::{DbError, Tx};
use crate::record::link;
use crate::record::notification::{Notification, Topic, notify_account};
use crate::state::AppState;

/// What is said of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CourseNotice {
    /// It was filed.
    Filed,
    /// It ends in so many days.
    EndsIn(i64),
    /// A module has no teacher who leads it; one can be added until this day.
    LacksTeachers(NaiveDate),
    /// It was cancelled, since no teacher was added in time.
    Cancelled,
}

impl CourseNotice {
    fn title(self) -> &'static str {
        match self {
            CourseNotice::Filed => "课程已备案",
            CourseNotice::EndsIn(_) => "备案到期提醒",
            CourseNotice::LacksTeachers(_) => "备案课程师资不足",
            CourseNotice::Cancelled => "备案课程已注销",
        }
    }

    fn text(self, row: &CourseRow) -> String {
        let (name, number, until) = (&row.name, &row.number, row.valid_until);
        match self {
            CourseNotice::Filed => format!("“{name}”已备案，编号 {number}，有效期至 {until}。"),
            CourseNotice::EndsIn(_) => format!("“{name}”将于 {until} 到期，请及时办理。"),
            CourseNotice::LacksTeachers(due) => format!("“{name}”已无主讲教师，请在 {due} 前补充，逾期将注销备案。"),
            CourseNotice::Cancelled => format!("“{name}”（编号 {number}）逾期未补充主讲教师，备案已注销。"),
        }
    }

    /// Key among the messages about the entry.
    fn key(self, row: &CourseRow) -> String {
        match self {
            CourseNotice::Filed => "course-filed".to_owned(),
            CourseNotice::EndsIn(days) => format!("course-ends-{}-{days}", row.valid_until),
            CourseNotice::LacksTeachers(due) => format!("course-lacks-{due}"),
            CourseNotice::Cancelled => "course-cancelled".to_owned(),
        }
    }
}

/// Tells accounts of an entry.
pub(crate) async fn notify_course(
    tx: &mut Tx,
    app: &AppState,
    row: &CourseRow,
    accounts: &[Uuid],
    notice: &CourseNotice,
) -> Result<(), DbError> {
    let body = notice.text(row);
    for account in accounts {
        let notification = Notification {
            account: *account,
            matter: row.matter_id,
            matter_kind: "课程备案",
            topic: Topic::Matter,
            names_applicant: false,
            kind: NotificationKind::CourseRegister,
            dedupe_key: notice.key(row),
            title: notice.title(),
            body: &body,
            link: link::matter(row.matter_id),
        };
        notify_account(tx, app, &notification, app.now()).await?;
    }
    Ok(())
}
