//! 个人中心: 基本信息, 基本信息库, 消息.

use domain::engine::form::{Record, Records};
use domain::kind::KINDS;
use leptos::prelude::*;
use uuid::Uuid;

use crate::call::{Answer, Call, Fault, Page};
use crate::ui::*;
use crate::{library, words};

/// The entries of the centre.
pub async fn centre(call: Call) -> Result<Answer, Fault> {
    let name = call.allowed()?.caller().person.name.clone();
    let page = Page::new("个人中心", move || {
        let tiles = vec![
            ("我的事项", "草稿、办理动态和结果", "/matters".into()),
            ("基本信息", "姓名、证件和联系方式", "/me/profile".into()),
            ("基本信息库", "教育、工作、审核、培训经历和继续教育", "/me/library".into()),
            ("我的考试", "科目、成绩和有效期", "/me/exams".into()),
            ("我的证书", "证书编号和有效期", "/me/certificates".into()),
            ("消息", "办理进展和待办提醒", "/me/messages".into()),
        ];
        view! { <PageHead title="个人中心" lead=name/><Tiles items=tiles/> }.into_any()
    });
    Ok(page.under("/me").into())
}

/// 基本信息, masked.
pub async fn profile(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let caller = who.caller().clone();
    let practice = backend::workflow::transfer::practice(&call.app, &who).await?;
    let page = Page::new("基本信息", move || {
        let p = &caller.person;
        let items = vec![
            ("登录账号".into(), caller.login.clone()),
            ("姓名".into(), p.name.clone()),
            ("性别".into(), p.sex.label().to_owned()),
            (p.document_label().into(), p.masked_document()),
            ("手机号码".into(), p.masked_mobile()),
            ("电子邮箱".into(), p.masked_email()),
            ("执业机构".into(), practice.now.join("、")),
        ];
        let moved: Vec<(String, String)> =
            practice.transfers.iter().map(|(from, to, day)| (day.to_string(), format!("由{from}转入{to}"))).collect();
        let moved = (!moved.is_empty()).then(|| view! { <Section title="执业机构变更记录"><Facts items=moved/></Section> });
        view! {
            <PageHead title="基本信息" crumbs=vec![("个人中心".into(), "/me".into())]/>
            <Section><Facts items=items/></Section>
            {moved}
            <p class="saved">"为保护个人信息，证件号码和联系方式只显示首尾部分。"</p>
        }
        .into_any()
    });
    Ok(page.under("/me").into())
}

/// A kept record in a list: its id, its title, its time.
type Kept = (Uuid, String, String);

/// 基本信息库.
pub async fn library(call: Call) -> Result<Answer, Fault> {
    let who = call.allowed()?;
    let world = backend::matter::context::world_for(&call.app, who.account(), who.caller()).await?;
    let mut parts: Vec<(&'static Records, Vec<Kept>)> = Vec::new();
    for list in KINDS.iter().flat_map(|k| k.form.steps).flat_map(|s| s.records()).filter(|l| l.library) {
        // A list that several kinds ask for is kept once.
        if parts.iter().any(|(there, _)| there.name == list.name) {
            continue;
        }
        let kept = backend::workflow::library::library(&call.app, &who, list.name).await?;
        let lines = kept.iter().map(|r| (r.id, list.title_of(&r.fields, &world.context()), span(r))).collect();
        parts.push((list, lines));
    }
    let page = Page::new("基本信息库", move || {
        let sections = parts.into_iter().map(|(list, lines)| library_section(list, lines)).collect_view();
        view! {
            <PageHead title="基本信息库" lead="在这里添加的经历，以及填写申请时勾选“同时存入基本信息库”的经历，以后的申请可直接选用。" crumbs=vec![("个人中心".into(), "/me".into())]/>
            {sections}
        }
        .into_any()
    });
    Ok(page.under("/me").into())
}

fn span(record: &Record) -> String {
    let end = record.text("end");
    format!("{} 至 {}", record.text("start"), if end.is_empty() { "今" } else { end })
}

fn library_section(list: &'static Records, lines: Vec<Kept>) -> impl IntoView {
    let (label, empty) = (list.label, lines.is_empty());
    let cards = lines
        .into_iter()
        .map(|(id, title, span)| {
            view! {
                <div class="record record-head">
                    <div><p class="record-title">{title}</p><p class="row-sub">{span}</p></div>
                    <div class="row-end">
                        <a class="btn btn-sm btn-outline" href=library::path(list.name, id)>"编辑"</a>
                        <form method="post" action="/me/library">
                            <Hidden name="record" value=id.to_string()/>
                            <button class="btn btn-sm btn-outline" type="submit">"移除"</button>
                        </form>
                    </div>
                </div>
            }
        })
        .collect_view();
    view! {
        <Section title=label>
            {cards}
            {empty.then(|| view! { <Empty text=format!("还没有{label}")/> })}
            <ButtonLink href=library::path(list.name, Uuid::now_v7()) label=format!("添加{label}") quiet=true/>
        </Section>
    }
}

/// Removes a kept record. Applications that took it keep their copy.
pub async fn forget(call: Call) -> Result<Answer, Fault> {
    backend::workflow::library::forget_record(&call.app, &call.allowed()?, call.post.id("record")?).await?;
    Ok(Answer::See("/me/library".into()))
}

/// 消息.
pub async fn messages(call: Call) -> Result<Answer, Fault> {
    let all = backend::service::message::messages(&call.app, &call.allowed()?).await?;
    let page = Page::new("消息", move || {
        let unread = all.iter().any(|m| m.read_at.is_none());
        let empty = all.is_empty();
        let rows = all
            .into_iter()
            .map(|m| Row {
                href: format!("/me/messages/{}", m.id),
                title: m.title,
                sub: m.body,
                badge: m.read_at.is_none().then(|| (Tone::Warn, "未读".to_owned())),
                end: words::time(m.created_at),
                action: None,
            })
            .collect();
        let read_all = unread.then(|| {
            view! { <form method="post" action="/me/messages"><Submit label="全部标为已读" weight=Weight::Quiet/></form> }
        });
        view! {
            <PageHead title="消息" crumbs=vec![("个人中心".into(), "/me".into())]/>
            <Section>
                {if empty { view! { <Empty text="还没有消息"/> }.into_any() } else { view! { <Rows rows=rows/> }.into_any() }}
                {read_all}
            </Section>
        }
        .into_any()
    });
    Ok(page.under("/me").into())
}

/// Opens a message: it is read, and leads to its page.
pub async fn open_message(call: Call) -> Result<Answer, Fault> {
    let link = backend::service::message::read_message(&call.app, &call.allowed()?, call.id("id")?).await?;
    Ok(Answer::See(link.ok_or(Fault::NotFound)?))
}

/// Marks every message as read.
pub async fn read_all(call: Call) -> Result<Answer, Fault> {
    backend::service::message::read_all_messages(&call.app, &call.allowed()?).await?;
    Ok(Answer::See("/me/messages".into()))
}
