//! Answers as they are read: on the check page, on the page of a matter, and on paper.

use domain::engine::form::{Display, Form, Shown, ShownStep, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use crate::ui::*;

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The applicant, who can go back to each page of the wizard.
    Editor,
    /// The applicant.
    Own,
    /// Anyone else who may see the matter.
    Other,
    /// Someone who must not learn who asks.
    Blind,
}

impl Reader {
    /// As what someone reads a matter.
    pub fn of(opened: &backend::matter::Opened) -> Self {
        match opened.actor.hats.contains(&domain::engine::flow::Hat::Applicant) {
            true => Reader::Own,
            false if opened.blind() => Reader::Blind,
            false => Reader::Other,
        }
    }
}

/// Every page of the form, as read. For others than the applicant, sensitive answers are masked.
pub fn answers_view(
    id: Uuid,
    form: &'static Form,
    answers: &domain::engine::form::Answers,
    world: &backend::matter::context::World,
    reader: Reader,
) -> AnyView {
    show_form(form, answers, &world.context()).into_iter().map(|step| step_view(id, step, reader)).collect_view().into_any()
}

fn step_view(id: Uuid, mut step: ShownStep, reader: Reader) -> impl IntoView {
    // What shows who asks is left out for who must not learn it, files and all.
    step.answers.retain(|a| reader != Reader::Blind || !a.tells_who);
    let aside = (reader == Reader::Editor).then(|| ("修改", format!("/matters/{id}/edit/{}", step.step.code)));
    let (single, files): (Vec<Shown>, Vec<Shown>) = step.answers.into_iter().partition(|a| a.files.is_empty());
    let facts = (!single.is_empty()).then(|| view! { <Facts items=pairs(&single, reader)/> });
    let files = files.iter().map(|a| files_view(id, a)).collect_view();
    let lists = step
        .lists
        .into_iter()
        .map(|(list, records)| {
            if records.is_empty() {
                return view! { <Empty text=format!("未填写{}", list.label)/> }.into_any();
            }
            records
                .into_iter()
                .map(|record| {
                    let (single, files): (Vec<Shown>, Vec<Shown>) = record.answers.into_iter().partition(|a| a.files.is_empty());
                    view! {
                        <div class="record">
                            <h3>{record.title}</h3>
                            <Facts items=pairs(&single, reader)/>
                            {files.iter().map(|a| files_view(id, a)).collect_view()}
                        </div>
                    }
                })
                .collect_view()
                .into_any()
        })
        .collect_view();
    let displays = step.displays.into_iter().map(|(display, lines)| display_view(display, lines)).collect_view();
    let lists = view! { {displays}{lists} };
    let title = step.step.title;
    match aside {
        Some(aside) => view! { <Section title=title aside=aside>{facts}{files}{lists}</Section> }.into_any(),
        None => view! { <Section title=title>{facts}{files}{lists}</Section> }.into_any(),
    }
}

/// What the app knows, as a page of the form shows it.
pub(super) fn display_view(display: &'static Display, lines: Vec<(String, String)>) -> AnyView {
    match lines.is_empty() {
        true => view! { <Empty text=display.empty/> }.into_any(),
        false => view! { <h3 class="group-title">{display.label}</h3><Facts items=lines/> }.into_any(),
    }
}

pub(super) fn pairs(answers: &[Shown], reader: Reader) -> Vec<(String, String)> {
    answers
        .iter()
        .map(|a| {
            (
                a.label.to_owned(),
                if a.sensitive && matches!(reader, Reader::Other | Reader::Blind) { masked(&a.text) } else { a.text.clone() },
            )
        })
        .collect()
}

/// Enough to tell one from another, and no more.
fn masked(text: &str) -> String {
    let shown: String = text.chars().take(3).collect();
    if text.is_empty() { shown } else { format!("{shown}****") }
}

pub(super) fn files_view(id: Uuid, answer: &Shown) -> impl IntoView + use<> {
    let links = answer
        .files
        .iter()
        .map(|f| {
            let label = format!("{}({})", f.name, crate::ui::size(f.size));
            view! { <li><a href=format!("/matters/{id}/files/{}", f.file)>{label}</a></li> }
        })
        .collect_view();
    view! { <div class="fact"><span class="row-sub">{answer.label}</span><ul>{links}</ul></div> }
}
