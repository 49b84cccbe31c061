//! The pages of a draft as they are drawn without a server.

use std::rc::Rc;

use domain::engine::draft::sync::Local;
use domain::engine::form::{Answers, Field, Form, FormContext, Part, Record, Records, Step};
use leptos::prelude::*;
use uuid::Uuid;

use super::desk::Desk;
use super::island::told_view;
use super::offline::wished;
use crate::control::{self, control};
use crate::ui::*;

/// Everything a page of a draft is drawn from.
pub struct Drawing<'a> {
    /// The draft at work.
    pub desk: &'a Rc<Desk>,
    /// Its form.
    pub form: &'static Form,
    /// As it is kept.
    pub local: &'a Local,
    /// What its questions are asked with.
    pub context: &'a FormContext<'a>,
}

impl Drawing<'_> {
    fn answers(&self) -> Answers {
        self.desk.with_hidden(self.local.mine.clone())
    }

    /// A page of a step.
    pub fn step(&self, step: &'static Step) -> AnyView {
        let answers = self.answers();
        let steps: Vec<&'static Step> = self.form.steps_for(&answers).collect();
        let place = steps.iter().position(|s| s.code == step.code).unwrap_or(0);
        let sheet = control::Sheet { id: self.desk.matter, answers, record: None, faults: Vec::new() };
        let parts = step.parts.iter().map(|part| self.part(step, part, &sheet)).collect_view();
        let next = steps.get(place + 1).map(|s| view! { <Submit label="下一步" action=format!("go:{}", s.code)/> });
        let last = next.is_none().then(|| view! { <Submit label="提交" action="submit"/> });
        let back = place
            .checked_sub(1)
            .and_then(|i| steps.get(i))
            .map(|s| view! { <Submit label="上一步" weight=Weight::Quiet action=format!("go:{}", s.code)/> });
        let state = |i: usize| match i.cmp(&place) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Equal => StepState::Current,
            std::cmp::Ordering::Greater => StepState::Todo,
        };
        let items = steps.iter().enumerate().map(|(i, s)| StepItem { label: s.title.into(), goto: None, state: state(i) }).collect();
        view! {
            <PageHead title=step.title lead=step.intro crumbs=vec![("离线草稿".into(), "/offline".into())]/>
            <Steps items=items/>
            <section class="panel">
                <form id="edit" class="fields" novalidate=true autocomplete="off">
                    {parts}
                    <Actions>{next}{last}{back}<Submit label="暂存草稿箱" weight=Weight::Quiet action="leave"/></Actions>
                    {told_view(self.desk)}
                    {wished(self.desk)}
                </form>
            </section>
        }
        .into_any()
    }

    /// The page of a record.
    pub fn record(&self, step: &'static Step, list: &str, id: Uuid) -> AnyView {
        let Some(list) = step.records().find(|l| l.name == list) else { return ().into_any() };
        let answers = self.answers();
        let record = answers.record(list.name, id).cloned().unwrap_or(Record { id, fields: Default::default(), gone: false });
        let sheet = control::Sheet { id: self.desk.matter, answers, record: Some((list.name.to_owned(), record)), faults: Vec::new() };
        let controls = list.fields.iter().filter_map(|f| self.field(f, &sheet)).collect_view();
        view! {
            <PageHead title=list.label crumbs=vec![("离线草稿".into(), "/offline".into()), (step.title.into(), format!("/matters/{}/edit/{}", self.desk.matter, step.code))]/>
            <section class="panel">
                <form id="edit" class="fields" novalidate=true autocomplete="off">
                    {controls}
                    <Actions><Submit label="保存" action=format!("go:{}", step.code)/></Actions>
                    {told_view(self.desk)}
                </form>
            </section>
        }
        .into_any()
    }

    fn part(&self, step: &'static Step, part: &'static Part, sheet: &control::Sheet) -> AnyView {
        match part {
            Part::Fields(heading, fields) => {
                let heading = (!heading.is_empty()).then(|| view! { <h3 class="group-title">{*heading}</h3> });
                let controls = fields.iter().filter_map(|f| self.field(f, sheet)).collect_view();
                view! { {heading}{controls} }.into_any()
            }
            Part::Records(list) => self.records(step, list),
            Part::Shown(display) => view! { <p class="field-hint">{format!("{}：联网后显示", display.label)}</p> }.into_any(),
        }
    }

    /// What the device does not keep is asked only with a network.
    fn field(&self, field: &'static Field, sheet: &control::Sheet) -> Option<AnyView> {
        if field.sensitive || field.portrait {
            return Some(view! { <p class="field-hint">{format!("{}：不在本机保存，请联网后填写", field.label)}</p> }.into_any());
        }
        control(field, sheet, self.context)
    }

    fn records(&self, step: &'static Step, list: &'static Records) -> AnyView {
        let cards = self
            .local
            .mine
            .records(list.name)
            .map(|record| {
                let title = list.title_of(&record.fields, self.context);
                let action = |word: &str| format!("{word}:{}:{}:{}", step.code, list.name, record.id);
                view! {
                    <div class="record">
                        <div class="record-head">
                            <p class="record-title">{title}</p>
                            <div class="row-end">
                                <button class="btn btn-sm btn-outline" type="submit" name="_action" value=action("edit")>"编辑"</button>
                                <button class="btn btn-sm btn-outline" type="submit" name="_action" value=action("remove")>"移除"</button>
                            </div>
                        </div>
                    </div>
                }
                .into_any()
            })
            .collect_view();
        let hint = (!list.hint.is_empty()).then(|| view! { <p class="field-hint">{list.hint}</p> });
        view! {
            {hint}{cards}
            <div class="choices"><Submit label=format!("添加{}", list.label) weight=Weight::Quiet action=format!("add:{}:{}", step.code, list.name)/></div>
        }
        .into_any()
    }
}
