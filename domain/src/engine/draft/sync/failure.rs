//! Why a patch failed, and when it is sent again.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// Why a patch failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncFailure {
    /// The server cannot parse the patch.
    Validation,
    /// An answer or the draft is too large.
    TooLarge,
    /// The draft is not editable by this user.
    Permission,
    /// Not signed in, or with another account.
    Identity,
    /// The base revision does not exist, or the page is too old for the server.
    Gone,
    /// The draft was deleted on another page or device.
    Discarded,
    /// This account has no such draft.
    Unknown,
    /// The server is unreachable or busy.
    Server,
}

impl SyncFailure {
    /// Message for the user.
    pub fn text(self) -> &'static str {
        match self {
            SyncFailure::Validation => "服务器无法识别这次修改，请刷新页面后重试",
            SyncFailure::TooLarge => "有内容过长，不能保存到服务器，请缩短后继续",
            SyncFailure::Permission => "这份草稿当前不能修改，请到“我的事项”查看",
            SyncFailure::Identity => "登录已失效或已换成其他账号，请在新窗口中用原账号登录，回到本页后会自动继续保存",
            SyncFailure::Gone => "内容在别处有了更新，请保存本页后核对",
            SyncFailure::Discarded => "这份草稿已在其他页面或设备删除，请选择另存为新草稿，或从本机删除",
            SyncFailure::Unknown => "当前账号没有这份草稿，可能属于其他账号；请用填写时的账号登录后继续",
            SyncFailure::Server => "暂时连接不上服务器，恢复后会自动保存",
        }
    }

    /// Whether an automatic retry makes sense.
    pub fn is_temporary(self) -> bool {
        self == SyncFailure::Server
    }

    /// Whether the server refused what was sent, for a reason that its own sentence names.
    pub fn is_refusal(self) -> bool {
        matches!(self, SyncFailure::Validation | SyncFailure::TooLarge | SyncFailure::Permission)
    }

    /// The failure for an HTTP status; `None` for success.
    pub fn from_status(status: u16) -> Option<Self> {
        match status {
            200..=299 => None,
            401 => Some(SyncFailure::Identity),
            403 => Some(SyncFailure::Permission),
            404 => Some(SyncFailure::Unknown),
            409 | 426 => Some(SyncFailure::Gone),
            410 => Some(SyncFailure::Discarded),
            413 => Some(SyncFailure::TooLarge),
            400 | 415 | 422 => Some(SyncFailure::Validation),
            _ => Some(SyncFailure::Server),
        }
    }
}

/// Delay after a number of consecutive failures: one second, doubled each time, at most five minutes, reduced by up to half by `chance`
/// (0 to 255), so that many devices do not retry at once.
pub fn retry_delay(failures: u32, chance: u8) -> TimeDelta {
    let most = (1_i64 << failures.min(9)).min(300) * 1000;
    TimeDelta::milliseconds(most - most / 2 * i64::from(chance) / 255)
}
