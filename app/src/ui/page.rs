//! Page parts: heading, sections, alerts, badges, steps, history.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use leptos::prelude::*;

use super::form::with_unseen;

/// Page heading with breadcrumbs, which end with the page itself.
#[component]
pub fn PageHead(
    #[prop(into)] title: String,
    #[prop(optional, into)] lead: String,
    /// Breadcrumbs: label and address.
    #[prop(optional)]
    crumbs: Vec<(String, String)>,
) -> AnyView {
    let trail = (!crumbs.is_empty()).then(|| view! { <Crumbs crumbs=crumbs here=title.clone() /> });
    view! { <div class="page-head">{trail} <h1>{title}</h1> {(!lead.is_empty()).then(|| view! { <p class="lead">{lead}</p> })}</div> }
        .into_any()
}

/// Breadcrumbs: labels and addresses, and the page itself.
#[component]
pub fn Crumbs(crumbs: Vec<(String, String)>, here: String) -> AnyView {
    let links = link_items(crumbs.into_iter().map(|(label, href)| (href, label)));
    view! {
        <nav class="crumbs" aria-label="所在位置">
            <ol>
                {links}<li>
                    <span aria-current="page">{here}</span>
                </li>
            </ol>
        </nav>
    }
    .into_any()
}

/// Items of a list of links: addresses and texts.
fn link_items(items: impl IntoIterator<Item = (String, String)>) -> AnyView {
    let item = |(href, text)| {
        view! {
            <li>
                <a href=href>{text}</a>
            </li>
        }
    };
    items.into_iter().map(item).collect_view().into_any()
}

/// A section with a title.
#[component]
pub fn Section(
    #[prop(optional, into)] title: String,
    /// A link beside the title: label and address.
    #[prop(optional)]
    aside: Option<(&'static str, String)>,
    children: Children,
) -> AnyView {
    let head = (!title.is_empty()).then(|| {
        view! {
            <div class="section-head">
                <h2>{title}</h2>
                {aside
                    .map(|(label, href)| {
                        view! {
                            <a class="more" href=href>
                                {label}
                            </a>
                        }
                    })}
            </div>
        }
    });
    view! { <section class="panel">{head}{children()}</section> }.into_any()
}

/// Severity of an alert or a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Neutral; of a status, somebody else's turn.
    #[default]
    Info,
    /// Success.
    Good,
    /// Needs attention; of a status, the reader's turn.
    Warn,
    /// Error, or ended.
    Bad,
    /// Past its last day.
    Late,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Tone::Info => "tone-info",
            Tone::Good => "tone-good",
            Tone::Warn => "tone-warn",
            Tone::Bad => "tone-bad",
            Tone::Late => "tone-late",
        }
    }
}

/// An alert.
#[component]
pub fn Notice(#[prop(optional)] tone: Tone, #[prop(optional, into)] title: String, children: Children) -> AnyView {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    view! {
        <div class=format!("notice {}", tone.class()) role=role>
            {(!title.is_empty()).then(|| view! { <p class="notice-title">{title}</p> })}
            {children()}
        </div>
    }
    .into_any()
}

/// A badge.
#[component]
pub fn StatusTag(#[prop(optional)] tone: Tone, #[prop(into)] text: String) -> AnyView {
    view! { <span class=format!("tag {}", tone.class())>{text}</span> }.into_any()
}

/// Set when the page that is being rendered shows an error summary: its title says so.
#[derive(Clone, Default)]
pub struct FaultsShown(Arc<AtomicBool>);

impl FaultsShown {
    /// Whether it was set.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Error summary of a form; each error links to its field. It has the focus when the page opens.
#[component]
pub fn ErrorSummary(
    /// Address (a fragment or another page) and text of each error.
    items: Vec<(String, String)>,
) -> AnyView {
    (!items.is_empty())
        .then(|| {
            if let Some(FaultsShown(shown)) = use_context::<FaultsShown>() {
                shown.store(true, Ordering::Relaxed);
            }
            let count = items.len();
            let links = link_items(items);
            view! {
                <div class="notice tone-bad" role="alert" tabindex="-1" id="faults" autofocus=cfg!(feature = "ssr")>
                    <p class="notice-title">{format!("有 {count} 处需要修改，其他内容已为您保留")}</p>
                    <ul class="fault-list">{links}</ul>
                </div>
            }
        })
        .into_any()
}

/// What is told without being an error; each links to its field.
#[component]
pub fn WarningSummary(
    /// Address and text of each warning.
    items: Vec<(String, String)>,
) -> AnyView {
    (!items.is_empty())
        .then(|| {
            let links = link_items(items);
            view! {
                <div class="notice tone-warn" role="status" id="warnings">
                    <p class="notice-title warning-title">"提醒：请确认以下情况，不影响继续办理"</p>
                    <ul class="warning-list">{links}</ul>
                </div>
            }
        })
        .into_any()
}

/// Placeholder of an empty list, with a hint what to do.
#[component]
pub fn Empty(#[prop(into)] text: String, #[prop(optional)] children: Option<Children>) -> AnyView {
    view! {
        <div class="empty">
            <p>{text}</p>
            {children.map(|c| c())}
        </div>
    }
    .into_any()
}

/// A description list: labels and values.
#[component]
pub fn DescriptionList(items: Vec<(String, String)>) -> AnyView {
    let rows = items
        .into_iter()
        .map(|(label, value)| {
            let value = if value.is_empty() { "—".to_owned() } else { value };
            let class = if is_number(&value) { "fact fact-number" } else { "fact" };
            view! {
                <div class=class>
                    <dt>{label}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="facts">{rows}</dl> }.into_any()
}

/// Whether a text is a number, a code or a day, which are not broken over two lines.
fn is_number(text: &str) -> bool {
    text.len() <= MAX_NUMBER
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-:. ".contains(&b))
}

/// Longest number that stays on one line, in characters.
const MAX_NUMBER: usize = 20;

/// A link styled as a button.
#[component]
pub fn ButtonLink(
    #[prop(into)] href: String,
    #[prop(into)] label: String,
    /// The end of the label that only screen readers need.
    #[prop(optional)]
    unseen: &'static str,
    #[prop(optional)] quiet: bool,
) -> AnyView {
    let class = if quiet { "btn btn-outline" } else { "btn btn-primary" };
    view! {
        <a class=class href=href>
            {with_unseen(label, unseen)}
        </a>
    }
    .into_any()
}

/// A small link that looks like a button, beside a row.
#[component]
pub fn SmallLink(#[prop(into)] href: String, #[prop(into)] label: String) -> AnyView {
    view! {
        <a class="btn btn-sm btn-outline" href=href>
            {label}
        </a>
    }
    .into_any()
}

/// A small button that sends its form, beside a row.
#[component]
pub fn SmallSubmit(#[prop(into)] label: String, #[prop(optional, into)] action: String) -> AnyView {
    let name = (!action.is_empty()).then_some("_action");
    let value = (!action.is_empty()).then_some(action);
    view! {
        <button class="btn btn-sm btn-outline" type="submit" name=name value=value>
            {label}
        </button>
    }
    .into_any()
}

/// An entry of the history of a matter.
pub struct TimelineItem {
    /// Date and time, formatted.
    pub when: String,
    /// Actor.
    pub who: String,
    /// Event.
    pub what: String,
    /// Opinion given with the event; may be empty.
    pub note: String,
    /// Labels and texts of a form that came with the event.
    pub facts: Vec<(String, String)>,
}

/// The history of a matter, newest entry first.
#[component]
pub fn Timeline(items: Vec<TimelineItem>) -> AnyView {
    let entries = items
        .into_iter()
        .map(|item| {
            view! {
                <li class="event">
                    <p class="event-what">
                        <strong>{item.who}</strong>
                        " "
                        {item.what}
                    </p>
                    {(!item.note.is_empty()).then(|| view! { <blockquote class="event-note">{item.note}</blockquote> })}
                    {(!item.facts.is_empty()).then(|| view! { <DescriptionList items=item.facts /> })}
                    <p class="event-when">{item.when}</p>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="timeline">{entries}</ol> }.into_any()
}

/// A disclosure around an action that cannot be undone.
#[component]
pub fn Fold(#[prop(into)] label: String, #[prop(optional)] open: bool, children: Children) -> AnyView {
    view! {
        <details class="fold" open=open>
            <summary>{label}</summary>
            <div class="fold-in">{children()}</div>
        </details>
    }
    .into_any()
}
