//! Requirements held against what is known: before an application is begun, on the check page, and for everyone who reviews.

use backend::matter::Opened;
use backend::matter::context::World;
use domain::engine::flow::Hat;
use domain::matter::{Found, State};
use leptos::prelude::*;

use crate::ui::*;

/// Every requirement with its figures. What can be done about one is told to whom it concerns.
pub fn requirement_view(found: Vec<Found>, hints: bool) -> AnyView {
    let count = |state: State| found.iter().filter(|f| f.state == state).count();
    let (met, missing, unknown) = (count(State::Met), count(State::Missing), count(State::Unknown));
    let sum = format!("共 {} 项：符合 {met} 项，不符合 {missing} 项，待确认 {unknown} 项。", found.len());
    let items = found
        .into_iter()
        .map(|f| {
            let (tone, word) = match f.state {
                State::Met => (Tone::Good, "符合"),
                State::Missing => (Tone::Bad, "不符合"),
                State::Unknown => (Tone::Warn, "待确认"),
            };
            let text = f.figures();
            Finding { code: f.requirement, tone, word, title: f.label, text, hint: if hints { f.hint } else { "" } }
        })
        .collect();
    view! { <p class="saved">{sum}</p><Findings items=items/> }.into_any()
}

/// The section of a matter's page while it is open; none for a kind without requirements, or before the aim is said.
pub fn requirements_section(opened: &Opened, world: &World) -> Option<AnyView> {
    let open = opened.stage().is_some_and(|s| !s.closed());
    let found = if open { opened.kind.requirements_of(&opened.answers, &world.context()) } else { Vec::new() };
    let own = opened.actor.hats.contains(&Hat::Applicant);
    (!found.is_empty()).then(|| view! { <Section title="注册要求核对">{requirement_view(found, own)}</Section> }.into_any())
}
