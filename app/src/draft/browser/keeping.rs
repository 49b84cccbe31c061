//! Keeping a draft on the device: who writes it, when, and what happens should the device fail.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::engine::draft::Op;
use domain::engine::draft::sync::Local;
use js_sys::{Function, Promise};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::desk::Desk;
use super::js::{Broken, lock, now_ms, pause};
use super::store::Store;

/// A pause in typing after which the draft is given back; and how long one tab holds it at most.
const PAUSE_MS: i32 = 300;
const HELD_MS: f64 = 10_000.0;
/// A device that takes longer to keep what was typed is slow.
const SLOW_MS: i32 = 250;

/// What the writer of a draft knows.
#[derive(Default)]
pub struct Writer {
    /// What was typed and is not kept yet.
    pub(super) coming: RefCell<Vec<Op>>,
    /// Who waits for that to be kept.
    waiting: RefCell<Vec<Function>>,
    /// Whether it is at work.
    writing: Cell<bool>,
    /// Wakes it when more is typed.
    more: RefCell<Option<Function>>,
    /// Who else of this tab waits for the draft.
    wanted: Cell<u32>,
    /// Counts what was written.
    written: Cell<u32>,
}

impl Desk {
    /// Changes the draft as it is kept, one tab after the other. Should the device fail, the page goes on with what it knows.
    pub async fn change<T>(&self, how: impl FnOnce(&mut Local) -> T) -> Option<T> {
        self.writer.wanted.set(self.writer.wanted.get() + 1);
        let held = lock(&self.name()).await;
        self.writer.wanted.set(self.writer.wanted.get() - 1);
        let mut local = self.present().await?;
        let result = how(&mut local);
        self.keep(&local).await;
        drop(held);
        self.tell(&local);
        self.announce();
        Some(result)
    }

    /// Waits until what was typed is kept.
    pub async fn flush(&self) {
        while !self.writer.coming.borrow().is_empty() {
            self.change(|_| ()).await;
        }
    }

    /// The draft as it is kept, or, should the device fail, as it was known last.
    pub(super) async fn present(&self) -> Option<Local> {
        match self.store().draft(self.matter).await {
            Ok(local) => local,
            Err(broken) => {
                self.break_off(broken);
                self.store().draft(self.matter).await.ok()?
            }
        }
    }

    pub(super) async fn keep(&self, local: &Local) {
        self.last.replace(Some(local.clone()));
        if let Err(broken) = self.store().keep(local).await {
            self.break_off(broken);
        }
        self.writer.written.set(self.writer.written.get().wrapping_add(1));
    }

    /// The device does not keep the draft any more: the page does, and says so.
    pub(super) fn break_off(&self, broken: Broken) {
        self.store.replace(Store::memory(self.last.borrow().as_ref()));
        self.say(|t| (t.broken, t.lasts) = (Some(broken), false));
    }

    /// Keeps what was typed. While somebody types, one writer holds the draft and writes what has come meanwhile in one piece; it gives the
    /// draft back when nothing comes any more, or somebody else of this tab wants it.
    pub(super) async fn keep_typed(self: &Rc<Self>, ops: Vec<Op>) {
        self.writer.coming.borrow_mut().extend(ops);
        let kept = Promise::new(&mut |done, _| self.writer.waiting.borrow_mut().push(done));
        match self.writer.more.take() {
            Some(more) => {
                let _ = more.call0(&JsValue::NULL);
            }
            None if self.writer.writing.replace(true) => {}
            None => {
                let desk = self.clone();
                spawn_local(async move {
                    desk.watch_keeping();
                    while !desk.writer.coming.borrow().is_empty() {
                        desk.write().await;
                    }
                    desk.writer.writing.set(false);
                });
            }
        }
        let _ = JsFuture::from(kept).await;
    }

    /// Holds the draft as long as something is typed. After a while other tabs have their turn, between two keys: taken back at once, it is
    /// here again before the next key comes.
    async fn write(&self) {
        loop {
            let _held = lock(&self.name()).await;
            let mut local = self.present().await;
            let begun = now_ms();
            loop {
                self.write_coming(local.as_mut()).await;
                if self.writer.wanted.get() > 0 {
                    return;
                }
                if now_ms() - begun > HELD_MS {
                    break;
                }
                self.quiet().await;
                if self.writer.coming.borrow().is_empty() {
                    return;
                }
            }
        }
    }

    /// Writes what has come.
    async fn write_coming(&self, local: Option<&mut Local>) {
        let ops = self.writer.coming.borrow().clone();
        if ops.is_empty() {
            return;
        }
        let waiting = self.writer.waiting.take();
        if let Some(local) = local {
            local.edit(&ops);
            self.keep(local).await;
            self.tell(local);
            self.announce();
        }
        self.writer.coming.borrow_mut().drain(..ops.len());
        for done in waiting {
            let _ = done.call0(&JsValue::NULL);
        }
    }

    /// Waits until more is typed, or for a moment.
    async fn quiet(&self) {
        if !self.writer.coming.borrow().is_empty() {
            return;
        }
        let moment = Promise::new(&mut |done, _| {
            let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, PAUSE_MS);
            self.writer.more.replace(Some(done));
        });
        let _ = JsFuture::from(moment).await;
        self.writer.more.take();
    }

    /// Nobody is told that something is kept while it is not: a device that is slow says so.
    fn watch_keeping(self: &Rc<Self>) {
        let desk = self.clone();
        spawn_local(async move {
            while desk.writer.writing.get() {
                let before = desk.writer.written.get();
                pause(SLOW_MS).await;
                let waits = !desk.writer.coming.borrow().is_empty() && desk.writer.written.get() == before;
                desk.say(|t| t.slow = waits);
            }
        });
    }
}
