//! Resumable uploads in chunks: sizes, the effect of a chunk, and progress messages.
//!
//! The received part is always the beginning of the file: a chunk counts only at the expected offset, so an interruption costs at most one
//! chunk, and a repeated chunk is harmless.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::form::{Path, shown_name};

/// Size of a chunk in bytes; the last one may be smaller.
pub const CHUNK_SIZE: u64 = 1 << 20;
/// Size above which a file is sent in chunks; smaller ones are sent with the form.
pub const CHUNKED_ABOVE: u64 = 2 << 20;
/// Hours after its last chunk at which an upload is deleted.
pub const ABANDONED_AFTER_HOURS: i64 = 24;

/// An upload of a file for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Upload id, chosen by the client; also the id of the file.
    pub id: Uuid,
    /// Id of the matter that the file belongs to.
    pub matter: Uuid,
    /// Path of the answer.
    pub path: Path,
    /// Name of the file on the device.
    pub name: String,
    /// Size in bytes.
    pub size: u64,
    /// Number of bytes received so far.
    pub received: u64,
}

/// Effect of a chunk on an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkOutcome {
    /// It starts at the expected offset.
    Next,
    /// It was received before.
    Duplicate,
    /// It does not start at the expected offset, which is given.
    Gap(u64),
    /// It is too large, or exceeds the file.
    TooLarge,
    /// It ends within a chunk, and is not the last one.
    Partial,
}

impl Upload {
    /// Checks a chunk of `len` bytes at `offset`.
    pub fn accept_chunk(&self, offset: u64, len: u64) -> ChunkOutcome {
        match offset.checked_add(len) {
            Some(end) if len <= CHUNK_SIZE && end <= self.size => match offset {
                at if at == self.received => match len {
                    // Small parts would cost a file and a row each; a part ends where a chunk or the file ends.
                    1.. if end % CHUNK_SIZE != 0 && end != self.size => ChunkOutcome::Partial,
                    _ => ChunkOutcome::Next,
                },
                _ if end <= self.received => ChunkOutcome::Duplicate,
                _ => ChunkOutcome::Gap(self.received),
            },
            _ => ChunkOutcome::TooLarge,
        }
    }

    /// Whether the upload is complete.
    pub fn is_complete(&self) -> bool {
        self.received >= self.size
    }
}

/// The range of the next chunk from `offset` on, end excluded. Chunks end at multiples of the chunk size, wherever the first one started.
pub fn chunk_range(offset: u64, size: u64) -> (u64, u64) {
    let begin = offset.min(size);
    (begin, (begin / CHUNK_SIZE).saturating_add(1).saturating_mul(CHUNK_SIZE).min(size))
}

/// Number of chunks of a file.
pub fn chunk_count(size: u64) -> u64 {
    size.div_ceil(CHUNK_SIZE)
}

/// Received share in whole percent; 100 only when complete.
pub fn percent(received: u64, size: u64) -> u64 {
    if received >= size { 100 } else { received.saturating_mul(100).checked_div(size).unwrap_or(100) }
}

/// Message for a file over the limit in megabytes.
pub fn too_large_message(megabytes: i64) -> String {
    format!("文件超过 {megabytes} MB，请压缩后再上传")
}

/// Message for an answer with as many files as it takes.
pub fn full_message(most: usize) -> String {
    format!("最多上传 {most} 个文件，请先移除不再需要的")
}

/// Message for the chosen files with these names that are not taken for one reason: one sentence, however many they are.
pub fn not_taken_message(names: &[String], why: &str) -> String {
    let named = names.iter().map(|name| format!("“{}”", shown_name(name))).collect::<Vec<_>>().join("、");
    let count = if names.len() > 1 { format!("这 {} 个文件", names.len()) } else { String::new() };
    format!("{named}{count}没有上传：{why}")
}

/// Message for a file that the browser cannot read any more, as it was changed, moved or deleted after it was chosen.
pub fn unreadable_message(name: &str) -> String {
    format!("“{name}”在选择之后被修改、移动或删除，已无法读取，请重新选择")
}

/// Progress of an upload, for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadStatus {
    /// Stored on this device until the draft has reached the server.
    Stored,
    /// Held by the page until the draft has reached the server.
    InMemory,
    /// In progress, with percent.
    Uploading(u64),
    /// The server is unreachable.
    Paused {
        /// Percent so far.
        percent: u64,
        /// Whether this device stores the file.
        stored: bool,
    },
    /// The draft cannot be saved, with what must be done; afterwards the upload continues.
    Blocked(String),
    /// The session has ended.
    SignedOut,
    /// Refused, with the reason.
    Rejected(String),
    /// The whole file is on the server.
    Done,
}

impl UploadStatus {
    /// Message for the user.
    pub fn text(&self) -> String {
        match self {
            UploadStatus::Stored => "已保存在本机，草稿保存到服务器后上传".to_owned(),
            UploadStatus::InMemory => "等待上传，请不要关闭本页".to_owned(),
            UploadStatus::Uploading(percent) => format!("正在上传 {percent}%"),
            UploadStatus::Paused { stored: true, .. } => "网络中断，已保存在本机，恢复后继续上传".to_owned(),
            UploadStatus::Paused { stored: false, .. } => "网络中断，已暂停，恢复后继续，请不要关闭本页".to_owned(),
            UploadStatus::SignedOut => "登录已失效，请在新窗口中登录，回到本页后会自动继续上传".to_owned(),
            UploadStatus::Rejected(why) | UploadStatus::Blocked(why) => why.clone(),
            UploadStatus::Done => "已上传".to_owned(),
        }
    }

    /// Progress in percent, where applicable.
    pub fn percent(&self) -> Option<u64> {
        match self {
            UploadStatus::Uploading(percent) | UploadStatus::Paused { percent, .. } => Some(*percent),
            UploadStatus::Stored | UploadStatus::InMemory => Some(0),
            UploadStatus::Blocked(_) | UploadStatus::SignedOut | UploadStatus::Rejected(_) | UploadStatus::Done => None,
        }
    }

    /// Whether it goes on by itself, so that there is nothing to announce yet.
    pub fn is_under_way(&self) -> bool {
        matches!(self, UploadStatus::Stored | UploadStatus::InMemory | UploadStatus::Uploading(_))
    }

    /// Whether the upload is unfinished.
    pub fn is_pending(&self) -> bool {
        !matches!(self, UploadStatus::Rejected(_) | UploadStatus::Done)
    }
}

#[cfg(test)]
mod tests;
