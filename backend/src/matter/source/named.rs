//! What answers name of lists that a source reads in part.

use std::collections::BTreeSet;

use domain::engine::flow::EventKind;
use domain::engine::form::{Answers, Field, Form, Value};

use crate::matter::LoadedMatter;
use crate::matter::source::contents::Request;

/// The codes of these lists that the answers of the matter name, wherever they can be shown.
pub(super) fn named_codes<'a>(request: &'a Request<'_>, lists: &[&str]) -> BTreeSet<&'a str> {
    let answers = request.matter.map(|matter| answers_of(matter, request.shown.answers)).unwrap_or_default();
    answers.into_iter().flat_map(|(form, answers)| codes_in(form, answers, lists)).collect()
}

/// The answers that can be shown of a matter, each with its form: those it has now, those submitted last, others beside them, and those that
/// came with commands.
fn answers_of<'a>(matter: &'a LoadedMatter, other: Option<&'a Answers>) -> Vec<(&'static Form, &'a Answers)> {
    let own = [Some(&matter.answers), matter.accepted.as_ref(), other];
    let own = own.into_iter().flatten().map(|answers| (matter.kind.form, answers));
    let of_commands = matter.events.iter().filter_map(|event| match &event.kind {
        EventKind::Transitioned { from: stage, command, answers, .. } | EventKind::Voted { stage, command, answers, .. } => {
            Some((matter.kind.flow.stage(stage)?.form_of(command)?, answers))
        }
        _ => None,
    });
    own.chain(of_commands).collect()
}

/// The codes of these lists in answers.
fn codes_in<'a>(form: &'static Form, answers: &'a Answers, lists: &[&str]) -> Vec<&'a str> {
    let is_listed = |field: &&'static Field| field.option_list().is_some_and(|list| lists.contains(&list));
    let mut codes: Vec<&str> = Vec::new();
    for step in form.steps {
        let fields = step.fields().filter(is_listed).filter_map(|field| answers.fields.get(field.name));
        codes.extend(fields.map(Value::text));
        for list in step.records() {
            for record in answers.records(list.name) {
                let fields = list.fields.iter().filter(is_listed).filter_map(|field| record.fields.get(field.name));
                codes.extend(fields.map(Value::text));
            }
        }
    }
    codes.retain(|code| !code.is_empty());
    codes
}
