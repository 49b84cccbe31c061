//! Dependent questions and steps: shown and hidden while answers change.

use std::cell::Cell;
use std::rc::Rc;

use domain::base::rule::RuleKey;
use domain::engine::form::{Field, Form, KnownAnswers, Lookup, Step, Widget};
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlFieldSetElement};

use super::controls::{current_values, find_all};
use super::dependent_options::offer_options;

/// The conditions of the open page.
pub struct Conditions {
    form: &'static Form,
    /// Fields of the page.
    fields: Vec<&'static Field>,
    /// Whether they are those of a record.
    in_record: bool,
    /// Answers of other pages on which conditions depend.
    known: KnownAnswers,
    /// Number of changes of visibility.
    changes: Cell<u32>,
}

impl Conditions {
    /// The conditions of a page.
    pub fn new(form: &'static Form, fields: Vec<&'static Field>, in_record: bool, known: KnownAnswers) -> Rc<Self> {
        Rc::new(Self { form, fields, in_record, known, changes: Cell::new(0) })
    }

    /// How often questions were shown or hidden.
    pub fn changes(&self) -> u32 {
        self.changes.get()
    }

    /// Applies the conditions after the answer to one question changed, if any depends on it, and offers the options that it has.
    pub fn apply_after(&self, name: &str) {
        offer_options(Some(name));
        let fields = self.fields.iter().map(|f| f.shown);
        if fields.chain(self.form.steps.iter().map(|s| s.shown)).any(|shown| shown.mentions(name)) {
            self.apply();
        }
    }

    /// Shows the fields whose conditions hold, with the options that they have, and hides the others. Hidden fields are not submitted.
    pub fn apply(&self) {
        offer_options(None);
        // A field that appears may be the condition of another one.
        for _ in 0..4 {
            let changes = self.fields.iter().filter(|field| show_field(field.name, field.shown.holds_for(self))).count();
            if changes == 0 {
                break;
            }
            self.changes.set(self.changes.get().wrapping_add(1));
        }
        show_steps(self.form.steps, self);
    }

    /// Values of a field: as the page has it, or else as it was saved.
    fn values(&self, name: &str) -> Vec<String> {
        let on_page = self.fields.iter().any(|f| f.name == name && !matches!(f.widget, Widget::Files(_)));
        let values = if on_page { current_values(name) } else { Vec::new() };
        if on_page && (!self.in_record || !values.is_empty()) {
            return values;
        }
        let known = self.known.iter().find(|(known, _)| *known == name);
        known.map_or_else(Vec::new, |(_, values)| values.iter().map(|v| (*v).to_owned()).collect())
    }
}

impl Lookup for Conditions {
    fn has(&self, field: &str, code: &str) -> bool {
        self.values(field).iter().any(|value| value == code)
    }

    fn is_answered(&self, field: &str) -> bool {
        self.values(field).iter().any(|value| !value.is_empty())
    }

    fn rule(&self, _: RuleKey) -> bool {
        // Rules were looked up when the form was written.
        false
    }
}

/// Shows or hides a dependent question. Returns whether that is a change.
fn show_field(name: &str, shown: bool) -> bool {
    let found = find_all(&format!("fieldset[data-dependent=\"{name}\"]"));
    let Some(field) = found.into_iter().next().and_then(|e| e.dyn_into::<HtmlFieldSetElement>().ok()) else { return false };
    let changes = field.hidden() == shown;
    if changes {
        field.set_hidden(!shown);
        field.set_disabled(!shown);
    }
    changes
}

/// Shows the steps that are part of the form, and numbers them.
fn show_steps(steps: &'static [Step], answers: &dyn Lookup) {
    let lists = find_all("nav.steps ol");
    let mut summary = None;
    for list in lists {
        let items = children(&list);
        let (mut number, mut current) = (0, None);
        for item in items {
            let code = item.get_attribute("data-step").unwrap_or_default();
            let shown = steps.iter().find(|s| s.code == code).is_none_or(|s| s.shown.holds_for(answers));
            item.set_hidden(!shown);
            number += usize::from(shown);
            if let Ok(Some(text)) = item.query_selector(".step-no") {
                text.set_text_content(Some(&number.to_string()));
            }
            if item.has_attribute("aria-current") {
                let label = item.query_selector("span:last-child").ok().flatten().and_then(|e| e.text_content());
                current = Some((number, label.unwrap_or_default()));
            }
        }
        summary = current.map(|(place, label)| format!("第 {place} 步 / 共 {number} 步 · {label}"));
    }
    if let (Some(text), Some(line)) = (summary, find_all("nav.steps summary").into_iter().next()) {
        line.set_text_content(Some(&text));
    }
}

fn children(list: &Element) -> Vec<HtmlElement> {
    let children = list.children();
    (0..children.length()).filter_map(|i| children.item(i)?.dyn_into().ok()).collect()
}
