//! 课程管理: the bindings of a teacher, and the end of one.

use chrono::{DateTime, NaiveDate, Utc};
use domain::base::calendar::day_of;
use domain::kind::category_binding::{CODE, state_at};
use domain::matter::Facet;
use domain::record::teaching::{BindingState, CourseCategory};
use uuid::Uuid;

use super::hindrance::hindrance_text;
use crate::access::guard::{Allowed, Caller};
use crate::infra::db::teaching::{ApplicationRow, BindingRow};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::MatterError;
use crate::record::audit::audit;
use crate::state::AppState;
use crate::workflow::idempotency::{Encoding, SentRequest};

/// A binding as its teacher sees it, or an application for one.
#[derive(Debug, Clone)]
pub struct BindingLine {
    /// The binding; none while it is only asked for.
    pub binding: Option<Uuid>,
    /// The matter with the evidence.
    pub matter: Option<Uuid>,
    /// Code of the category.
    pub category: String,
    /// Name of the category.
    pub name: String,
    /// Name of the certification domain; may be empty.
    pub domain: &'static str,
    /// Day from which it holds.
    pub bound_on: Option<NaiveDate>,
    /// State today.
    pub state: BindingState,
    since: DateTime<Utc>,
}

/// The bindings of a teacher.
pub struct OwnBindings {
    /// 教师编号; none before the first binding.
    pub number: Option<String>,
    /// Bindings and applications, newest first.
    pub lines: Vec<BindingLine>,
}

/// The request to end a binding.
#[derive(Debug, Clone, Copy)]
pub struct Unbinding {
    /// Idempotency key, generated with the page.
    pub key: Uuid,
    /// The binding.
    pub binding: Uuid,
}

impl Unbinding {
    fn hash(&self) -> Vec<u8> {
        let mut encoding = Encoding::default();
        encoding.bytes(b"unbinding");
        encoding.bytes(self.binding.as_bytes());
        encoding.hash()
    }
}

/// The caller's bindings.
pub async fn own_bindings(app: &AppState, who: &Allowed) -> Result<OwnBindings, DbError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_bindings(&mut tx, app, who.caller()).await;
    tx.finish().await?;
    page
}

async fn read_bindings(tx: &mut Tx, app: &AppState, caller: &Caller) -> Result<OwnBindings, DbError> {
    let (account, prefix) = (caller.account, Facet::CourseCategory.stored(""));
    let categories = db::teaching::list_categories(tx).await?;
    let known = |code: &str| categories.iter().find(|category| category.code == code);
    let bindings = db::teaching::list_bindings(tx, account).await?;
    let applications = db::teaching::list_applications(tx, account, CODE, &prefix).await?;
    let mut lines: Vec<BindingLine> = bindings.iter().map(|row| of_binding(row, known(&row.category_code), app.today())).collect();
    for row in &applications {
        let code = row.facet.strip_prefix(&prefix).unwrap_or_default();
        lines.extend(of_application(row, code, known(code)));
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.since));
    Ok(OwnBindings { number: db::teaching::teacher_number_of(tx, account).await?, lines: without_answered(lines) })
}

/// Leaves out a refusal after which the category was asked for again.
fn without_answered(lines: Vec<BindingLine>) -> Vec<BindingLine> {
    let mut shown: Vec<BindingLine> = Vec::new();
    for line in lines {
        if line.state != BindingState::Refused || shown.iter().all(|later| later.category != line.category) {
            shown.push(line);
        }
    }
    shown
}

fn of_binding(row: &BindingRow, category: Option<&CourseCategory>, today: NaiveDate) -> BindingLine {
    BindingLine {
        binding: Some(row.id),
        matter: row.matter_id,
        bound_on: Some(day_of(row.bound_at)),
        since: row.bound_at,
        ..line(&row.category_code, category, row.state(category, today))
    }
}

fn of_application(row: &ApplicationRow, code: &str, category: Option<&CourseCategory>) -> Option<BindingLine> {
    let state = state_at(&row.stage)?;
    Some(BindingLine { matter: Some(row.id), since: row.submitted_at, ..line(code, category, state) })
}

fn line(code: &str, category: Option<&CourseCategory>, state: BindingState) -> BindingLine {
    BindingLine {
        binding: None,
        matter: None,
        category: code.to_owned(),
        name: category.map_or_else(|| code.to_owned(), |category| category.name.clone()),
        domain: category.map_or("", CourseCategory::domain_label),
        bound_on: None,
        state,
        since: DateTime::<Utc>::MIN_UTC,
    }
}

/// A binding of the caller that has not ended, and why it cannot be ended.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller has no such binding.
pub async fn unbinding_page(app: &AppState, who: &Allowed, id: Uuid) -> Result<(BindingLine, Option<&'static str>), MatterError> {
    let mut tx = app.db.snapshot().await?;
    let page = read_unbinding(&mut tx, app, who.account(), id).await;
    tx.finish().await?;
    page
}

async fn read_unbinding(tx: &mut Tx, app: &AppState, account: Uuid, id: Uuid) -> Result<(BindingLine, Option<&'static str>), MatterError> {
    let row = db::teaching::binding(tx, account, id).await?.ok_or(MatterError::NotFound)?;
    let category = db::teaching::category(tx, &row.category_code).await?;
    let hindrance = hindrance_text(tx, account, &row.category_code, app.today()).await?;
    Ok((of_binding(&row, category.as_ref(), app.today()), hindrance))
}

/// Ends a binding of the caller. One that has ended stays as it is.
///
/// # Errors
/// [`MatterError::NotFound`] if the caller has no such binding; [`MatterError::Blocked`] while a course or a plan names the teacher;
/// [`MatterError::KeyReused`] if the key was used for another request.
pub async fn end_binding(app: &AppState, who: &Allowed, request: Unbinding) -> Result<(), MatterError> {
    let (owned, account) = (app.clone(), who.account());
    app.db.on_behalf_of(account).write(move |tx| Box::pin(async move { end_in_tx(tx, &owned, account, request).await })).await
}

async fn end_in_tx(tx: &mut Tx, app: &AppState, account: Uuid, request: Unbinding) -> Result<(), MatterError> {
    let sent = SentRequest { account, key: request.key, hash: request.hash() };
    if sent.claim::<bool>(tx, app.now()).await?.is_some() {
        return Ok(());
    }
    let row = db::teaching::binding(tx, account, request.binding).await?.ok_or(MatterError::NotFound)?;
    if row.ended_at.is_none() {
        if let Some(text) = hindrance_text(tx, account, &row.category_code, app.today()).await? {
            return Err(MatterError::Blocked(text.to_owned()));
        }
        if db::teaching::end_binding(tx, account, row.id, app.now()).await? {
            audit(tx, app, Some(account), "teaching.unbound", &row.id.to_string()).await?;
        }
    }
    Ok(sent.answer(tx, &true).await?)
}
