//! Teachers of the demo: bindings to course categories, and applications for them.

use domain::engine::form::Path;
use domain::kind::category_binding::{CATEGORY, KIND, TEACHING};
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions::{FieldPairs, decide, fill_step, sign_in};
use crate::demo::application::{WORK, record};
use crate::demo::error::DemoError;
use crate::infra::db::account::AccountRow;
use crate::matter::{MatterError, load};
use crate::state::AppState;
use crate::workflow::draft::{DraftEdit, begin_draft, edit_draft};
use crate::workflow::library::save_record;

/// 授课经历.
pub(crate) const TAUGHT: FieldPairs<'_> = &[
    ("start", "2025-03-10"),
    ("end", "2025-03-14"),
    ("course", "质量管理体系内审员培训"),
    ("organiser", "华信质量认证中心有限公司"),
    ("delivery", "face"),
    ("role", "lead"),
    ("hours", "24"),
    ("audience", "企业内审员"),
    ("trainees", "36"),
    ("content", "标准条款讲解、审核方法和案例研讨。"),
];

/// Categories of `teacher`; the second is reviewed.
const OWN: [&str; 2] = ["FC-IA", "FC-AUD-F"];
/// Categories of people of the crowd, in turn.
const OF_CROWD: [&str; 4] = ["FC-CPD", "FC-IA", "FC-STD", "FC-AUD-F"];
/// Every how many people of the crowd there is a teacher.
const SPACING: usize = 6;

/// Completes a draft without submitting it.
pub(crate) async fn complete_binding(app: &AppState, who: &Allowed, category: &str) -> Result<Uuid, MatterError> {
    let id = begin_draft(app, who, &KIND, Uuid::now_v7()).await?;
    fill_step(app, who, id, "category", &[(CATEGORY, category), ("direction", "质量管理体系")]).await?;
    let base = load(app, who, id).await?.revision;
    edit_draft(app, who, id, DraftEdit::Record { list: TEACHING.into(), base, record: record(TAUGHT) }).await?;
    fill_step(app, who, id, "experience", &[("pledge", pledge())]).await?;
    Ok(id)
}

/// The version of the pledge.
fn pledge() -> &'static str {
    match KIND.form.field_at(&Path::field("pledge")).map(|field| &field.widget) {
        Some(domain::engine::form::Widget::Agree(statement)) => statement.version,
        _ => "",
    }
}

/// Binds `teacher`, and some people of the crowd.
pub(super) async fn bind_teachers(app: &AppState, accounts: &[AccountRow], crowd: &[AccountRow]) -> Result<(), DemoError> {
    let teacher = sign_in(app, accounts, "teacher").await?;
    for (list, pairs) in [("work", WORK), (TEACHING, TAUGHT)] {
        save_record(app, &teacher, list, &record(pairs)).await?;
    }
    for category in OWN {
        bind(app, &teacher, category).await?;
    }
    for (account, category) in crowd.iter().step_by(SPACING).zip(OF_CROWD.iter().cycle()) {
        bind(app, &sign_in(app, std::slice::from_ref(account), &account.name).await?, category).await?;
    }
    Ok(())
}

async fn bind(app: &AppState, who: &Allowed, category: &str) -> Result<(), DemoError> {
    let id = complete_binding(app, who, category).await?;
    Ok(decide(app, who, id, "submit", "").await?)
}
