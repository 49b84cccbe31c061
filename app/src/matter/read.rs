//! Read-only view of answers, on the check page, the page of a matter, and for printing.

use domain::base::identity::mask_ends;
use domain::engine::form::{Field, Form, HIDDEN, ShownAnswer, ShownStep, Widget, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use crate::ui::*;
use crate::wizard::display_view;

/// Role of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The applicant, with links back to the steps of the wizard.
    Editor,
    /// The applicant.
    Own,
    /// The party whose turn it is, which compares the answers with the documents.
    Checker,
    /// Another party of the matter.
    Other,
}

impl Reader {
    /// The reader's role in a matter.
    pub fn of(matter: &backend::matter::LoadedMatter) -> Self {
        match (matter.is_own(), matter.is_turn()) {
            (true, _) => Reader::Own,
            (false, true) => Reader::Checker,
            (false, false) => Reader::Other,
        }
    }

    /// Whether a sensitive answer is masked for this reader.
    fn masks(self, checker_only: bool) -> bool {
        match self {
            Reader::Editor => false,
            Reader::Own => checker_only,
            Reader::Checker => !checker_only,
            Reader::Other => true,
        }
    }

    /// The answer to a field, as text for this reader.
    pub fn text(self, field: Option<&Field>, text: &str) -> String {
        match field {
            Some(field) if field.sensitive && !matches!(field.widget, Widget::Files(_)) && self.masks(field.checker_only) => masked(text),
            _ => text.to_owned(),
        }
    }
}

/// View of every step of the form. Sensitive answers are masked for all but the applicant, and those for the checker only, for all but the checker.
pub fn answers_view(
    id: Uuid,
    form: &'static Form,
    answers: &domain::engine::form::Answers,
    context: &backend::matter::context::OwnedMatterContext,
    reader: Reader,
) -> AnyView {
    show_form(form, answers, &context.as_context()).into_iter().map(|step| step_view(id, step, reader)).collect_view().into_any()
}

fn step_view(id: Uuid, step: ShownStep, reader: Reader) -> impl IntoView {
    let aside = (reader == Reader::Editor).then(|| ("修改", format!("/matters/{id}/edit/{}", step.step.code)));
    let (single, files): (Vec<ShownAnswer>, Vec<ShownAnswer>) = step.answers.into_iter().partition(|a| a.files.is_empty());
    let facts = (!single.is_empty()).then(|| view! { <DescriptionList items=pairs(&single, reader)/> });
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
                    let (single, files): (Vec<ShownAnswer>, Vec<ShownAnswer>) =
                        record.answers.into_iter().partition(|a| a.files.is_empty());
                    view! {
                        <div class="record">
                            <h3>{record.title}</h3>
                            <DescriptionList items=pairs(&single, reader)/>
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

pub(super) fn pairs(answers: &[ShownAnswer], reader: Reader) -> Vec<(String, String)> {
    answers
        .iter()
        .map(|a| (a.label.to_owned(), if a.sensitive && reader.masks(a.checker_only) { masked(&a.text) } else { a.text.clone() }))
        .collect()
}

/// Masks a value but for its ends: of a number one character at each, as everywhere; of other texts the first characters stay.
fn masked(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return mask_ends(text);
    }
    let shown: String = text.chars().take(3).collect();
    if text.is_empty() || text == HIDDEN { text.to_owned() } else { format!("{shown}****") }
}

pub(super) fn files_view(id: Uuid, answer: &ShownAnswer) -> impl IntoView + use<> {
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
