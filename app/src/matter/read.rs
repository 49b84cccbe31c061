//! Answers as they are read: on the check page, on the page of a matter, and on paper.

use domain::form::{Form, Shown, ShownStep, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use crate::ui::*;
use crate::words;

/// Every page of the form, as read. `edit`: whether each leads back to its page of the wizard.
pub fn answers_view(id: Uuid, form: &'static Form, answers: &domain::form::Answers, world: &backend::matter::World, edit: bool) -> AnyView {
    show_form(form, answers, &world.setting()).into_iter().map(|step| step_view(id, step, edit)).collect_view().into_any()
}

fn step_view(id: Uuid, step: ShownStep, edit: bool) -> impl IntoView {
    let aside = edit.then(|| ("修改", format!("/matters/{id}/edit/{}", step.step.code)));
    let (single, files): (Vec<Shown>, Vec<Shown>) = step.answers.into_iter().partition(|a| a.files.is_empty());
    let facts = (!single.is_empty()).then(|| view! { <Facts items=pairs(&single)/> });
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
                            <Facts items=pairs(&single)/>
                            {files.iter().map(|a| files_view(id, a)).collect_view()}
                        </div>
                    }
                })
                .collect_view()
                .into_any()
        })
        .collect_view();
    let title = step.step.title;
    match aside {
        Some(aside) => view! { <Section title=title aside=aside>{facts}{files}{lists}</Section> }.into_any(),
        None => view! { <Section title=title>{facts}{files}{lists}</Section> }.into_any(),
    }
}

fn pairs(answers: &[Shown]) -> Vec<(String, String)> {
    answers.iter().map(|a| (a.label.to_owned(), a.text.clone())).collect()
}

fn files_view(id: Uuid, answer: &Shown) -> impl IntoView + use<> {
    let links = answer
        .files
        .iter()
        .map(|f| {
            let label = format!("{}({})", f.name, words::size(f.size));
            view! { <li><a href=format!("/matters/{id}/files/{}", f.file)>{label}</a></li> }
        })
        .collect_view();
    view! { <div class="fact"><span class="row-sub">{answer.label}</span><ul>{links}</ul></div> }
}
