//! Uploads in pieces: how large a piece is, what a piece that comes does to an upload, and what the person is told meanwhile.
//!
//! What was received is always the beginning of the file: a piece counts only where the last one ended, so a line that breaks costs one
//! piece at most, and a piece sent twice costs nothing.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::engine::form::Path;

/// Bytes of one piece; the last one of a file may have fewer.
pub const PIECE: u64 = 1 << 20;
/// Bytes above which a file is sent in pieces; a smaller one goes with its form.
pub const LARGE: u64 = 2 << 20;
/// Hours after its last piece at which an upload is given up.
pub const KEPT_HOURS: i64 = 24;

/// A file on its way to an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Made where the file is chosen; the file will have it too.
    pub id: Uuid,
    /// The matter.
    pub matter: Uuid,
    /// The answer the file belongs to.
    pub path: Path,
    /// What it is called.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// How many of them are there.
    pub received: u64,
}

/// What a piece does to an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It goes on where the last one ended.
    Accept,
    /// It is there already.
    Again,
    /// It does not go on where the last one ended; that was here.
    Gap(u64),
    /// It is larger than a piece may be, or leads beyond the end of the file.
    TooLarge,
}

impl Upload {
    /// What a piece of so many bytes, from `offset` on, does.
    pub fn hear(&self, offset: u64, len: u64) -> Heard {
        match offset.checked_add(len) {
            Some(end) if len <= PIECE && end <= self.size => match offset {
                at if at == self.received => Heard::Accept,
                _ if end <= self.received => Heard::Again,
                _ => Heard::Gap(self.received),
            },
            _ => Heard::TooLarge,
        }
    }

    /// Whether all of it is there.
    pub fn whole(&self) -> bool {
        self.received >= self.size
    }
}

/// The piece to be sent from `offset` on: its first byte, and the one behind its last. Pieces end where whole pieces end, wherever the
/// first one began.
pub fn piece(offset: u64, size: u64) -> (u64, u64) {
    let begin = offset.min(size);
    (begin, (begin / PIECE).saturating_add(1).saturating_mul(PIECE).min(size))
}

/// How many pieces a file has.
pub fn pieces(size: u64) -> u64 {
    size.div_ceil(PIECE)
}

/// How much of a file is there, in whole percent; a hundred only if all of it is.
pub fn percent(received: u64, size: u64) -> u64 {
    if received >= size { 100 } else { received.saturating_mul(100).checked_div(size).unwrap_or(100) }
}

/// What is said of a file over its limit of megabytes.
pub fn too_large(megabytes: i64) -> String {
    format!("文件超过 {megabytes} MB，请压缩后再上传")
}

/// How an upload stands, for the person who waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Kept on this device until the draft itself has reached the server.
    Kept,
    /// Held by the page until the draft itself has reached the server.
    Held,
    /// On its way; percent.
    Sending(u64),
    /// The server is away; percent.
    Paused(u64),
    /// Nobody is signed in any more.
    SignIn,
    /// It was not taken, and why.
    Refused(String),
    /// There.
    Done,
}

impl State {
    /// In words.
    pub fn text(&self) -> String {
        match self {
            State::Kept => "已保存在本机，草稿保存到服务器后上传".to_owned(),
            State::Held => "等待上传，请不要关闭本页".to_owned(),
            State::Sending(percent) => format!("正在上传 {percent}%"),
            State::Paused(_) => "网络中断，已暂停，恢复后继续".to_owned(),
            State::SignIn => "登录已失效，请在新窗口中登录，回到本页后会自动继续上传".to_owned(),
            State::Refused(why) => why.clone(),
            State::Done => "已上传".to_owned(),
        }
    }

    /// How far it has come, in percent; none where that means nothing.
    pub fn percent(&self) -> Option<u64> {
        match self {
            State::Sending(percent) | State::Paused(percent) => Some(*percent),
            State::Kept | State::Held => Some(0),
            State::SignIn | State::Refused(_) | State::Done => None,
        }
    }

    /// Whether the file is still on its way.
    pub fn under_way(&self) -> bool {
        !matches!(self, State::Refused(_) | State::Done)
    }
}

#[cfg(test)]
mod tests;
