//! Lists of records on the page of a step, and the page of one record.

use domain::engine::form::{Path, Record, RecordList, Step};
use leptos::prelude::*;

use super::conflict::{Conflict, conflict_form};
use super::field::{FieldControl, FieldSheet, FieldView};
use super::form::{Access, ActionButton, FormTarget, Wizard, buttons_view, form_view};
use crate::ui::*;

/// A list of records, as data.
pub struct RecordListView {
    /// Name of the list.
    name: &'static str,
    /// Label of a record.
    label: &'static str,
    /// Hint; may be empty.
    hint: &'static str,
    /// Number of records that it takes, and whether it has as many.
    max: usize,
    is_full: bool,
    /// The error of the list as a whole.
    fault: Option<String>,
    /// The records.
    cards: Vec<RecordCard>,
    /// Buttons that add a record.
    buttons: Vec<ActionButton>,
}

/// The action that saves a record as it is, without showing what is missing.
pub const LEAVE_FOR_LATER: &str = "later";

/// A record in a list, as data.
pub struct RecordCard {
    /// `id` of the card.
    anchor: String,
    /// Title of the record.
    title: String,
    /// Period; may be empty.
    span: String,
    /// Its errors.
    faults: Vec<String>,
    /// Link or button to edit it; `None` if it is locked.
    edit: Option<EditControl>,
    /// Value of the button that removes it.
    remove: String,
}

/// Link or button to the page of a record.
enum EditControl {
    /// A link.
    Link(String),
    /// A button with this value.
    Button(String),
}

impl RecordListView {
    pub(super) fn new(wizard: &Wizard<'_>, step: &'static Step, list: &'static RecordList) -> Self {
        let faults =
            |name: &str| -> Vec<String> { wizard.faults.iter().filter(|(n, _)| n == name).map(|(_, text)| text.clone()).collect() };
        let card = |record: &Record| {
            let open = wizard.editable(&Path::Row(list.name.to_owned(), record.id));
            let edit = match wizard.is_offline() {
                true => EditControl::Button(format!("edit:{}:{}", list.name, record.id)),
                false => EditControl::Link(format!("{}/{}/{}", wizard.step_address(step.code), list.name, record.id)),
            };
            RecordCard {
                anchor: format!("r-{}", record.id),
                title: list.title_of(&record.fields, wizard.context),
                span: match list.span_of(&record.fields) {
                    None | Some(("", "")) => String::new(),
                    Some((start, "")) => format!("{start} 起"),
                    Some((start, end)) => format!("{start} 至 {end}"),
                },
                faults: faults(&format!("{}-{}", list.name, record.id)),
                edit: open.then_some(edit),
                remove: format!("remove:{}:{}", list.name, record.id),
            }
        };
        // The list's name stands above the button.
        let add = ActionButton::new("添加", format!("add:{}", list.name), Weight::Quiet).unseen(list.label);
        let library = (list.library && !wizard.is_offline())
            .then(|| ActionButton::new("从基本信息库添加", format!("library:{}", list.name), Weight::Quiet));
        let is_full = wizard.answers.records(list.name).count() >= list.max;
        let buttons = if !is_full && wizard.editable(&Path::field(list.name)) { [Some(add), library] } else { [None, None] };
        Self {
            name: list.name,
            label: list.label,
            hint: list.hint,
            max: list.max,
            is_full,
            fault: faults(list.name).into_iter().next(),
            cards: wizard.answers.records(list.name).map(card).collect(),
            buttons: buttons.into_iter().flatten().collect(),
        }
    }
}

pub(super) fn record_list(list: RecordListView) -> AnyView {
    let RecordListView { name, label, hint, max, is_full, fault, cards, buttons } = list;
    let limit = if is_full {
        format!("已有 {max} 条，不能再添加。需要添加时请先移除一条。")
    } else {
        format!("最多 {max} 条")
    };
    let empty = cards.is_empty().then(|| view! { <Empty text=format!("尚未添加{label}") /> });
    let cards = cards.into_iter().map(record_card).collect_view();
    let buttons = (!buttons.is_empty()).then(|| {
        let buttons =
            buttons.into_iter().map(|b| view! { <Submit label=b.label unseen=b.unseen weight=b.weight action=b.action /> }).collect_view();
        view! { <div class="choices">{buttons}</div> }
    });
    view! {
        <div id=format!("f-{name}") tabindex="-1">
            {(!hint.is_empty()).then(|| view! { <p class="field-hint">{hint}</p> })}
            <p class="field-hint">{limit}</p>
            {fault
                .map(|text| {
                    view! {
                        <p class="field-fault" id=format!("e-{name}")>
                            {text}
                        </p>
                    }
                })}
            {cards}
            {empty}
            {buttons}
        </div>
    }
    .into_any()
}

fn record_card(card: RecordCard) -> AnyView {
    let class = if card.faults.is_empty() { "record" } else { "record record-bad" };
    let faults = card.faults.into_iter().map(|text| view! { <p class="field-fault">{text}</p> }).collect_view();
    let buttons = card.edit.map(|edit| {
        let edit = match edit {
            EditControl::Link(href) => view! {
                <a class="btn btn-sm btn-outline" href=href>
                    "编辑"
                </a>
            }
            .into_any(),
            EditControl::Button(action) => small_button("编辑", action),
        };
        view! { <div class="row-end">{edit}{small_button("移除", card.remove)}</div> }
    });
    view! {
        <div class=class id=card.anchor>
            <div class="record-head">
                <div>
                    <p class="record-title">{card.title}</p>
                    <p class="row-sub">{card.span}</p>
                </div>
                {buttons}
            </div>
            {faults}
        </div>
    }
    .into_any()
}

fn small_button(label: &'static str, action: String) -> AnyView {
    view! {
        <button class="btn btn-sm btn-outline" type="submit" name="_action" value=action>
            {label}
        </button>
    }
    .into_any()
}

/// The page of one record, as data.
pub struct RecordPage {
    /// Title.
    pub title: String,
    crumbs: Vec<(String, String)>,
    summary: Vec<(String, String)>,
    target: Option<FormTarget>,
    conflicts: Vec<Conflict>,
    fields: Vec<FieldView>,
    /// Whether it can be saved in 基本信息库 as well.
    library: bool,
    buttons: Vec<ActionButton>,
    /// Address of the step, if there is a link back.
    back: Option<String>,
}

impl Wizard<'_> {
    /// Builds the page of a record. `new`: the record is not in the list yet.
    pub fn record(&self, step: &'static Step, list: &'static RecordList, record: Record, new: bool) -> RecordPage {
        let (offline, back) = (self.is_offline(), self.step_address(step.code));
        let target = self.target(format!("{back}/{}/{}", list.name, record.id), list.fields.iter());
        let sheet = FieldSheet {
            id: self.matter,
            answers: self.answers.clone(),
            record: Some((list.name.to_owned(), record)),
            faults: self.faults.clone(),
            warnings: Vec::new(),
        };
        let first_crumb = match self.access {
            Access::Online { kind: (_, label), .. } => (label.into(), back.clone()),
            Access::Offline => ("离线草稿".into(), "/offline".into()),
        };
        // A device without a network stores each letter, so that there is nothing to leave for later.
        let buttons = match offline {
            true => vec![ActionButton::new("保存", format!("goto:{}", step.code), Weight::Main)],
            false => vec![ActionButton::new("保存", "save", Weight::Main), ActionButton::new("暂存草稿箱", LEAVE_FOR_LATER, Weight::Quiet)],
        };
        RecordPage {
            title: match offline {
                true => list.label.to_owned(),
                false => format!("{}{}", if new { "添加" } else { "编辑" }, list.label),
            },
            crumbs: vec![first_crumb, (step.title.into(), back.clone())],
            summary: sheet.summary(),
            target,
            conflicts: self.conflicts.clone(),
            fields: list.fields.iter().filter_map(|f| self.field(f, &sheet)).collect(),
            library: list.library && !offline,
            buttons,
            back: (!offline).then_some(back),
        }
    }
}

/// Renders the page of one record. `notices` are above the form, `state` says where the draft is saved.
pub fn record_page(page: RecordPage, notices: AnyView, state: AnyView) -> AnyView {
    // Enter in a field submits with this button, not with that of an attached file.
    let enter = page.target.is_some().then(|| {
        view! {
            <button class="sr-only" type="submit" name="_action" value="save" tabindex="-1" aria-hidden="true">
                "保存"
            </button>
        }
    });
    let fields = page.fields.into_iter().map(|field| view! { <FieldControl field=field /> }).collect_view();
    let library = page.library.then(|| {
        let props = FieldProps::new("_keep", "").optional();
        view! { <CheckboxField ask=props statement="同时存入基本信息库，以后的申请可直接选用" ticked=false /> }
    });
    let buttons = match page.back {
        Some(back) => {
            let buttons = page
                .buttons
                .into_iter()
                .map(|b| view! { <Submit label=b.label unseen=b.unseen weight=b.weight action=b.action /> })
                .collect_view();
            view! { <Actions>{buttons}<ButtonLink href=back label="返回" quiet=true /></Actions> }.into_any()
        }
        None => buttons_view(page.buttons),
    };
    view! {
        <PageHead title=page.title crumbs=page.crumbs />
        {notices}
        <ErrorSummary items=page.summary />
        <section class="panel">
            {form_view(
                page.target,
                view! {
                    {enter}
                    {state}
                    {conflict_form(page.conflicts)}
                    {fields}
                    {library}
                    {buttons}
                }
                    .into_any(),
            )}
        </section>
    }
    .into_any()
}
