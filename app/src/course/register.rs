//! The register of filed courses: for everyone, for an institution, and for the association.

use axum::extract::State;
use backend::AppState;
use backend::service::course::register::{
    CourseFilter, ListedCourse, ListedTeacher, RegisterPage, list_of_institution, list_public, list_register,
};
use chrono::NaiveDate;
use domain::record::course::{CourseState, TieState};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use super::tone;
use crate::error::PageError;
use crate::extract::Query;
use crate::links;
use crate::page::Page;
use crate::request::Authorized;
use crate::ui::*;

/// Address of the public register.
pub const PUBLIC: &str = "/courses";
/// Address of the register of an institution.
pub const INSTITUTION: &str = "/institution/training";
/// Address of 备案课程库 of the association.
pub const ASSOCIATION: &str = "/association/training/courses";
/// Maximum length of a search text.
const WORDS: usize = 50;

/// Query of the register.
#[derive(Deserialize, Default, Clone)]
#[serde(default)]
pub struct RegisterQuery {
    /// Part of the institution's name.
    institution: String,
    /// Part of the course's name.
    name: String,
    /// Code of the category.
    category: String,
    /// Code of the state.
    state: String,
    /// Cursor of the page; empty for the first.
    before: String,
}

impl RegisterQuery {
    fn filter(&self) -> CourseFilter {
        CourseFilter {
            institution: domain::base::text::normalise(&self.institution),
            name: domain::base::text::normalise(&self.name),
            category: self.category.clone(),
            state: CourseState::from_code(&self.state),
        }
    }

    /// The fields with texts that are too long.
    fn faults(&self) -> Vec<(&'static str, String)> {
        let texts = [("institution", &self.institution), ("name", &self.name)];
        let is_long = |text: &str| text.chars().count() > WORDS;
        texts.into_iter().filter(|(_, text)| is_long(text)).map(|(name, _)| (name, format!("请输入不超过 {WORDS} 个字"))).collect()
    }

    /// The cursor: day and number.
    fn cursor(&self) -> Option<(NaiveDate, String)> {
        let (day, number) = self.before.split_once('_')?;
        let is_number = number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_number.then(|| Some((day.parse().ok()?, number.to_owned())))?
    }

    /// The address of a page of the same search.
    fn address(&self, path: &str, before: &str) -> String {
        let pairs = [
            ("institution", self.institution.as_str()),
            ("name", &self.name),
            ("category", &self.category),
            ("state", &self.state),
            ("before", before),
        ];
        let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

/// The public register.
pub async fn public(State(app): State<AppState>, Query(query): Query<RegisterQuery>) -> Result<Page, PageError> {
    let faults = query.faults();
    let found = match faults.is_empty() {
        true => list_public(&app, &query.filter(), query.cursor()).await?,
        false => nothing(),
    };
    let shown = RegisterFrame {
        title: "备案课程查询",
        lead: "查询已备案的培训课程、机构和状态。教师只显示姓氏。",
        path: PUBLIC,
        crumbs: Vec::new(),
        links_matters: false,
    };
    Ok(searched(shown, query, found, faults))
}

/// 备案课程库 of the association.
pub async fn association(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<RegisterQuery>,
) -> Result<Page, PageError> {
    let faults = query.faults();
    let found = match faults.is_empty() {
        true => list_register(&app, &who, &query.filter(), query.cursor()).await?,
        false => nothing(),
    };
    let crumbs = vec![("协会工作台".to_owned(), "/association".to_owned())];
    let shown = RegisterFrame {
        title: "备案课程库", lead: "全部备案课程及其教师和状态", path: ASSOCIATION, crumbs, links_matters: true
    };
    Ok(searched(shown, query, found, faults))
}

/// 备案课程 of the caller's institutions.
pub async fn institution(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Query(query): Query<RegisterQuery>,
) -> Result<Page, PageError> {
    let found = list_of_institution(&app, &who, query.cursor()).await?;
    let has_more = !query.before.is_empty();
    let page = Page::new("备案课程", move || {
        let next = found.next.as_ref().map(|(day, number)| RegisterQuery::default().address(INSTITUTION, &format!("{day}_{number}")));
        let first = has_more.then(|| INSTITUTION.to_owned());
        view! {
            <PageHead
                title="备案课程"
                lead="本机构的备案课程、教师和有效期"
                crumbs=vec![("机构工作台".into(), "/institution".into())]
            />
            <Section>
                <Actions>
                    <ButtonLink href="/institution/apply/course_filing" label="备案课程申请" />
                </Actions>
                {table(&found.courses, false, true)}
                <Pager next=next first=first />
            </Section>
        }
        .into_any()
    });
    Ok(page.under("/institution"))
}

fn nothing() -> RegisterPage {
    RegisterPage { courses: Vec::new(), categories: Vec::new(), next: None }
}

/// What differs between the pages on which the register is searched.
struct RegisterFrame {
    title: &'static str,
    lead: &'static str,
    path: &'static str,
    crumbs: Vec<(String, String)>,
    /// Whether an entry leads to its matter.
    links_matters: bool,
}

fn searched(shown: RegisterFrame, query: RegisterQuery, found: RegisterPage, faults: Vec<(&'static str, String)>) -> Page {
    let RegisterFrame { title, lead, path, crumbs, links_matters } = shown;
    let status = if faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let current = if path == ASSOCIATION { "/association" } else { "" };
    let body = move || {
        let next = found.next.as_ref().map(|(day, number)| query.address(path, &format!("{day}_{number}")));
        let first = (!query.before.is_empty()).then(|| query.address(path, ""));
        let summary = faults.iter().map(|(name, text)| (format!("#f-{name}"), text.clone())).collect();
        view! {
            <PageHead title=title lead=lead crumbs=crumbs />
            <ErrorSummary items=summary />
            <Section>{search_form(path, &query, &found.categories, &faults)}</Section>
            <Section>{table(&found.courses, true, links_matters)} <Pager next=next first=first /></Section>
        }
        .into_any()
    };
    Page::new(title, body).under(current).status(status)
}

fn search_form(path: &'static str, query: &RegisterQuery, categories: &[(String, String)], faults: &[(&'static str, String)]) -> AnyView {
    let fault = |name: &str| faults.iter().find(|(at, _)| *at == name).map(|(_, text)| text.clone());
    let item = |code: &str, label: &str| ChoiceItem { code: code.to_owned(), label: label.to_owned(), group: String::new() };
    let categories = categories.iter().map(|(code, name)| item(code, name)).collect();
    let states = CourseState::ALL.iter().map(|state| item(state.code(), state.label())).collect();
    view! {
        <form method="get" action=path class="fields">
            <TextField
                ask=FieldProps::new("institution", "机构").optional().fault(fault("institution"))
                value=query.institution.clone()
            />
            <TextField ask=FieldProps::new("name", "课程名称").optional().fault(fault("name")) value=query.name.clone() />
            <SelectField ask=FieldProps::new("category", "类别").optional() picks=categories value=query.category.clone() />
            <SelectField ask=FieldProps::new("state", "状态").optional() picks=states value=query.state.clone() />
            <div class="actions">
                <Submit label="查询" />
            </div>
        </form>
    }
    .into_any()
}

/// The entries as a table.
fn table(courses: &[ListedCourse], has_institution: bool, links_matters: bool) -> AnyView {
    if courses.is_empty() {
        return view! { <Empty text="没有符合条件的备案课程" /> }.into_any();
    }
    let mut columns = vec![Column::title("课程名称"), Column::new("备案编号", "table-number")];
    if has_institution {
        columns.push(Column::new("机构", ""));
    }
    columns.extend([
        Column::new("类别", ""),
        Column::new("学时", ""),
        Column::new("教师", ""),
        Column::new("有效期至", "table-when"),
        Column::new("状态", ""),
    ]);
    let rows = courses.iter().map(|course| row(course, has_institution, links_matters)).collect();
    view! { <DataTable caption="备案课程" columns=columns rows=rows /> }.into_any()
}

fn row(course: &ListedCourse, has_institution: bool, links_matters: bool) -> Vec<AnyView> {
    let name = match links_matters {
        true => view! { <a href=links::matter(course.matter)>{course.name.clone()}</a> }.into_any(),
        false => course.name.clone().into_any(),
    };
    let mut cells = vec![name, course.number.clone().into_any()];
    if has_institution {
        cells.push(course.institution.clone().into_any());
    }
    let teachers = course.teachers.iter().map(teacher).collect::<Vec<_>>().join("、");
    let tag = view! { <StatusTag tone=tone(course.state) text=course.state.label() /> };
    cells.extend([
        course.category.clone().into_any(),
        course.hours.to_string().into_any(),
        teachers.into_any(),
        course.valid_until.to_string().into_any(),
        tag.into_any(),
    ]);
    cells
}

/// 林晓月（主讲）; a tie that is about to end says so.
fn teacher(teacher: &ListedTeacher) -> String {
    let role = teacher.role.label();
    match teacher.state {
        TieState::Releasing => format!("{}（{role}，{}）", teacher.name, teacher.state.label()),
        TieState::Filed | TieState::Released => format!("{}（{role}）", teacher.name),
    }
}
