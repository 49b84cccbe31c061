//! View of an application with verdicts for records and selectable answers.

use domain::engine::assessment::{Assessment, Nonconformity, Verdict, applicable, is_judged};
use domain::engine::form::{Issue, Path, ShownAnswer, ShownRecord, ShownStep, show_form};
use leptos::prelude::*;
use uuid::Uuid;

use super::read::{Reader, files_view, pairs};
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
    let asked = |a: &&ShownAnswer| is_judged(form.matter.kind.form, &a.path, form.matter.is_anonymous());
    let points: Vec<AnyView> = step.answers.iter().filter(asked).map(|a| field_point(a, form)).collect();
    let (single, files): (Vec<ShownAnswer>, Vec<ShownAnswer>) = step.answers.into_iter().partition(|a| a.files.is_empty());
    let facts = (!single.is_empty()).then(|| view! { <DescriptionList items=pairs(&single, Reader::of(form.matter))/> });
    let files = files.iter().map(|a| files_view(form.id(), a)).collect_view();
    let lists = step
        .lists
        .into_iter()
        .map(|(list, records)| {
            let cards = records.into_iter().enumerate().map(|(i, r)| record_view(i, list.label, r, form)).collect_view();
            let missing = pointer(&Path::field(list.name), &format!("需要补充{}", list.label), form);
            view! { {cards}<Fold label=format!("缺少{}", list.label) open=form.verdict(&Path::field(list.name)).fails()>{missing}</Fold> }
        })
        .collect_view();
    let displays = step.displays.into_iter().map(|(display, lines)| display_view(display, lines)).collect_view();
    let open = step.step.fields().any(|f| form.verdict(&Path::field(f.name)).fails());
    let pointers = (!points.is_empty()).then(|| view! { <Fold label="标注本页存在问题的内容" open=open>{points}</Fold> });
    view! { <Section title=step.step.title>{displays}{facts}{files}{lists}{pointers}</Section> }.into_any()
}

fn record_view(number: usize, label: &'static str, record: ShownRecord, form: &AssessmentForm<'_>) -> AnyView {
    let path = record.path.clone();
    let (single, files): (Vec<ShownAnswer>, Vec<ShownAnswer>) = record.answers.into_iter().partition(|a| a.files.is_empty());
    let verdict = form.verdict(&path);
    let fault = form.fault(&path);
    let class = if fault.is_some() { "record record-bad" } else { "record" };
    let title = format!("{label}第 {} 条（{}）", number + 1, record.title);
    let name = format!("v:{path}");
    let verdict_input = if form.verdicts {
        let (yes, no) = (verdict.conforms == Some(true), verdict.fails());
        view! {
            <div class="choices" role="radiogroup" aria-label=format!("{title}是否符合")>
                <label class="choice"><input type="radio" name=name.clone() value="ok" checked=yes/><span>"符合"</span></label>
                <label class="choice"><input type="radio" name=name value="bad" checked=no/><span>"不符合"</span></label>
            </div>
        }
        .into_any()
    } else {
        let no = verdict.fails();
        view! { <label class="choice"><input type="checkbox" name=name value="bad" checked=no/><span>"本条需整改"</span></label> }
            .into_any()
    };
    let reasons = reasons_view(&path, &title, &verdict, form);
    view! {
        <div class=class id=path.anchor() data-part=title>
            <h3>{record.title}</h3>
            <DescriptionList items=pairs(&single, Reader::of(form.matter))/>
            {files.iter().map(|a| files_view(form.id(), a)).collect_view()}
            {fault.map(|text| view! { <p class="field-fault">{text}</p> })}
            {verdict_input}
            <Fold label="选择不符合项" open=verdict.fails()>{reasons}</Fold>
        </div>
    }
    .into_any()
}

/// Selection of nonconformities, and a free text.
fn reasons_view(path: &Path, title: &str, verdict: &Verdict, form: &AssessmentForm<'_>) -> AnyView {
    let picks = choices_view(path, applicable(form.catalogue(), path), verdict);
    let label = format!("{title}：其他问题");
    view! {
        <div class="picks">{picks}</div>
        <label class="field"><span class="field-label">"其他问题"</span>
            <input class="input" type="text" name=format!("t:{path}") value=verdict.text.clone() maxlength="300" aria-label=label/>
        </label>
    }
    .into_any()
}

fn choices_view(path: &Path, offered: Vec<&'static Nonconformity>, verdict: &Verdict) -> AnyView {
    let pick = |n: &'static Nonconformity| {
        let checked = verdict.codes.iter().any(|c| c == n.code);
        view! {
            <label class="choice">
                <input type="checkbox" name=format!("n:{path}") value=n.code checked=checked data-text=n.text/>
                <span>{n.text}</span>
            </label>
        }
    };
    offered.into_iter().map(pick).collect_view().into_any()
}

fn field_point(answer: &ShownAnswer, form: &AssessmentForm<'_>) -> AnyView {
    pointer(&answer.path, answer.label, form)
}

/// Selection of one answer, or of a whole list.
fn pointer(path: &Path, label: &str, form: &AssessmentForm<'_>) -> AnyView {
    let verdict = form.verdict(path);
    // Nonconformities of records are selected at the record; at a list only that a record is missing.
    let list = matches!(path, Path::Field(name) if form.matter.kind.form.records(name).is_some());
    let own = applicable(form.catalogue(), path).into_iter().filter(|n| !list && !n.applies_to.is_empty()).collect();
    let picks = choices_view(path, own, &verdict);
    let aria = format!("{label}：问题说明");
    view! {
        <div class="pointer" data-part=label.to_owned()>
            <label class="choice">
                <input type="checkbox" name=format!("v:{path}") value="bad" checked=verdict.fails()/>
                <span>{label.to_owned()}</span>
            </label>
            {picks}
            <input class="input" type="text" name=format!("t:{path}") value=verdict.text.clone() maxlength="300" aria-label=aria placeholder="问题说明"/>
        </div>
    }
    .into_any()
}
