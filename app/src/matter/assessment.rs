//! View of an application with verdicts for records and selectable answers.

use domain::engine::assessment::{Assessment, Nonconformity, Verdict, applicable, is_judged};
use domain::engine::form::{Issue, Path, ShownAnswer, ShownRecord, ShownStep, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use super::files::files_in_place;
use super::read::{Reader, answer_list, pair};
use crate::ui::*;
use crate::wizard::display_view;

/// Data of the view.
#[derive(Clone)]
pub struct AssessmentForm<'a> {
    /// The matter.
    pub matter: &'a backend::matter::LoadedMatter,
    /// The context of the matter.
    pub context: &'a backend::matter::context::OwnedMatterContext,
    /// The assessment so far.
    pub assessment: &'a Assessment,
    /// Problems that prevent completion.
    pub faults: &'a [(Option<Path>, Issue)],
    /// Whether each record needs a verdict; otherwise parts can only be selected.
    pub verdicts: bool,
}

impl AssessmentForm<'_> {
    fn catalogue(&self) -> &'static [Nonconformity] {
        self.matter.kind.nonconformities
    }

    fn id(&self) -> Uuid {
        self.matter.id
    }

    fn verdict(&self, path: &Path) -> Verdict {
        self.assessment.verdicts.get(path).cloned().unwrap_or_default()
    }

    fn fault(&self, path: &Path) -> Option<String> {
        self.faults.iter().find(|(p, _)| p.as_ref() == Some(path)).map(|(_, issue)| issue.text.clone())
    }
}

/// View of every step with its verdicts.
pub fn assessment_view(form: &AssessmentForm<'_>) -> AnyView {
    let steps = show_form(form.matter.kind.form, &form.matter.answers, &form.context.as_context());
    steps.into_iter().map(|step| step_view(step, form)).collect_view().into_any()
}

fn step_view(step: ShownStep, form: &AssessmentForm<'_>) -> AnyView {
    let lines = lines_view(step.answers, form);
    let lists = step
        .lists
        .into_iter()
        .map(|(list, records)| {
            let cards = records.into_iter().enumerate().map(|(i, r)| record_view(i, list.label, r, form)).collect_view();
            let missing =
                flag_view(&Path::field(list.name), &format!("缺少{}", list.label), &format!("需要补充{}", list.label), ().into_any(), form);
            view! {
                {cards}
                {missing}
            }
        })
        .collect_view();
    let displays = step.displays.into_iter().map(|(display, lines)| display_view(display, lines)).collect_view();
    view! { <Section title=step.step.title>{displays}{lines}{lists}</Section> }.into_any()
}

/// A line for each answer, those left empty folded unless one of them is flagged.
fn lines_view(answers: Vec<ShownAnswer>, form: &AssessmentForm<'_>) -> AnyView {
    let (empty, filled): (Vec<ShownAnswer>, Vec<ShownAnswer>) = answers.into_iter().partition(|a| a.text.is_empty() && a.files.is_empty());
    let is_flagged = empty.iter().any(|answer| form.verdict(&answer.path).fails());
    let folded = (!empty.is_empty()).then(|| {
        let label = format!("未填写 {} 项", empty.len());
        let lines = empty.iter().map(|answer| line_view(answer, form)).collect_view();
        view! {
            <details class="unanswered" open=is_flagged>
                <summary>{label}</summary>
                {lines}
            </details>
        }
    });
    let lines = filled.iter().map(|answer| line_view(answer, form)).collect_view();
    view! { <div class="flags">{lines}{folded}</div> }.into_any()
}

/// An answer with its tick; without one where its reader must not learn what it says.
fn line_view(answer: &ShownAnswer, form: &AssessmentForm<'_>) -> AnyView {
    let (_, text) = pair(answer, Reader::of(form.matter));
    let value = match answer.files.is_empty() {
        true => view! { <p class="lines">{if text.is_empty() { "—".to_owned() } else { text }}</p> }.into_any(),
        false => files_in_place(form.id(), answer, ""),
    };
    if !is_judged(form.matter.kind.form, &answer.path, form.matter.is_anonymous()) {
        return view! {
            <div class="flag">
                <p class="flag-name">{answer.label}</p>
                <div class="flag-value">{value}</div>
            </div>
        }
        .into_any();
    }
    flag_view(&answer.path, answer.label, answer.label, value, form)
}

fn record_view(number: usize, label: &'static str, record: ShownRecord, form: &AssessmentForm<'_>) -> AnyView {
    let path = record.path.clone();
    let verdict = form.verdict(&path);
    let fault = form.fault(&path);
    let class = if fault.is_some() { "record flagged record-bad" } else { "record flagged" };
    let title = format!("{label}第 {} 条（{}）", number + 1, record.title);
    let name = format!("v:{path}");
    let verdict_input = if form.verdicts {
        let (yes, no) = (verdict.conforms == Some(true), verdict.fails());
        view! {
            <div class="choices verdict" role="radiogroup" aria-label=format!("{title}是否符合")>
                <label class="choice">
                    <input type="radio" name=name.clone() value="ok" checked=yes />
                    <span>"符合"</span>
                </label>
                <label class="choice">
                    <input type="radio" name=name value="bad" checked=no />
                    <span>"不符合"</span>
                </label>
            </div>
        }
        .into_any()
    } else {
        let no = verdict.fails();
        view! {
            <div class="choices verdict">
                <label class="choice">
                    <input type="checkbox" name=name value="bad" checked=no />
                    <span>"本条需整改"</span>
                </label>
            </div>
        }
        .into_any()
    };
    let reasons = reasons_view(&path, &title, applicable(form.catalogue(), &path), &verdict);
    view! {
        <div class=class id=path.anchor() data-part=title>
            <h3>{record.title}</h3>
            {answer_list(form.id(), record.answers, Reader::of(form.matter))}
            {fault.map(|text| view! { <p class="field-fault">{text}</p> })}
            {verdict_input}
            <div class="flag-more">{reasons}</div>
        </div>
    }
    .into_any()
}

/// Selection of nonconformities, and a free text.
fn reasons_view(path: &Path, title: &str, offered: Vec<&'static Nonconformity>, verdict: &Verdict) -> AnyView {
    let control = format!("n:{path}");
    let chip = |n: &'static Nonconformity| {
        let checked = verdict.codes.iter().any(|c| c == n.code);
        view! { <Chip control=control.clone() value=n.code text=n.text checked=checked /> }
    };
    let chips: Vec<AnyView> = offered.into_iter().map(|n| chip(n).into_any()).collect();
    let chips = (!chips.is_empty()).then(|| {
        view! {
            <div class="chips" role="group" aria-label=format!("{title}：不符合项")>
                {chips}
            </div>
        }
    });
    let aria = format!("{title}：问题说明");
    view! {
        {chips}
        <input
            class="input flag-text"
            type="text"
            name=format!("t:{path}")
            value=verdict.text.clone()
            maxlength="300"
            aria-label=aria
            placeholder="问题说明"
        />
    }
    .into_any()
}

/// A line that can be flagged: an answer, or a list in which a record is missing. `part`: what the opinion calls it.
fn flag_view(path: &Path, label: &str, part: &str, value: AnyView, form: &AssessmentForm<'_>) -> AnyView {
    let verdict = form.verdict(path);
    // Nonconformities of records are selected at the record; at a list only that a record is missing.
    let list = matches!(path, Path::Field(name) if form.matter.kind.form.records(name).is_some());
    let own = applicable(form.catalogue(), path).into_iter().filter(|n| !list && !n.applies_to.is_empty()).collect();
    let reasons = reasons_view(path, part, own, &verdict);
    view! {
        <FlagLine
            control=format!("v:{path}")
            label=label.to_owned()
            part=part.to_owned()
            flagged=verdict.fails()
            id=path.anchor()
            value=value
        >
            {reasons}
        </FlagLine>
    }
    .into_any()
}
