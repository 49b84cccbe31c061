//! The form of a transition: its controls on the page of the matter, its answers as they are posted, and as the history shows them.

use backend::matter::context::OwnedMatterContext;
use domain::engine::form::{Answers, Form, Part, Problem, Value, read_fields, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use super::read::{Reader, pairs};
use crate::wizard::{FieldErrors, FieldSheet, control};

/// Name of the hidden control that marks a post with the form of a transition.
pub(super) const MARK: &str = "_form";

/// The answers of a posted form, or of its draft. Without a form, which the matter may not have any more, all that was typed.
pub(super) fn read_answers(form: Option<&'static Form>, posted: &[(String, String)]) -> Answers {
    let mut answers = Answers::default();
    let Some(form) = form else {
        let typed = posted.iter().filter(|(name, value)| !name.starts_with('_') && !value.is_empty());
        answers.fields.extend(typed.map(|(name, value)| (name.clone(), Value::from(value.as_str()))));
        return answers;
    };
    for step in form.steps {
        let is_known = |name: &str| name.starts_with('_') || step.fields().any(|field| field.name == name);
        let of_step: Vec<(String, String)> = posted.iter().filter(|(name, _)| is_known(name)).cloned().collect();
        // Only names of the step are left, so that none is unknown.
        let _ = read_fields(step.fields(), &of_step, &mut answers.fields);
    }
    answers
}

/// The errors at the controls.
pub(super) fn field_errors(problems: &[Problem]) -> FieldErrors {
    let name = |problem: &Problem| problem.path.anchor().trim_start_matches("f-").to_owned();
    problems.iter().map(|problem| (name(problem), problem.issue.text.clone())).collect()
}

/// The controls of a form, filled with what was typed.
pub(super) fn controls(id: Uuid, form: &'static Form, answers: Answers, faults: FieldErrors, context: &OwnedMatterContext) -> AnyView {
    let context = context.as_context();
    let sheet = FieldSheet { id, answers, record: None, faults, warnings: Vec::new() };
    let steps = form.steps_for(&sheet.answers).map(|step| {
        let parts = step.parts.iter().map(|part| match part {
            Part::Fields(heading, fields) => {
                let heading = (!heading.is_empty()).then(|| view! { <h3 class="group-title">{*heading}</h3> });
                let fields = fields.iter().filter_map(|field| control(field, &sheet, &context)).collect_view();
                view! {
                    {heading}
                    {fields}
                }
                .into_any()
            }
            Part::Records(_) | Part::Display(_) => ().into_any(),
        });
        let intro = (!step.intro.is_empty()).then(|| view! { <p class="field-hint">{step.intro}</p> });
        view! {
            {intro}
            {parts.collect_view()}
        }
    });
    steps.collect_view().into_any()
}

/// Labels and texts of answers that came with a command, as this reader may see them: a record is one line under its title.
pub(super) fn shown(form: &'static Form, answers: &Answers, context: &OwnedMatterContext, reader: Reader) -> Vec<(String, String)> {
    let mut facts = Vec::new();
    for step in show_form(form, answers, &context.as_context()) {
        facts.extend(pairs(&step.answers, reader));
        for (list, records) in step.lists {
            for record in records {
                let is_title = |label: &str| list.fields.iter().any(|field| field.label == label && list.title.contains(&field.name));
                let texts = pairs(&record.answers, reader).into_iter().filter(|(label, text)| !is_title(label) && !text.is_empty());
                facts.push((record.title, texts.map(|(_, text)| text).collect::<Vec<_>>().join("；")));
            }
        }
    }
    facts.retain(|(_, text)| !text.is_empty());
    facts
}
