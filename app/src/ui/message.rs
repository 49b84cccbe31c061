//! Messages in groups.

use leptos::prelude::*;

use super::{StatusTag, Tone};

/// Messages of a group that are shown before the others are asked for.
const SHOWN: usize = 3;

/// A message.
pub struct MessageLine {
    /// Address that opens what it is about.
    pub href: String,
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// When it was sent.
    pub when: String,
    /// Whether it is not read.
    pub is_unread: bool,
    /// State of the task that it is about.
    pub state: Option<(Tone, &'static str)>,
}

/// Messages about one thing.
pub struct MessageGroupView {
    /// What they are about.
    pub title: String,
    /// Kind, number and name beside it; may be empty.
    pub sub: String,
    /// Address that opens it.
    pub href: String,
    /// How many are not read.
    pub unread: i64,
    /// The messages, newest first.
    pub lines: Vec<MessageLine>,
    /// A link to those that are not among them: label and address.
    pub rest: Option<(String, String)>,
}

/// Messages in groups; a group of many shows the newest ones and folds the others.
#[component]
pub fn MessageGroups(groups: Vec<MessageGroupView>, is_unfolded: bool) -> AnyView {
    let groups = groups.into_iter().map(|group| group_view(group, is_unfolded)).collect_view();
    view! { <ul class="messages">{groups}</ul> }.into_any()
}

fn group_view(group: MessageGroupView, is_unfolded: bool) -> AnyView {
    let MessageGroupView { title, sub, href, unread, mut lines, rest } = group;
    let is_long = !is_unfolded && lines.len() > SHOWN + 1;
    let folded = if is_long { lines.split_off(SHOWN) } else { Vec::new() };
    let head = match href.is_empty() {
        true => view! { <h2 class="message-topic">{title}</h2> }.into_any(),
        false => view! {
            <h2 class="message-topic">
                <a href=href>{title}</a>
            </h2>
        }
        .into_any(),
    };
    view! {
        <li class="message-group">
            <div class="message-head">
                {head} {(!sub.is_empty()).then(|| view! { <p class="row-sub">{sub}</p> })}
                {(unread > 0).then(|| view! { <p class="message-unread">{format!("未读 {unread}")}</p> })}
            </div>
            {lines_view(lines)}
            {(!folded.is_empty()).then(|| fold_view(folded))}
            {rest
                .map(|(label, href)| {
                    view! {
                        <a class="message-rest" href=href>
                            {label}
                        </a>
                    }
                })}
        </li>
    }
    .into_any()
}

fn fold_view(lines: Vec<MessageLine>) -> AnyView {
    let unread = lines.iter().filter(|line| line.is_unread).count();
    let label = match unread {
        0 => format!("更早的 {} 条", lines.len()),
        unread => format!("更早的 {} 条，其中未读 {unread} 条", lines.len()),
    };
    view! {
        <details class="message-fold">
            <summary>{label}</summary>
            {lines_view(lines)}
        </details>
    }
    .into_any()
}

fn lines_view(lines: Vec<MessageLine>) -> AnyView {
    let lines = lines.into_iter().map(line_view).collect_view();
    view! { <ul class="message-lines">{lines}</ul> }.into_any()
}

fn line_view(line: MessageLine) -> AnyView {
    let MessageLine { href, title, text, when, is_unread, state } = line;
    let mark = is_unread.then(|| {
        view! {
            <span class="message-mark">
                <span class="sr-only">"未读"</span>
            </span>
        }
    });
    let class = if is_unread { "message message-new" } else { "message" };
    view! {
        <li class=class>
            {mark} <div class="message-main">
                <a class="message-title" href=href>
                    {title}
                </a>
                {state.map(|(tone, text)| view! { <StatusTag tone=tone text=text /> })}
                <p class="message-text">{text}</p>
            </div> <span class="row-when">{when}</span>
        </li>
    }
    .into_any()
}
