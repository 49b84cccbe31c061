//! 操作完成 (docs/manual.md 3.1.1), which offers records to 基本信息库.

use axum::extract::State;
use backend::AppState;
use backend::access::guard::Allowed;
use backend::matter::MatterError;
use backend::service::pages::{SubmittedPage, submitted_page};
use backend::workflow::library::offer_version;
use domain::record::library::LibraryOffer;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use uuid::Uuid;

use crate::error::{HttpStatus, PageError};
use crate::extract::{Path, Query};
use crate::links;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::request::Authorized;
use crate::ui::*;

/// Query of 操作完成.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SavedToLibraryQuery {
    #[serde(rename = "kept")]
    saved: String,
}

/// Shows that the matter was submitted.
pub async fn show(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    Query(query): Query<SavedToLibraryQuery>,
) -> Result<Page, PageError> {
    page(&app, &who, id, query.saved == "1", None).await
}

/// 存入基本信息库. Records that exist there are unchanged.
pub async fn save_to_library(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let chosen = post.ids("record");
    if chosen.is_empty() {
        let refused = RefusedChoice { text: "请勾选要存入的记录".to_owned(), chosen };
        return Ok(page(&app, &who, id, false, Some(refused)).await?.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    }
    let seen = post.versions("_seen");
    match backend::workflow::library::save_offered(&app, &who, id, chosen.clone(), Some(seen)).await {
        Ok(()) => Ok(redirect(format!("/matters/{id}/done?kept=1"))),
        Err(error @ MatterError::RecordChanged) => {
            let refused = RefusedChoice { text: error.text(), chosen };
            Ok(page(&app, &who, id, false, Some(refused)).await?.status(error.http_status()).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Records that were chosen, and why they were not saved.
struct RefusedChoice {
    text: String,
    chosen: Vec<Uuid>,
}

async fn page(app: &AppState, who: &Allowed, id: Uuid, saved: bool, refused: Option<RefusedChoice>) -> Result<Page, PageError> {
    let SubmittedPage { matter, context, offers } = submitted_page(app, who, id).await?;
    let page = Page::new("操作完成", move || {
        let stage = matter.stage().map_or("", |s| s.label);
        let choices: Vec<ChoiceItem> = offers.iter().map(|o| choice(o, o.list.title_of(&o.entry.fields, &context.as_context()))).collect();
        let seen =
            offers.iter().map(|o| view! { <Hidden name="_seen" value=format!("{}:{}", o.record, offer_version(o)) /> }).collect_view();
        // After a refused post, what was selected is selected.
        let selected = match &refused {
            Some(refused) => refused.chosen.iter().map(Uuid::to_string).collect(),
            None => choices.iter().map(|p| p.code.clone()).collect(),
        };
        let number = matter.number.as_ref().map(|number| format!("业务编号 {number}，")).unwrap_or_default();
        let fault = refused.map(|refused| refused.text);
        let offer = (!choices.is_empty()).then(|| {
            let ask = FieldProps::new("record", "请勾选要存入的记录").hint("附件一并存入，以后的申请可直接选用。").fault(fault);
            view! {
                <Section title="存入基本信息库">
                    <p>"以下经历尚未存入您的基本信息库，或与其中保存的内容不同。"</p>
                    <form method="post" action=format!("/matters/{id}/done") class="fields">
                        {seen}
                        <ChoiceField ask=ask picks=choices values=selected many=true />
                        <Actions>
                            <Submit label="存入基本信息库" weight=Weight::Quiet />
                        </Actions>
                    </form>
                </Section>
            }
        });
        view! {
            <PageHead title="操作完成" />
            {saved
                .then(|| {
                    view! { <Notice tone=Tone::Good>"所选记录已存入"<a href="/me/library">"基本信息库"</a>"。"</Notice> }
                })}
            <Section>
                <Notice tone=Tone::Good title="业务已提交">
                    {format!("“{}”已提交，{number}当前状态：{stage}。", matter.kind.title_for(&matter.answers))}
                </Notice>
                <p>"您可以随时在个人中心的“我的事项”中查看办理动态和结果。"</p>
                <Actions>
                    <ButtonLink href=links::matter(id) label="查看办理进度" />
                    <ButtonLink href="/matters" label="我的事项" quiet=true />
                </Actions>
            </Section>
            {offer}
        }
        .into_any()
    });
    Ok(page.under("/matters"))
}

fn choice(offer: &LibraryOffer, title: String) -> ChoiceItem {
    let update = if offer.replaced.is_some() { "（更新）" } else { "" };
    ChoiceItem { code: offer.record.to_string(), label: format!("{}：{title}{update}", offer.list.label), group: String::new() }
}
