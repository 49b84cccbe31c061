//! 首页: 常用服务, pending tasks, notices.

use axum::extract::State;
use backend::AppState;
use backend::service::notice::Notice;
use backend::service::pages::HomePage;
use domain::engine::flow::Party;
use domain::kind::KINDS;
use leptos::prelude::*;

use crate::error::PageError;
use crate::matter::summary::own_row;
use crate::page::Page;
use crate::request::Authorized;
use crate::ui::*;

/// Shows pending tasks to signed-in users, and the entry page to others.
pub async fn show(State(app): State<AppState>, user: Option<Authorized>) -> Result<Page, PageError> {
    let Some(Authorized(who)) = user else {
        return Ok(entry(backend::service::notice::list_notices(&app).await?));
    };
    let HomePage { notices, tasks, institution_tasks, association_tasks } = backend::service::pages::home_page(&app, &who).await?;
    let page = Page::new("首页", move || {
        let services = KINDS
            .iter()
            .filter(|k| k.begun_by.contains(&Party::Applicant))
            .map(|k| (k.apply_label, k.guide.brief, format!("/apply/{}", k.code)))
            .chain([("我的事项", "草稿、办理动态和结果", "/matters".into()), ("我的证书", "证书编号和有效期", "/me/certificates".into())])
            .collect();
        let empty = tasks.is_empty() && institution_tasks.is_none() && association_tasks.is_none();
        let rows = tasks.iter().map(own_row).collect();
        let workbenches = [("机构工作台", "/institution", institution_tasks), ("协会工作台", "/association", association_tasks)]
            .into_iter()
            .filter_map(|(label, href, count)| count.map(|count| (label, href, count)))
            .map(|(label, href, count)| view! { <p>{format!("{label}有 {count} 件业务待办理。")}<a href=href>"去办理"</a></p> })
            .collect_view();
        view! {
            <h1 class="sr-only">"首页"</h1>
            <h2 class="section-name">"个人服务"</h2>
            <Section title="常用服务" aside=("在线申请", "/apply".to_owned())><Tiles items=services/></Section>
            <div class="split">
                <Section title="待办" aside=("全部事项", "/matters".to_owned())>
                    {workbenches}
                    {if empty { view! { <Empty text="暂无待办事项"/> }.into_any() } else { view! { <Rows rows=rows/> }.into_any() }}
                </Section>
                <Section title="通知公告" aside=("证书公告", "/published".to_owned())>{notices_view(notices)}</Section>
            </div>
        }
        .into_any()
    });
    Ok(page.under("/"))
}

fn entry(notices: Vec<Notice>) -> Page {
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

fn notices_view(notices: Vec<Notice>) -> AnyView {
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
