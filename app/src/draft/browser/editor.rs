//! The editor of a page of the wizard: the code that the page loads first. It shows dependent questions, changes pages, and loads the
//! code that stores the draft: at the first input, or at once on a device that its user declared as their own.

mod history;
mod unreachable;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::engine::form::{Field, Form};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlButtonElement, HtmlElement, HtmlFormElement, HtmlInputElement, SubmitEvent};

use super::chosen_files::{clear_fault, has_chosen_file};
use super::conditions::Conditions;
use super::controls::{edit_form, find_all, is_changed, page_fields, put_typed, revision_input, typed_values};
use super::crashed_choice::{drop_unreadable_files, forget_choices, note_choice, show_lost_choices};
use super::dependent_options::make_room;
use super::handles::SharedDraft;
use super::navigation::{Busy, FetchedPage, WizardPage, fetch_page, focus_content, here, is_wizard, push_address, read_page, wake_islands};
use super::page_draft::{DraftStart, open_draft};
use super::web::{
    WindowListeners, composition_end, device_owner_id, redirect_of, remember_left, send_form, send_form_and_leave, target_of, window,
};
use crate::composition::watch_compositions;
use crate::draft::{EditorData, EditorForm};

/// The open page of the wizard.
struct EditorPage {
    data: EditorData,
    form: &'static Form,
    fields: Vec<&'static Field>,
    conditions: Rc<Conditions>,
    /// The draft, once the code that stores it is loaded.
    draft: RefCell<Option<SharedDraft>>,
    loading: Cell<bool>,
    /// Whether something was typed that no loaded draft and no submit has taken.
    edited: Cell<bool>,
    /// Whether the files that are chosen in the form have been sent.
    files_sent: Cell<bool>,
    /// Whether another page has replaced this one.
    closed: Cell<bool>,
    submitting: Cell<bool>,
    /// Number of the last movement through the history; what was begun before it must not change the page any more.
    movement: Cell<u32>,
    /// Whether the page that a movement leads to is being fetched.
    moving: Cell<bool>,
    /// Path and query of the page.
    address: RefCell<String>,
    /// Removed when another page replaces this one.
    listeners: WindowListeners,
}

/// Brings the open questions into view, which stand at the head of the form and must be settled before the page is left.
fn show_questions() {
    if let Some(form) = edit_form() {
        form.scroll_into_view();
    }
}

/// Gives the focus back to the button that was pressed, which lost it while it was disabled.
fn refocus(button: Option<&HtmlButtonElement>) {
    if let Some(button) = button {
        let _ = button.focus();
    }
}

/// The element in which the state of the draft is shown.
fn status_place() -> Option<HtmlElement> {
    document().query_selector("form#edit leptos-island > div").ok()??.dyn_into().ok()
}

/// Starts the editor of the open page.
pub fn editor() {
    let data = find_all("form#edit [data-editor]").into_iter().next().and_then(|place| place.get_attribute("data-editor"));
    watch_compositions();
    // The listeners of the page own it, since the island is dropped after hydration.
    if let Some(page) = data.and_then(EditorPage::new) {
        page.begin();
    }
}

impl EditorPage {
    fn new(data: String) -> Option<Rc<Self>> {
        let (data, EditorForm { form, known }) = EditorData::read(data)?;
        let fields = page_fields(form.step(&data.step)?, data.record.as_ref().map(|(list, _)| list.as_str()));
        let conditions = Conditions::new(form, fields.clone(), data.record.is_some(), known);
        Some(Rc::new(Self {
            data,
            form,
            fields,
            conditions,
            draft: RefCell::default(),
            loading: Cell::new(false),
            edited: Cell::new(false),
            files_sent: Cell::new(false),
            closed: Cell::new(false),
            submitting: Cell::new(false),
            movement: Cell::new(0),
            moving: Cell::new(false),
            address: RefCell::new(here()),
            listeners: WindowListeners::default(),
        }))
    }

    fn begin(self: &Rc<Self>) {
        // Otherwise the browser stores typed text itself, which a log-out does not clear.
        if let Some(form) = edit_form() {
            let _ = form.set_attribute("autocomplete", "off");
        }
        self.listen();
        show_lost_choices();
        let typed = self.fields.iter().any(|field| is_changed(field.name));
        self.conditions.apply();
        if typed || self.data.own_device || device_owner_id().is_some_and(|id| id == self.data.account) {
            self.load_draft();
        }
    }

    fn listen(self: &Rc<Self>) {
        for edited in ["focusin", "input", "change", "compositionend"] {
            let page = self.clone();
            self.listeners.add(edited, Box::new(move |event| page.on_edit(&event)));
        }
        let page = self.clone();
        self.listeners.add("submit", Box::new(move |event| page.on_submit(event.unchecked_into())));
        let page = self.clone();
        self.listeners.add("beforeunload", Box::new(move |event| page.on_unload(&event)));
        let page = self.clone();
        self.listeners.add("pagehide", Box::new(move |_| page.on_leave()));
        let page = self.clone();
        self.listeners.add("popstate", Box::new(move |_| page.on_history()));
    }

    /// The user types.
    fn on_edit(self: &Rc<Self>, event: &Event) {
        let Some(control) = target_of::<Element>(event) else { return };
        if control.closest("form#edit").ok().flatten().is_none() {
            return;
        }
        if let Some(name) = control.get_attribute("name") {
            self.load_draft();
            if event.type_() != "focusin" {
                self.edited.set(true);
                self.files_sent.set(false);
                if event.type_() == "change" {
                    clear_fault(&control);
                    if let Some(input) = control.dyn_ref::<HtmlInputElement>().filter(|input| input.type_() == "file") {
                        note_choice(input);
                    }
                }
                self.conditions.apply_after(&name);
            }
        }
    }

    /// Asks before the page is left with a file that only its form would send. Text is sent while the page is left; a file is too large for it.
    fn on_unload(&self, event: &Event) {
        if has_chosen_file() && !self.files_sent.get() {
            event.prevent_default();
        }
    }

    /// Sends what was typed before the code that stores the draft was loaded.
    fn on_leave(&self) {
        forget_choices();
        if !self.edited.replace(false) || self.draft().is_some() || self.submitting.get() {
            return;
        }
        if let Some(form) = edit_form() {
            remember_left(&self.data.matter);
            send_form_and_leave(&form);
        }
    }

    fn load_draft(self: &Rc<Self>) {
        // Questions on the page are resolved by its own post.
        if self.loading.replace(true) || !find_all("form#edit [name^='_choice:']").is_empty() {
            return;
        }
        let Some(status) = status_place() else { return };
        let start = DraftStart { data: self.data.clone(), form: self.form, conditions: self.conditions.clone(), status };
        let page = self.clone();
        spawn_local(async move {
            match open_draft(start).await {
                // Another page took the place of this one while the code was loading; it opens the draft itself.
                Ok(_) if page.closed.get() => {}
                Ok(opening) => page.opened(opening.await),
                Err(_) => page.not_loaded(),
            }
        });
    }

    /// Takes the draft of the page, unless another page has replaced this one while the draft was opened.
    fn opened(&self, draft: SharedDraft) {
        match self.closed.get() {
            true => draft.close(),
            false => drop(self.draft.replace(Some(draft))),
        }
    }

    fn draft(&self) -> Option<SharedDraft> {
        self.draft.borrow().clone()
    }

    /// Sends the page's form without leaving the page before there is an answer: a browser that finds no server would show a page of its
    /// own, and the text would be gone with this one. Nor does a browser write down, as part of its history, what was not posted by leaving.
    fn on_submit(self: &Rc<Self>, event: SubmitEvent) {
        let form = event.target().and_then(|t| t.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form.filter(|f| f.id() == "edit") else { return };
        if self.draft().is_some_and(|draft| draft.hold_submit(&event)) {
            return;
        }
        event.prevent_default();
        if self.moving.get() || self.submitting.replace(true) {
            return;
        }
        let button = event.submitter().and_then(|b| b.dyn_into::<HtmlButtonElement>().ok());
        let page = self.clone();
        spawn_local(async move {
            page.submit(&form, button).await;
            page.submitting.set(false);
        });
    }

    async fn submit(self: &Rc<Self>, form: &HtmlFormElement, button: Option<HtmlButtonElement>) {
        composition_end().await;
        let (movement, busy) = (self.movement.get(), Busy::begin());
        let sending = match self.draft() {
            Some(draft) => Some(draft.begin_post().await),
            None => None,
        };
        if self.is_left(movement) {
            return;
        }
        if self.draft().is_some_and(|draft| draft.asks()) {
            return show_questions();
        }
        let sent = typed_values();
        // The post takes what was typed so far; only later text is sent when the page is left.
        self.edited.set(false);
        let response = send_form(form, button.as_ref()).await;
        let failed = response.as_ref().is_none_or(|response| response.status() == 429 || response.status() >= 500);
        self.files_sent.set(!failed);
        if !failed {
            forget_choices();
        }
        if failed {
            self.edited.set(true);
        }
        if self.is_left(movement) {
            return;
        }
        let Some(response) = response else {
            drop(busy);
            if drop_unreadable_files().await {
                drop(sending);
                return self.save_text(form).await;
            }
            refocus(button.as_ref());
            return self.unreachable(button.map_or_else(String::new, |b| b.value()).as_str()).await;
        };
        if let Some(address) = redirect_of(&response) {
            return self.go(&address, movement).await;
        }
        if failed {
            drop(busy);
            refocus(button.as_ref());
            return self.unavailable().await;
        }
        let (status, page) = (response.status(), read_page(&response).await);
        // The draft is not that of the signed-in account, or was deleted: the state of the draft says so, beside the text.
        if status == 404
            && let Some(draft) = self.draft()
        {
            drop((sending, busy));
            return draft.settle().await;
        }
        if self.is_left(movement) {
            return;
        }
        let address = self.address.borrow().clone();
        let address = match status {
            // The page is saved and its errors are shown; a reload validates again.
            422 => Some(format!("{}?check=1", address.split('?').next().unwrap_or_default())),
            409 | 413 => Some(address),
            _ => None,
        };
        if let Some((page, address)) = page.zip(address)
            && let Some(new) = WizardPage::parse(&page.html)
        {
            if status == 422 {
                self.posted(&new).await;
            }
            return self.show(&new, &address, true, &sent);
        }
        // Any other response is a page that replaces this one.
        drop(busy);
        self.listeners.remove();
        let _ = form.request_submit_with_submitter(button.as_deref());
    }

    /// Whether the user has moved through the history since, or another page has replaced this one.
    fn is_left(&self, movement: u32) -> bool {
        self.closed.get() || self.movement.get() != movement
    }

    /// Opens an address of this site; within the wizard without loading the document again.
    async fn go(self: &Rc<Self>, address: &str, movement: u32) {
        if is_wizard(address) {
            let page = fetch_page(address).await;
            if self.is_left(movement) {
                return;
            }
            if let Some(FetchedPage { status: 200, html, address: found }) = page
                && is_wizard(&found)
                && let Some(new) = WizardPage::parse(&html)
            {
                let hash = address.find('#').map_or("", |at| &address[at..]);
                self.posted(&new).await;
                return self.show(&new, &format!("{found}{hash}"), false, &[]);
            }
        }
        if let Some(draft) = self.draft() {
            draft.settle_posted().await;
        }
        let _ = window().location().assign(address);
    }

    /// What was posted is part of the revision that `new` shows. What was typed since is a change of that revision, and no change of somebody
    /// else stands against it.
    async fn posted(&self, new: &WizardPage) {
        let revision = new.revision();
        if let Some((draft, revision)) = self.draft().zip(revision.as_ref().and_then(|text| text.parse().ok())) {
            draft.posted(revision).await;
        } else if let Some((revision, input)) = revision.zip(revision_input()) {
            input.set_value(&revision);
        }
    }

    /// Shows another page of the wizard in the place of this one. `sent`: the values that were posted to get it, if it is this page again; what
    /// was typed since is put into it.
    fn show(self: &Rc<Self>, new: &WizardPage, address: &str, replace: bool, sent: &[(String, String)]) {
        if self.closed.get() {
            return;
        }
        self.send_typed();
        let typed = typed_values().into_iter().filter(|(name, now)| sent.iter().any(|(other, before)| other == name && before != now));
        let typed: Vec<(String, String)> = typed.collect();
        new.replace_content();
        for (name, value) in &typed {
            make_room(name, &[value]);
            put_typed(name, value);
        }
        self.listeners.remove();
        self.closed.set(true);
        if let Some(draft) = self.draft.take() {
            draft.close();
        }
        push_address(address, replace);
        wake_islands();
        focus_content();
    }

    /// Sends what was typed and not saved yet, before another page takes the place of this one.
    fn send_typed(&self) {
        if let Some(draft) = self.draft() {
            return draft.leave();
        }
        if let Some(form) = edit_form().filter(|_| self.edited.replace(false)) {
            send_form_and_leave(&form);
        }
    }
}
