//! Parts of the home page: figures, notices, matters with their stages, the band of the entry page.

use leptos::prelude::*;

use super::{StatusTag, Tone};

/// A number with its name, which leads to what it counts.
pub struct Figure {
    /// What is counted.
    pub label: &'static str,
    /// The number.
    pub number: i64,
    /// Address of the list.
    pub href: &'static str,
    /// Whether it counts what waits for the reader.
    pub waits: bool,
}

/// A row of figures.
#[component]
pub fn Figures(items: Vec<Figure>) -> AnyView {
    let figures = items
        .into_iter()
        .map(|Figure { label, number, href, waits }| {
            let class = if waits && number > 0 { "figure is-due" } else { "figure" };
            view! {
                <li>
                    <a class=class href=href>
                        <span class="figure-number">{number}</span>
                        <span class="figure-label">{label}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="figures">{figures}</ul> }.into_any()
}

/// Notices: title, day and text. The text opens below.
#[component]
pub fn News(items: Vec<(String, String, String)>) -> AnyView {
    let items = items
        .into_iter()
        .map(|(title, day, text)| {
            let moment = day.clone();
            view! {
                <li>
                    <details>
                        <summary>
                            <span>{title}</span>
                            <time datetime=moment>{day}</time>
                        </summary>
                        <p>{text}</p>
                    </details>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="news">{items}</ul> }.into_any()
}

/// A matter with the stages it passes.
pub struct ProgressRow {
    /// Address of its page.
    pub href: String,
    /// First line.
    pub title: String,
    /// Line below the stages.
    pub sub: String,
    /// Status badge.
    pub badge: (Tone, String),
    /// Names of the stages.
    pub stages: Vec<&'static str>,
    /// Index of the present one.
    pub present: usize,
}

/// Matters with the stages they pass.
#[component]
pub fn ProgressRows(rows: Vec<ProgressRow>) -> AnyView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let (tone, status) = row.badge;
            view! {
                <li class="row">
                    <div class="row-main">
                        <a class="row-title" href=row.href>
                            {row.title}
                        </a>
                        <StageDots stages=row.stages present=row.present />
                        <p class="row-sub">{row.sub}</p>
                    </div>
                    <div class="row-end">
                        <StatusTag tone=tone text=status />
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}

/// The stages of a matter as dots: those that are over, the present one, those to come.
#[component]
pub fn StageDots(stages: Vec<&'static str>, present: usize) -> AnyView {
    let dots = stages
        .into_iter()
        .enumerate()
        .map(|(index, label)| {
            let (class, state) = match index.cmp(&present) {
                std::cmp::Ordering::Less => (Some("is-past"), "已完成"),
                std::cmp::Ordering::Equal => (Some("is-present"), "正在办理"),
                std::cmp::Ordering::Greater => (None, "未开始"),
            };
            let text = format!("{label}：{state}");
            let tip = text.clone();
            view! {
                <li class=class title=tip>
                    <span class="sr-only">{text}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="stages">{dots}</ol> }.into_any()
}

/// The band at the top of the entry page, with what is beside it.
#[component]
pub fn Hero(title: &'static str, lead: &'static str, actions: AnyView, children: Children) -> AnyView {
    view! {
        <div class="hero">
            <div>
                <h1>{title}</h1>
                <p class="lead">{lead}</p>
                <div class="actions">{actions}</div>
            </div>
            <div>{children()}</div>
        </div>
    }
    .into_any()
}

/// A field with its button on one line, for a search that leads to another page.
#[component]
pub fn SearchLine(action: &'static str, name: &'static str, label: &'static str, hint: &'static str, button: &'static str) -> AnyView {
    let id = format!("f-{name}");
    let target = id.clone();
    view! {
        <form method="get" action=action>
            <label class="field-label" for=target>
                {label}
            </label>
            <div class="search">
                <input class="input" id=id name=name type="text" placeholder=hint autocomplete="off" />
                <button class="btn btn-primary" type="submit">
                    {button}
                </button>
            </div>
        </form>
    }
    .into_any()
}
