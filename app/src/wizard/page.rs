//! The page of one step.

use domain::engine::form::{Answers, Display, Field, Fields, Part, Path, Step, StepProgress, Value};
use leptos::prelude::*;

use super::conflict::{Conflict, conflict_form};
use super::field::{FieldControl, FieldErrors, FieldSheet, FieldView};
use super::form::{Access, ActionButton, FormTarget, Wizard, buttons_view, form_view};
use super::record::{RecordListView, record_list};
use super::steps::{StepItem, StepWay, Steps, step_after, step_before, step_items};
use crate::ui::*;

/// Name of the control that says which warnings the page shows.
pub const WARNED: &str = "_warned";

/// A page of a step, as data.
pub struct StepPage {
    /// Title of the step.
    pub title: &'static str,
    /// Sentence above the fields; may be empty.
    pub lead: &'static str,
    /// Breadcrumbs: labels and addresses.
    pub crumbs: Vec<(String, String)>,
    /// The steps of the form.
    pub steps: Vec<StepItem>,
    /// Errors with the addresses of their controls.
    pub summary: Vec<(String, String)>,
    /// Warnings with the addresses of their controls.
    pub warnings: Vec<(String, String)>,
    /// Which warnings those are; empty for none.
    pub warned: String,
    /// Target of the form; `None` if the page handles its buttons itself.
    pub target: Option<FormTarget>,
    /// Answers that were changed differently elsewhere.
    pub conflicts: Vec<Conflict>,
    /// Parts of the page.
    pub parts: Vec<PartView>,
    /// Buttons.
    pub buttons: Vec<ActionButton>,
}

/// A part of a page.
pub enum PartView {
    /// Heading (may be empty), fields, and locked answers.
    Fields(&'static str, Vec<FieldView>, Vec<(String, String)>),
    /// A list of records.
    Records(RecordListView),
    /// Displayed data: titles and texts.
    Display(&'static Display, Vec<(String, String)>),
    /// A sentence in place of data that only the server has.
    Note(String),
}

impl Wizard<'_> {
    /// The page of one step.
    pub fn step(&self, step: &'static Step) -> StepPage {
        let (faults, warnings) = (self.faults.clone(), self.warnings.clone());
        let sheet = FieldSheet { id: self.matter, answers: self.answers.clone(), record: None, faults, warnings };
        StepPage {
            title: step.title,
            lead: step.intro,
            crumbs: match self.access {
                Access::Online { kind: (code, label), .. } => {
                    vec![("我的事项".into(), "/matters".into()), (label.into(), format!("/apply/{code}"))]
                }
                Access::Offline => vec![("离线草稿".into(), "/offline".into())],
            },
            steps: self.steps(step),
            summary: self.addressed(step, &self.faults),
            warnings: self.addressed(step, &self.warnings),
            warned: self.warned.clone(),
            target: self.target(self.step_address(step.code), step.fields()),
            conflicts: self.conflicts.clone(),
            parts: step.parts.iter().map(|part| self.part(step, part, &sheet)).collect(),
            buttons: self.buttons(step),
        }
    }

    fn steps(&self, step: &Step) -> Vec<StepItem> {
        // A device does not have all lists, so it judges no answers.
        let progress = |step: &'static Step| match self.is_offline() {
            true => StepProgress::unchecked(step, &self.answers),
            false => StepProgress::of(step, &self.answers, self.context),
        };
        let way = |other: &Step| (other.code != step.code).then(|| StepWay::Save(format!("goto:{}", other.code)));
        let mut items = step_items(self.form, &self.answers, self.context, progress, way);
        if !self.is_offline() {
            items.push(StepItem::review(Some(StepWay::Save("goto:review".to_owned()))));
        }
        items
    }

    fn buttons(&self, step: &Step) -> Vec<ActionButton> {
        let last = self.is_offline() && step_after(self.form, &self.answers, step.code).is_none();
        let first = match last {
            true => ActionButton::new("提交", "submit", Weight::Main),
            false => ActionButton::new("下一步", "next", Weight::Main),
        };
        let back = step_before(self.form, &self.answers, step.code);
        let back = back.map(|s| ActionButton::new("上一步", format!("goto:{}", s.code), Weight::Quiet));
        let save = ActionButton::new("暂存草稿箱", "save", Weight::Quiet);
        [Some(first), back, Some(save)].into_iter().flatten().collect()
    }

    /// Links of a summary of errors or warnings: to the record's page, or to the control.
    fn addressed(&self, step: &'static Step, found: &FieldErrors) -> Vec<(String, String)> {
        let address = |name: &str| {
            let record = step.records().find_map(|l| Some((l.name, name.strip_prefix(l.name)?.strip_prefix('-')?)));
            match record {
                Some((list, record)) => format!("{}/{list}/{record}?check=1", self.step_address(step.code)),
                None if name.is_empty() => "#main".to_owned(),
                None => format!("#f-{name}"),
            }
        };
        found.iter().map(|(name, text)| (address(name), text.clone())).collect()
    }

    fn part(&self, step: &'static Step, part: &'static Part, sheet: &FieldSheet) -> PartView {
        match part {
            Part::Fields(heading, fields) => {
                let (open, locked): (Vec<&'static Field>, Vec<&'static Field>) =
                    fields.iter().partition(|f| self.editable(&Path::field(f.name)));
                let views = open.into_iter().filter_map(|f| self.field(f, sheet)).collect();
                PartView::Fields(heading, views, self.locked(&locked))
            }
            Part::Records(list) => PartView::Records(RecordListView::new(self, step, list)),
            Part::Display(display) if self.is_offline() => PartView::Note(format!("{}：联网后显示", display.label)),
            Part::Display(display) => PartView::Display(display, self.context.lists.get(display.name).cloned().unwrap_or_default()),
        }
    }

    /// Answers locked by a return, read-only.
    fn locked(&self, fields: &[&'static Field]) -> Vec<(String, String)> {
        let words = |f: &&'static Field| Some((f.label.to_owned(), f.display(self.answers.fields.get(f.name)?, self.context)));
        fields.iter().filter_map(words).collect()
    }
}

/// Replaces the saved fields of a step by those typed on its page. Emptied fields stay empty.
pub fn with_typed(answers: &mut Answers, step: &'static Step, typed: Fields) {
    answers.fields.retain(|name, value| matches!(value, Value::Files(_)) || step.fields().all(|f| f.name != name.as_str()));
    answers.fields.extend(typed);
}

/// Renders the page of a step. `notices` are above the form, `state` says where the draft is saved.
pub fn step_page(page: StepPage, notices: AnyView, state: AnyView) -> AnyView {
    let parts = page.parts.into_iter().map(part_view).collect_view();
    view! {
        <PageHead title=page.title lead=page.lead crumbs=page.crumbs />
        <div class="wizard">
            <Steps items=page.steps has_form=true />
            <div>
                {notices} <ErrorSummary items=page.summary /> <WarningSummary items=page.warnings />
                <section class="panel">
                    {form_view(
                        page.target,
                        view! {
                            {(!page.warned.is_empty()).then(|| view! { <Hidden name=WARNED value=page.warned /> })}
                            {state}
                            {conflict_form(page.conflicts)}
                            {parts}
                            {buttons_view(page.buttons)}
                        }
                            .into_any(),
                    )}
                </section>
            </div>
        </div>
    }
    .into_any()
}

fn part_view(part: PartView) -> AnyView {
    match part {
        PartView::Fields(heading, fields, locked) => {
            let heading = (!heading.is_empty()).then(|| view! { <h2 class="group-title">{heading}</h2> });
            let fields = fields.into_iter().map(|field| view! { <FieldControl field=field /> }).collect_view();
            let locked = (!locked.is_empty()).then(|| view! { <DescriptionList items=locked /> });
            view! {
                {heading}
                {fields}
                {locked}
            }
            .into_any()
        }
        PartView::Records(list) => record_list(list),
        PartView::Display(display, lines) => view! {
            <div id=format!("f-{}", display.name) tabindex="-1">
                {display_view(display, lines)}
            </div>
        }
        .into_any(),
        PartView::Note(text) => view! { <p class="field-hint">{text}</p> }.into_any(),
    }
}

/// View of displayed data.
pub fn display_view(display: &'static Display, lines: Vec<(String, String)>) -> AnyView {
    match lines.is_empty() {
        true => view! { <Empty text=display.empty /> }.into_any(),
        false => view! {
            <h2 class="group-title">{display.label}</h2>
            <DescriptionList items=lines />
        }
        .into_any(),
    }
}
