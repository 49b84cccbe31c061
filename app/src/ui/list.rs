//! Lists: rows, findings, paging, tabs, tiles.

use leptos::prelude::*;
use uuid::Uuid;

use super::{Empty, Hidden, Icon, IconName, SmallLink, StatusTag, Tone};

/// A row of a list, linked to a page.
pub struct Row {
    /// Address of the page; empty for a row without one.
    pub href: String,
    /// First line.
    pub title: String,
    /// Second line.
    pub sub: String,
    /// Status badge.
    pub badge: Option<(Tone, String)>,
    /// End of the second line: a time or a name.
    pub end: String,
    /// What can be done at once.
    pub actions: Vec<RowAction>,
}

/// What can be done from a row.
pub enum RowAction {
    /// Opens a page: label and address.
    Open(&'static str, String),
    /// Posts to an address with the id of what is begun, so that two clicks begin it once.
    Begin(&'static str, String, Uuid),
}

impl RowAction {
    /// `title`: the row, so that a screen reader tells equal labels apart.
    fn view(self, title: String) -> AnyView {
        let about = view! { <span class="sr-only">{format!("：{title}")}</span> };
        match self {
            RowAction::Open(label, href) => view! {
                <a class="btn btn-sm btn-outline" href=href>
                    {label}
                    {about}
                </a>
            }
            .into_any(),
            RowAction::Begin(label, action, id) => view! {
                <form method="post" action=action>
                    <Hidden name="_id" value=id.to_string() />
                    <button class="btn btn-sm btn-outline" type="submit">
                        {label}
                        {about}
                    </button>
                </form>
            }
            .into_any(),
        }
    }
}

/// What can be done from a row. `about`: the row, which only screen readers need.
#[component]
pub fn RowActions(actions: Vec<RowAction>, about: String) -> AnyView {
    actions.into_iter().map(|action| action.view(about.clone())).collect_view().into_any()
}

/// A list of linked rows.
#[component]
pub fn Rows(rows: Vec<Row>) -> AnyView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let named = row.title.clone();
            let title = match row.href.is_empty() {
                true => view! { <span class="row-title">{row.title}</span> }.into_any(),
                false => view! {
                    <a class="row-title" href=row.href>
                        {row.title}
                    </a>
                }
                .into_any(),
            };
            view! {
                <li class="row">
                    <div class="row-main">{title} <p class="row-sub">{row.sub}</p></div>
                    <div class="row-end">
                        {row.badge.map(|(tone, text)| view! { <StatusTag tone=tone text=text /> })}
                        {(!row.end.is_empty()).then(|| view! { <span class="row-when">{row.end}</span> })}
                        <RowActions actions=row.actions about=named />
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

/// One row of a list of findings.
pub struct Finding {
    /// Stable code, for tools and tests.
    pub code: &'static str,
    /// Severity.
    pub tone: Tone,
    /// Short status label.
    pub word: &'static str,
    /// Subject.
    pub title: String,
    /// The finding.
    pub text: String,
    /// What the user can do; may be empty.
    pub hint: &'static str,
}

/// A list of findings.
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
                    <div class="row-end">
                        <StatusTag tone=item.tone text=item.word />
                    </div>
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
                    {first.map(|href| view! { <SmallLink href=href label="第一页" /> })}
                    {next.map(|href| view! { <SmallLink href=href label="下一页" /> })}
                </nav>
            }
        })
        .into_any()
}

/// Tabs above a list: label, address, whether the tab is selected.
#[component]
pub fn Tabs<L: Into<String>>(items: Vec<(L, String, bool)>) -> AnyView {
    let tabs = items
        .into_iter()
        .map(|(label, href, here)| (label.into(), href, here))
        .map(|(label, href, here): (String, String, bool)| {
            view! {
                <li>
                    <a class="tab-link" href=href aria-current=here.then_some("page")>
                        {label}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="tab-row">{tabs}</ul> }.into_any()
}

/// A large link with an icon.
pub struct Tile {
    /// Its icon.
    pub icon: IconName,
    /// Name.
    pub label: &'static str,
    /// Second line.
    pub hint: String,
    /// Address.
    pub href: String,
}

impl Tile {
    /// A tile with these texts.
    pub fn new(icon: IconName, label: &'static str, hint: impl Into<String>, href: impl Into<String>) -> Self {
        Self { icon, label, hint: hint.into(), href: href.into() }
    }
}

/// A grid of large links.
#[component]
pub fn Tiles(items: Vec<Tile>) -> AnyView {
    let tiles = items
        .into_iter()
        .map(|Tile { icon, label, hint, href }| {
            view! {
                <li>
                    <a class="tile" href=href>
                        <Icon name=icon />
                        <span>
                            <span class="tile-label">{label}</span>
                            <span class="tile-hint">{hint}</span>
                        </span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="tiles">{tiles}</ul> }.into_any()
}

/// The rows of a list, or a text that there are none.
#[component]
pub fn RowsOrEmpty(rows: Vec<Row>, empty: &'static str) -> AnyView {
    if rows.is_empty() { view! { <Empty text=empty /> }.into_any() } else { view! { <Rows rows=rows /> }.into_any() }
}
