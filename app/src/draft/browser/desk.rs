//! One draft at work in this tab: what is typed is kept at once and sent after a short quiet; what others did comes in.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::draft::keep::{part, strip_answered};
use domain::draft::sync::{Answered, Choice, Failure, Local, Sent, Where, wait_after};
use domain::draft::{Op, Patch, Question};
use domain::form::{Answers, Form, Path};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue, closure::Closure};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;
use web_sys::BroadcastChannel;

use super::js::{Broken, clock, fresh_id, lock, pause, post, random};
use super::store::Store;
use crate::draft::{Scene, TakenUp};

/// Quiet before something is sent.
const QUIET_MS: i32 = 1200;
/// Between two looks for a server that was away.
const PROBE_MS: i32 = 3000;
const CHANNEL: &str = "registrar-drafts";

/// What the person is told about where the text is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    /// Where it is; none before the draft was taken up.
    pub place: Option<Where>,
    /// Why it did not go further.
    pub failure: Option<Failure>,
    /// Why this device does not keep it.
    pub broken: Option<Broken>,
    /// When it last reached the server, as people read it.
    pub at: String,
    /// What must be asked.
    pub questions: Vec<Question>,
    /// Whether the device keeps it beyond the page.
    pub lasts: bool,
}

impl Told {
    /// In one sentence.
    pub fn text(&self) -> String {
        let here = match (self.broken, self.lasts) {
            (Some(broken), _) => broken.text().to_owned(),
            (None, true) => "已保存在本机".to_owned(),
            (None, false) => "尚未保存，请勿关闭页面".to_owned(),
        };
        match (self.place, self.failure) {
            (None, None) => String::new(),
            (Some(Where::There(_)), None) if self.broken.is_some() => format!("已自动保存到服务器的草稿箱（{}）。{here}", self.at),
            (Some(Where::There(_)), None) if self.at.is_empty() => String::new(),
            (Some(Where::There(_)), None) => format!("已自动保存到服务器的草稿箱（{}）", self.at),
            (Some(Where::Asked(n)), None) => format!("有 {n} 处内容在别处也作了修改，请在下方选择"),
            (Some(Where::Here), None) => format!("{here}，正在保存到服务器"),
            (_, Some(failure)) if self.lasts && self.broken.is_none() => failure.text().to_owned(),
            (_, Some(failure)) => format!("{}。{here}", failure.text().split('，').next().unwrap_or_default()),
        }
    }
}

/// One draft at work.
pub struct Desk {
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
    store: RefCell<Store>,
    /// Edits no browser may keep: only this page holds them until they are sent.
    hidden: RefCell<Vec<Op>>,
    /// Those of the patch under way.
    hidden_sent: RefCell<(u64, Vec<Op>)>,
    /// Questions about what no browser may keep.
    hidden_asked: RefCell<Vec<Question>>,
    typed: Cell<u32>,
    failures: Cell<u32>,
    probing: Cell<bool>,
    channel: Option<BroadcastChannel>,
}

/// Asks a door.
pub async fn ask<A: Serialize, T: DeserializeOwned>(door: &str, asked: &A) -> Result<T, Failure> {
    let body = serde_json::to_string(asked).map_err(|_| Failure::Validation)?;
    let (status, text) = post(door, "application/json", &body).await.ok_or(Failure::Server)?;
    match Failure::of_status(status) {
        Some(failure) => Err(failure),
        None => serde_json::from_str(&text).map_err(|_| Failure::Gone),
    }
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
    pub fn new(store: Store, kind: &'static domain::matter::Kind, matter: Uuid) -> Rc<Self> {
        let told = Told { lasts: store.lasts(), ..Told::default() };
        Rc::new(Self {
            matter,
            kind: kind.code,
            form: kind.form,
            told: RwSignal::new_local(told),
            came: RwSignal::new_local(0),
            store: RefCell::new(store),
            hidden: RefCell::default(),
            hidden_sent: RefCell::default(),
            hidden_asked: RefCell::default(),
            typed: Cell::new(0),
            failures: Cell::new(0),
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

    /// Takes the draft up from what is kept here, or from the server; then listens to the other tabs.
    pub async fn take_up(self: &Rc<Self>) {
        self.listen();
        match self.store().draft(self.matter).await {
            Ok(Some(local)) => {
                self.tell(&local);
                self.pull().await;
            }
            Ok(None) => self.pull().await,
            Err(broken) => {
                self.break_off(broken, None);
                self.pull().await;
            }
        }
        self.came.update(|n| *n += 1);
    }

    /// Asks how the draft stands on the server, unless something here has still to be sent: then its answer tells.
    async fn pull(&self) {
        let unsent = |local: &Local| local.sent.is_some() || !matches!(local.place(), Where::There(_));
        if self.local().await.is_some_and(|local| unsent(&local)) {
            return;
        }
        match ask::<_, TakenUp>("/api/draft/state", &serde_json::json!({ "matter": self.matter })).await {
            Ok(taken) => {
                let (answered, _) = strip_answered(self.form, taken.answered);
                if self.local().await.is_some() {
                    self.change(|local| local.answered(answered)).await;
                } else {
                    let local = Local::at(self.matter, self.kind, self.store().device(), answered.revision, answered.answers);
                    let held = lock(&self.name()).await;
                    self.keep(&local).await;
                    drop(held);
                    self.tell(&local);
                }
            }
            Err(Failure::Permission) => {
                let _ = self.store().forget(self.matter).await;
                self.fail(Failure::Permission);
            }
            Err(failure) => self.fail(failure),
        }
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
        let (stay, go) = part(self.form, ops);
        for op in go {
            self.hidden_asked.borrow_mut().retain(|q| q.path != op.path);
            self.hidden.borrow_mut().retain(|o| o.path != op.path);
            self.hidden.borrow_mut().push(op);
        }
        self.change(|local| local.edit(&stay)).await;
        self.typed.set(self.typed.get().wrapping_add(1));
        let (desk, now) = (self.clone(), self.typed.get());
        spawn_local(async move {
            pause(QUIET_MS).await;
            if desk.typed.get() == now {
                desk.sync().await;
            }
        });
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

    /// Changes the draft as it is kept, one tab after the other.
    pub async fn change<T>(&self, how: impl FnOnce(&mut Local) -> T) -> Option<T> {
        let held = lock(&self.name()).await;
        let mut local = match self.store().draft(self.matter).await {
            Ok(local) => local?,
            Err(broken) => {
                self.break_off(broken, None);
                return None;
            }
        };
        let result = how(&mut local);
        self.keep(&local).await;
        drop(held);
        self.tell(&local);
        self.announce();
        Some(result)
    }

    async fn keep(&self, local: &Local) {
        if let Err(broken) = self.store().keep(local).await {
            self.break_off(broken, Some(local));
        }
    }

    /// The device does not keep it any more: the page does, and says so.
    fn break_off(&self, broken: Broken, local: Option<&Local>) {
        self.store.replace(Store::memory(local));
        self.told.update(|t| (t.broken, t.lasts) = (Some(broken), false));
    }

    /// Sends what the server does not have yet, one patch after the other, in one tab at a time.
    pub async fn sync(self: &Rc<Self>) {
        let sending = lock(&format!("send:{}", self.matter)).await;
        loop {
            let Some(Some(patch)) = self.change(|local| self.outgoing(local)).await else { break };
            let sent = serde_json::json!({ "kind": self.kind, "patch": patch });
            match ask::<_, Answered>("/api/draft/patch", &sent).await {
                Ok(answer) => self.arrived(answer).await,
                Err(failure) => {
                    self.fail(failure);
                    drop(sending);
                    if failure.passes() {
                        self.try_later();
                    }
                    return;
                }
            }
        }
        drop(sending);
        self.failures.set(0);
    }

    /// The patch to be sent, with what only this page holds. One sent before goes as it was.
    fn outgoing(&self, local: &mut Local) -> Option<Patch> {
        let again = local.sent.is_some();
        let mut patch = match local.outgoing() {
            Some(patch) => patch,
            None if self.hidden.borrow().is_empty() => return None,
            None => {
                local.seq += 1;
                let patch = Patch { matter: local.matter, base_rev: local.base_rev, device: local.device, seq: local.seq, ops: Vec::new() };
                local.sent = Some(Sent { patch: patch.clone(), mine: local.mine.clone() });
                patch
            }
        };
        if !again {
            self.hidden_sent.replace((patch.seq, self.hidden.take()));
        }
        let hidden = self.hidden_sent.borrow();
        if hidden.0 == patch.seq {
            patch.ops.extend(hidden.1.iter().cloned());
        }
        Some(patch)
    }

    async fn arrived(&self, answer: Answered) {
        let (answer, asked) = strip_answered(self.form, answer);
        self.hidden_sent.take();
        self.hidden_asked.borrow_mut().extend(asked);
        let before = self.local().await.map(|l| l.mine);
        let after = self
            .change(|local| {
                local.answered(answer);
                local.mine.clone()
            })
            .await;
        self.told.update(|t| (t.at, t.failure) = (clock(), None));
        if before != after {
            self.came.update(|n| *n += 1);
        }
    }

    fn fail(&self, failure: Failure) {
        self.told.update(|t| t.failure = Some(failure));
    }

    /// Tries again by and by, and at once when the server is seen again.
    fn try_later(self: &Rc<Self>) {
        let failures = self.failures.get();
        self.failures.set(failures.saturating_add(1));
        let wait = wait_after(failures, random::<1>()[0]).num_milliseconds();
        let (desk, typed) = (self.clone(), self.typed.get());
        spawn_local(async move {
            pause(i32::try_from(wait).unwrap_or(i32::MAX)).await;
            if desk.typed.get() == typed && desk.told.with_untracked(|t| t.failure.is_some()) {
                desk.sync().await;
            }
        });
        if !self.probing.replace(true) {
            let desk = self.clone();
            spawn_local(async move {
                desk.probe().await;
                desk.probing.set(false);
                desk.failures.set(0);
                desk.sync().await;
            });
        }
    }

    /// Looks for the server until it answers. What the browser says of the network is not asked: it does not know the server.
    async fn probe(&self) {
        loop {
            pause(PROBE_MS + i32::from(random::<1>()[0]) * 4).await;
            let hidden = super::js::get(&document(), "visibilityState").as_string().is_some_and(|s| s == "hidden");
            if !hidden && super::js::reached().await {
                return;
            }
        }
    }

    /// Tells the person how the draft stands.
    fn tell(&self, local: &Local) {
        let mut questions = local.questions.clone();
        questions.extend(self.hidden_asked.borrow().iter().cloned());
        let place = match local.place() {
            _ if !questions.is_empty() => Where::Asked(questions.len()),
            Where::There(_) if !self.hidden.borrow().is_empty() => Where::Here,
            place => place,
        };
        self.told.update(|t| {
            t.place = Some(place);
            t.questions = questions;
        });
    }

    /// Other tabs changed the draft, or the person comes back to this one.
    fn listen(self: &Rc<Self>) {
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
        let desk = self.clone();
        let left = window_event_listener(leptos::ev::pagehide, move |_| {
            let desk = desk.clone();
            spawn_local(async move { desk.sync().await });
        });
        let desk = self.clone();
        let back = window_event_listener(leptos::ev::online, move |_| {
            let desk = desk.clone();
            spawn_local(async move { desk.sync().await });
        });
        let desk = self.clone();
        let seen = window_event_listener(leptos::ev::focus, move |_| {
            let desk = desk.clone();
            spawn_local(async move { desk.sync().await });
        });
        on_cleanup(move || {
            left.remove();
            back.remove();
            seen.remove();
        });
    }

    fn announce(&self) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&JsValue::from_str(&self.matter.to_string()));
        }
    }

    fn store(&self) -> Store {
        self.store.borrow().clone()
    }

    fn name(&self) -> String {
        format!("draft:{}", self.matter)
    }

    /// Whether the server could not be reached the last time.
    pub fn away(&self) -> bool {
        self.told.with_untracked(|t| t.failure == Some(Failure::Server))
    }

    /// What is typed here, with the answers only this page holds.
    pub fn with_hidden(&self, mut answers: Answers) -> Answers {
        domain::draft::apply(&mut answers, &self.hidden.borrow());
        answers
    }

    /// 提交 is wished.
    pub async fn wish(self: &Rc<Self>) {
        self.change(|local| local.wish(fresh_id())).await;
        self.sync().await;
    }
}
