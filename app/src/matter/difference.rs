//! What changed since the last submission, and what the applicant says to each item: where a reviewer begins.

use backend::matter::Opened;
use backend::matter::context::World;
use domain::engine::flow::response;
use domain::engine::form::{Answers, differences};
use leptos::prelude::*;

use crate::ui::*;

/// The changes of a resubmission, for whoever reviews it. None before the second submission.
pub fn difference_view(opened: &Opened, before: Option<&Answers>, world: &World) -> Option<AnyView> {
    let changed = differences(opened.kind.form, before?, &opened.answers, &world.context());
    let blind = |name: &str| opened.kind.form.fields().any(|(_, f)| f.name == name && (f.sensitive || f.names_person));
    let rows = changed
        .into_iter()
        .filter(|d| !opened.blind() || !matches!(&d.path, domain::engine::form::Path::Field(name) if blind(name)))
        .map(|d| {
            let old = if d.before.is_empty() {
                view! { <span class="soft">"（无）"</span> }.into_any()
            } else {
                view! { <del>{d.before}</del> }.into_any()
            };
            let new = if d.after.is_empty() {
                view! { <span class="soft">"（已移除）"</span> }.into_any()
            } else {
                view! { <ins>{d.after}</ins> }.into_any()
            };
            view! { <div class="fact"><dt>{d.label}</dt><dd>{old}" → "{new}</dd></div> }
        })
        .collect_view();
    let none = rows.is_empty();
    let said = opened.facts.answered.iter().flat_map(|(_, items)| items).enumerate().map(|(i, item)| {
        let words = response(&opened.answers, item).to_owned();
        view! {
            <li class="event">
                <p class="event-what">{format!("{}. {}", i + 1, item.text)}</p>
                {(!words.is_empty()).then(|| view! { <blockquote class="event-note">{words}</blockquote> })}
            </li>
        }
    });
    let said = said.collect_view();
    Some(
        view! {
            <Section title="本次修改">
                {if none { view! { <p class="soft">"填写内容没有变化"</p> }.into_any() } else { view! { <dl class="facts">{rows}</dl> }.into_any() }}
                <ol class="timeline">{said}</ol>
            </Section>
        }
        .into_any(),
    )
}
