//! Synchronisation of the open draft with the server, and retries while it is unreachable.

use std::rc::Rc;

use domain::engine::draft::sensitive::partition_ops;
use domain::engine::draft::sync::{LocalDraft, SentPatch, SyncFailure, SyncReply, retry_delay};
use domain::engine::draft::{Op, Patch};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::api_client::{CallError, call_api};
use super::session::DraftSession;
use super::web::{LockGuard, clock, composition_end, lock, new_id, now_ms, random, sleep};
use crate::draft::{DraftSnapshot, DraftState, SendPatch};

/// Interval of probes while the server is unreachable.
const PROBE_MS: i32 = 3000;
/// Interval between queries for changes of other devices.
const LOOK_MS: f64 = 3_000.0;

impl DraftSession {
    /// Queries the draft's state on the server, unless unsent edits exist, whose reply will contain it.
    pub(super) async fn pull(&self) {
        if self.local().await.is_some_and(|local| !local.has_more()) {
            self.pull_state().await;
        }
    }

    /// Queries the draft's state on the server and merges it, unless a patch is on its way.
    pub(super) async fn pull_state(&self) {
        if self.local().await.is_none_or(|local| local.sent.is_some()) {
            return;
        }
        match call_api::<_, DraftSnapshot>("/api/draft/state", &DraftState { matter: self.matter }).await {
            Ok(taken) => {
                composition_end().await;
                let (answered, _) = self.split_reply(taken.answered);
                self.update_local(|local| local.apply_reply(answered)).await;
            }
            // The draft was submitted: the server has all of it. One that is unknown or was deleted stays on the device.
            Err(error) => {
                let whole = self.local().await.is_some_and(|local| !local.has_more());
                if error.failure == SyncFailure::Permission && whole {
                    let _ = self.store().forget(self.matter).await;
                }
                self.report_failure(error);
            }
        }
    }

    /// Sends unsent edits; retries later if the server is unreachable.
    pub async fn sync(self: &Rc<Self>) {
        if self.is_closed() {
            return;
        }
        match self.push().await {
            Some(failure) if failure.is_temporary() => self.retry_later(),
            Some(_) => {}
            None => {
                self.failures.set(0);
                self.update_status(|t| t.failure = t.failure.filter(|f| !f.is_temporary()));
            }
        }
    }

    /// Waits for the patch that is on its way. While the guard lives, no other tab or task sends one.
    pub async fn hold_sending(&self) -> LockGuard {
        lock(&format!("send:{}", self.matter)).await
    }

    /// Records answers that were posted with the form of the page and are part of this revision.
    pub async fn rebase(&self, revision: i64, posted: Vec<Op>) {
        let posted = if self.store().is_persistent() { partition_ops(self.form, posted).0 } else { posted };
        self.update_local(|local| local.rebase(revision, &posted)).await;
    }

    /// Sends unsent edits, one patch after the other, in one tab at a time.
    pub async fn push(&self) -> Option<SyncFailure> {
        let sending = self.hold_sending().await;
        loop {
            let Some(Some(patch)) = self.update_local(|local| self.outgoing(local)).await else { break };
            let sent = SendPatch { kind: self.kind.clone(), patch, account: Some(self.account) };
            match call_api::<_, SyncReply>("/api/draft/patch", &sent).await {
                Ok(answer) => self.accept_reply(answer).await,
                Err(error) => {
                    let failure = error.failure;
                    self.refused(&error).await;
                    self.report_failure(error);
                    return Some(failure);
                }
            }
        }
        drop(sending);
        None
    }

    /// The page became visible: send unsent edits, and fetch changes of other devices.
    pub(super) async fn refresh(self: &Rc<Self>) {
        self.sync().await;
        let soon = LOOK_MS - (now_ms() - self.refreshed_at.get());
        if soon > 0.0 {
            // Refreshed a moment ago: schedule one more refresh.
            if self.refresh_scheduled.replace(true) {
                return;
            }
            sleep(soon as i32).await;
            self.refresh_scheduled.set(false);
        }
        self.refreshed_at.set(now_ms());
        self.pull().await;
        self.remote_changes.update(|n| *n += 1);
    }

    /// The patch to send, including edits that only this page holds. A patch in flight is unchanged.
    fn outgoing(&self, local: &mut LocalDraft) -> Option<Patch> {
        let again = local.sent.is_some();
        let mut patch = match local.outgoing() {
            Some(patch) => patch,
            None if self.sendable_volatile(local).is_empty() => return None,
            None => {
                local.seq += 1;
                let patch = Patch {
                    matter: local.matter,
                    base_rev: local.base_rev,
                    device: local.device,
                    seq: local.seq,
                    ops: Vec::new(),
                    replaces: None,
                };
                local.sent = Some(SentPatch { patch: patch.clone(), mine: local.mine.clone() });
                patch
            }
        };
        if !again {
            let sendable = self.sendable_volatile(local);
            self.volatile.borrow_mut().retain(|op| !sendable.contains(op));
            self.volatile_sent.replace((patch.seq, sendable));
        }
        let volatile = self.volatile_sent.borrow();
        if volatile.0 == patch.seq {
            patch.ops.extend(volatile.1.iter().cloned());
        }
        Some(patch)
    }

    /// Edits that only this page holds, without those that the server refused.
    fn sendable_volatile(&self, local: &LocalDraft) -> Vec<Op> {
        let refused = |op: &Op| local.refused.iter().any(|refused| refused.covers(&op.path));
        self.volatile.borrow().iter().filter(|op| !refused(op)).cloned().collect()
    }

    /// Records that the server refused the patch as a whole.
    async fn refused(&self, error: &CallError) {
        match error.failure {
            SyncFailure::TooLarge => self.withdraw().await,
            // It was submitted or closed: what the server did not take is no unsent draft any more.
            SyncFailure::Permission => drop(self.update_local(LocalDraft::close).await),
            SyncFailure::Validation => {
                let text = if error.text.is_empty() { error.failure.text().to_owned() } else { error.text.clone() };
                self.update_local(|local| local.refuse(text)).await;
            }
            _ => {}
        }
    }

    /// Takes back a patch of which the server applied nothing: once shortened, its answers go out as a new one.
    async fn withdraw(&self) {
        self.update_local(LocalDraft::withdraw).await;
        let (_, sent) = self.volatile_sent.take();
        self.hold_again(sent);
    }

    /// Puts edits that only this page holds back among those to be sent, unless a newer one took their place.
    pub(super) fn hold_again(&self, sent: Vec<Op>) {
        let mut volatile = self.volatile.borrow_mut();
        let sent = sent.into_iter().filter(|op| volatile.iter().all(|newer| newer.path != op.path)).collect::<Vec<_>>();
        volatile.splice(0..0, sent);
    }

    async fn accept_reply(&self, answer: SyncReply) {
        // What is composed grows from the answers before this reply; merged first, it would replace others' changes without a question.
        composition_end().await;
        let (answer, asked) = self.split_reply(answer);
        let (_, sent) = self.volatile_sent.take();
        // Only this page holds what was refused of it.
        self.hold_again(sent.into_iter().filter(|op| answer.refused.iter().any(|refused| refused.covers(&op.path))).collect());
        self.volatile_questions.borrow_mut().extend(asked);
        self.update_local(|local| local.apply_reply(answer)).await;
        self.update_status(|t| (t.saved_at, t.failure) = (clock(), None));
        // The page's form needs the new revision even if no answer changed.
        self.remote_changes.update(|n| *n += 1);
    }

    pub(super) fn report_failure(&self, error: impl Into<CallError>) {
        let CallError { failure, text } = error.into();
        self.update_status(|t| (t.failure, t.reason) = (Some(failure), text));
    }

    /// Retries with increasing delays, and at once when the server is reachable.
    pub(super) fn retry_later(self: &Rc<Self>) {
        let failures = self.failures.get();
        self.failures.set(failures.saturating_add(1));
        let wait = retry_delay(failures, random::<1>()[0]).num_milliseconds();
        let (session, typed) = (self.clone(), self.edit_count.get());
        spawn_local(async move {
            sleep(i32::try_from(wait).unwrap_or(i32::MAX)).await;
            if session.edit_count.get() == typed && session.status.with_untracked(|t| t.failure.is_some()) {
                session.sync().await;
            }
        });
        if !self.probing.replace(true) {
            let session = self.clone();
            spawn_local(async move {
                session.probe().await;
                session.probing.set(false);
                session.failures.set(0);
                session.sync().await;
            });
        }
    }

    /// Probes the server until it responds. `navigator.onLine` is not used: it says nothing about the server.
    async fn probe(&self) {
        loop {
            if self.is_closed() {
                return;
            }
            sleep(PROBE_MS + i32::from(random::<1>()[0]) * 4).await;
            let volatile = super::web::get(&document(), "visibilityState").as_string().is_some_and(|s| s == "volatile");
            if !volatile && super::web::server_reachable().await {
                return;
            }
        }
    }

    /// Records that the server is unreachable, and starts probing.
    pub fn server_unreachable(self: &Rc<Self>) {
        self.report_failure(SyncFailure::Server);
        self.retry_later();
    }

    /// 提交 was pressed.
    pub async fn request_submission(self: &Rc<Self>) {
        self.submits.set(true);
        self.update_local(|local| local.request_submit(new_id())).await;
        self.sync().await;
    }

    /// Takes a requested submission back.
    pub async fn cancel_submission(&self) {
        self.submits.set(false);
        self.update_local(LocalDraft::cancel_submit).await;
    }
}
