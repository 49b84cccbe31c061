//! The controls of the page that is open: read as the plain post would send them, and filled when something came in from elsewhere.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::engine::draft::Op;
use domain::engine::draft::keep::{may_stay, typed};
use domain::engine::draft::sync::Local;
use domain::engine::form::{Answers, Field, Fields, Form, Path, Record, Step, Value, read_fields};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use uuid::Uuid;
use web_sys::{Element, HtmlFormElement, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use super::desk::Desk;
use super::js::beacon;

/// What is edited on a page.
#[derive(Clone)]
pub struct Place {
    /// The step.
    pub step: &'static Step,
    /// The record, if it is the page of one.
    pub record: Option<(String, Uuid)>,
}

impl Place {
    /// A step, or a record of one of its lists; none if the form has no such page.
    pub fn of(form: &'static Form, step: &str, record: Option<(String, Uuid)>) -> Option<Self> {
        let step = form.step(step)?;
        let known = record.as_ref().is_none_or(|(list, _)| step.records().any(|l| l.name == list));
        known.then_some(Self { step, record })
    }

    pub(super) fn fields(&self) -> Vec<&'static Field> {
        match &self.record {
            Some((list, _)) => self.step.records().filter(|l| l.name == list).flat_map(|l| l.fields).collect(),
            None => self.step.fields().collect(),
        }
    }

    pub(super) fn path(&self, name: &str) -> Path {
        match &self.record {
            Some((list, id)) => Path::Cell(list.clone(), *id, name.to_owned()),
            None => Path::field(name),
        }
    }

    fn answers<'a>(&self, answers: &'a Answers) -> Option<&'a Fields> {
        match &self.record {
            Some((list, id)) => answers.record(list, *id).map(|r| &r.fields),
            None => Some(&answers.fields),
        }
    }
}

/// The open page.
pub struct Sheet {
    desk: Rc<Desk>,
    place: Place,
    shown: RefCell<Fields>,
    /// Counts what was typed.
    typed: Cell<u32>,
    /// Whether another page stands in its place, with controls of the same names.
    gone: Arc<AtomicBool>,
}

impl Sheet {
    /// The page as it was drawn. What was typed before this woke is a change like any other.
    pub fn drawn(desk: Rc<Desk>, place: Place) -> Rc<Self> {
        let sheet = Self { desk, place, shown: RefCell::default(), typed: Cell::new(0), gone: Arc::default() };
        sheet.shown.replace(sheet.read(true));
        let sheet = Rc::new(sheet);
        let leave = |sheet: &Rc<Self>| {
            let sheet = sheet.clone();
            move |_| sheet.leave()
        };
        let left = window_event_listener_untyped("pagehide", leave(&sheet));
        let hidden = window_event_listener_untyped("visibilitychange", leave(&sheet));
        let asking = sheet.clone();
        let asking = window_event_listener_untyped("beforeunload", move |event| {
            // Only where a save has failed: what is merely fresh goes out with the page.
            let failed = asking.desk.told.with_untracked(|t| t.failure.is_some() && (!t.lasts || t.hidden));
            if failed && asking.desk.unsent(asking.differences()).is_some() {
                event.prevent_default();
            }
        });
        let gone = sheet.gone.clone();
        on_cleanup(move || {
            gone.store(true, Ordering::Relaxed);
            for handle in [left, hidden, asking] {
                handle.remove();
            }
        });
        sheet
    }

    /// Keeps what is typed from now on, and shows what comes in.
    pub fn watch(self: &Rc<Self>) {
        let handle = |sheet: &Rc<Self>| {
            let sheet = sheet.clone();
            move |target: Option<web_sys::EventTarget>| {
                let Some(control) = target.and_then(|t| t.dyn_into::<Element>().ok()) else { return };
                if control.closest("form#edit").ok().flatten().is_some()
                    && let Some(name) = control.get_attribute("name")
                {
                    let sheet = sheet.clone();
                    spawn_local(async move { sheet.take_one(&name).await });
                }
            }
        };
        let (typing, choosing) = (handle(self), handle(self));
        let typing = window_event_listener(leptos::ev::input, move |event| typing(event.target()));
        let choosing = window_event_listener(leptos::ev::change, move |event| choosing(event.target()));
        on_cleanup(move || {
            typing.remove();
            choosing.remove();
        });
        let sheet = self.clone();
        Effect::new(move |_| {
            sheet.desk.came.get();
            let sheet = sheet.clone();
            spawn_local(async move { sheet.show().await });
        });
    }

    /// Takes what was typed since the last look.
    pub async fn take(&self) {
        self.keep(self.read(false)).await;
    }

    /// Takes what was typed into one answer: a key waits for none of the others to be read.
    async fn take_one(&self, name: &str) {
        let mut fields = self.shown.borrow().clone();
        read_into(self.place.fields().into_iter().filter(|field| field.name == name), false, &mut fields);
        self.keep(fields).await;
    }

    async fn keep(&self, read: Fields) {
        if self.gone.load(Ordering::Relaxed) {
            return;
        }
        let ops = self.between(&read);
        if !ops.is_empty() {
            self.typed.set(self.typed.get().wrapping_add(1));
        }
        self.shown.replace(read);
        self.desk.edit(ops).await;
    }

    fn between(&self, read: &Fields) -> Vec<Op> {
        typed(&self.shown.borrow(), read, |name| self.place.path(name))
    }

    /// What was typed since the last look.
    fn differences(&self) -> Vec<Op> {
        self.between(&self.read(false))
    }

    /// The page as it was drawn: its revision, and the answers on it.
    pub fn page(&self) -> Option<(i64, Answers)> {
        let revision = revision_input()?.value().parse().ok()?;
        let (mut answers, fields) = (Answers::default(), self.shown.borrow().clone());
        match &self.place.record {
            Some(_) if fields.is_empty() => {}
            Some((list, id)) => answers.put_record(list, Record { id: *id, fields, gone: false }),
            None => answers.fields = fields,
        }
        Some((revision, answers))
    }

    /// The page goes, or may go without another word: what is not saved goes out at once.
    fn leave(&self) {
        if let Some(patch) = self.desk.unsent(self.differences()) {
            let body = serde_json::json!({ "kind": self.desk.kind, "patch": patch }).to_string();
            beacon("/api/draft/patch", &body);
        }
    }

    /// The draft as it is kept, with all that was typed on this page in it. None when the page has gone.
    async fn settled(&self) -> Option<Local> {
        loop {
            self.take().await;
            self.desk.flush().await;
            let typed = self.typed.get();
            let local = self.desk.local().await?;
            if self.gone.load(Ordering::Relaxed) {
                return None;
            }
            // What was read before the last key was pressed is older than the page: shown, it would take the key back.
            if self.typed.get() == typed && self.differences().is_empty() {
                return Some(local);
            }
        }
    }

    /// Fills in what came from elsewhere; what was typed meanwhile is taken first.
    async fn show(&self) {
        let Some(local) = self.settled().await else { return };
        let given = self.desk.given();
        if let (Some((revision, _)), Some(input)) = (&given, revision_input()) {
            input.set_value(&revision.to_string());
        }
        let given = given.map(|(_, answers)| self.place.answers(&answers).cloned().unwrap_or_default());
        let local_strips = self.desk.told.with_untracked(|t| t.lasts);
        let none = Fields::new();
        let answers = self.place.answers(&local.mine).unwrap_or(&none);
        let shown = self.shown.borrow().clone();
        for field in self.place.fields() {
            let path = self.place.path(field.name);
            // What the device does not keep is only on the page, and comes only with what the server gives this page.
            let value = match may_stay(self.desk.form, &path) || !local_strips {
                true => answers.get(field.name),
                false => match &given {
                    Some(given) if !self.desk.holds(&path) => given.get(field.name),
                    _ => continue,
                },
            };
            if shown.get(field.name) != value {
                fill(field.name, value);
            }
        }
        self.shown.replace(self.read(false));
    }

    /// The answers of the page, as its post would send them, or as it was drawn; files go another way.
    fn read(&self, drawn: bool) -> Fields {
        let mut fields = Fields::new();
        read_into(self.place.fields().into_iter(), drawn, &mut fields);
        fields
    }
}

fn read_into(asked: impl Iterator<Item = &'static Field> + Clone, drawn: bool, fields: &mut Fields) {
    let pairs: Vec<(String, String)> =
        asked.clone().flat_map(|f| controls(f.name).into_iter().filter_map(move |c| sent(f.name, &c, drawn))).collect();
    let _ = read_fields(asked, &pairs, fields);
}

/// What one control sends; with `drawn`, what it would have sent untouched.
fn sent(name: &str, control: &Element, drawn: bool) -> Option<(String, String)> {
    let value = if let Some(input) = control.dyn_ref::<HtmlInputElement>() {
        match input.type_().as_str() {
            "radio" | "checkbox" => {
                let ticked = if drawn { input.default_checked() } else { input.checked() };
                ticked.then(|| input.value())?
            }
            "file" => return None,
            _ if drawn => input.default_value(),
            _ => input.value(),
        }
    } else if let Some(area) = control.dyn_ref::<HtmlTextAreaElement>() {
        if drawn { area.default_value().unwrap_or_default() } else { area.value() }
    } else {
        let select = control.dyn_ref::<HtmlSelectElement>()?;
        if drawn { drawn_choice(select) } else { select.value() }
    };
    Some((name.to_owned(), value))
}

fn drawn_choice(select: &HtmlSelectElement) -> String {
    let chosen = select.query_selector("option[selected]").ok().flatten();
    chosen.and_then(|o| o.get_attribute("value")).unwrap_or_default()
}

fn controls(name: &str) -> Vec<Element> {
    let Some(all) = form().and_then(|f| f.query_selector_all(&format!("[name=\"{name}\"]")).ok()) else {
        return Vec::new();
    };
    (0..all.length()).filter_map(|i| all.get(i)?.dyn_into().ok()).collect()
}

fn revision_input() -> Option<HtmlInputElement> {
    form()?.query_selector("input[name=_rev]").ok()??.dyn_into().ok()
}

fn form() -> Option<HtmlFormElement> {
    document().get_element_by_id("edit")?.dyn_into().ok()
}

fn fill(name: &str, value: Option<&Value>) {
    let text = value.map_or("", Value::text);
    for control in controls(name) {
        if let Some(input) = control.dyn_ref::<HtmlInputElement>() {
            match input.type_().as_str() {
                "radio" | "checkbox" => input.set_checked(value.is_some_and(|v| v.has(&input.value()))),
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
