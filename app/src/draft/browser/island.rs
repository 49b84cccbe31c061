//! What the editor shows beside the page's own form: where the text is, and what must be asked.

use std::cell::Cell;
use std::rc::Rc;

use domain::engine::draft::Question;
use domain::engine::draft::sync::{Choice, Failure};
use domain::engine::form::{Form, Path, Value};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use uuid::Uuid;
use web_sys::{HtmlButtonElement, HtmlFormElement, SubmitEvent};

use super::carry::{Source, export_view};
use super::desk::{Desk, scene};
use super::js::{Landed, call, get, kept_for, send_form, window};
use super::page::{Place, Sheet};
use super::store::Store;
use super::told::Told;
use super::upload::Uploads;
use crate::ui::Tone;

/// What is edited on a page of the wizard.
pub struct Editing {
    /// The draft.
    pub matter: Uuid,
    /// Code of its kind.
    pub kind: String,
    /// Code of the step.
    pub step: String,
    /// The list of the record; empty on the page of a step.
    pub list: String,
    /// The record.
    pub record: Option<Uuid>,
    /// Who is signed in.
    pub account: Uuid,
    /// Whether they called this device their own.
    pub own: bool,
}

/// Joins the page's form to the draft on this device.
pub fn editor(editing: Editing) -> AnyView {
    let shown = RwSignal::new_local(None::<Rc<Desk>>);
    let said = move || shown.get().map(|desk| told_view(&desk));
    spawn_local(async move {
        let Some(kind) = domain::kind::by_code(&editing.kind) else { return };
        let record = editing.record.map(|id| (editing.list.clone(), id));
        let Some(place) = Place::of(kind.form, &editing.step, record) else { return };
        // A page that asks which of two answers counts is answered by its own post.
        if document().query_selector("form#edit [name^='_choice:']").ok().flatten().is_some() {
            return;
        }
        let (store, broken) = match editing.own || kept_for() == Some(editing.account) {
            true => match Store::of(editing.account).await {
                Ok(store) => (store, None),
                Err(broken) => (Store::memory(None), Some(broken)),
            },
            false => (Store::memory(None), None),
        };
        // Or the browser would keep what is typed in a store of its own, which no log-out clears.
        if let Some(form) = document().get_element_by_id("edit") {
            let _ = form.set_attribute("autocomplete", "off");
        }
        let lasts = store.lasts();
        let desk = Desk::new(store.clone(), editing.account, kind, editing.matter);
        desk.told.update(|t| t.broken = broken);
        // What was typed before this woke is found by the first look at the page.
        let sheet = Sheet::drawn(desk.clone(), place.clone());
        shown.set(Some(desk.clone()));
        // All of it lives as long as the page: the island itself is forgotten once it is awake.
        let uploads = Uploads::begin(desk.clone(), place, None);
        leave_with_an_answer(desk.clone(), uploads.clone());
        desk.listen();
        desk.take_up(sheet.page()).await;
        sheet.watch();
        uploads.resume().await;
        if lasts {
            register();
            let _ = scene(&store).await;
        }
        desk.sync().await;
    });
    view! { <div>{said}</div> }.into_any()
}

/// Asks the browser to keep what the pages need without a network.
pub fn register() {
    let workers = get(&window().navigator(), "serviceWorker");
    let _ = call(&workers, "register", &["/sw.js".into()]);
}

/// Sends the page's form without leaving the page before there is an answer: a browser that finds no server would show a page of its own,
/// and the text would be gone with this one. Nor does a browser write down, as part of its history, what was not posted by leaving.
fn leave_with_an_answer(desk: Rc<Desk>, uploads: Rc<Uploads>) {
    let (sure, sending) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let _ = window_event_listener(leptos::ev::submit, move |event: SubmitEvent| {
        let form = event.target().and_then(|t| t.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form.filter(|f| f.id() == "edit" && !sure.get()) else { return };
        event.prevent_default();
        if sending.replace(true) {
            return;
        }
        let button = event.submitter().and_then(|b| b.dyn_into::<HtmlButtonElement>().ok());
        let (desk, uploads, sure, sending) = (desk.clone(), uploads.clone(), sure.clone(), sending.clone());
        spawn_local(async move {
            desk.flush().await;
            match send_form(&form, button.as_ref()).await {
                Some(Landed { at: Some(there), .. }) => {
                    let _ = window().location().assign(&there);
                }
                // What is on the page is saved, and what is wrong with it is said when it is shown again.
                Some(Landed { status: 422, files: false, .. }) => {
                    let here = window().location().pathname().unwrap_or_default();
                    let _ = window().location().assign(&format!("{here}?check=1"));
                }
                Some(_) => {
                    sure.set(true);
                    let _ = form.request_submit_with_submitter(button.as_deref());
                    sure.set(false);
                }
                None => {
                    desk.server_away();
                    uploads.keep_rest().await;
                    lead_on(&desk, button.map_or_else(String::new, |b| b.value()).as_str());
                }
            }
            sending.set(false);
        });
    });
}

/// While the server is away, the buttons lead on by themselves where the device keeps the text.
fn lead_on(desk: &Desk, action: &str) {
    if !desk.told.with_untracked(|t| t.lasts) {
        return;
    }
    let to = match action.split_once(':') {
        Some(("goto", step)) if step != "review" => format!("/matters/{}/edit/{step}", desk.matter),
        _ => return window().location().reload().unwrap_or_default(),
    };
    let _ = window().location().assign(&to);
}

/// Where the text is, and the questions.
pub fn told_view(desk: &Rc<Desk>) -> AnyView {
    let (told, form) = (desk.told, desk.form);
    let here = window().location().pathname().unwrap_or_default();
    let login = move || {
        let expired = told.with(|t| t.failure == Some(Failure::Identity));
        let href = format!("/login?next={here}");
        expired.then(|| view! { <a class="btn btn-sm btn-outline" href=href>"重新登录"</a> })
    };
    let desk = StoredValue::new_local(desk.clone());
    let asked = move || {
        let questions = told.with(|t| t.questions.clone());
        (!questions.is_empty()).then(|| desk.with_value(|desk| questions_view(desk, form, questions)))
    };
    // What neither the server nor this device holds can at least be carried out.
    let homeless = RwSignal::new(false);
    Effect::new(move |_| {
        let now = told.with(|t| t.failure.is_some() && (!t.lasts || t.hidden || t.failure != Some(Failure::Server)));
        if now != homeless.get_untracked() {
            homeless.set(now);
        }
    });
    let carried = move || homeless.get().then(|| desk.with_value(|desk| export_view(Source::Page(desk.clone()))));
    let class = move || if told.with(bad) { "saved saved-bad" } else { "saved" };
    view! {
        <p class=class role="status" data-testid="autosaved">{move || told.with(Told::text)}" "{login}</p>
        {asked}
        {carried}
    }
    .into_any()
}

fn bad(told: &Told) -> bool {
    told.broken.is_some() || told.failure.is_some() || !told.questions.is_empty()
}

fn questions_view(desk: &Rc<Desk>, form: &'static Form, questions: Vec<Question>) -> AnyView {
    let items = questions.into_iter().map(|q| question_view(desk, form, q)).collect_view();
    let class = format!("notice {}", Tone::Warn.class());
    view! {
        <div class=class role="alert" data-testid="questions">
            <p class="notice-title">"下列内容在别处也作了修改，请选择以哪个为准。选择之前不能提交。"</p>
            {items}
        </div>
    }
    .into_any()
}

fn question_view(desk: &Rc<Desk>, form: &'static Form, question: Question) -> AnyView {
    let label = label(form, &question.path);
    let said = |value: &Option<Value>| words(form, &question.path, value.as_ref());
    let (mine, theirs) = (said(&question.mine), said(&question.theirs));
    let text = |value: &Option<Value>| matches!(value, Some(Value::Text(_)));
    let both = !matches!(question.path, Path::Row(..)) && free_text(form, &question.path) && text(&question.mine) && text(&question.theirs);
    let button = |choice: Choice, label: &'static str| {
        let (desk, path) = (desk.clone(), question.path.clone());
        let settle = move |_| {
            let (desk, path, choice) = (desk.clone(), path.clone(), choice.clone());
            spawn_local(async move { desk.settle(path, choice).await });
        };
        view! { <button class="btn btn-sm btn-outline" type="button" on:click=settle>{label}</button> }
    };
    view! {
        <div class="record">
            <p class="record-title">{label}</p>
            <dl class="facts">
                <div class="fact"><dt>"本机填写"</dt><dd>{mine}</dd></div>
                <div class="fact"><dt>"别处填写"</dt><dd>{theirs}</dd></div>
            </dl>
            <div class="row-end">
                {button(Choice::Mine, "用本机的")}
                {button(Choice::Theirs, "用别处的")}
                {both.then(|| button(Choice::Both, "两者都保留"))}
            </div>
        </div>
    }
    .into_any()
}

fn free_text(form: &'static Form, path: &Path) -> bool {
    use domain::engine::form::Widget;
    field(form, path).is_some_and(|f| matches!(f.widget, Widget::Line(..) | Widget::Lines(_)))
}

fn field(form: &'static Form, path: &Path) -> Option<&'static domain::engine::form::Field> {
    match path {
        Path::Field(name) => form.fields().map(|(_, f)| f).find(|f| f.name == name),
        Path::Cell(list, _, name) => form.records(list).and_then(|(_, l)| l.fields.iter().find(|f| f.name == name)),
        Path::Row(..) => None,
    }
}

/// What the answer at a path is called.
pub(super) fn label(form: &'static Form, path: &Path) -> String {
    let list = |list: &str| form.records(list).map_or_else(String::new, |(_, l)| l.label.to_owned());
    match path {
        Path::Field(_) => field(form, path).map_or_else(String::new, |f| f.label.to_owned()),
        Path::Cell(name, ..) => format!("{} · {}", list(name), field(form, path).map_or("", |f| f.label)),
        Path::Row(name, _) => list(name),
    }
}

fn words(form: &'static Form, path: &Path, value: Option<&Value>) -> String {
    use domain::engine::form::{Options, Widget};
    let Some(value) = value.filter(|v| !v.is_empty()) else { return "空".to_owned() };
    if let Path::Row(..) = path {
        return if value.text() == "gone" { "移除这条记录" } else { "保留这条记录" }.to_owned();
    }
    let code = |code: &str| match field(form, path).map(|f| &f.widget) {
        Some(Widget::One(Options::Fixed(choices)) | Widget::Many(Options::Fixed(choices))) => {
            choices.iter().find(|c| c.code == code).map_or(code, |c| c.label).to_owned()
        }
        _ => code.to_owned(),
    };
    match value {
        Value::Text(text) => code(text),
        Value::Many(codes) => codes.iter().map(|c| code(c)).collect::<Vec<_>>().join("、"),
        Value::Files(files) => files.iter().map(|f| f.name.clone()).collect::<Vec<_>>().join("、"),
    }
}
