//! One draft at work in this tab: what is typed is kept at once and sent after a short quiet; what others did comes in.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::engine::draft::keep::{part, strip, strip_answered};
use domain::engine::draft::sync::{Answered, Choice, Local, Where, between};
use domain::engine::draft::{Op, Patch, Question};
use domain::engine::form::{Answers, Form, Path};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use uuid::Uuid;
use web_sys::BroadcastChannel;

use super::exchange::ask;
use super::js::{Broken, fresh_id, now_ms, pause};
use super::keeping::Writer;
use super::store::Store;
use super::told::Told;
use crate::draft::{Scene, TakenUp};

/// Quiet before something is sent.
const QUIET_MS: i32 = 1200;
const CHANNEL: &str = "registrar-drafts";

/// One draft at work.
pub struct Desk {
    /// Whose it is.
    pub account: Uuid,
    /// The draft.
    pub matter: Uuid,
    /// Code of its kind.
    pub kind: &'static str,
    /// Its form.
    pub form: &'static Form,
    /// What the person is told.
    pub told: RwSignal<Told, LocalStorage>,
    /// Counts what came in from elsewhere, for who shows it.
    pub came: RwSignal<u32, LocalStorage>,
    pub(super) store: RefCell<Store>,
    /// The draft as it was last read or written, for when the device fails.
    pub(super) last: RefCell<Option<Local>>,
    /// Who writes it on the device.
    pub(super) writer: Writer,
    /// The revision and the whole answers that the server last gave this page.
    pub(super) given: RefCell<Option<(i64, Answers)>>,
    /// Edits no browser may keep: only this page holds them until they are sent.
    pub(super) hidden: RefCell<Vec<Op>>,
    /// Those of the patch under way.
    pub(super) hidden_sent: RefCell<(u64, Vec<Op>)>,
    /// Questions about what no browser may keep.
    pub(super) hidden_asked: RefCell<Vec<Question>>,
    pub(super) typed: Cell<u32>,
    pub(super) failures: Cell<u32>,
    pub(super) looked: Cell<f64>,
    pub(super) looking: Cell<bool>,
    pub(super) probing: Cell<bool>,
    channel: Option<BroadcastChannel>,
}

/// What forms are drawn with: asked of the server and kept, or as it was kept.
pub async fn scene(store: &Store) -> Option<Scene> {
    match ask::<_, Scene>("/api/draft/scene", &serde_json::json!({})).await {
        Ok(scene) => {
            if store.account().is_none_or(|account| account == scene.account) {
                let _ = store.keep_scene(&scene).await;
            }
            Some(scene)
        }
        Err(_) => store.scene().await.ok().flatten(),
    }
}

impl Desk {
    /// A draft at work; it has still to be taken up or begun.
    pub fn new(store: Store, account: Uuid, kind: &'static domain::matter::Kind, matter: Uuid) -> Rc<Self> {
        let told = Told { lasts: store.lasts(), ..Told::default() };
        Rc::new(Self {
            account,
            matter,
            kind: kind.code,
            form: kind.form,
            told: RwSignal::new_local(told),
            came: RwSignal::new_local(0),
            store: RefCell::new(store),
            last: RefCell::default(),
            writer: Writer::default(),
            given: RefCell::default(),
            hidden: RefCell::default(),
            hidden_sent: RefCell::default(),
            hidden_asked: RefCell::default(),
            typed: Cell::new(0),
            failures: Cell::new(0),
            looked: Cell::new(now_ms()),
            looking: Cell::new(false),
            probing: Cell::new(false),
            channel: BroadcastChannel::new(CHANNEL).ok(),
        })
    }

    /// Begins a draft on this device.
    pub async fn begin(&self) -> Result<(), Broken> {
        let store = self.store();
        let local = Local::begin(self.matter, self.kind, store.device());
        store.keep(&local).await?;
        self.tell(&local);
        Ok(())
    }

    /// Takes the draft up: as it is kept here, or else as the page shows it.
    pub async fn take_up(self: &Rc<Self>, page: Option<(i64, Answers)>) {
        let kept = match self.store().draft(self.matter).await {
            Ok(kept) => kept,
            Err(broken) => {
                self.break_off(broken);
                None
            }
        };
        match (kept, page) {
            (Some(local), _) => self.tell(&local),
            (None, Some((revision, mut answers))) => {
                if self.seals() {
                    strip(self.form, &mut answers);
                }
                let local = Local::at(self.matter, self.kind, self.store().device(), revision, answers);
                self.keep(&local).await;
                self.tell(&local);
            }
            (None, None) => {}
        }
        // Only a device that keeps drafts has use for the pages beside the open one.
        if self.seals() {
            self.pull().await;
        }
        self.came.update(|n| *n += 1);
    }

    /// A file that was sent from here is attached to the answer at `path`.
    pub(super) async fn attached(&self, path: &Path, file: Uuid) {
        // Not heard of now, it comes in like a change of another device.
        let asked = ask::<_, TakenUp>("/api/draft/state", &serde_json::json!({ "matter": self.matter })).await;
        if let Ok(taken) = asked {
            let (answered, _) = self.part_answered(taken.answered);
            self.change(|local| local.attached(path, file, answered)).await;
            self.came.update(|n| *n += 1);
        }
    }

    /// 移除: an attached file is taken off.
    pub(super) async fn detach(self: &Rc<Self>, path: &Path, file: Uuid) {
        if let Some(op) = self.local().await.and_then(|local| local.detach(path, file)) {
            self.edit(vec![op]).await;
        }
    }

    /// Whether the device keeps the draft, so that what is sensitive must stay out of it.
    fn seals(&self) -> bool {
        self.store.borrow().lasts()
    }

    /// Remembers what the server gave, and parts from it what the device may not keep.
    pub(super) fn part_answered(&self, answer: Answered) -> (Answered, Vec<Question>) {
        self.given.replace(Some((answer.revision, answer.answers.clone())));
        if self.seals() { strip_answered(self.form, answer) } else { (answer, Vec::new()) }
    }

    /// What the server last gave this page, with its revision.
    pub fn given(&self) -> Option<(i64, Answers)> {
        self.given.borrow().clone()
    }

    /// The draft as it is here now.
    pub async fn local(&self) -> Option<Local> {
        self.store().draft(self.matter).await.ok().flatten()
    }

    /// Something was typed: keeps it, and sends it after a short quiet.
    pub async fn edit(self: &Rc<Self>, ops: Vec<Op>) {
        if ops.is_empty() {
            return;
        }
        let (stay, go) = if self.seals() { part(self.form, ops) } else { (ops, Vec::new()) };
        for op in go {
            self.hidden_asked.borrow_mut().retain(|q| q.path != op.path);
            self.hidden.borrow_mut().retain(|o| o.path != op.path);
            self.hidden.borrow_mut().push(op);
        }
        match stay.is_empty() {
            true => drop(self.change(|_| ()).await),
            false => self.keep_typed(stay).await,
        }
        self.typed.set(self.typed.get().wrapping_add(1));
        let (desk, now) = (self.clone(), self.typed.get());
        spawn_local(async move {
            pause(QUIET_MS).await;
            if desk.typed.get() == now {
                desk.sync().await;
            }
        });
    }

    /// Tells the person, if it is news.
    pub(super) fn say(&self, how: impl FnOnce(&mut Told)) {
        let mut told = self.told.get_untracked();
        how(&mut told);
        if self.told.with_untracked(|before| *before != told) {
            self.told.set(told);
        }
    }

    /// Settles a question.
    pub async fn settle(self: &Rc<Self>, path: Path, choice: Choice) {
        let asked = self.hidden_asked.borrow().iter().find(|q| q.path == path).cloned();
        if let Some(question) = asked {
            self.hidden_asked.borrow_mut().retain(|q| q.path != path);
            if choice != Choice::Theirs {
                self.hidden.borrow_mut().push(Op { path, value: question.mine });
            }
            self.change(|_| ()).await;
        } else {
            self.change(|local| {
                local.settle(&path, &choice);
            })
            .await;
        }
        self.came.update(|n| *n += 1);
        self.sync().await;
    }

    /// What is nowhere but here, for the page that is being left; with the revision it grew out of. None for a draft that the server
    /// does not know yet: that is on the device.
    pub fn unsent(&self, typed: Vec<Op>) -> Option<Patch> {
        let last = self.last.borrow();
        let local = last.as_ref().filter(|local| local.known)?;
        let mut ops = between(&local.base, &local.mine);
        ops.extend(self.writer.coming.borrow().iter().cloned());
        ops.extend(self.hidden_sent.borrow().1.iter().cloned());
        ops.extend(self.hidden.borrow().iter().cloned());
        ops.extend(typed);
        // A device of its own for this once: the same values, sent again by the device itself, are no difference.
        (!ops.is_empty()).then(|| Patch { matter: self.matter, base_rev: local.base_rev, device: fresh_id(), seq: 1, ops })
    }

    /// Tells the person how the draft stands.
    pub(super) fn tell(&self, local: &Local) {
        self.last.replace(Some(local.clone()));
        let mut questions = local.questions.clone();
        questions.extend(self.hidden_asked.borrow().iter().cloned());
        let place = match local.place() {
            _ if !questions.is_empty() => Where::Asked(questions.len()),
            Where::There(_) if !self.hidden.borrow().is_empty() => Where::Here,
            place => place,
        };
        let hidden = !self.hidden.borrow().is_empty() || !self.hidden_sent.borrow().1.is_empty();
        self.say(|t| {
            t.place = Some(place);
            t.questions = questions;
            t.wish = Some(local.submit());
            t.hidden = hidden;
        });
    }

    /// Other tabs changed the draft, or the person comes back to this one.
    pub fn listen(self: &Rc<Self>) {
        if let Some(channel) = &self.channel {
            let desk = Rc::downgrade(self);
            let heard = Closure::<dyn FnMut(web_sys::MessageEvent)>::new(move |event: web_sys::MessageEvent| {
                let Some(desk) = desk.upgrade() else { return };
                if event.data().as_string().is_some_and(|m| m == desk.matter.to_string()) {
                    spawn_local(async move {
                        if let Some(local) = desk.local().await {
                            desk.tell(&local);
                            desk.came.update(|n| *n += 1);
                        }
                    });
                }
            });
            channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
            heard.forget();
        }
        let back = ["online", "focus", "visibilitychange"].map(|event| {
            let desk = self.clone();
            window_event_listener_untyped(event, move |_| {
                let desk = desk.clone();
                spawn_local(async move { desk.look().await });
            })
        });
        on_cleanup(move || back.into_iter().for_each(|handle| handle.remove()));
    }

    pub(super) fn announce(&self) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&JsValue::from_str(&self.matter.to_string()));
        }
    }

    pub(super) fn store(&self) -> Store {
        self.store.borrow().clone()
    }

    pub(super) fn name(&self) -> String {
        format!("draft:{}", self.matter)
    }

    /// Whether an answer at this path waits in this page alone.
    pub fn holds(&self, path: &Path) -> bool {
        let waits = |ops: &[Op]| ops.iter().any(|op| op.path == *path);
        waits(&self.hidden.borrow()) || waits(&self.hidden_sent.borrow().1)
    }

    /// What is typed here, with the answers only this page holds.
    pub fn with_hidden(&self, mut answers: Answers) -> Answers {
        domain::engine::draft::apply(&mut answers, &self.hidden.borrow());
        answers
    }

    /// The draft with everything that was typed, also what only this page holds: for a file that carries it out.
    pub async fn whole(&self) -> Option<Local> {
        let mut local = self.local().await?;
        for ops in [&*self.hidden_sent.borrow().1, &*self.writer.coming.borrow(), &*self.hidden.borrow()] {
            domain::engine::draft::apply(&mut local.mine, ops);
        }
        Some(local)
    }
}
