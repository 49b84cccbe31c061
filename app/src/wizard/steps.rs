//! The steps of the wizard.

use domain::engine::form::{Answers, Form, FormContext, Scope, Step, StepProgress};
use leptos::prelude::*;

/// A step in the navigation.
#[derive(Clone)]
pub struct StepItem {
    /// Code of the step.
    pub code: String,
    /// Name.
    pub label: String,
    /// How it is opened; `None` for the open one.
    pub way: Option<StepWay>,
    /// How far it is filled in.
    pub progress: StepProgress,
    /// Whether the step is part of the form for the current answers; updated in the browser.
    pub shown: bool,
}

/// How a step is opened.
#[derive(Clone)]
pub enum StepWay {
    /// By the button that saves the page and goes to the step: its value.
    Save(String),
    /// By a link.
    Link(String),
}

impl StepItem {
    /// The last step: the page that shows all answers.
    pub fn review(way: Option<StepWay>) -> Self {
        Self { code: "review".into(), label: "核对提交".into(), way, progress: StepProgress::Empty, shown: true }
    }
}

/// The steps of a form, without those that no answer can make visible.
pub fn step_items(
    form: &'static Form,
    answers: &Answers,
    context: &FormContext<'_>,
    progress: impl Fn(&'static Step) -> StepProgress,
    way: impl Fn(&Step) -> Option<StepWay>,
) -> Vec<StepItem> {
    let scope = Scope::form(answers).with_rules(context.rules_on());
    let item = |step: &'static Step| {
        let shown = step.shown.holds(&scope);
        let possible = shown || step.shown.depends(context.rules_on());
        possible.then(|| StepItem { code: step.code.into(), label: step.title.into(), way: way(step), progress: progress(step), shown })
    };
    form.steps.iter().filter_map(item).collect()
}

/// The next step for these answers.
pub fn step_after(form: &Form, answers: &Answers, step: &str) -> Option<&'static Step> {
    form.steps_for(answers).skip_while(|s| s.code != step).nth(1)
}

/// The previous step for these answers.
pub fn step_before(form: &Form, answers: &Answers, step: &str) -> Option<&'static Step> {
    form.steps_for(answers).take_while(|s| s.code != step).last()
}

/// The steps of a wizard; on narrow screens the number of the step and a list that opens. `has_form`: whether the page has a form whose
/// buttons the steps are.
#[component]
pub fn Steps(items: Vec<StepItem>, has_form: bool) -> AnyView {
    let shown: Vec<&StepItem> = items.iter().filter(|item| item.shown).collect();
    let count = shown.len();
    let number = shown.iter().position(|s| s.way.is_none()).unwrap_or(0) + 1;
    let label = shown.get(number - 1).map(|s| s.label.clone()).unwrap_or_default();
    let numbered: Vec<(usize, StepItem)> = items
        .into_iter()
        .scan(0, |number, item| {
            *number += usize::from(item.shown);
            Some((*number, item))
        })
        .collect();
    // Enter in a field submits with this button, not with the first step's.
    let enter = has_form.then(|| {
        view! {
            <button class="sr-only" type="submit" form="edit" name="_action" value="next" tabindex="-1" aria-hidden="true">
                "下一步"
            </button>
        }
    });
    view! {
        {enter}
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
    let (class, state) = match step.progress {
        StepProgress::Empty => ("step", None),
        StepProgress::Partial => ("step step-partial", Some("未填完：")),
        StepProgress::Filled => ("step step-filled", Some("已填：")),
        StepProgress::Faulty => ("step step-faulty", Some("有误：")),
    };
    let current = step.way.is_none().then_some("step");
    let state = state.map(|text| view! { <span class="sr-only">{text}</span> });
    let inner = view! {
        <span class="step-no" aria-hidden="true">
            {number}
        </span>
        {state}
        <span>{step.label}</span>
    };
    let inner = match step.way {
        Some(StepWay::Save(action)) => view! {
            <button class="step-link" type="submit" form="edit" name="_action" value=action>
                {inner}
            </button>
        }
        .into_any(),
        Some(StepWay::Link(href)) => view! {
            <a class="step-link" href=href>
                {inner}
            </a>
        }
        .into_any(),
        None => inner.into_any(),
    };
    view! {
        <li class=class data-step=step.code hidden=!step.shown aria-current=current>
            {inner}
        </li>
    }
    .into_any()
}
