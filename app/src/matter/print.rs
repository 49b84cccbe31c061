//! The whole matter on paper: as its reader may see it, without navigation.

use backend::matter::Opened;
use leptos::prelude::*;
use uuid::Uuid;

use super::read::{Reader, answers_view};
use super::{copy, detail};
use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;
use crate::words;

/// What can be done with the whole of a matter: 打印, 复制为新申请.
pub(super) fn links(opened: &Opened) -> AnyView {
    let href = format!("/matters/{}/print", opened.row.id);
    let copy = copy::button(opened, Weight::Quiet);
    view! { <div class="choices"><ButtonLink href=href label="打印" quiet=true/>{copy}</div> }.into_any()
}

/// Shows it to whoever may see the matter, masked as on its page.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let opened = backend::matter::open_matter(&call.app, &who, call.id("id")?).await?;
    let world = backend::matter::context::world_of(&call.app, &opened, who.caller()).await?;
    let (person, institutions) = backend::service::matters::parties(&call.app, &opened).await?;
    let mut accounts: Vec<Uuid> = opened.events.iter().filter_map(|e| e.by).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let names = backend::service::matters::names(&call.app, &accounts).await?;
    let now = call.app.now();
    let page = Page::new("打印", move || {
        let id = opened.row.id;
        let reader = Reader::of(&opened);
        let mut facts = vec![
            ("申请人".to_owned(), person.map(|p| p.name).unwrap_or_default()),
            ("当前状态".to_owned(), opened.stage().map_or("", |s| s.label).to_owned()),
            ("提交时间".to_owned(), opened.row.submitted_at.map(words::time).unwrap_or_default()),
            ("打印时间".to_owned(), words::time(now)),
        ];
        facts.splice(1..1, institutions.into_iter().map(|(label, name)| (label.to_owned(), name)));
        let timeline: Vec<TimelineItem> = opened.events.iter().filter_map(|e| detail::entry(e, &opened, &names)).collect();
        let history = (!timeline.is_empty()).then(|| view! { <Section title="办理进度"><Timeline items=timeline/></Section> });
        view! {
            <p class="no-print"><a href=format!("/matters/{id}")>"返回业务详情"</a>"　请使用浏览器的打印功能打印本页，或另存为 PDF。"</p>
            <div class="sheet-head">
                <h1>{opened.kind.label}</h1>
                <p class="lead">{opened.kind.title_for(&opened.answers)}</p>
                <Facts items=facts/>
            </div>
            {answers_view(id, opened.kind.form, &opened.answers, &world, reader)}
            {history}
        }
        .into_any()
    });
    Ok(page.on_paper().into())
}
