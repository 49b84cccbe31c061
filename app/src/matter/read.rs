//! Read-only view of answers, on the check page, the page of a matter, and for printing.

use domain::base::identity::mask_ends;
use domain::engine::form::{Field, Form, HIDDEN, ShownAnswer, ShownRecord, ShownStep, Widget, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use super::files::files_view;
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
    /// A reviewer to whom sensitive answers are shown in full for once. Those for the checker only stay masked out of turn.
    Informed {
        /// Whether it is the reviewer's turn.
        is_checker: bool,
    },
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
            Reader::Informed { is_checker } => checker_only && !is_checker,
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

/// View of every step of the form. Sensitive answers are masked for all but the applicant, and those for the checker only, for all but the
/// checker. Answers left empty are folded for those who only read.
pub fn answers_view(
    id: Uuid,
    form: &'static Form,
    answers: &domain::engine::form::Answers,
    context: &backend::matter::context::OwnedMatterContext,
    reader: Reader,
) -> AnyView {
    show_form(form, answers, &context.as_context()).into_iter().map(|step| step_view(id, step, reader)).collect_view().into_any()
}

fn step_view(id: Uuid, step: ShownStep, reader: Reader) -> AnyView {
    let answers = answer_list(id, step.answers, reader);
    let lists = step
        .lists
        .into_iter()
        .map(|(list, records)| {
            if records.is_empty() {
                return view! { <Empty text=format!("未填写{}", list.label) /> }.into_any();
            }
            let record_view = |record: ShownRecord| {
                view! {
                    <div class="record">
                        <h3>{record.title}</h3>
                        {answer_list(id, record.answers, reader)}
                    </div>
                }
            };
            records.into_iter().map(record_view).collect_view().into_any()
        })
        .collect_view();
    let displays = step.displays.into_iter().map(|(display, lines)| display_view(display, lines)).collect_view();
    let title = step.step.title;
    match reader {
        Reader::Editor => {
            let aside = ("修改", format!("/matters/{id}/edit/{}", step.step.code));
            view! {
                <Section title=title aside=aside>
                    {answers}
                    {displays}
                    {lists}
                </Section>
            }
            .into_any()
        }
        _ => view! { <Section title=title>{answers}{displays}{lists}</Section> }.into_any(),
    }
}

/// Answers as labels and texts, then their files, then what was left empty.
pub(super) fn answer_list(id: Uuid, answers: Vec<ShownAnswer>, reader: Reader) -> AnyView {
    let folds = reader != Reader::Editor;
    let (files, single): (Vec<ShownAnswer>, Vec<ShownAnswer>) = answers.into_iter().partition(|a| !a.files.is_empty());
    let (empty, filled): (Vec<ShownAnswer>, Vec<ShownAnswer>) = single.into_iter().partition(|a| folds && a.text.is_empty());
    let facts = (!filled.is_empty()).then(|| view! { <DescriptionList items=pairs(&filled, reader) /> });
    let files = files.iter().map(|answer| files_view(id, answer)).collect_view();
    let empty = empty.iter().map(|answer| answer.label).collect();
    view! {
        {facts}
        {files}
        <EmptyAnswers labels=empty />
    }
    .into_any()
}

/// Labels and texts of answers, as this reader may see them.
pub(super) fn pairs(answers: &[ShownAnswer], reader: Reader) -> Vec<(String, String)> {
    answers.iter().map(|answer| pair(answer, reader)).collect()
}

pub(super) fn pair(answer: &ShownAnswer, reader: Reader) -> (String, String) {
    let text = if answer.sensitive && reader.masks(answer.checker_only) { masked(&answer.text) } else { answer.text.clone() };
    (answer.label.to_owned(), text)
}

/// Masks a value but for its ends: of a number one character at each, as everywhere; of other texts the first characters stay.
fn masked(text: &str) -> String {
    if text.chars().all(|c| c.is_ascii_alphanumeric()) {
        return mask_ends(text);
    }
    let shown: String = text.chars().take(3).collect();
    if text.is_empty() || text == HIDDEN { text.to_owned() } else { format!("{shown}****") }
}
