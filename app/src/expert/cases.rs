//! The cases put before an expert.

use backend::record::expert::Filter;
use domain::engine::flow::Asks;
use domain::matter::Kind;
use leptos::prelude::*;

use crate::call::{Answer, Call, Fault, Page, read_cursor, write_cursor};
use crate::ui::*;
use crate::words;

const STATES: &[(&str, &str)] = &[("待评价", "waiting"), ("已评价", "done"), ("全部", "all")];

/// The entries of 专家评价.
pub async fn centre(call: Call) -> Result<Answer, Fault> {
    let count = backend::record::expert::expert_task_count(&call.app, &call.allowed()?).await?;
    let page = Page::new("专家评价", move || {
        let hint = if count > 0 { "有待评价的业务" } else { "目前没有待评价的业务" };
        let tiles = LISTS.iter().map(|list| (list.kind.label, hint, list.path.to_owned())).collect();
        view! { <PageHead title="专家评价" lead=format!("待评价 {count} 件")/><Tiles items=tiles/> }.into_any()
    });
    Ok(page.under("/expert").into())
}

/// The cases of one kind.
struct List {
    kind: &'static Kind,
    path: &'static str,
    title: &'static str,
    example: &'static str,
}

static LISTS: [List; 2] = [
    List {
        kind: &domain::kind::registration::KIND, path: "/expert/registrations", title: "人员注册评价", example: "如 质量管理体系"
    },
    List { kind: &domain::kind::appeal::KIND, path: "/expert/appeals", title: "申诉评价", example: "如 申诉" },
];

/// The expert's cases of 人员注册.
pub async fn registrations(call: Call) -> Result<Answer, Fault> {
    let [list, _] = &LISTS;
    cases(call, list).await
}

/// The expert's appeals (manual 3.4.3).
pub async fn appeals(call: Call) -> Result<Answer, Fault> {
    let [_, list] = &LISTS;
    cases(call, list).await
}

/// The expert's cases of one kind, with conditions to search by.
async fn cases(call: Call, of: &'static List) -> Result<Answer, Fault> {
    let asked = call.asked("state");
    let state = STATES.iter().find(|(_, s)| *s == asked).map_or("waiting", |(_, s)| *s);
    let words_asked = domain::base::text::normalise(call.asked("words"));
    let filter = Filter { state: state.to_owned(), words: words_asked.clone(), kind: of.kind.code.to_owned() };
    let after = read_cursor(call.asked("after"));
    let list = backend::record::expert::expert_cases(&call.app, &call.allowed()?, &filter, after).await?;
    let page = Page::new(of.title, move || {
        let query = |state: &str| {
            let words: String = form_urlencoded::byte_serialize(words_asked.as_bytes()).collect();
            format!("{}?state={state}&words={words}", of.path)
        };
        let tabs = STATES.iter().map(|(label, s)| (*label, query(s), *s == state)).collect();
        let next = list.next.map(|c| format!("{}&after={}", query(state), write_cursor(c)));
        let first = after.map(|_| query(state));
        let empty = list.cases.is_empty();
        let rows = list.cases.iter().map(row).collect();
        view! {
            <PageHead title=of.title lead="申请人的姓名和机构对评价专家不显示" crumbs=vec![("专家评价".into(), "/expert".into())]/>
            <section class="panel">
                <Tabs items=tabs/>
                <form method="get" action=of.path class="search" role="search">
                    <Hidden name="state" value=state/>
                    <label class="field-label" for="f-words">"业务名称"</label>
                    <input class="input" type="search" id="f-words" name="words" value=words_asked.clone() placeholder=of.example/>
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

fn row(case: &backend::record::expert::Assigned) -> Row {
    let waiting = case.finished_at.is_none() && case.matter.turn == domain::engine::flow::Party::Expert.code();
    // Findings have a page of their own; an opinion alone is given on the page of the matter.
    let kind = domain::kind::by_code(&case.matter.kind);
    let sheet = kind.and_then(|k| k.stage(&case.matter.stage)).is_some_and(|s| s.moves.iter().any(|m| m.asks == Asks::Findings));
    let base = if sheet { "/expert/registrations" } else { "/matters" };
    let href = format!("{base}/{}", case.matter.id);
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
