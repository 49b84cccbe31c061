//! A form on paper: a heading that each page repeats, photo at the right, tables.

use leptos::prelude::*;

use super::TimelineItem;

/// Longest text that takes half of a line, in characters.
const SHORT: usize = 16;

/// The form. `running`: what the head of each page says; browsers repeat the head of a table.
#[component]
pub fn PrintedForm(running: String, children: Children) -> AnyView {
    view! {
        <table class="paper-form" role="presentation">
            <thead>
                <tr>
                    <td class="paper-running">{running}</td>
                </tr>
            </thead>
            <tbody>
                <tr>
                    <td>{children()}</td>
                </tr>
            </tbody>
        </table>
    }
    .into_any()
}

/// Title, facts and photo.
#[component]
pub fn PrintHead(title: &'static str, #[prop(into)] lead: String, facts: Vec<(String, String)>, photo: Option<String>) -> AnyView {
    let photo = photo.map(|src| view! { <img class="paper-photo" src=src alt="证件照" width="96" height="134" /> });
    view! {
        <div class="sheet-head">
            <h1>{title}</h1>
            <p class="lead">{lead}</p>
            <div class="paper-top">
                <table class="paper-table">
                    <tbody>{rows(facts)}</tbody>
                </table>
                {photo}
            </div>
        </div>
    }
    .into_any()
}

/// A part of the form. `groups`: a heading, empty for none, and labels with texts.
#[component]
pub fn PrintTable(title: &'static str, groups: Vec<(String, Vec<(String, String)>)>) -> AnyView {
    let groups = groups
        .into_iter()
        .map(|(heading, lines)| {
            let heading = (!heading.is_empty()).then(|| {
                view! {
                    <tr>
                        <th colspan="4" scope="colgroup" class="paper-group">
                            {heading}
                        </th>
                    </tr>
                }
            });
            view! { <tbody>{heading}{rows(lines)}</tbody> }
        })
        .collect_view();
    view! {
        <section class="paper-part">
            <h2>{title}</h2>
            <table class="paper-table">{groups}</table>
        </section>
    }
    .into_any()
}

/// Rows of a table: two short texts side by side, a long one alone.
fn rows(lines: Vec<(String, String)>) -> AnyView {
    let is_short = |line: &(String, String)| line.1.chars().count() <= SHORT;
    let mut rows = Vec::new();
    let mut lines = lines.into_iter().peekable();
    while let Some(line) = lines.next() {
        let beside = if is_short(&line) { lines.next_if(is_short) } else { None };
        let (label, text) = line;
        rows.push(match beside {
            Some((other, value)) => view! {
                <tr>
                    <th scope="row">{label}</th>
                    <td>{text}</td>
                    <th scope="row">{other}</th>
                    <td>{value}</td>
                </tr>
            }
            .into_any(),
            None => view! {
                <tr>
                    <th scope="row">{label}</th>
                    <td colspan="3">{text}</td>
                </tr>
            }
            .into_any(),
        });
    }
    rows.into_any()
}

/// The history as a table; none without events.
#[component]
pub fn PrintedHistory(items: Vec<TimelineItem>) -> AnyView {
    let rows = items
        .into_iter()
        .map(|item| {
            let facts = item.facts.into_iter().map(|(label, text)| format!("{label}：{text}"));
            let said: Vec<String> = [item.note].into_iter().filter(|note| !note.is_empty()).chain(facts).collect();
            view! {
                <tr>
                    <td class="number">{item.when}</td>
                    <td>{item.who}</td>
                    <td>{item.what}</td>
                    <td class="lines">{said.join("\n")}</td>
                </tr>
            }
        })
        .collect::<Vec<_>>();
    (!rows.is_empty())
        .then(|| {
            view! {
                <section class="paper-part">
                    <h2>"办理记录"</h2>
                    <table class="paper-table paper-history">
                        <thead>
                            <tr>
                                <th scope="col">"时间"</th>
                                <th scope="col">"办理人"</th>
                                <th scope="col">"办理情况"</th>
                                <th scope="col">"意见"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </section>
            }
        })
        .into_any()
}
