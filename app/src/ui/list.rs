//! Lists: records, lines, tiles.

use leptos::prelude::*;

use super::{Badge, Tone};

/// One line of a list that leads somewhere.
pub struct Row {
    /// Where it leads.
    pub href: String,
    /// First line.
    pub title: String,
    /// Second line.
    pub sub: String,
    /// How it stands.
    pub badge: Option<(Tone, String)>,
    /// At the end of the second line: a time, a name.
    pub end: String,
    /// What can be done with it at once: label and address.
    pub action: Option<(&'static str, String)>,
}

/// Lines that lead somewhere.
#[component]
pub fn Rows(rows: Vec<Row>) -> AnyView {
    let rows = rows
        .into_iter()
        .map(|row| {
            view! {
                <li class="row">
                    <div class="row-main">
                        <a class="row-title" href=row.href>{row.title}</a>
                        <p class="row-sub">{row.sub}</p>
                    </div>
                    <div class="row-end">
                        {row.badge.map(|(tone, text)| view! { <Badge tone=tone text=text/> })}
                        <span class="row-when">{row.end}</span>
                        {row.action.map(|(label, href)| view! { <a class="btn btn-sm btn-outline" href=href>{label}</a> })}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

/// Something that was found, and how it stands.
pub struct Finding {
    /// Stable code, for tools and tests.
    pub code: &'static str,
    /// How it is meant.
    pub tone: Tone,
    /// How it stands, in a word.
    pub word: &'static str,
    /// What it is about.
    pub title: String,
    /// What was found.
    pub text: String,
    /// What can be done; may be empty.
    pub hint: &'static str,
}

/// What was found, one line each.
#[component]
pub fn Findings(items: Vec<Finding>) -> AnyView {
    let lines = items
        .into_iter()
        .map(|item| {
            view! {
                <li class="row" data-requirement=item.code>
                    <div class="row-main">
                        <p class="record-title">{item.title}</p>
                        <p>{item.text}</p>
                        {(!item.hint.is_empty()).then(|| view! { <p class="row-sub">{item.hint}</p> })}
                    </div>
                    <div class="row-end"><Badge tone=item.tone text=item.word/></div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{lines}</ul> }.into_any()
}

/// A link to the next page of a list.
#[component]
pub fn Pager(next: Option<String>, first: Option<String>) -> AnyView {
    (next.is_some() || first.is_some())
        .then(|| {
            view! {
                <nav class="pager" aria-label="翻页">
                    {first.map(|href| view! { <a class="btn btn-sm btn-outline" href=href>"回到最新"</a> })}
                    {next.map(|href| view! { <a class="btn btn-sm btn-outline" href=href>"更早的"</a> })}
                </nav>
            }
        })
        .into_any()
}

/// Tabs over a list: label, address, whether it is the present one.
#[component]
pub fn Tabs(items: Vec<(&'static str, String, bool)>) -> AnyView {
    let tabs = items
        .into_iter()
        .map(|(label, href, here)| view! { <li><a class="tab-link" href=href aria-current=here.then_some("page")>{label}</a></li> })
        .collect_view();
    view! { <ul class="tab-row">{tabs}</ul> }.into_any()
}

/// 常用服务: label, hint and address.
#[component]
pub fn Tiles(items: Vec<(&'static str, &'static str, String)>) -> AnyView {
    let tiles = items
        .into_iter()
        .map(|(label, hint, href)| {
            view! { <li><a class="tile" href=href><span class="tile-label">{label}</span><span class="tile-hint">{hint}</span></a></li> }
        })
        .collect_view();
    view! { <ul class="tiles">{tiles}</ul> }.into_any()
}
