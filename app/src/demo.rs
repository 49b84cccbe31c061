//! Pages of the demo only.

use backend::message::Outgoing;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;
use crate::words;

/// What would have gone out by SMS and mail.
pub async fn outbox(call: Call) -> Result<Answer, Fault> {
    let all = call.house.outgoing().await?;
    let page = Page::new("演示：短信和邮件", move || {
        let empty = all.is_empty();
        let items = all.into_iter().map(entry).collect();
        view! {
            <PageHead title="演示：短信和邮件" lead="演示环境不真正发送短信和邮件，本应发出的内容显示在这里"/>
            <Section>{if empty { view! { <Empty text="还没有短信和邮件"/> }.into_any() } else { view! { <Timeline items=items/> }.into_any() }}</Section>
        }
        .into_any()
    });
    Ok(page.into())
}

fn entry(o: Outgoing) -> TimelineItem {
    let what = if o.subject.is_empty() { o.body } else { format!("{}\n{}", o.subject, o.body) };
    TimelineItem {
        when: words::delivery(o.created_at, o.state),
        who: format!("{} {}", o.channel.label(), o.target),
        what: o.plan.label.to_owned(),
        note: what,
    }
}
