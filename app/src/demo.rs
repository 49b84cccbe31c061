//! Pages that exist on demo servers only.

use axum::extract::State;
use backend::AppState;
use backend::service::message::view::OutboxView;
use domain::base::identity::read_certificate_number;
use domain::base::text::normalise;
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

use crate::error::PageError;
use crate::extract::{Form, Query, SavedQuery};
use crate::format;
use crate::page::{Page, PageResponse, redirect};
use crate::ui::*;

/// The SMS and mails that a real server would have sent.
pub async fn outbox(State(app): State<AppState>) -> Result<PageResponse, PageError> {
    let all = backend::service::message::view::list_outbox(&app).await?;
    let page = Page::new("演示：短信和邮件", move || {
        let empty = all.is_empty();
        let items = all.into_iter().map(entry).collect();
        view! {
            <PageHead
                title="演示：短信和邮件"
                lead="演示环境不真正发送短信和邮件，本应发出的内容显示在这里"
            />
            <Section>
                {if empty {
                    view! { <Empty text="暂无短信和邮件" /> }.into_any()
                } else {
                    view! { <Timeline items=items /> }.into_any()
                }}
            </Section>
        }
        .into_any()
    });
    Ok(page.into())
}

fn entry(o: OutboxView) -> TimelineItem {
    let what = if o.subject.is_empty() { o.body } else { format!("{}\n{}", o.subject, o.body) };
    TimelineItem {
        when: format::delivery(o.created_at, o.state),
        who: format!("{} {}", o.channel.label(), o.target),
        what: o.plan.label.to_owned(),
        note: what,
        facts: Vec::new(),
    }
}

/// Maximum number of days a certificate is backdated at once: its term and a half.
const MAX_DAYS: u32 = 2000;

/// The form of 证书时间.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct BackdateForm {
    number: String,
    days: String,
}

/// 证书时间: backdates a certificate, so that what follows after a year can be tried now.
pub async fn certificates(Query(query): Query<SavedQuery>) -> Result<PageResponse, PageError> {
    let message = query.is_saved().then(|| "证书日期已提前，应有的提醒和到期处理已完成。".to_owned());
    Ok(certificate_page(String::new(), String::new(), None, message).into())
}

/// Backdates a certificate. The permission of the route is granted on demo servers only.
pub async fn backdate(State(app): State<AppState>, Form(form): Form<BackdateForm>) -> Result<PageResponse, PageError> {
    let (number, days) = (normalise(&form.number), normalise(&form.days));
    let stored = read_certificate_number(&number).unwrap_or_else(|_| number.clone());
    let fault = match days.parse::<u32>().ok().filter(|d| (1..=MAX_DAYS).contains(d)) {
        None => Some(("days", format!("请填写 1 至 {MAX_DAYS} 的天数"))),
        Some(by) if backend::record::certificate::renewal::backdate_certificate(&app, &stored, by).await? => None,
        Some(_) => Some(("number", "没有这个编号的证书".to_owned())),
    };
    match fault {
        None => {
            // Run what the daily job would do on that day.
            backend::service::certificate::expiry::run_expiry(&app).await?;
            Ok(redirect("/dev/certificates?saved=1"))
        }
        Some(fault) => Ok(certificate_page(number, days, Some(fault), None).status(StatusCode::UNPROCESSABLE_ENTITY).into()),
    }
}

fn certificate_page(number: String, days: String, fault: Option<(&'static str, String)>, message: Option<String>) -> Page {
    Page::new("演示：证书时间", move || {
        let of = |name: &str| fault.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text.clone());
        view! {
            <PageHead
                title="演示：证书时间"
                lead="仅在演示环境中开放。把一张证书的日期整体提前，即可体验年度确认、再注册、提醒和到期处理。"
            />
            {message.map(|text| view! { <Notice tone=Tone::Good>{text}</Notice> })}
            <section class="panel">
                <form method="post" action="/dev/certificates" class="fields" novalidate=true>
                    <TextField
                        ask=FieldProps::new("number", "证书编号").hint("如 2026-N0QMS-4000001").fault(of("number"))
                        value=number.clone()
                    />
                    <TextField
                        ask=FieldProps::new("days", "提前天数").hint("如 345").fault(of("days"))
                        value=days.clone()
                        inputmode="numeric"
                        short=true
                    />
                    <Actions>
                        <Submit label="提前" />
                    </Actions>
                </form>
            </section>
        }
        .into_any()
    })
}
