//! The controls of the open page: read as the plain post would send them, and filled.

use domain::base::calendar::parse_day;
use domain::engine::form::{Answers, Field, Fields, Form, PICKER, Path, Step, Value, picker_name, read_fields};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use uuid::Uuid;
use web_sys::{Element, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use crate::composition::value_before_composition;

/// The part of a form that a page shows.
#[derive(Clone)]
pub struct FormLocation {
    /// The step.
    pub step: &'static Step,
    /// List and id of the record, on the page of a record.
    pub record: Option<(String, Uuid)>,
}

impl FormLocation {
    /// A step, or a record of one of its lists; `None` for an unknown page.
    pub fn new(form: &'static Form, step: &str, record: Option<(String, Uuid)>) -> Option<Self> {
        let step = form.step(step)?;
        let known = record.as_ref().is_none_or(|(list, _)| step.records().any(|l| l.name == list));
        known.then_some(Self { step, record })
    }

    /// The fields of the page.
    pub fn fields(&self) -> Vec<&'static Field> {
        page_fields(self.step, self.record.as_ref().map(|(list, _)| list.as_str()))
    }

    /// Path of the answer to a field of the page.
    pub fn path(&self, name: &str) -> Path {
        match &self.record {
            Some((list, id)) => Path::Cell(list.clone(), *id, name.to_owned()),
            None => Path::field(name),
        }
    }

    /// The answers of the page among all answers.
    pub fn answers<'a>(&self, answers: &'a Answers) -> Option<&'a Fields> {
        match &self.record {
            Some((list, id)) => answers.record(list, *id).map(|r| &r.fields),
            None => Some(&answers.fields),
        }
    }
}

/// The fields of a step, or those of a record of one of its lists.
pub fn page_fields(step: &'static Step, list: Option<&str>) -> Vec<&'static Field> {
    match list {
        Some(list) => step.records().filter(|l| l.name == list).flat_map(|l| l.fields).collect(),
        None => step.fields().collect(),
    }
}

/// Which state of the controls is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// As they are now.
    Now,
    /// As the server sent them.
    AsSent,
}

/// Reads the answers to these fields into `answers`, as the page's post would send them; files are left as they are.
pub fn read_controls(fields: &[&'static Field], reading: Reading, answers: &mut Fields) {
    let mut pairs = Vec::new();
    for field in fields {
        let controls = controls(field.name).into_iter().filter(|c| asked(c, reading));
        pairs.extend(controls.filter_map(|c| Some((field.name.to_owned(), sent(&c, reading)?))));
    }
    let _ = read_fields(fields.iter().copied(), &pairs, answers);
}

/// Whether a control belongs to a visible field.
fn asked(control: &Element, reading: Reading) -> bool {
    let hidden = match reading {
        Reading::Now => "fieldset[disabled]",
        Reading::AsSent => "fieldset[data-shown=no]",
    };
    control.closest(hidden).ok().flatten().is_none()
}

/// What one control sends.
fn sent(control: &Element, reading: Reading) -> Option<String> {
    let as_sent = reading == Reading::AsSent;
    if !as_sent && let Some(before) = value_before_composition(control) {
        return Some(before);
    }
    if let Some(input) = control.dyn_ref::<HtmlInputElement>() {
        return match input.type_().as_str() {
            "radio" | "checkbox" => {
                let ticked = if as_sent { input.default_checked() } else { input.checked() };
                ticked.then(|| input.value())
            }
            "file" => None,
            _ if as_sent => Some(input.default_value()),
            _ => Some(input.value()),
        };
    }
    if let Some(area) = control.dyn_ref::<HtmlTextAreaElement>() {
        return Some(if as_sent { area.default_value().unwrap_or_default() } else { area.value() });
    }
    let select = control.dyn_ref::<HtmlSelectElement>()?;
    Some(if as_sent { default_choice(select) } else { select.value() })
}

/// What the controls of a field send now.
pub fn current_values(name: &str) -> Vec<String> {
    let controls = controls(name).into_iter().filter(|c| asked(c, Reading::Now));
    controls.filter_map(|c| sent(&c, Reading::Now)).collect()
}

/// What the controls of a field would have sent as the server made them.
pub fn sent_values(name: &str) -> Vec<String> {
    controls(name).iter().filter_map(|c| sent(c, Reading::AsSent)).collect()
}

/// Whether somebody changed what the controls of a field would send, or chose a file.
pub fn is_changed(name: &str) -> bool {
    controls(name).iter().any(|control| {
        let chosen = control.dyn_ref::<HtmlInputElement>().is_some_and(|input| input.type_() == "file" && !input.value().is_empty());
        chosen || sent(control, Reading::Now) != sent(control, Reading::AsSent)
    })
}

fn default_choice(select: &HtmlSelectElement) -> String {
    let chosen = select.query_selector("option[selected]").ok().flatten();
    chosen.and_then(|o| o.get_attribute("value")).unwrap_or_default()
}

/// The texts and choices of the page by the name of their control.
pub fn typed_values() -> Vec<(String, String)> {
    let controls = find_all("form#edit :is(input:not([type=hidden],[type=file],[type=radio],[type=checkbox]),textarea,select)[name]");
    controls.iter().filter_map(|c| Some((c.get_attribute("name")?, sent(c, Reading::Now)?))).collect()
}

/// Puts a value into a control, as if it were typed there.
pub fn put_typed(name: &str, value: &str) {
    fill(name, Some(&Value::Text(value.to_owned())));
}

/// The form of the page.
pub fn edit_form() -> Option<HtmlFormElement> {
    document().get_element_by_id("edit")?.dyn_into().ok()
}

/// The hidden control that holds the revision of the page.
pub fn revision_input() -> Option<HtmlInputElement> {
    edit_form()?.query_selector("input[name=_rev]").ok()??.dyn_into().ok()
}

/// All elements of the document that match a selector.
pub fn find_all(selector: &str) -> Vec<Element> {
    let Ok(all) = document().query_selector_all(selector) else { return Vec::new() };
    (0..all.length()).filter_map(|i| all.get(i)?.dyn_into().ok()).collect()
}

/// Keeps a typed day and its picker alike after one of them, of this name, was changed. Returns the name of the answer.
pub fn sync_picker(name: &str) -> &str {
    match name.strip_prefix(PICKER) {
        Some(field) => {
            set_value(field, &current_values(name).concat());
            field
        }
        None => {
            let day = parse_day(&current_values(name).concat());
            set_value(&picker_name(name), &day.map(|day| day.to_string()).unwrap_or_default());
            name
        }
    }
}

fn set_value(name: &str, text: &str) {
    let free = controls(name).into_iter().filter(|control| value_before_composition(control).is_none());
    let inputs = free.filter_map(|control| control.dyn_into::<HtmlInputElement>().ok());
    inputs.for_each(|input| input.set_value(text));
}

fn controls(name: &str) -> Vec<Element> {
    find_all(&format!("form#edit [name=\"{name}\"]"))
}

/// Shows an answer in its controls; not in one in which text is being composed, which the program would disturb.
pub fn fill(name: &str, value: Option<&Value>) {
    let text = value.map_or("", Value::text);
    for control in controls(name).into_iter().filter(|control| value_before_composition(control).is_none()) {
        if let Some(input) = control.dyn_ref::<HtmlInputElement>() {
            match input.type_().as_str() {
                "radio" | "checkbox" => input.set_checked(value.is_some_and(|v| v.contains(&input.value()))),
                "file" => {}
                _ => input.set_value(text),
            }
        } else if let Some(area) = control.dyn_ref::<HtmlTextAreaElement>() {
            area.set_value(text);
        } else if let Some(select) = control.dyn_ref::<HtmlSelectElement>() {
            select.set_value(text);
        }
    }
}
