//! The open page and its draft: edits go into the draft, and changes of other devices are shown.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::engine::draft::Op;
use domain::engine::draft::sensitive::{changed_ops, may_store};
use domain::engine::draft::sync::LocalDraft;
use domain::engine::form::{Answers, Fields, Record, Value};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Element, Event, HtmlFormElement};

use super::conditions::Conditions;
use super::controls::{FormLocation, Reading, edit_form, fill, read_controls, revision_input, sync_picker};
use super::dependent_options::make_room;
use super::session::DraftSession;
use super::web::{LockGuard, beacon, on_window, remember_left, target_of};
use crate::composition::watch_compositions;
use crate::draft::SendPatch;

/// The open page and its draft.
pub struct PageForm {
    session: Rc<DraftSession>,
    location: FormLocation,
    conditions: Rc<Conditions>,
    /// The answers on the page when it was last read.
    read: RefCell<Fields>,
    /// The state of the conditions at that time.
    conditions_seen: Cell<u32>,
    /// Number of edits.
    edit_count: Cell<u32>,
    /// Whether another page, with controls of the same names, has replaced it.
    closed: Arc<AtomicBool>,
    /// The answers on the page when its last post began.
    posted: RefCell<Option<Fields>>,
    /// The form of the page.
    form: Option<HtmlFormElement>,
}

impl PageForm {
    /// The page as the server sent it. Text typed before this runs is a change like any other.
    pub fn new(session: Rc<DraftSession>, location: FormLocation, conditions: Rc<Conditions>) -> Rc<Self> {
        let sheet = Rc::new(Self {
            session,
            location,
            conditions,
            read: RefCell::default(),
            conditions_seen: Cell::new(0),
            edit_count: Cell::new(0),
            closed: Arc::default(),
            posted: RefCell::default(),
            form: edit_form(),
        });
        sheet.read.replace(sheet.read_all(Reading::AsSent));
        for left in ["pagehide", "visibilitychange"] {
            let leaving = sheet.clone();
            on_window(left, Box::new(move |_| leaving.leave()));
        }
        let unloading = sheet.clone();
        let unload = move |event: Event| {
            // Only where a save has failed: what is merely new is sent while the page is left.
            let failed = unloading.session.status.with_untracked(|t| t.failure.is_some() && (!t.persistent || t.volatile));
            if failed && unloading.session.unsent_patch(unloading.differences()).is_some() {
                event.prevent_default();
            }
        };
        on_window("beforeunload", Box::new(unload));
        let closed = sheet.closed.clone();
        on_cleanup(move || closed.store(true, Ordering::Relaxed));
        sheet
    }

    /// Collects edits from now on, and shows changes of other devices.
    pub fn watch(self: &Rc<Self>) {
        watch_compositions();
        for changed in ["input", "change", "compositionend"] {
            let sheet = self.clone();
            let take = move |event: Event| {
                let Some(control) = target_of::<Element>(&event) else { return };
                if control.closest("form#edit").ok().flatten().is_some()
                    && let Some(name) = control.get_attribute("name")
                {
                    let sheet = sheet.clone();
                    let composed = event.type_() == "compositionend";
                    spawn_local(async move {
                        sheet.take_one(&name).await;
                        if composed {
                            // What other tabs and devices changed meanwhile was not written into the control.
                            sheet.show().await;
                        }
                    });
                }
            };
            on_window(changed, Box::new(take));
        }
        let sheet = self.clone();
        Effect::new(move |_| {
            sheet.session.remote_changes.get();
            let sheet = sheet.clone();
            spawn_local(async move { sheet.show().await });
        });
    }

    /// Collects the edits since the page was last read.
    async fn take(&self) {
        self.save(self.read_all(Reading::Now)).await;
    }

    /// Collects the edit of one answer. The others are read only if the edit showed or hid fields.
    async fn take_one(&self, name: &str) {
        let name = sync_picker(name);
        self.conditions.apply_after(name);
        if self.conditions_seen.replace(self.conditions.changes()) != self.conditions.changes() {
            return self.take().await;
        }
        let mut fields = self.read.borrow().clone();
        let asked: Vec<_> = self.location.fields().into_iter().filter(|field| field.name == name).collect();
        read_controls(&asked, Reading::Now, &mut fields);
        self.save(fields).await;
    }

    async fn save(&self, read: Fields) {
        if !self.is_shown() {
            return;
        }
        let ops = self.changes_to(&read);
        if !ops.is_empty() {
            self.edit_count.set(self.edit_count.get().wrapping_add(1));
        }
        self.read.replace(read);
        self.session.edit(ops).await;
    }

    fn changes_to(&self, read: &Fields) -> Vec<Op> {
        changed_ops(&self.read.borrow(), read, |name| self.location.path(name))
    }

    /// The edits since the page was last read. None once another page has replaced it, whose controls would be taken for those of this one.
    fn differences(&self) -> Vec<Op> {
        if self.is_shown() { self.changes_to(&self.read_all(Reading::Now)) } else { Vec::new() }
    }

    /// Whether the controls of the document are those of this page.
    fn is_shown(&self) -> bool {
        !self.closed.load(Ordering::Relaxed) && self.form.as_ref().is_some_and(|form| form.is_connected())
    }

    /// Stores all edits, and waits until the patch in flight is answered; no other is sent while the result lives.
    pub async fn begin_post(&self) -> LockGuard {
        self.take().await;
        self.session.flush().await;
        let sending = self.session.hold_sending().await;
        self.show().await;
        self.posted.replace(Some(self.read_all(Reading::Now)));
        sending
    }

    /// The fields of the page, as they were when the post began, are part of this revision.
    pub async fn posted(&self, revision: i64) {
        let Some(fields) = self.posted.take() else { return };
        let ops = fields.into_iter().map(|(name, value)| Op { path: self.location.path(&name), value: Some(value) });
        self.session.rebase(revision, ops.collect()).await;
    }

    /// Stores all edits, sends them if the server can be reached, and shows the result.
    pub async fn settle(&self) {
        self.take().await;
        self.session.flush().await;
        if self.session.push().await.is_none() {
            self.show().await;
        }
    }

    /// The page as the server sent it: its revision, and the answers on it.
    pub fn as_sent(&self) -> Option<(i64, Answers)> {
        let revision = revision_input()?.value().parse().ok()?;
        let (mut answers, fields) = (Answers::default(), self.read.borrow().clone());
        match &self.location.record {
            Some(_) if fields.is_empty() => {}
            Some((list, id)) => answers.put_record(list, Record { id: *id, fields, removed: false }),
            None => answers.fields = fields,
        }
        Some((revision, answers))
    }

    /// The page may be closed: send unsaved edits at once.
    pub fn leave(&self) {
        if !self.is_shown() {
            return;
        }
        if let Some(patch) = self.session.unsent_patch(self.differences()) {
            let body = serde_json::to_string(&SendPatch { kind: self.session.kind.clone(), patch, account: Some(self.session.account) })
                .unwrap_or_default();
            remember_left(&self.session.matter.to_string());
            beacon("/api/draft/patch", &body);
        }
    }

    /// The draft as it is stored, with all that was typed on this page. None when the page was left.
    async fn settled(&self) -> Option<LocalDraft> {
        loop {
            self.take().await;
            self.session.flush().await;
            let typed = self.edit_count.get();
            let local = self.session.local().await?;
            if !self.is_shown() {
                return None;
            }
            // A state read before the last key press is older than the page; showing it would undo the key.
            if self.edit_count.get() == typed && self.differences().is_empty() {
                return Some(local);
            }
        }
    }

    /// Shows changes of other devices, after collecting local edits.
    async fn show(&self) {
        let Some(local) = self.settled().await else { return };
        let from_server = self.session.server_answers();
        if let (Some((revision, _)), Some(input)) = (&from_server, revision_input()) {
            input.set_value(&revision.to_string());
        }
        let from_server = from_server.map(|(_, answers)| self.location.answers(&answers).cloned().unwrap_or_default());
        let strips_sensitive = self.session.status.with_untracked(|t| t.persistent);
        let none = Fields::new();
        let answers = self.location.answers(&local.mine).unwrap_or(&none);
        let read = self.read.borrow().clone();
        for field in self.location.fields() {
            let path = self.location.path(field.name);
            // Answers that the device may not store come only from the server's reply to this page.
            let value = match may_store(self.session.form, &path) || !strips_sensitive {
                true => answers.get(field.name),
                false => match &from_server {
                    Some(fields) if !self.session.is_volatile(&path) => fields.get(field.name),
                    _ => continue,
                },
            };
            if read.get(field.name) != value {
                make_room(field.name, &value.map(Value::codes).unwrap_or_default());
                fill(field.name, value);
                sync_picker(field.name);
            }
        }
        self.conditions.apply();
        self.conditions_seen.set(self.conditions.changes());
        self.read.replace(self.read_all(Reading::Now));
    }

    /// The answers of the page, without files, which are uploaded separately.
    fn read_all(&self, reading: Reading) -> Fields {
        let mut fields = Fields::new();
        read_controls(&self.location.fields(), reading, &mut fields);
        fields
    }
}
