//! Rows with a command of their own, inside a form.

use leptos::prelude::*;

use super::{StatusTag, Submit, Tone, Weight};

/// A row with a command.
pub struct CommandRow {
    /// First line.
    pub title: String,
    /// Second line.
    pub sub: String,
    /// Status badge.
    pub badge: Option<(Tone, String)>,
    /// Label and value of the button.
    pub command: Option<(&'static str, String)>,
}

/// A list of rows, each with a button that sends its value as `_action`.
#[component]
pub fn CommandRows(rows: Vec<CommandRow>) -> AnyView {
    let rows = rows
        .into_iter()
        .map(|row| {
            view! {
                <li class="row">
                    <div class="row-main">
                        <p class="record-title">{row.title}</p>
                        <p class="row-sub">{row.sub}</p>
                    </div>
                    <div class="row-end">
                        {row.badge.map(|(tone, text)| view! { <StatusTag tone=tone text=text /> })}
                        {row.command.map(|(label, value)| view! { <Submit label=label weight=Weight::Quiet action=value /> })}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="rows">{rows}</ul> }.into_any()
}
