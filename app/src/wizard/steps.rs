//! The steps of the wizard.

use domain::engine::form::{Answers, Form, FormContext, Scope, Step};
use leptos::prelude::*;

/// A step in the navigation.
#[derive(Clone)]
pub struct StepItem {
    /// Code of the step.
    pub code: String,
    /// Name.
    pub label: String,
    /// Value of the button that saves the page and goes to this step; `None` if it is not reachable.
    pub action: Option<String>,
    /// State of the step.
    pub state: StepState,
    /// Whether the step is part of the form for the current answers; updated in the browser.
    pub shown: bool,
}

/// State of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Before the open one.
    Done,
    /// The open one.
    Current,
    /// After the open one.
    Todo,
}

/// The steps of a form, without those that no answer can make visible.
pub(super) fn step_items(form: &Form, answers: &Answers, context: &FormContext<'_>, open: &str) -> Vec<StepItem> {
    let scope = Scope::form(answers).with_rules(context.rules_on());
    let current = form.steps.iter().position(|s| s.code == open).unwrap_or(form.steps.len());
    let item = |(index, step): (usize, &Step)| {
        let shown = step.shown.holds(&scope);
        let state = match index.cmp(&current) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Equal => StepState::Current,
            std::cmp::Ordering::Greater => StepState::Todo,
        };
        let action = (state != StepState::Current).then(|| format!("goto:{}", step.code));
        let possible = shown || step.shown.depends(context.rules_on());
        possible.then(|| StepItem { code: step.code.into(), label: step.title.into(), action, state, shown })
    };
    form.steps.iter().enumerate().filter_map(item).collect()
}

/// The next step for these answers.
pub fn step_after(form: &Form, answers: &Answers, step: &str) -> Option<&'static Step> {
    form.steps_for(answers).skip_while(|s| s.code != step).nth(1)
}

/// The previous step for these answers.
pub fn step_before(form: &Form, answers: &Answers, step: &str) -> Option<&'static Step> {
    form.steps_for(answers).take_while(|s| s.code != step).last()
}

/// The steps of a wizard; on narrow screens the number of the step and a list that opens.
#[component]
pub fn Steps(items: Vec<StepItem>) -> AnyView {
    let shown: Vec<&StepItem> = items.iter().filter(|item| item.shown).collect();
    let count = shown.len();
    let number = shown.iter().position(|s| s.state == StepState::Current).unwrap_or(0) + 1;
    let label = shown.get(number - 1).map(|s| s.label.clone()).unwrap_or_default();
    let numbered: Vec<(usize, StepItem)> = items
        .into_iter()
        .scan(0, |number, item| {
            *number += usize::from(item.shown);
            Some((*number, item))
        })
        .collect();
    view! {
        // Enter in a field submits with this button, not with the first step's.
        <button class="sr-only" type="submit" form="edit" name="_action" value="next" tabindex="-1" aria-hidden="true">"下一步"</button>
        <nav class="steps" aria-label="填写步骤">
            <details class="steps-fold">
                <summary>{format!("第 {number} 步 / 共 {count} 步 · {label}")}</summary>
                <ol class="steps-list">{numbered.iter().cloned().map(step_view).collect_view()}</ol>
            </details>
            <ol class="steps-list steps-wide">{numbered.into_iter().map(step_view).collect_view()}</ol>
        </nav>
    }
    .into_any()
}

fn step_view((number, step): (usize, StepItem)) -> AnyView {
    let class = match step.state {
        StepState::Done => "step step-done",
        StepState::Current => "step step-here",
        StepState::Todo => "step",
    };
    let current = (step.state == StepState::Current).then_some("step");
    let inner = view! { <span class="step-no" aria-hidden="true">{number}</span><span>{step.label}</span> };
    let inner = match step.action {
        Some(action) => {
            view! { <button class="step-link" type="submit" form="edit" name="_action" value=action>{inner}</button> }.into_any()
        }
        None => inner.into_any(),
    };
    view! { <li class=class data-step=step.code hidden=!step.shown aria-current=current>{inner}</li> }.into_any()
}
