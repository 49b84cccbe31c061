//! Answers that were changed differently elsewhere, with buttons that settle them. Loaded when there is one.

use std::rc::Rc;

use domain::engine::draft::Question;
use domain::engine::draft::sync::Resolution;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api_client::call_api;
use super::session::DraftSession;
use crate::draft::DescribeConflicts;
use crate::wizard::{Conflict, conflict_cards, conflicts_without_texts};

/// The questions of a draft.
pub fn conflict_view(session: Rc<DraftSession>) -> AnyView {
    let shown = RwSignal::new_local(Vec::<Conflict>::new());
    let (status, session) = (session.status, StoredValue::new_local(session));
    let questions = Memo::new(move |_| status.with(|t| SameQuestions(t.questions.clone())));
    Effect::new(move |_| {
        let SameQuestions(questions) = questions.get();
        let session = session.get_value();
        spawn_local(async move {
            let described = if questions.is_empty() { Vec::new() } else { describe(&session, questions).await };
            let _ = shown.try_set(described);
        });
    });
    let cards = move || {
        let conflicts = shown.get();
        (!conflicts.is_empty()).then(|| conflict_cards(conflicts, |conflict| session.with_value(|session| buttons(session, conflict))))
    };
    view! { {cards} }.into_any()
}

/// Questions that a memo can compare.
#[derive(Clone, PartialEq)]
struct SameQuestions(Vec<Question>);

/// The questions as text: from the whole form if this page has it, otherwise from the server; if neither is available, without labels.
async fn describe(session: &DraftSession, questions: Vec<Question>) -> Vec<Conflict> {
    let wording = session.wording.borrow().clone();
    if let Some(wording) = wording {
        return wording(&questions);
    }
    let arguments = DescribeConflicts { kind: session.kind.clone(), questions };
    match call_api("/api/draft/describe", &arguments).await {
        Ok(conflicts) => conflicts,
        Err(_) => conflicts_without_texts(&arguments.questions),
    }
}

fn buttons(session: &Rc<DraftSession>, conflict: &Conflict) -> AnyView {
    let button = |resolution: Resolution, label: &'static str| {
        let (session, path) = (session.clone(), conflict.path.clone());
        let resolve = move |_| {
            let (session, path, resolution) = (session.clone(), path.clone(), resolution.clone());
            spawn_local(async move { session.resolve(path, resolution).await });
        };
        view! {
            <button class="btn btn-sm btn-outline" type="button" on:click=resolve>
                {label}
            </button>
        }
    };
    view! {
        {button(Resolution::Mine, "采用本机内容")}
        {button(Resolution::Theirs, "采用其他设备内容")}
        {conflict.joinable.then(|| button(Resolution::Both, "两者都保留"))}
    }
    .into_any()
}
