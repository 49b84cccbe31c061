//! 课程类别: the list of the association, and the form with which a category is added, changed and stopped.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::MatterError;
use backend::service::teaching::category::{
    CategoryChange, category_context, category_version, find_category, list_categories, save_category,
};
use chrono::NaiveDate;
use domain::engine::form::{Answers, Field, Problem, read_fields};
use domain::record::teaching::{CATEGORY_CODE, CATEGORY_FORM, CourseCategory, answers_of};
use leptos::prelude::*;
use uuid::Uuid;

use crate::error::{HttpStatus, PageError};
use crate::extract::Path;
use crate::links;
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;
use crate::wizard::{FieldSheet, control};

const COLUMNS: &[Column] = &[
    Column::new("类别代码", "table-number"),
    Column::title("类别名称"),
    Column::new("领域", ""),
    Column::new("授课方式", ""),
    Column::new("最少学时", ""),
    Column::new("每班人数上限", ""),
    Column::new("绑定审核", ""),
    Column::new("状态", ""),
    Column::actions("操作"),
];

/// Name of the field with the version of the category on the page.
const SEEN: &str = "_seen";

/// A category and its form.
struct CategoryForm {
    /// The category that is changed; none for a new one.
    stored: Option<CourseCategory>,
    answers: Answers,
    faults: Vec<(String, String)>,
    refused: Option<String>,
}

/// The list.
pub async fn list(State(app): State<AppState>) -> Result<Page, PageError> {
    let (categories, today) = (list_categories(&app).await?, app.today());
    let page = Page::new("课程类别", move || {
        let rows = categories.iter().map(|category| row(category, today)).collect();
        view! {
            <PageHead
                title="课程类别"
                lead="备案课程所属的类别，也是教师绑定的类别"
                crumbs=vec![("协会工作台".into(), "/association".into())]
            />
            <section class="panel">
                <Actions>
                    <ButtonLink href=address("new") label="新增课程类别" />
                </Actions>
                <DataTable caption="课程类别" columns=COLUMNS.to_vec() rows=rows />
            </section>
        }
        .into_any()
    });
    Ok(page.under("/association"))
}

fn address(code: &str) -> String {
    format!("{}/{code}", links::COURSE_CATEGORIES)
}

/// The cells of a category, in the order of [`COLUMNS`].
fn row(category: &CourseCategory, today: NaiveDate) -> Vec<AnyView> {
    let (tone, state) = if category.has_ended_on(today) {
        (Tone::Bad, "已停用".to_owned())
    } else if category.is_active_on(today) {
        (Tone::Good, "启用".to_owned())
    } else {
        (Tone::Info, format!("{} 启用", category.opens_on))
    };
    let until = category.ends_on.filter(|end| *end > today).map(|end| format!("{end} 停用"));
    let state = view! {
        <StatusTag tone=tone text=state />
        {until.map(|text| view! { <span class="table-soft">{text}</span> })}
    };
    let actions = vec![RowAction::Open("修改", address(&category.code))];
    vec![
        category.code.clone().into_any(),
        category.name.clone().into_any(),
        domain_of(category).into_any(),
        category.deliveries_label().into_any(),
        category.least_hours.into_any(),
        category.class_max.into_any(),
        if category.needs_review { "需要" } else { "不需要" }.into_any(),
        state.into_any(),
        view! { <RowActions actions=actions about=category.title() /> }.into_any(),
    ]
}

/// The form of a new category.
pub async fn begin(State(app): State<AppState>) -> Result<PageResponse, PageError> {
    let mut answers = Answers::default();
    answers.fields.insert("opens_on".to_owned(), app.today().to_string().as_str().into());
    Ok(page(&app, CategoryForm { stored: None, answers, faults: Vec::new(), refused: None }).into())
}

/// The form of a category.
pub async fn show(State(app): State<AppState>, Path(code): Path<String>) -> Result<PageResponse, PageError> {
    let category = find_category(&app, &code).await?;
    let answers = answers_of(&category);
    Ok(page(&app, CategoryForm { stored: Some(category), answers, faults: Vec::new(), refused: None }).into())
}

/// Adds a category.
pub async fn add(State(app): State<AppState>, Authorized(who): Authorized, post: Post) -> Result<PageResponse, PageError> {
    save(&app, &who, None, &post).await
}

/// Changes a category.
pub async fn change(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(code): Path<String>,
    post: Post,
) -> Result<PageResponse, PageError> {
    save(&app, &who, Some(code), &post).await
}

async fn save(app: &AppState, who: &Allowed, code: Option<String>, post: &Post) -> Result<PageResponse, PageError> {
    let mut answers = Answers::default();
    read_fields(asked(code.is_none()), &post.pairs, &mut answers.fields)?;
    let change = CategoryChange { code: code.clone(), seen: post.text(SEEN).to_owned(), answers: answers.clone() };
    let error = match save_category(app, who, change).await {
        Ok(()) => return Ok(done(links::COURSE_CATEGORIES, ActOutcome::CategorySaved)),
        Err(error @ (MatterError::InvalidAnswers(_) | MatterError::RecordChanged)) => error,
        Err(error) => return Err(error.into()),
    };
    let stored = match &code {
        Some(code) => Some(find_category(app, code).await?),
        None => None,
    };
    let (faults, refused) = match &error {
        MatterError::InvalidAnswers(problems) => (problems.iter().map(fault).collect(), None),
        other => (Vec::new(), Some(other.text())),
    };
    Ok(page(app, CategoryForm { stored, answers, faults, refused }).status(error.http_status()).into())
}

fn fault(problem: &Problem) -> (String, String) {
    (problem.path.to_string(), problem.issue.text.clone())
}

/// The fields of the page: a category keeps its code.
fn asked(is_new: bool) -> impl Iterator<Item = &'static Field> + Clone {
    CATEGORY_FORM.steps.iter().flat_map(|step| step.fields()).filter(move |field| is_new || field.name != CATEGORY_CODE)
}

fn page(app: &AppState, form: CategoryForm) -> Page {
    let context = category_context(app);
    let title = if form.stored.is_some() { "修改课程类别" } else { "新增课程类别" };
    let body = move || {
        let CategoryForm { stored, answers, faults, refused } = form;
        let action = address(stored.as_ref().map_or("new", |category| category.code.as_str()));
        let lead = stored.as_ref().map_or_else(String::new, |category| format!("{} · {}", category.code, category.title()));
        let sheet = FieldSheet { id: Uuid::nil(), answers, record: None, faults, warnings: Vec::new() };
        let controls = asked(stored.is_none()).filter_map(|field| control(field, &sheet, &context.as_context())).collect_view();
        let seen = stored.as_ref().map(category_version).unwrap_or_default();
        let crumbs = vec![("协会工作台".into(), "/association".into()), ("课程类别".into(), links::COURSE_CATEGORIES.into())];
        view! {
            <PageHead title=title lead=lead crumbs=crumbs />
            {refused.map(|text| view! { <Notice tone=Tone::Bad>{text}</Notice> })}
            <ErrorSummary items=sheet.summary() />
            <section class="panel">
                <form method="post" action=action class="fields" novalidate=true>
                    <Hidden name=SEEN value=seen />
                    {controls}
                    <Actions>
                        <Submit label="保存" />
                        <ButtonLink href=links::COURSE_CATEGORIES label="返回" quiet=true />
                    </Actions>
                </form>
            </section>
        }
        .into_any()
    };
    Page::new(title, body).under("/association")
}

fn domain_of(category: &CourseCategory) -> &'static str {
    let label = category.domain_label();
    if label.is_empty() { "不分领域" } else { label }
}
