//! What the filing of a course reads: 培训权限, the ways of teaching of each category, and the modules and teachers that the answers name.

use std::collections::BTreeSet;

use domain::base::identity::{Mobile, same_name};
use domain::base::rule::key;
use domain::engine::form::{Answers, list_within};
use domain::matter::{COURSE_DELIVERIES, COURSE_MODULES};
use domain::record::course::application::{SoughtTeacher, named_modules, sought_teachers};
use domain::record::course::{FoundTeacher, TeacherLookup};
use domain::record::teaching::CourseCategory;
use uuid::Uuid;

use crate::access::account::fingerprints::find_by_mobile;
use crate::access::account::lookup::unseal_person;
use crate::infra::db::account::{AccountRow, AccountStatus};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::source::contents::{Contents, Request};
use crate::state::AppState;

/// Reads what the answers of the matter, and those shown beside them, name. People are looked for while the answers can be edited only.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let (_, institution) = request.owner.person_and_institution();
    if let Some(institution) = institution {
        contents.record.filing.may_train = db::institution::may_train(tx, institution).await?;
    }
    let answers: Vec<&Answers> = request.matter.map(|matter| &matter.answers).into_iter().chain(request.shown.answers).collect();
    let is_editable = request.matter.is_none_or(|matter| matter.is_editable());
    list_deliveries(contents);
    contents.list(COURSE_MODULES, modules_in_order(&answers));
    if let Some(institution) = institution.filter(|_| is_editable) {
        let sought: BTreeSet<SoughtTeacher> = answers.iter().flat_map(|answers| sought_teachers(answers)).collect();
        for teacher in sought {
            let lookup = look_up(tx, request, institution, &teacher).await?;
            contents.record.filing.teachers.insert(teacher.record, lookup);
        }
    }
    Ok(())
}

/// The ways of teaching of each category, as options.
fn list_deliveries(contents: &mut Contents) {
    let deliveries = |category: &CourseCategory| {
        let options = category.deliveries.iter().map(|delivery| (delivery.code().to_owned(), delivery.label().to_owned()));
        (list_within(COURSE_DELIVERIES, &category.code), options.collect())
    };
    let lists: Vec<(String, Vec<(String, String)>)> = contents.record.course_categories.iter().map(deliveries).collect();
    contents.lists.extend(lists);
}

/// The modules as options, in the order of the outline.
fn modules_in_order(answers: &[&Answers]) -> Vec<(String, String)> {
    let mut options: Vec<(String, String)> = Vec::new();
    for (id, name) in answers.iter().flat_map(|answers| named_modules(answers)) {
        let code = id.to_string();
        if options.iter().all(|(known, _)| *known != code) {
            options.push((code, name));
        }
    }
    options
}

/// Looks for a person, by name and number; the institution may look for some people in an hour.
async fn look_up(tx: &mut Tx, request: &Request<'_>, institution: Uuid, teacher: &SoughtTeacher) -> Result<TeacherLookup, DbError> {
    let app = request.app;
    let most = request.tables.rules.on(request.today).int(key::TEACHER_LOOKUPS_PER_HOUR);
    let mark = app.keys.mac(&[b"teacher-lookup", teacher.name.as_bytes(), teacher.mobile.as_bytes(), teacher.number.as_bytes()]);
    if !app.teacher_lookups.permits(institution, mark, usize::try_from(most).unwrap_or(0), app.clock.steady()) {
        return Ok(TeacherLookup::TooMany);
    }
    let Some(account) = find(tx, app, teacher).await? else { return Ok(TeacherLookup::NotFound) };
    let categories = db::teaching::bound_categories(tx, account).await?;
    Ok(TeacherLookup::Found(FoundTeacher { account, categories }))
}

/// The active account whose person has the name and the number: the 教师编号 if one is given, or else the mobile number.
async fn find(tx: &mut Tx, app: &AppState, teacher: &SoughtTeacher) -> Result<Option<Uuid>, DbError> {
    let row = match (teacher.number.is_empty(), Mobile::parse(&teacher.mobile)) {
        (false, _) => match db::teaching::teacher_by_number(tx, &teacher.number.to_ascii_uppercase()).await? {
            Some(account) => db::account::by_id(tx, account).await?,
            None => None,
        },
        (true, Ok(mobile)) => find_by_mobile(tx, &app.keys, &mobile).await?,
        (true, Err(_)) => None,
    };
    let is_sought = |row: &AccountRow| {
        let person = unseal_person(app, row.id, &row.person_sealed);
        row.status == AccountStatus::Active && person.is_some_and(|person| same_name(&person.name, &teacher.name))
    };
    Ok(row.filter(is_sought).map(|row| row.id))
}
