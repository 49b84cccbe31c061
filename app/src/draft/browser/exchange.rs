//! What goes to the server from a draft at work, and what comes back; and what happens while the server is away.

use std::rc::Rc;

use domain::engine::draft::Patch;
use domain::engine::draft::sync::{Answered, Failure, Local, Sent, Where, wait_after};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::desk::Desk;
use super::js::{clock, fresh_id, lock, now_ms, pause, post, random};
use crate::draft::TakenUp;

/// Between two looks for a server that was away.
const PROBE_MS: i32 = 3000;
/// Between two looks for what was done elsewhere.
const LOOK_MS: f64 = 3_000.0;

/// Asks a door.
pub async fn ask<A: Serialize, T: DeserializeOwned>(door: &str, asked: &A) -> Result<T, Failure> {
    let body = serde_json::to_string(asked).map_err(|_| Failure::Validation)?;
    let (status, text) = post(door, "application/json", &body).await.ok_or(Failure::Server)?;
    match Failure::of_status(status) {
        Some(failure) => Err(failure),
        None => serde_json::from_str(&text).map_err(|_| Failure::Gone),
    }
}

impl Desk {
    /// Asks how the draft stands on the server, unless something here has still to be sent: then its answer tells.
    pub(super) async fn pull(&self) {
        let Some(local) = self.local().await else { return };
        if local.sent.is_some() || !matches!(local.place(), Where::There(_)) {
            return;
        }
        match ask::<_, TakenUp>("/api/draft/state", &serde_json::json!({ "matter": self.matter })).await {
            Ok(taken) => {
                let (answered, _) = self.part_answered(taken.answered);
                self.change(|local| local.answered(answered)).await;
            }
            Err(Failure::Permission) => {
                let _ = self.store().forget(self.matter).await;
                self.fail(Failure::Permission);
            }
            Err(failure) => self.fail(failure),
        }
    }

    /// Sends what the server does not have yet; tries again later, should the server be away.
    pub async fn sync(self: &Rc<Self>) {
        match self.send().await {
            Some(failure) if failure.passes() => self.try_later(),
            Some(_) => {}
            None => {
                self.failures.set(0);
                self.say(|t| t.failure = t.failure.filter(|f| !f.passes()));
            }
        }
    }

    /// Sends what the server does not have yet, one patch after the other, in one tab at a time.
    pub async fn send(&self) -> Option<Failure> {
        let sending = lock(&format!("send:{}", self.matter)).await;
        loop {
            let Some(Some(patch)) = self.change(|local| self.outgoing(local)).await else { break };
            let sent = serde_json::json!({ "kind": self.kind, "patch": patch });
            match ask::<_, Answered>("/api/draft/patch", &sent).await {
                Ok(answer) => self.arrived(answer).await,
                Err(failure) => {
                    self.fail(failure);
                    return Some(failure);
                }
            }
        }
        drop(sending);
        None
    }

    /// The person looks at the page again: what they left here goes out, and what they did elsewhere comes in.
    pub(super) async fn look(self: &Rc<Self>) {
        self.sync().await;
        let soon = LOOK_MS - (now_ms() - self.looked.get());
        if soon > 0.0 {
            // Looked at a moment ago: once more when the moment is over, however often it is asked until then.
            if self.looking.replace(true) {
                return;
            }
            pause(soon as i32).await;
            self.looking.set(false);
        }
        self.looked.set(now_ms());
        self.pull().await;
        self.came.update(|n| *n += 1);
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
        let (answer, asked) = self.part_answered(answer);
        self.hidden_sent.take();
        self.hidden_asked.borrow_mut().extend(asked);
        self.change(|local| local.answered(answer)).await;
        self.say(|t| (t.at, t.failure) = (clock(), None));
        // Its revision is news for the page's form even where no answer is.
        self.came.update(|n| *n += 1);
    }

    pub(super) fn fail(&self, failure: Failure) {
        self.say(|t| t.failure = Some(failure));
    }

    /// Tries again by and by, and at once when the server is seen again.
    pub(super) fn try_later(self: &Rc<Self>) {
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

    /// There is no server: says so, and looks for it.
    pub fn server_away(self: &Rc<Self>) {
        self.fail(Failure::Server);
        self.try_later();
    }

    /// 提交 is wished.
    pub async fn wish(self: &Rc<Self>) {
        self.change(|local| local.wish(fresh_id())).await;
        self.sync().await;
    }
}
