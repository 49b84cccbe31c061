//! Changes since the previous submission, and the applicant's responses to the items, for reviewers.

use backend::matter::LoadedMatter;
use backend::matter::context::OwnedMatterContext;
use domain::engine::flow::response;
use domain::engine::form::{Answers, differences};
use leptos::prelude::*;

use super::read::Reader;
use crate::ui::*;

/// View of the changes of the answers since `before`, as the reader may see them.
pub fn changes_view(matter: &LoadedMatter, before: &Answers, context: &OwnedMatterContext) -> AnyView {
    let reader = Reader::of(matter);
    let changed = differences(matter.kind.form, before, &matter.answers, &context.as_context());
    let rows = changed
        .into_iter()
        .map(|d| {
            let field = matter.kind.form.field_at(&d.path);
            let (before, after) = (reader.text(field, &d.before), reader.text(field, &d.after));
            let old = if d.before.is_empty() {
                view! { <span class="soft">"（无）"</span> }.into_any()
            } else {
                view! { <del>{before}</del> }.into_any()
            };
            let new = if d.after.is_empty() {
                view! { <span class="soft">"（已移除）"</span> }.into_any()
            } else {
                view! { <ins>{after}</ins> }.into_any()
            };
            view! {
                <div class="fact">
                    <dt>{d.label}</dt>
                    <dd>{old}" → "{new}</dd>
                </div>
            }
        })
        .collect_view();
    if rows.is_empty() {
        return view! { <p class="soft">"填写内容没有变化"</p> }.into_any();
    }
    view! { <dl class="facts">{rows}</dl> }.into_any()
}

/// View of the changes of a resubmission; `None` before the second submission.
pub fn difference_view(matter: &LoadedMatter, before: Option<&Answers>, context: &OwnedMatterContext) -> Option<AnyView> {
    let changes = changes_view(matter, before?, context);
    let responses = matter.state.answered_request.iter().flat_map(|(_, items)| items).enumerate().map(|(i, item)| {
        let text = response(&matter.answers, item).to_owned();
        view! {
            <li class="event">
                <p class="event-what">{format!("{}. {}", i + 1, item.text)}</p>
                {(!text.is_empty()).then(|| view! { <blockquote class="event-note">{text}</blockquote> })}
            </li>
        }
    });
    let responses = responses.collect_view();
    Some(
        view! {
            <Section title="修改对比">
                <p class="row-sub">"本次修改与上一次提交的内容对比"</p>
                {changes}
                <ol class="timeline">{responses}</ol>
            </Section>
        }
        .into_any(),
    )
}
