//! Findings of the requirements: before an application, on the check page, and for reviewers.

use backend::matter::LoadedMatter;
use backend::matter::context::OwnedMatterContext;
use domain::engine::flow::Party;
use domain::matter::{RequirementFinding, RequirementStatus};
use leptos::prelude::*;

use crate::ui::*;

/// View of the findings with figures. `hints`: whether to show what the applicant can do.
pub fn requirement_view(findings: Vec<RequirementFinding>, hints: bool) -> AnyView {
    let count = |state: RequirementStatus| findings.iter().filter(|f| f.status == state).count();
    let (met, missing, unknown) = (count(RequirementStatus::Met), count(RequirementStatus::Missing), count(RequirementStatus::Unknown));
    let sum = format!("共 {} 项：符合 {met} 项，不符合 {missing} 项，待确认 {unknown} 项。", findings.len());
    let items = findings
        .into_iter()
        .map(|f| {
            let (tone, label) = match f.status {
                RequirementStatus::Met => (Tone::Good, "符合"),
                RequirementStatus::Missing => (Tone::Bad, "不符合"),
                RequirementStatus::Unknown => (Tone::Warn, "待确认"),
            };
            let text = f.figures();
            Finding { code: f.requirement, tone, word: label, title: f.label, text, hint: if hints { f.hint } else { "" } }
        })
        .collect();
    view! {
        <p class="saved">{sum}</p>
        <Findings items=items />
    }
    .into_any()
}

/// Section of an open matter's page; `None` for a kind without requirements, or while the goal fields are unanswered.
pub fn requirements_section(matter: &LoadedMatter, context: &OwnedMatterContext) -> Option<AnyView> {
    let open = matter.stage().is_some_and(|s| !s.closed());
    let findings = if open { matter.kind.requirements_of(&matter.answers, &context.as_context()) } else { Vec::new() };
    let own = matter.actor.parties.contains(&Party::Applicant);
    (!findings.is_empty()).then(|| view! { <Section title="注册要求核对">{requirement_view(findings, own)}</Section> }.into_any())
}
