//! 首页: 常用服务, what waits, notices.

use backend::infra::db;
use domain::base::permission::Action;
use domain::kind::KINDS;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page};
use crate::matter::list::row;
use crate::ui::*;

/// For whoever is signed in, their work; for others, the entry.
pub async fn show(mut call: Call) -> Result<Answer, Fault> {
    let notices = backend::state::notices(&call.app).await?;
    if call.caller.is_none() {
        return Ok(entry(notices).into());
    }
    call.action = Action::OwnCentre;
    let who = call.allowed()?;
    let tasks = backend::service::matters::own_tasks(&call.app, &who).await?;
    let desk = !who.caller().desks.is_empty();
    let staff = who.caller().roles.iter().any(|r| r.staff());
    let waiting_institution = if desk { backend::service::matters::institution_task_count(&call.app, &who).await? } else { 0 };
    let waiting_association = if staff { backend::service::matters::association_task_count(&call.app, &who).await? } else { 0 };
    let page = Page::new("首页", move || {
        let services = KINDS
            .iter()
            .map(|k| (k.label, k.group, format!("/apply/{}", k.code)))
            .chain([("我的事项", "草稿、办理动态和结果", "/matters".into()), ("我的证书", "证书编号和有效期", "/me/certificates".into())])
            .collect();
        let empty = tasks.is_empty() && !desk && !staff;
        let rows = tasks.iter().map(|task| row(task, None)).collect();
        let desks = [(desk, "机构工作台", "/institution", waiting_institution), (staff, "协会工作台", "/association", waiting_association)]
            .into_iter()
            .filter(|(open, ..)| *open)
            .map(|(_, label, href, count)| view! { <p>{format!("{label}有 {count} 件业务待办理。")}<a href=href>"去办理"</a></p> })
            .collect_view();
        view! {
            <h1 class="sr-only">"首页"</h1>
            <Section title="常用服务"><Tiles items=services/></Section>
            <div class="split">
                <Section title="待办" aside=("全部事项", "/matters".to_owned())>
                    {desks}
                    {if empty { view! { <Empty text="目前没有等您办理的事项"/> }.into_any() } else { view! { <Rows rows=rows/> }.into_any() }}
                </Section>
                <Section title="通知公告" aside=("证书公告", "/published".to_owned())>{notices_view(notices)}</Section>
            </div>
        }
        .into_any()
    });
    Ok(page.under("/").into())
}

fn entry(notices: Vec<db::rule::Notice>) -> Page {
    let body = move || {
        view! {
            <PageHead title="认证人员综合服务平台" lead="认证人员注册、考试、培训和证书业务的网上办理入口"/>
            <div class="split">
                <div>
                    <Section title="进入平台">
                        <p>"申请人、注册人员、教师和专家使用个人账号登录，认证机构和协会工作人员使用各自账号登录。"</p>
                        <div class="actions"><ButtonLink href="/login" label="登录"/><ButtonLink href="/register" label="立即注册" quiet=true/></div>
                    </Section>
                    <Section title="证书查询">
                        <p>"凭证书编号可查询证书是否有效，无需登录。"</p>
                        <div class="actions"><ButtonLink href="/verify" label="查询证书" quiet=true/><ButtonLink href="/published" label="证书公告" quiet=true/></div>
                    </Section>
                </div>
                <Section title="通知公告">{notices_view(notices)}</Section>
            </div>
        }
        .into_any()
    };
    Page::new("首页", body).under("/")
}

fn notices_view(notices: Vec<db::rule::Notice>) -> AnyView {
    if notices.is_empty() {
        return view! { <Empty text="暂无通知"/> }.into_any();
    }
    notices
        .into_iter()
        .map(|n| {
            view! {
                <details class="fold">
                    <summary>{n.title}</summary>
                    <div class="fold-in"><p>{n.body}</p><p class="row-when">{n.published_on.to_string()}</p></div>
                </details>
            }
        })
        .collect_view()
        .into_any()
}
