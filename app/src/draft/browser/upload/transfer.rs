//! The transfer of the chosen files, one after the other.

use std::rc::Rc;

use domain::engine::draft::Op;
use domain::engine::draft::sync::retry_delay;
use domain::engine::form::{Path, Value};
use domain::engine::upload::{CHUNK_SIZE, UploadStatus, chunk_range, unreadable_message};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::super::crashed_choice::forget_choice;
use super::super::upload_client::{UploadStop, begin, fetch_offset, send};
use super::super::web::{lock, now_ms, random, read_range, sleep};
use super::{UploadItem, Uploads};

/// Polling interval while waiting.
const LOOK_MS: i32 = 250;
/// Longest pause between two attempts: a line must not say for longer than that what is no longer so.
const LONGEST_MS: f64 = 10_000.0;
/// Maximum offset corrections by the server before giving up.
const ASTRAY: u32 = 5;

impl Uploads {
    /// Uploads the files, one after the other.
    pub fn run(self: &Rc<Self>) {
        if self.sending.replace(true) {
            return;
        }
        let uploads = self.clone();
        spawn_local(async move {
            loop {
                let next = uploads.rows.borrow().iter().find(|row| uploads.brings(row)).cloned();
                let Some(row) = next else { break };
                uploads.bring(&row).await;
                uploads.count();
            }
            uploads.sending.set(false);
        });
    }

    fn brings(&self, row: &UploadItem) -> bool {
        row.under_way() && !row.keeping.get() && (row.held() || !self.closed())
    }

    /// Uploads one file, with retries.
    async fn bring(self: &Rc<Self>, row: &Rc<UploadItem>) {
        let mut failures = 0;
        while self.brings(row) {
            let before = row.reached.get();
            let done = self.attempt(row).await;
            let away = matches!(done, Err(UploadStop::Unreachable));
            if matches!(done, Err(UploadStop::Rejected(_))) {
                // The page names what was refused; the device does not offer it again.
                let _ = self.session.store().remove_file(row.upload.id).await;
            }
            row.say(match done {
                Ok(()) => UploadStatus::Done,
                Err(UploadStop::Rejected(why)) => UploadStatus::Rejected(why),
                Err(UploadStop::Unreachable | UploadStop::Busy) => UploadStatus::Paused { percent: row.percent(), stored: !row.held() },
                Err(UploadStop::SignIn) => UploadStatus::SignedOut,
                Err(UploadStop::Blocked(failure)) => UploadStatus::Blocked(failure.text().to_owned()),
                Err(UploadStop::Deferred) if row.held() => UploadStatus::InMemory,
                Err(UploadStop::Deferred) => UploadStatus::Stored,
            });
            if self.brings(row) {
                failures = if row.reached.get() > before { 0 } else { failures };
                let pause = retry_delay(failures, random::<1>()[0]).num_milliseconds() as f64;
                self.wait(pause.min(LONGEST_MS), away).await;
                failures += 1;
            }
        }
    }

    /// Waits for a time; shorter if the user or the network wakes it, or if the server can be reached again.
    async fn wait(&self, ms: f64, away: bool) {
        let until = now_ms() + ms;
        self.woken.set(false);
        if away {
            self.session.server_unreachable();
        }
        while now_ms() < until && !self.woken.get() {
            sleep(LOOK_MS).await;
            if away && self.session.status.with_untracked(|t| t.failure.is_none()) {
                return;
            }
        }
    }

    /// Queries the offset and uploads the rest.
    async fn attempt(self: &Rc<Self>, row: &UploadItem) -> Result<(), UploadStop> {
        self.draft_there(&row.upload.path).await?;
        let held = lock(&format!("upload:{}", row.upload.id)).await;
        let mut at = match fetch_offset(&row.upload).await? {
            Some(at) => at,
            None => begin(&row.upload).await?,
        };
        let mut astray = 0;
        while !row.gone.get() {
            row.reached.set(at);
            row.say(UploadStatus::Uploading(row.percent()));
            let (begin, end) = chunk_range(at, row.upload.size);
            let bytes = self.bytes(row, begin, end).await?;
            let status = send(&row.upload, at, &bytes).await?;
            if status == end && end == row.upload.size {
                break;
            }
            astray = if status == end { 0 } else { astray + 1 };
            if astray > ASTRAY {
                return Err(UploadStop::Busy);
            }
            at = status;
        }
        drop(held);
        forget_choice(&row.upload.path.anchor());
        if !row.gone.get() {
            let _ = self.session.store().remove_file(row.upload.id).await;
            self.session.file_attached(&row.upload.path, row.upload.id).await;
        }
        Ok(())
    }

    /// Ensures that the draft and the file's record have reached the server.
    async fn draft_there(&self, path: &Path) -> Result<(), UploadStop> {
        if self.there(path).await {
            return Ok(());
        }
        if let Path::Cell(list, id, _) = path
            && self.session.local().await.is_some_and(|local| local.mine.record(list, *id).is_none())
        {
            self.session.edit(vec![Op { path: Path::Row(list.clone(), *id), value: Some(Value::from("stored")) }]).await;
        }
        match self.session.push().await {
            Some(failure) => Err(failure.into()),
            None if self.there(path).await => Ok(()),
            None => Err(UploadStop::Deferred),
        }
    }

    async fn there(&self, path: &Path) -> bool {
        let Some(local) = self.session.local().await else { return false };
        local.known
            && match path {
                Path::Cell(list, id, _) => local.base.record(list, *id).is_some(),
                _ => true,
            }
    }

    /// Reads bytes of the file, from the page or from the device.
    async fn bytes(&self, row: &UploadItem, begin: u64, end: u64) -> Result<Vec<u8>, UploadStop> {
        let lost = || UploadStop::Rejected(unreadable_message(&row.upload.name));
        let file = row.file.borrow().clone();
        if begin == end {
            return Ok(Vec::new());
        }
        if let Some(file) = file {
            return read_range(&file, begin, end).await.ok_or_else(lost);
        }
        let number = begin / CHUNK_SIZE;
        let stored = self.session.store().file_chunk(row.upload.id, number).await?.ok_or_else(lost)?;
        let skip = usize::try_from(begin - number * CHUNK_SIZE).unwrap_or(0);
        Ok(stored.get(skip..).unwrap_or_default().to_vec())
    }
}
