//! Filings of courses in the demo.

use std::collections::BTreeMap;

use domain::engine::flow::Command;
use domain::engine::form::{Answers, Path, Record, Value};
use domain::kind::course_filing::{
    AGREE, CATEGORY, CLASS_MAX, COURSE_NAME, DELIVERY, HOURS, KIND, MODULE_HOURS, MODULE_NAME, MODULES, OPINION, RESULT, TEACHER_MOBILE,
    TEACHER_MODULES, TEACHER_NAME, TEACHER_ROLE, TEACHERS,
};
use domain::record::teaching::{TEACHER_SERIES, teacher_number};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions::{decide, fields, picture, sign_in};
use crate::demo::error::DemoError;
use crate::infra::db::account::AccountRow;
use crate::infra::db::teaching::BindingRow;
use crate::infra::db::{self, DbError};
use crate::matter::{MatterError, load};
use crate::state::AppState;
use crate::workflow::draft::{DraftEdit, begin_draft_for, edit_draft};
use crate::workflow::execute::{CommandRequest, execute};
use crate::workflow::files::attach;

/// Field of the answer to a plan with the reason.
const REASON: &str = "reason";
/// Category of the courses.
pub(crate) const CATEGORY_CODE: &str = "FC-IA";

/// A teacher of a course, who leads one module.
#[derive(Debug, Clone)]
pub(crate) struct NewTeacher {
    /// Name.
    pub name: String,
    /// Mobile number.
    pub mobile: String,
}

impl NewTeacher {
    /// The person of an account.
    pub fn of(who: &Allowed) -> Self {
        let person = &who.caller().person;
        Self { name: person.name.clone(), mobile: person.mobile.clone() }
    }
}

/// Binds a teacher to the category of the courses.
pub(crate) async fn bind(app: &AppState, account: Uuid) -> Result<(), DbError> {
    let now = app.now();
    app.db
        .write(move |tx| {
            Box::pin(async move {
                let row = BindingRow {
                    id: Uuid::now_v7(),
                    account_id: account,
                    category_code: CATEGORY_CODE.to_owned(),
                    matter_id: None,
                    bound_at: now,
                    ended_at: None,
                };
                db::teaching::insert_binding(tx, &row).await?;
                if db::teaching::teacher_number_of(tx, account).await?.is_none() {
                    let serial = db::certificate::next_serial(tx, TEACHER_SERIES, 1).await?;
                    db::teaching::insert_teacher(tx, account, &teacher_number(serial), now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Completes the draft of a filing, with one module of eight hours and more for each teacher, without submitting it.
pub(crate) async fn complete_filing(app: &AppState, who: &Allowed, name: &str, teachers: &[NewTeacher]) -> Result<Uuid, MatterError> {
    let institution = who.caller().institutions.first().map(|(id, _)| *id);
    let id = begin_draft_for(app, who, &KIND, Uuid::now_v7(), institution, BTreeMap::new()).await?;
    let hours = (teachers.len() * 16).to_string();
    let mut course = fields(&[
        (COURSE_NAME, name),
        (CATEGORY, CATEGORY_CODE),
        (HOURS, &hours),
        (CLASS_MAX, "30"),
        ("audience", "获证组织的内部审核人员"),
        ("objectives", "理解标准要求，掌握内部审核的策划、实施和报告方法。"),
        ("certificate", "yes"),
        ("contact", "吴海燕"),
        ("contact_phone", "010-65994500"),
    ]);
    course.insert(DELIVERY.to_owned(), Value::Many(vec!["face".to_owned()]));
    course.insert("assessment".to_owned(), Value::Many(vec!["closed_book".to_owned()]));
    save(app, who, id, "course", course).await?;
    for (n, teacher) in teachers.iter().enumerate() {
        let module = Uuid::now_v7();
        let number = n + 1;
        let pairs = [
            (MODULE_NAME, format!("第 {number} 单元")),
            ("content", "标准要求、审核方法和案例".to_owned()),
            (MODULE_HOURS, "16".to_owned()),
            ("method", "lecture".to_owned()),
        ];
        put_record(app, who, id, MODULES, module, pairs.map(|(name, text)| (name.to_owned(), Value::Text(text))).into()).await?;
        let mut named = fields(&[(TEACHER_NAME, &teacher.name), (TEACHER_MOBILE, &teacher.mobile), (TEACHER_ROLE, "lead")]);
        named.insert(TEACHER_MODULES.to_owned(), Value::Many(vec![module.to_string()]));
        put_record(app, who, id, TEACHERS, Uuid::now_v7(), named).await?;
    }
    for (field, file) in [
        ("syllabus", "课程大纲.jpg"),
        ("handout", "讲义.jpg"),
        ("slides", "课件.jpg"),
        ("exam_paper", "考核试卷.jpg"),
        ("timetable", "课程表.jpg"),
        ("licence", "营业执照.jpg"),
    ] {
        attach(app, who, id, Path::field(field), file, picture()).await?;
    }
    save(app, who, id, "statement", fields(&[("declared", "2026-1")])).await?;
    Ok(id)
}

async fn save(app: &AppState, who: &Allowed, id: Uuid, step: &str, fields: BTreeMap<String, Value>) -> Result<(), MatterError> {
    let base = load(app, who, id).await?.revision;
    edit_draft(app, who, id, DraftEdit::Fields { step: step.to_owned(), base, fields }).await?;
    Ok(())
}

/// Adds a record to the draft, or replaces it.
pub(crate) async fn put_record(
    app: &AppState,
    who: &Allowed,
    id: Uuid,
    list: &str,
    record: Uuid,
    fields: BTreeMap<String, Value>,
) -> Result<(), MatterError> {
    let base = load(app, who, id).await?.revision;
    let record = Record { id: record, fields, removed: false };
    edit_draft(app, who, id, DraftEdit::Record { list: list.to_owned(), base, record }).await?;
    Ok(())
}

/// A teacher's answer to a filing or to a plan.
pub(crate) async fn answer(app: &AppState, who: &Allowed, matter: Uuid, result: &str) -> Result<String, MatterError> {
    let answers = Answers { fields: fields(&[(RESULT, result), (OPINION, "意见"), (REASON, "意见")]), ..Answers::default() };
    let command = Command { name: "answer".to_owned(), answers, ..Command::default() };
    let seen = Some(load(app, who, matter).await?.seen());
    Ok(execute(app, who, CommandRequest { key: Uuid::now_v7(), matter, seen, command }).await?.stage)
}

/// Creates two filed courses of an institution, and a filing that waits for `teacher`.
pub(super) async fn create_courses(app: &AppState, accounts: &[AccountRow]) -> Result<(), DemoError> {
    let (institution, teacher) = (sign_in(app, accounts, "inst-a").await?, sign_in(app, accounts, "teacher").await?);
    let (certified, officer, approver) =
        (sign_in(app, accounts, "certified").await?, sign_in(app, accounts, "officer").await?, sign_in(app, accounts, "approver2").await?);
    for who in [&teacher, &certified] {
        bind(app, who.account()).await?;
    }
    for (name, people) in [("质量管理体系内审员培训", vec![&teacher, &certified]), ("环境管理体系内审员培训", vec![&certified])]
    {
        let named: Vec<NewTeacher> = people.iter().map(|who| NewTeacher::of(who)).collect();
        let id = complete_filing(app, &institution, name, &named).await?;
        decide(app, &institution, id, "submit", "").await?;
        for who in people {
            answer(app, who, id, AGREE).await?;
        }
        decide(app, &officer, id, "propose", "材料齐全，教师已确认。").await?;
        decide(app, &approver, id, "approve", "").await?;
    }
    let waiting = complete_filing(app, &institution, "信息安全管理体系内审员培训", &[NewTeacher::of(&teacher)]).await?;
    decide(app, &institution, waiting, "submit", "").await?;
    Ok(())
}
