//! The cases put before an expert.

use backend::expert::Filter;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page, read_cursor, write_cursor};
use crate::ui::*;
use crate::words;

const STATES: &[(&str, &str)] = &[("待评价", "waiting"), ("已评价", "done"), ("全部", "all")];

/// The entries of 专家评价.
pub async fn centre(call: Call) -> Result<Answer, Fault> {
    let count = call.house.expert_task_count(&call.allowed()?).await?;
    let page = Page::new("专家评价", move || {
        let hint = if count > 0 { "有待评价的业务" } else { "目前没有待评价的业务" };
        let tiles = vec![("人员注册", hint, "/expert/registrations".to_owned())];
        view! { <PageHead title="专家评价" lead=format!("待评价 {count} 件")/><Tiles items=tiles/> }.into_any()
    });
    Ok(page.under("/expert").into())
}

/// The expert's cases of 人员注册, with conditions to search by.
pub async fn registrations(call: Call) -> Result<Answer, Fault> {
    let asked = call.asked("state");
    let state = STATES.iter().find(|(_, s)| *s == asked).map_or("waiting", |(_, s)| *s);
    let words_asked = domain::text::normalise(call.asked("words"));
    let filter = Filter { state: state.to_owned(), words: words_asked.clone(), kind: domain::registration::KIND.code.to_owned() };
    let after = read_cursor(call.asked("after"));
    let list = call.house.expert_cases(&call.allowed()?, &filter, after).await?;
    let page = Page::new("人员注册评价", move || {
        let query = |state: &str| {
            let words: String = form_urlencoded::byte_serialize(words_asked.as_bytes()).collect();
            format!("/expert/registrations?state={state}&words={words}")
        };
        let tabs = STATES.iter().map(|(label, s)| (*label, query(s), *s == state)).collect();
        let next = list.next.map(|c| format!("{}&after={}", query(state), write_cursor(c)));
        let first = after.map(|_| query(state));
        let empty = list.cases.is_empty();
        let rows = list.cases.iter().map(row).collect();
        view! {
            <PageHead title="人员注册评价" lead="申请人的姓名和机构对评价专家不显示" crumbs=vec![("专家评价".into(), "/expert".into())]/>
            <section class="panel">
                <Tabs items=tabs/>
                <form method="get" action="/expert/registrations" class="search" role="search">
                    <Hidden name="state" value=state/>
                    <label class="field-label" for="f-words">"业务名称"</label>
                    <input class="input" type="search" id="f-words" name="words" value=words_asked.clone() placeholder="如 质量管理体系"/>
                    <Submit label="查询" weight=Weight::Quiet/>
                </form>
                {if empty { view! { <Empty text="没有符合条件的业务"/> }.into_any() } else { view! { <Rows rows=rows/> }.into_any() }}
                <Pager next=next first=first/>
            </section>
        }
        .into_any()
    });
    Ok(page.under("/expert").into())
}

fn row(case: &backend::expert::Assigned) -> Row {
    let waiting = case.finished_at.is_none() && case.matter.turn == domain::flow::Party::Expert.code();
    let href = format!("/expert/registrations/{}", case.matter.id);
    let due = case.matter.due_on.filter(|_| waiting).map(|d| format!(" · 期限 {d}")).unwrap_or_default();
    let badge = if waiting { (Tone::Warn, "待评价".to_owned()) } else { words::stage(&case.matter) };
    Row {
        href: href.clone(),
        title: case.matter.title.clone(),
        sub: format!("{} · 指派于 {}{due}", words::kind(&case.matter), words::time(case.assigned_at)),
        badge: Some(badge),
        end: case.finished_at.map(|at| format!("评价于 {}", words::time(at))).unwrap_or_default(),
        action: waiting.then_some(("评价", href)),
    }
}
