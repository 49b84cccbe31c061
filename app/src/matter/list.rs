//! 我的事项.

use domain::engine::flow::{Hat, Party, Stage};
use domain::engine::pace::Pace;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page, read_cursor, write_cursor};
use crate::ui::*;
use crate::words;

const VIEWS: &[(&str, &str)] = &[("全部", "all"), ("草稿箱", "drafts"), ("办理中", "open"), ("已办结", "closed")];

/// The caller's matters, drafts included.
pub async fn show(call: Call) -> Result<Answer, Fault> {
    let asked = call.asked("view");
    let view = VIEWS.iter().find(|(_, v)| *v == asked).map_or("all", |(_, v)| *v);
    let after = read_cursor(call.asked("after"));
    let list = backend::service::matters::own_matters(&call.app, &call.allowed()?, view, after).await?;
    let mut paces = Vec::with_capacity(list.lines.len());
    for line in &list.lines {
        paces.push(backend::matter::pace::pace(&call.app, &line.row).await?);
    }
    let page = Page::new("我的事项", move || {
        let tabs = VIEWS.iter().map(|(label, v)| (*label, format!("/matters?view={v}"), *v == view)).collect();
        let next = list.next.map(|c| format!("/matters?view={view}&after={}", write_cursor(c)));
        let first = after.map(|_| format!("/matters?view={view}"));
        let empty = list.lines.is_empty();
        let rows = list.lines.iter().zip(paces).map(|(l, pace)| row(&l.row, pace)).collect();
        view! {
            <PageHead title="我的事项" lead="草稿和已提交的业务都在这里"/>
            <section class="panel">
                <Tabs items=tabs/>
                {if empty {
                    view! { <Empty text="这里还没有业务"><ButtonLink href="/apply" label="在线申请"/></Empty> }.into_any()
                } else {
                    view! { <Rows rows=rows/> }.into_any()
                }}
                <Pager next=next first=first/>
                {(view == "drafts").then(|| view! { <p class="field-hint">"在自己的设备上填写的内容也加密保存在本机，没有网络时可以继续填写："<a href="/offline">"查看本机草稿"</a></p> })}
            </section>
        }
        .into_any()
    });
    Ok(page.under("/matters").into())
}

/// One line: whose turn it is, until when, and how long it usually takes. A matter that can be edited leads on to the editor as well.
pub(crate) fn row(row: &backend::infra::db::matter::Row, pace: Option<Pace>) -> Row {
    let kind = domain::kind::by_code(&row.kind);
    let stage = kind.and_then(|k| k.stage(&row.stage));
    let editable = stage.is_some_and(|s| s.edit != domain::engine::flow::Edit::Nothing);
    let first = kind.and_then(|k| k.form.steps.first()).map_or("", |s| s.code);
    let draft = row.submitted_revision.is_none();
    // A draft is taken up at its first page; what was returned, at what is asked.
    let edit = match row.submitted_revision {
        None => ("编辑", format!("/matters/{}/edit/{first}", row.id)),
        Some(_) => ("编辑", format!("/matters/{}/rectify", row.id)),
    };
    let turn = stage.filter(|s| !draft && !s.closed()).map(|s| if s.turn == Party::Applicant { "您" } else { s.turn.label() });
    let clock = [turn.map(|t| format!("轮到：{t}")), row.due_on.map(|d| format!("期限 {d}")), pace.map(Pace::short)];
    let sub: Vec<String> = [Some(words::kind(row).to_owned())].into_iter().chain(clock).flatten().collect();
    Row {
        href: if draft { edit.1.clone() } else { format!("/matters/{}", row.id) },
        title: row.title.clone(),
        sub: sub.join(" · "),
        badge: Some(words::stage(row)),
        end: words::time(row.updated_at),
        action: if editable { Some(edit) } else { payable(row, stage).map(|href| ("缴费", href)) },
    }
}

/// Where a matter is paid, if it waits for its applicant to pay.
fn payable(row: &backend::infra::db::matter::Row, stage: Option<&Stage>) -> Option<String> {
    stage.and_then(|s| cash_page(row.id, s, &[Hat::Applicant])).map(|(_, href)| href)
}

/// The page at the cash desk for whoever's turn it is, where the cash desk moves the matter: what it is called, and where it is.
pub(crate) fn cash_page(id: uuid::Uuid, stage: &Stage, hats: &[Hat]) -> Option<(&'static str, String)> {
    let paid = stage.moves.iter().any(|m| m.by == Party::Cashier) && hats.iter().any(|h| stage.turn.wears(*h));
    paid.then(|| match stage.turn {
        Party::Institution(_) => ("缴费", "/institution/bills".to_owned()),
        Party::Association(_) => ("核验缴费凭证", "/association/payments".to_owned()),
        _ => ("缴费", format!("/matters/{id}/pay")),
    })
}
