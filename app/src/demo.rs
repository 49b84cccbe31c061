//! Pages of the demo only.

use backend::service::message::outbox::Outgoing;
use domain::base::text::normalise;
use http::StatusCode;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;
use crate::words;

/// What would have gone out by SMS and mail.
pub async fn outbox(call: Call) -> Result<Answer, Fault> {
    let all = backend::service::message::outbox::outgoing(&call.app).await?;
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

/// The most days a certificate is put back at once: its whole term and a half.
const MOST: u32 = 2000;

/// 证书时间: what comes after a year can be tried now.
pub async fn certificates(call: Call) -> Result<Answer, Fault> {
    let said = (call.asked("saved") == "1").then(|| "证书日期已提前，应有的提醒和到期处理已完成。".to_owned());
    Ok(ageing(String::new(), String::new(), None, said).into())
}

/// Puts a certificate so many days back. The address is open in a demo only; the table of actions says so.
pub async fn age(call: Call) -> Result<Answer, Fault> {
    let (number, days) = (normalise(call.post.text("number")), normalise(call.post.text("days")));
    let fault = match days.parse::<u32>().ok().filter(|d| (1..=MOST).contains(d)) {
        None => Some(("days", format!("请填写 1 至 {MOST} 的天数"))),
        Some(by) if backend::record::certificate::renewal::age_certificate(&call.app, &number, by).await? => None,
        Some(_) => Some(("number", "没有这个编号的证书".to_owned())),
    };
    match fault {
        None => {
            // What the daily job would do on that backend::service::certificate::expiry::watch_certificates(&day.call.app).await?;
            Ok(Answer::See("/dev/certificates?saved=1".into()))
        }
        Some(fault) => Ok(ageing(number, days, Some(fault), None).status(StatusCode::UNPROCESSABLE_ENTITY).into()),
    }
}

fn ageing(number: String, days: String, fault: Option<(&'static str, String)>, said: Option<String>) -> Page {
    Page::new("演示：证书时间", move || {
        let of = |name: &str| fault.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text.clone());
        view! {
            <PageHead title="演示：证书时间" lead="仅在演示环境中开放。把一张证书的日期整体提前，即可体验年度确认、再注册、提醒和到期处理。"/>
            {said.map(|text| view! { <Notice tone=Tone::Good>{text}</Notice> })}
            <section class="panel">
                <form method="post" action="/dev/certificates" class="fields" novalidate=true>
                    <TextField ask=Ask::new("number", "证书编号").hint("如 2026-N0QMS-4000001").fault(of("number")) value=number.clone()/>
                    <TextField ask=Ask::new("days", "提前天数").hint("如 345").fault(of("days")) value=days.clone() inputmode="numeric" short=true/>
                    <Actions><Submit label="提前"/></Actions>
                </form>
            </section>
        }
        .into_any()
    })
}
