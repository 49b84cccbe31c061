//! 复制为新申请.

use axum::extract::State;
use backend::AppState;
use backend::matter::LoadedMatter;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::PageError;
use crate::extract::{Form, Path};
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::request::Authorized;
use crate::ui::*;

/// The copy button. The page contains the new draft's id, so that two clicks begin one draft.
pub(super) fn button(matter: &LoadedMatter, weight: Weight) -> Option<AnyView> {
    matter.is_copyable().then(|| {
        view! {
            <form method="post" action=format!("/matters/{}/copy", matter.id)>
                <Hidden name="_id" value=Uuid::now_v7().to_string() />
                <Submit label="复制为新申请" weight=weight />
            </form>
        }
        .into_any()
    })
}

/// Confirmation page, for requests by link after log-in.
pub async fn ask(State(app): State<AppState>, Authorized(who): Authorized, Path(id): Path<Uuid>) -> Result<Page, PageError> {
    let matter = backend::matter::load(&app, &who, id).await?;
    if !matter.is_copyable() {
        return Err(PageError::NotFound);
    }
    let page = Page::new("复制为新申请", move || {
        let title = matter.kind.title_for(&matter.answers);
        view! {
            <PageHead title="复制为新申请" lead=title crumbs=vec![("我的事项".into(), "/matters".into())] />
            <Section>
                <p>
                    "将以这件业务最后填写的内容和附件新建一份草稿，可继续修改；声明和签名需重新填写。"
                </p>
                <Actions>{button(&matter, Weight::Main)}<ButtonLink href=links::matter(id) label="返回" quiet=true /></Actions>
            </Section>
        }
        .into_any()
    });
    Ok(page.under("/matters"))
}

/// The form of the button.
#[derive(Deserialize)]
pub struct CopyForm {
    /// Id of the new draft.
    #[serde(rename = "_id")]
    id: Uuid,
}

/// Begins the new draft and redirects to its first step.
pub async fn copy(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    Form(form): Form<CopyForm>,
) -> Result<PageResponse, PageError> {
    let id = backend::workflow::copy::copy_matter(&app, &who, id, form.id).await?;
    let kind = backend::matter::load(&app, &who, id).await?.kind;
    Ok(redirect(links::first_step(id, kind)))
}
