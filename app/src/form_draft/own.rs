//! 未提交的内容: what an account typed into forms that are not sent, and what was not used.

use axum::extract::State;
use backend::AppState;
use backend::record::form_draft::{FormDraft, OpenDrafts};
use domain::engine::form_draft::Subject;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use super::view::texts_view;
use crate::error::PageError;
use crate::extract::Form;
use crate::outcome::ActOutcome;
use crate::page::{Page, PageResponse, done};
use crate::request::{Authorized, safe_next};
use crate::ui::*;
use crate::{format, links};

/// Address of the page.
const PATH: &str = "/me/form-drafts";

/// The form that deletes a draft.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct DiscardForm {
    id: String,
    next: String,
}

/// Shows every draft of the caller.
pub async fn list(State(app): State<AppState>, Authorized(who): Authorized) -> Result<Page, PageError> {
    let drafts = backend::record::form_draft::own_drafts(&app, &who).await?;
    let page = Page::new("未提交的内容", move || {
        let empty = drafts.is_empty();
        let drafts = drafts.iter().map(|own| draft_view(&own.draft, PATH, Some((address(&own.draft), own.is_current)))).collect_view();
        view! {
            <PageHead
                title="未提交的内容"
                lead="在评价、退回、整改、缴费等页面填写后没有提交的内容，只有您本人可以看到"
                crumbs=vec![("个人中心".into(), "/me".into())]
            />
            <Section>{drafts}{empty.then(|| view! { <Empty text="没有未提交的内容" /> })}</Section>
        }
        .into_any()
    });
    Ok(page.under("/me"))
}

/// Deletes a draft of the caller.
pub async fn discard(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Form(form): Form<DiscardForm>,
) -> Result<PageResponse, PageError> {
    let id = Uuid::parse_str(&form.id).map_err(|_| PageError::OUTDATED_FORM)?;
    backend::record::form_draft::discard(&app, &who, id).await?;
    Ok(done(safe_next(&form.next), ActOutcome::FormDraftDeleted))
}

/// Where the subject of a draft is shown.
fn address(draft: &FormDraft) -> String {
    match draft.key.form.subject {
        Subject::Fee => format!("/matters/{}/pay", draft.key.subject),
        Subject::Bills => "/institution/bills".to_owned(),
        Subject::Order => "/association/payments".to_owned(),
        Subject::Certificate => format!("{}/{}", links::CERTIFICATES, draft.key.part),
        Subject::Matter | Subject::Tab => links::matter(draft.key.subject),
    }
}

/// `subject`: address of its subject, and whether the form may be sent yet.
fn draft_view(draft: &FormDraft, next: &str, subject: Option<(String, bool)>) -> AnyView {
    let form = draft.key.form;
    view! {
        <div class="record" data-draft=form.code>
            <p class="record-title">{format!("{}（{} 保存）", form.label, format::time(draft.saved_at))}</p>
            {texts_view(draft)}
            {subject.map(subject_view)}
            <form method="post" action=PATH>
                <Hidden name="id" value=draft.id.to_string() />
                <Hidden name="next" value=next.to_owned() />
                <SmallSubmit label="删除" />
            </form>
        </div>
    }
    .into_any()
}

fn subject_view((href, is_current): (String, bool)) -> AnyView {
    if is_current {
        return view! {
            <p>
                <SmallLink href=href label="继续填写" />
            </p>
        }
        .into_any();
    }
    view! {
        <p class="field-hint">"填写之后情况有了变化，这段内容没有提交。"</p>
        <p>
            <SmallLink href=href label="查看最新情况" />
        </p>
    }
    .into_any()
}

/// What the caller typed in earlier states of a matter and did not send. From the first time on that a page shows it, it is kept for the days
/// of the retention rule.
pub async fn unused_drafts(app: &AppState, drafts: &OpenDrafts) -> Result<Vec<FormDraft>, PageError> {
    let unused = drafts.unused();
    backend::record::form_draft::show_unused(app, &unused).await?;
    Ok(unused)
}

/// The section with these drafts, beside the state of the matter now.
pub fn unused_section(matter: Uuid, unused: &[FormDraft]) -> Option<AnyView> {
    if unused.is_empty() {
        return None;
    }
    let next = links::matter(matter);
    let drafts = unused.iter().map(|draft| draft_view(draft, &next, None)).collect_view();
    let section = view! {
        <Section title="您填写但没有使用的内容">
            <p>"填写之后业务有了变化，以下内容没有提交。如仍需要，请复制；不再需要的可以删除。"</p>
            {drafts}
        </Section>
    };
    Some(section.into_any())
}
