//! What an expert still reads of a matter after the own opinion: the opinion.

use backend::record::expert::GivenOpinion;
use domain::base::text::normalise_lines;
use domain::engine::flow::Refusal;
use domain::engine::form_draft::DECISION;
use http::StatusCode;
use leptos::prelude::*;
use uuid::Uuid;

use crate::form_draft::{DraftOnPage, FormDraftFields};
use crate::links;
use crate::matter::seen::SeenField;
use crate::page::{Page, PageResponse, redirect};
use crate::post::Post;
use crate::ui::*;

/// The page of the opinion that the expert gave. `typed`: an opinion that came too late.
pub(super) fn page(given: GivenOpinion, typed: Option<String>) -> Page {
    let title = given.kind.expert_list.map_or("", |list| list.title);
    let body = move || {
        let address = given.kind.expert_list.map(|list| format!("/expert/{}", list.slug)).unwrap_or_default();
        let late = typed.map(|typed| {
            view! {
                <Notice tone=Tone::Bad>{Refusal::Voted.text()}</Notice>
                <Notice tone=Tone::Info title="您刚才填写的意见没有提交">
                    <p class="lines">{typed}</p>
                </Notice>
            }
        });
        let (recusal, note) = (recusal_view(&given), given.note.clone());
        let items = given.items.iter().map(|text| view! { <li>{text.clone()}</li> }).collect_view();
        let items = (!given.items.is_empty()).then(|| {
            view! {
                <h3>"不符合项"</h3>
                <ul>{items}</ul>
            }
        });
        view! {
            <PageHead
                title="我的评价意见"
                lead="评价已提交，申请材料不再显示。"
                crumbs=vec![("专家评价".into(), "/expert".into()), (given.kind.label.into(), address)]
            />
            {late}
            <Section title="评价意见">
                <DescriptionList items=vec![
                    ("业务编号".to_owned(), given.number.clone().unwrap_or_default()),
                    ("评价结果".to_owned(), given.result.to_owned()),
                ] />
                <p class="lines">{note}</p>
                {items}
            </Section>
            {recusal}
        }
        .into_any()
    };
    Page::new(title, body).under("/expert").with_form_drafts()
}

/// The form by which the expert steps back from the matter.
fn recusal_view(given: &GivenOpinion) -> Option<AnyView> {
    let transition = given.recusal?;
    let draft = DraftOnPage::of(&given.drafts, &DECISION, transition.command);
    let is_written = draft.is_saved();
    let form = view! {
        <form method="post" action=links::matter(given.matter) class="fields" data-move=transition.command>
            <Hidden name="_key" value=Uuid::now_v7().to_string() />
            <SeenField seen=given.seen />
            <NoteField ask=FieldProps::new("note", "回避理由") id="note-recuse" value=draft.text("note") />
            <div class="choices">
                <Submit label=transition.label weight=Weight::Grave action=transition.command />
                <Submit label="暂存" weight=Weight::Quiet action=format!("save:{}", transition.command) />
            </div>
            <FormDraftFields draft=draft />
        </form>
    };
    Some(
        view! {
            <Fold label=transition.label open=is_written>
                {form}
            </Fold>
        }
        .into_any(),
    )
}

/// Answers a form that was posted after the opinion: as the first time if it says the same, otherwise with what it says.
pub(super) fn sent_again(slug: &str, given: GivenOpinion, post: &Post) -> PageResponse {
    let typed = normalise_lines(post.text("note"));
    let typed = typed.trim();
    if typed.is_empty() || given.note == typed {
        let sent = post.id("_key").map(|key| format!("&sent={key}")).unwrap_or_default();
        return redirect(format!("/expert/{slug}?state=done{sent}"));
    }
    let typed = typed.to_owned();
    page(given, Some(typed)).status(StatusCode::CONFLICT).into()
}
