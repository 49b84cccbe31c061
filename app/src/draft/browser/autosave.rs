//! Automatic saving of a draft on the device, and fallback to memory if the device fails.

use std::rc::Rc;

use domain::engine::draft::Op;
use domain::engine::draft::sync::LocalDraft;
use js_sys::Promise;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::session::DraftSession;
use super::store::Store;
use super::web::{DeviceError, lock, new_id, now_ms, sleep};

/// Pause in typing after which the lock is released; also the longest time one tab holds it.
const PAUSE_MS: i32 = 300;
const HELD_MS: f64 = 10_000.0;
/// A device that needs longer for a save counts as slow.
const SLOW_MS: i32 = 250;

impl DraftSession {
    /// Updates the stored draft, one tab at a time. If the device fails, the page continues in memory.
    pub async fn update_local<T>(&self, how: impl FnOnce(&mut LocalDraft) -> T) -> Option<T> {
        self.writer.waiting_tasks.set(self.writer.waiting_tasks.get() + 1);
        let held = lock(&self.lock_name()).await;
        self.writer.waiting_tasks.set(self.writer.waiting_tasks.get() - 1);
        let mut local = self.draft_to_edit().await?;
        let result = how(&mut local);
        self.save(&local).await;
        drop(held);
        self.show_local(&local);
        self.notify_tabs();
        Some(result)
    }

    /// Waits until all edits are saved.
    pub async fn flush(&self) {
        while !self.writer.pending.borrow().is_empty() {
            self.update_local(|_| ()).await;
        }
    }

    /// The stored draft, or the last known one if the device fails.
    pub(super) async fn current_local(&self) -> Option<LocalDraft> {
        match self.store().draft(self.matter).await {
            Ok(local) => local,
            Err(broken) => {
                self.fall_back_to_memory(broken);
                self.store().draft(self.matter).await.ok()?
            }
        }
    }

    /// The stored draft. If the device has lost it while text of this page is not on the server, the text as last known is continued: on the
    /// device, or in memory where the account has no key on it any more.
    async fn draft_to_edit(&self) -> Option<LocalDraft> {
        let stored = self.current_local().await;
        if stored.is_some() || (self.writer.pending.borrow().is_empty() && self.volatile.borrow().is_empty()) {
            return stored;
        }
        if !self.store().has_owner().await {
            self.fall_back_to_memory(DeviceError::Denied);
        }
        let (_, sent) = self.volatile_sent.take();
        self.hold_again(sent);
        let device = self.store().device();
        let last = self.last.borrow().clone().unwrap_or_else(|| LocalDraft::begin(self.matter, &self.kind, device));
        Some(last.restored(new_id()))
    }

    pub(super) async fn save(&self, local: &LocalDraft) {
        self.last.replace(Some(local.clone()));
        if let Err(broken) = self.store().save(local).await {
            self.fall_back_to_memory(broken);
        }
        self.writer.write_count.set(self.writer.write_count.get().wrapping_add(1));
    }

    /// The device no longer stores the draft: continue in memory and show it.
    pub(super) fn fall_back_to_memory(&self, broken: DeviceError) {
        self.store.replace(Store::memory(self.last.borrow().as_ref()));
        self.update_status(|t| (t.device_error, t.persistent) = (Some(broken), false));
    }

    /// Saves edits. While the user types, one writer holds the draft and writes collected edits together; it releases the draft after a pause or
    /// when another task of this tab needs it.
    pub(super) async fn save_typed(self: &Rc<Self>, ops: Vec<Op>) {
        self.writer.pending.borrow_mut().extend(ops);
        let saved = Promise::new(&mut |done, _| self.writer.waiters.borrow_mut().push(done));
        match self.writer.wake.take() {
            Some(wake) => {
                let _ = wake.call0(&JsValue::NULL);
            }
            None if self.writer.writing.replace(true) => {}
            None => {
                let session = self.clone();
                spawn_local(async move {
                    session.watch_slow_saves();
                    while !session.writer.pending.borrow().is_empty() {
                        session.write().await;
                    }
                    session.writer.writing.set(false);
                });
            }
        }
        let _ = JsFuture::from(saved).await;
    }

    /// Holds the draft while the user types. From time to time it lets other tabs have their turn, between two keys.
    async fn write(&self) {
        loop {
            let _held = lock(&self.lock_name()).await;
            let Some(mut local) = self.draft_to_edit().await else { return };
            let begun = now_ms();
            loop {
                self.write_pending(&mut local).await;
                if self.writer.waiting_tasks.get() > 0 {
                    return;
                }
                if now_ms() - begun > HELD_MS {
                    break;
                }
                self.wait_for_typing().await;
                if self.writer.pending.borrow().is_empty() {
                    return;
                }
            }
        }
    }

    /// Writes the collected edits.
    async fn write_pending(&self, local: &mut LocalDraft) {
        let ops = self.writer.pending.borrow().clone();
        if ops.is_empty() {
            return;
        }
        let waiters = self.writer.waiters.take();
        local.edit(&ops);
        self.save(local).await;
        self.show_local(local);
        self.notify_tabs();
        self.writer.pending.borrow_mut().drain(..ops.len());
        for done in waiters {
            let _ = done.call0(&JsValue::NULL);
        }
    }

    /// Waits for more edits, or for a moment.
    async fn wait_for_typing(&self) {
        if !self.writer.pending.borrow().is_empty() {
            return;
        }
        let moment = Promise::new(&mut |done, _| {
            let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, PAUSE_MS);
            self.writer.wake.replace(Some(done));
        });
        let _ = JsFuture::from(moment).await;
        self.writer.wake.take();
    }

    /// Shows a slow device instead of reporting edits as saved.
    fn watch_slow_saves(self: &Rc<Self>) {
        let session = self.clone();
        spawn_local(async move {
            while session.writer.writing.get() {
                let before = session.writer.write_count.get();
                sleep(SLOW_MS).await;
                let waits = !session.writer.pending.borrow().is_empty() && session.writer.write_count.get() == before;
                session.update_status(|t| t.slow = waits);
            }
        });
    }
}
