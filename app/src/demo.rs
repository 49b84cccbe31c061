//! Pages of the demo only.

use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;
use crate::words;

/// What would have gone out by SMS and mail.
pub async fn outbox(call: Call) -> Result<Answer, Fault> {
    let all = call.house.outgoing().await?;
    let page = Page::new("演示：待发短信", move || {
        let empty = all.is_empty();
        let items = all
            .into_iter()
            .map(|o| TimelineItem { when: words::time(o.created_at), who: o.target, what: o.body, note: String::new() })
            .collect();
        view! {
            <PageHead title="演示：待发短信" lead="演示环境不真正发送短信，本应发出的内容显示在这里"/>
            <Section>{if empty { view! { <Empty text="还没有短信"/> }.into_any() } else { view! { <Timeline items=items/> }.into_any() }}</Section>
        }
        .into_any()
    });
    Ok(page.into())
}
