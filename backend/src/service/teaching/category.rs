//! 课程类别: the association adds, changes and stops them.

use domain::engine::form::{Answers, Issue, Path, Problem};
use domain::record::teaching::{CATEGORY_CODE, CourseCategory, answers_of, category_of, check_category};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db::{self, DbError, Tx};
use crate::infra::secret::sha256;
use crate::matter::MatterError;
use crate::matter::context::OwnedMatterContext;
use crate::record::audit::audit;
use crate::state::AppState;

/// A category as it is saved.
pub struct CategoryChange {
    /// Code of the category that is changed; none for a new one.
    pub code: Option<String>,
    /// The version that the page showed; empty for a new one.
    pub seen: String,
    /// The answers of the form.
    pub answers: Answers,
}

/// Every category, by code.
pub async fn list_categories(app: &AppState) -> Result<Vec<CourseCategory>, DbError> {
    db::teaching::list_categories(&mut app.db.read().await?).await
}

/// The category with a code.
///
/// # Errors
/// [`MatterError::NotFound`] if there is none.
pub async fn find_category(app: &AppState, code: &str) -> Result<CourseCategory, MatterError> {
    db::teaching::category(&mut app.db.read().await?, code).await?.ok_or(MatterError::NotFound)
}

/// The context in which the form of a category is shown and checked.
pub fn category_context(app: &AppState) -> OwnedMatterContext {
    OwnedMatterContext::without_record(app, String::new())
}

/// What a page shows of a category, as its form names it: a digest of its content.
pub fn category_version(category: &CourseCategory) -> String {
    let content = serde_json::to_vec(&answers_of(category).fields).unwrap_or_default();
    sha256(&content).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// Adds or changes a category. Saving the same content again changes nothing.
///
/// # Errors
/// [`MatterError::InvalidAnswers`] for answers that the form does not take, and for the code of another category; [`MatterError::NotFound`]
/// if there is no such category; [`MatterError::RecordChanged`] if another page changed it.
pub async fn save_category(app: &AppState, who: &Allowed, change: CategoryChange) -> Result<(), MatterError> {
    let CategoryChange { code, seen, mut answers } = change;
    if let Some(code) = &code {
        answers.fields.insert(CATEGORY_CODE.to_owned(), code.as_str().into());
    }
    let problems = check_category(&answers, &category_context(app).as_context());
    let Some(category) = category_of(&answers).filter(|_| problems.is_empty()) else {
        return Err(MatterError::InvalidAnswers(problems));
    };
    let (owned, account, is_new) = (app.clone(), who.account(), code.is_none());
    let write = app.db.on_behalf_of(account).write(move |tx| {
        Box::pin(async move {
            match is_new {
                true => add(tx, &owned, account, &category).await,
                false => replace(tx, &owned, account, &category, &seen).await,
            }
        })
    });
    write.await
}

async fn add(tx: &mut Tx, app: &AppState, account: Uuid, category: &CourseCategory) -> Result<(), MatterError> {
    if db::teaching::insert_category(tx, category).await? {
        return Ok(audit(tx, app, Some(account), "course_category.added", &category.code).await?);
    }
    if db::teaching::category(tx, &category.code).await?.as_ref() == Some(category) {
        return Ok(());
    }
    let issue = Issue::new("category_exists", "该类别代码已有其他课程类别使用，请更换");
    let problem = Problem { step: "category", path: Path::field(CATEGORY_CODE), label: "类别代码".to_owned(), issue };
    Err(MatterError::InvalidAnswers(vec![problem]))
}

async fn replace(tx: &mut Tx, app: &AppState, account: Uuid, category: &CourseCategory, seen: &str) -> Result<(), MatterError> {
    let stored = db::teaching::lock_category(tx, &category.code).await?.ok_or(MatterError::NotFound)?;
    if stored == *category {
        return Ok(());
    }
    if category_version(&stored) != seen {
        return Err(MatterError::RecordChanged);
    }
    db::teaching::update_category(tx, category).await?;
    let action = if stored.ends_on == category.ends_on { "course_category.changed" } else { "course_category.end_changed" };
    Ok(audit(tx, app, Some(account), action, &category.code).await?)
}
