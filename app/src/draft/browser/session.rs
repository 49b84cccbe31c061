//! The open draft of a tab: edits are saved at once and sent after a pause; changes of other devices are merged.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::engine::draft::sensitive::{partition_ops, strip_reply, strip_sensitive};
use domain::engine::draft::sync::{LocalDraft, Resolution, SaveLocation, SyncReply, diff};
use domain::engine::draft::{Op, Patch, PatchKey, Question};
use domain::engine::form::{Answers, Form, Path};
use js_sys::Function;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use serde::Deserialize;
use uuid::Uuid;
use web_sys::BroadcastChannel;

use super::api_client::{call_api, call_api_text};
use super::save_status::SaveStatus;
use super::store::Store;
use super::web::{DeviceError, new_id, now_ms, open_matter, sleep};
use crate::draft::{DraftSnapshot, DraftState, LoadOfflineContext, OfflineContext};
use crate::wizard::Conflict;

/// Time after an edit at which it is sent, with those that followed: a crash of the browser loses no more than what was typed in it.
const SEND_AFTER_MS: i32 = 800;
const CHANNEL: &str = "registrar-drafts";

/// Puts questions into words.
pub type Wording = Rc<dyn Fn(&[Question]) -> Vec<Conflict>>;

/// State of the writer that stores a draft on the device.
#[derive(Default)]
pub struct DraftWriter {
    /// Unsaved edits.
    pub(super) pending: RefCell<Vec<Op>>,
    /// Wakes the tasks that wait for the save.
    pub(super) waiters: RefCell<Vec<Function>>,
    /// Whether the writer is running.
    pub(super) writing: Cell<bool>,
    /// Wakes the writer after more edits.
    pub(super) wake: RefCell<Option<Function>>,
    /// Other tasks of this tab that wait for the draft.
    pub(super) waiting_tasks: Cell<u32>,
    /// Number of writes.
    pub(super) write_count: Cell<u32>,
}

/// The open draft.
pub struct DraftSession {
    /// Owner.
    pub account: Uuid,
    /// Matter id.
    pub matter: Uuid,
    /// Code of the kind.
    pub kind: String,
    /// Its form, as far as this page has it.
    pub form: &'static Form,
    /// Puts questions into words, where the page has the whole form; otherwise the server does.
    pub wording: RefCell<Option<Wording>>,
    /// Whether another page has replaced the one it was opened for.
    pub(super) closed: Arc<AtomicBool>,
    /// Save status.
    pub status: RwSignal<SaveStatus, LocalStorage>,
    /// Number of changes from other devices, for views.
    pub remote_changes: RwSignal<u32, LocalStorage>,
    pub(super) store: RefCell<Store>,
    /// The draft as last read or written, in case the device fails.
    pub(super) last: RefCell<Option<LocalDraft>>,
    /// Writer of the draft.
    pub(super) writer: DraftWriter,
    /// Revision and complete answers of the server's last reply.
    pub(super) server_answers: RefCell<Option<(i64, Answers)>>,
    /// Edits that no browser may store, held by this page until they are sent.
    pub(super) volatile: RefCell<Vec<Op>>,
    /// Those of the patch in flight.
    pub(super) volatile_sent: RefCell<(u64, Vec<Op>)>,
    /// Questions about answers that no browser may store.
    pub(super) volatile_questions: RefCell<Vec<Question>>,
    pub(super) edit_count: Cell<u32>,
    /// Whether the edits of this moment are going to be sent.
    pub(super) send_scheduled: Cell<bool>,
    pub(super) failures: Cell<u32>,
    pub(super) refreshed_at: Cell<f64>,
    pub(super) refresh_scheduled: Cell<bool>,
    pub(super) probing: Cell<bool>,
    /// Whether 提交 was pressed while this session is open: only then does it submit without another question.
    pub(super) submits: Cell<bool>,
    channel: Option<BroadcastChannel>,
}

/// What the off-line page needs, from the server or as stored.
pub async fn load_offline_context(store: &Store) -> Option<OfflineContext> {
    if let Some(context) = refresh_offline_context(store).await {
        return serde_json::from_str(&context).ok().map(|context| OfflineContext { is_fresh: true, ..context });
    }
    store.offline_context().await.ok().flatten()
}

/// Stores what the off-line page needs, as the server has it now. Returns it as text; none if the server was not reached.
pub async fn refresh_offline_context(store: &Store) -> Option<String> {
    let text = call_api_text("/api/draft/scene", &LoadOfflineContext {}).await.ok()?;
    let Owned { account, now, label } = serde_json::from_str(&text).ok()?;
    if store.account().is_none_or(|stored| stored == account) {
        let _ = store.save_offline_context(&text).await;
        let _ = store.save_label(&label).await;
        // Age counts by the time of the server alone.
        let _ = store.sweep(now, open_matter()).await;
    }
    Some(text)
}

/// Whose an offline context is, and when the server made it.
#[derive(Deserialize)]
struct Owned {
    account: Uuid,
    now: i64,
    label: String,
}

/// Warning about the clock of this device, from a context that the server made a moment ago.
pub(super) fn clock_of(context: &str) -> Option<String> {
    let Owned { now, .. } = serde_json::from_str(context).ok()?;
    domain::engine::draft::device::clock_warning(now_ms() as i64, now)
}

impl DraftSession {
    /// Creates a session; the draft is loaded or begun afterwards.
    pub fn new(store: Store, account: Uuid, (kind, form): (&str, &'static Form), matter: Uuid) -> Rc<Self> {
        let status = SaveStatus { persistent: store.is_persistent(), ..SaveStatus::default() };
        Rc::new(Self {
            account,
            matter,
            kind: kind.to_owned(),
            form,
            wording: RefCell::default(),
            closed: Arc::default(),
            status: RwSignal::new_local(status),
            remote_changes: RwSignal::new_local(0),
            store: RefCell::new(store),
            last: RefCell::default(),
            writer: DraftWriter::default(),
            server_answers: RefCell::default(),
            volatile: RefCell::default(),
            volatile_sent: RefCell::default(),
            volatile_questions: RefCell::default(),
            edit_count: Cell::new(0),
            send_scheduled: Cell::new(false),
            failures: Cell::new(0),
            refreshed_at: Cell::new(now_ms()),
            refresh_scheduled: Cell::new(false),
            probing: Cell::new(false),
            submits: Cell::new(false),
            channel: BroadcastChannel::new(CHANNEL).ok(),
        })
    }

    /// Begins a draft on this device.
    pub async fn create(&self) -> Result<(), DeviceError> {
        let store = self.store();
        let local = LocalDraft::begin(self.matter, &self.kind, store.device());
        store.save(&local).await?;
        self.show_local(&local);
        Ok(())
    }

    /// Loads the draft, as stored or else as shown on the page.
    pub async fn open(self: &Rc<Self>, page: Option<(i64, Answers)>) {
        let stored = match self.store().draft(self.matter).await {
            Ok(stored) => stored,
            Err(broken) => {
                self.fall_back_to_memory(broken);
                None
            }
        };
        match (stored, page) {
            (Some(local), _) => self.show_local(&local),
            (None, Some((revision, mut answers))) => {
                if self.is_persistent() {
                    strip_sensitive(self.form, &mut answers);
                }
                let local = LocalDraft::at(self.matter, &self.kind, self.store().device(), revision, answers);
                self.save(&local).await;
                self.show_local(&local);
            }
            (None, None) => {}
        }
        // Other pages are needed only on devices that store drafts.
        if self.is_persistent() {
            self.pull().await;
        }
        self.remote_changes.update(|n| *n += 1);
    }

    /// A file of this device was attached to the answer at `path`.
    pub(super) async fn file_attached(&self, path: &Path, file: Uuid) {
        // If this fails, the file appears later like a change of another device.
        let asked = call_api::<_, DraftSnapshot>("/api/draft/state", &DraftState { matter: self.matter }).await;
        if let Ok(taken) = asked {
            let (answered, _) = self.split_reply(taken.answered);
            self.update_local(|local| local.apply_attachment(path, file, answered)).await;
            self.remote_changes.update(|n| *n += 1);
        }
    }

    /// 移除: removes an attached file.
    pub(super) async fn detach_file(self: &Rc<Self>, path: &Path, file: Uuid) {
        if let Some(op) = self.local().await.and_then(|local| local.detach(path, file)) {
            self.edit(vec![op]).await;
        }
    }

    /// Whether the device stores the draft, so that sensitive answers must be stripped.
    fn is_persistent(&self) -> bool {
        self.store.borrow().is_persistent()
    }

    /// Remembers a reply, and splits off what the device may not store.
    pub(super) fn split_reply(&self, answer: SyncReply) -> (SyncReply, Vec<Question>) {
        self.server_answers.replace(Some((answer.revision, answer.answers.clone())));
        if self.is_persistent() { strip_reply(self.form, answer) } else { (answer, Vec::new()) }
    }

    /// The server's last reply: revision and answers.
    pub fn server_answers(&self) -> Option<(i64, Answers)> {
        self.server_answers.borrow().clone()
    }

    /// The current local draft.
    pub async fn local(&self) -> Option<LocalDraft> {
        self.store().draft(self.matter).await.ok().flatten()
    }

    /// Saves edits, and sends them after a pause.
    pub async fn edit(self: &Rc<Self>, ops: Vec<Op>) {
        if ops.is_empty() {
            return;
        }
        let (stay, go) = if self.is_persistent() { partition_ops(self.form, ops) } else { (ops, Vec::new()) };
        let mended = go.clone();
        for op in go {
            self.volatile_questions.borrow_mut().retain(|q| q.path != op.path);
            self.volatile.borrow_mut().retain(|o| o.path != op.path);
            self.volatile.borrow_mut().push(op);
        }
        match stay.is_empty() {
            true => drop(self.update_local(|local| local.mend(&mended)).await),
            false => self.save_typed(stay).await,
        }
        self.edit_count.set(self.edit_count.get().wrapping_add(1));
        if self.send_scheduled.replace(true) {
            return;
        }
        let session = self.clone();
        spawn_local(async move {
            sleep(SEND_AFTER_MS).await;
            session.send_scheduled.set(false);
            session.sync().await;
        });
    }

    /// Updates the save status, if it changed.
    pub(super) fn update_status(&self, how: impl FnOnce(&mut SaveStatus)) {
        let mut status = self.status.get_untracked();
        how(&mut status);
        if self.status.with_untracked(|before| *before != status) {
            self.status.set(status);
        }
    }

    /// Resolves a question.
    pub async fn resolve(self: &Rc<Self>, path: Path, choice: Resolution) {
        let asked = self.volatile_questions.borrow().iter().find(|q| q.path == path).cloned();
        if let Some(question) = asked {
            self.volatile_questions.borrow_mut().retain(|q| q.path != path);
            if choice != Resolution::Theirs {
                self.volatile.borrow_mut().push(Op { path, value: question.mine });
            }
            self.update_local(|_| ()).await;
        } else {
            self.update_local(|local| {
                local.resolve(&path, &choice);
            })
            .await;
        }
        self.remote_changes.update(|n| *n += 1);
        self.sync().await;
    }

    /// The unsaved edits of a page that is being closed, with their base revision. `None` for a draft unknown to the server, which is stored on
    /// the device.
    pub fn unsent_patch(&self, typed: Vec<Op>) -> Option<Patch> {
        let last = self.last.borrow();
        let local = last.as_ref().filter(|local| local.known)?;
        let mut ops = diff(&local.base, &local.mine);
        ops.extend(self.writer.pending.borrow().iter().cloned());
        ops.extend(self.volatile_sent.borrow().1.iter().cloned());
        ops.extend(self.volatile.borrow().iter().cloned());
        ops.extend(typed);
        let replaces = local.sent.as_ref().map(|sent| PatchKey { device: sent.patch.device, seq: sent.patch.seq });
        // A one-time device id: equal values, sent again later by the real device, are no conflict.
        (!ops.is_empty()).then(|| Patch { matter: self.matter, base_rev: local.base_rev, device: new_id(), seq: 1, ops, replaces })
    }

    /// Updates the save status from the draft.
    pub(super) fn show_local(&self, local: &LocalDraft) {
        self.last.replace(Some(local.clone()));
        let mut questions = local.questions.clone();
        questions.extend(self.volatile_questions.borrow().iter().cloned());
        let location = match local.location() {
            _ if !questions.is_empty() => SaveLocation::Conflicts(questions.len()),
            SaveLocation::Server(_) if !self.volatile.borrow().is_empty() => SaveLocation::Device,
            location => location,
        };
        let volatile = !self.volatile.borrow().is_empty() || !self.volatile_sent.borrow().1.is_empty();
        self.update_status(|t| {
            t.location = Some(location);
            t.questions = questions;
            t.refused = local.refused.clone();
            t.submission = Some(local.next_submit_step());
            t.volatile = volatile;
        });
    }

    /// Listens for changes of other tabs, and for the page becoming visible.
    pub fn listen(self: &Rc<Self>) {
        if let Some(channel) = &self.channel {
            let session = Rc::downgrade(self);
            let on_message = Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
                let Some(session) = session.upgrade() else { return };
                if event.data().as_string().is_some_and(|m| m == session.matter.to_string()) {
                    spawn_local(async move {
                        if let Some(local) = session.local().await {
                            session.show_local(&local);
                            session.remote_changes.update(|n| *n += 1);
                        }
                    });
                }
            });
            channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
            on_message.forget();
        }
        let back = ["online", "focus", "visibilitychange"].map(|event| {
            let session = self.clone();
            window_event_listener_untyped(event, move |_| {
                let session = session.clone();
                spawn_local(async move { session.refresh().await });
            })
        });
        self.closed.store(false, Ordering::Relaxed);
        let closed = self.closed.clone();
        on_cleanup(move || {
            closed.store(true, Ordering::Relaxed);
            back.into_iter().for_each(|handle| handle.remove());
        });
    }

    pub(super) fn notify_tabs(&self) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&JsValue::from_str(&self.matter.to_string()));
        }
    }

    pub(super) fn store(&self) -> Store {
        self.store.borrow().clone()
    }

    /// Whether another page has replaced the one it was opened for.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Name of the lock under which the draft is written.
    pub(super) fn lock_name(&self) -> String {
        format!("draft:{}", self.matter)
    }

    /// Whether only this page holds the edit at a path.
    pub fn is_volatile(&self, path: &Path) -> bool {
        let waits = |ops: &[Op]| ops.iter().any(|op| op.path == *path);
        waits(&self.volatile.borrow()) || waits(&self.volatile_sent.borrow().1)
    }

    /// Adds answers that only this page holds.
    pub fn with_volatile(&self, mut answers: Answers) -> Answers {
        domain::engine::draft::apply(&mut answers, &self.volatile.borrow());
        answers
    }

    /// The draft with all edits, including those that only this page holds, for an export.
    pub async fn complete_draft(&self) -> Option<LocalDraft> {
        let mut local = self.local().await?;
        for ops in [&*self.volatile_sent.borrow().1, &*self.writer.pending.borrow(), &*self.volatile.borrow()] {
            domain::engine::draft::apply(&mut local.mine, ops);
        }
        Some(local)
    }
}
