//! Print view of a matter, as its reader may see it.

use axum::extract::State;
use backend::AppState;
use backend::service::pages::{PrintPage, print_page};
use leptos::prelude::*;
use uuid::Uuid;

use super::read::{Reader, answers_view};
use super::timeline;
use crate::error::PageError;
use crate::extract::Path;
use crate::page::Page;
use crate::request::Authorized;
use crate::ui::*;
use crate::{format, links};

/// Shows the print view, masked as on the matter's page.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Path(id): Path<Uuid>) -> Result<Page, PageError> {
    let PrintPage { matter, context, parties, actors } = print_page(&app, &who, id).await?;
    let now = app.now();
    let page = Page::new("打印", move || {
        let mut facts = vec![("业务编号".to_owned(), matter.number.clone().unwrap_or_default())];
        facts.push((matter.kind.applicant_label.to_owned(), parties.applicant.map(|p| p.name).unwrap_or_default()));
        facts.extend(parties.institutions.into_iter().map(|(label, name)| (label.to_owned(), name)));
        facts.push(("当前状态".to_owned(), matter.stage().map_or("", |s| s.label).to_owned()));
        facts.push(("提交时间".to_owned(), matter.submitted_at.map(format::time).unwrap_or_default()));
        facts.push(("打印时间".to_owned(), format::time(now)));
        let timeline: Vec<TimelineItem> = matter.events.iter().map(|e| timeline::entry(e, &matter, &actors, &context)).collect();
        let history = (!timeline.is_empty()).then(|| view! { <Section title="办理进度"><Timeline items=timeline/></Section> });
        view! {
            <p class="no-print"><a href=links::matter(id)>"返回业务详情"</a>"　请使用浏览器的打印功能打印本页，或另存为 PDF。"</p>
            <div class="sheet-head">
                <h1>{matter.kind.label}</h1>
                <p class="lead">{matter.kind.title_for(&matter.answers)}</p>
                <DescriptionList items=facts/>
            </div>
            {answers_view(id, matter.kind.form, &matter.answers, &context, Reader::of(&matter))}
            {history}
        }
        .into_any()
    });
    Ok(page.for_print())
}
