//! The pages of a draft, drawn in the browser.

use std::rc::Rc;

use domain::engine::draft::sync::LocalDraft;
use domain::engine::form::{FormContext, Record};
use leptos::prelude::*;

use super::controls::FormLocation;
use super::session::DraftSession;
use super::status_view::status_view;
use crate::wizard::{Access, Wizard, record_page, step_page};

/// A page of a draft.
pub fn draft_page(session: &Rc<DraftSession>, location: &FormLocation, local: &LocalDraft, context: &FormContext<'_>) -> AnyView {
    let answers = session.with_volatile(local.mine.clone());
    let (matter, form, step) = (session.matter, session.form, location.step);
    let record = location.record.as_ref().and_then(|(list, id)| {
        let list = step.records().find(|l| l.name == list)?;
        Some((list, answers.record(list.name, *id).cloned().unwrap_or(Record { id: *id, fields: Default::default(), removed: false })))
    });
    let wizard = Wizard {
        matter,
        form,
        answers,
        context,
        faults: Vec::new(),
        warnings: Vec::new(),
        warned: String::new(),
        conflicts: Vec::new(),
        access: Access::Offline,
    };
    match record {
        Some((list, record)) => record_page(wizard.record(step, list, record, false), ().into_any(), status_view(session)),
        None => step_page(wizard.step(step), ().into_any(), status_view(session)),
    }
}
