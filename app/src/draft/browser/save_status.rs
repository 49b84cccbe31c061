//! Save status of a draft, as shown to the user.

use domain::engine::draft::Question;
use domain::engine::draft::sync::{RefusedOp, SaveLocation, SubmitStep, SyncFailure};

use super::web::DeviceError;

/// Save status of a draft, as shown to the user.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SaveStatus {
    /// Where the text is saved; `None` before the draft is loaded.
    pub location: Option<SaveLocation>,
    /// Why it was not sent.
    pub failure: Option<SyncFailure>,
    /// The server's own sentence for it; empty without one.
    pub reason: String,
    /// Changes that the server refused while it took the others.
    pub refused: Vec<RefusedOp>,
    /// Warning about the clock of this device.
    pub clock: Option<String>,
    /// Why the device does not store it.
    pub device_error: Option<DeviceError>,
    /// Time of the last save on the server, formatted.
    pub saved_at: String,
    /// Open questions.
    pub questions: Vec<Question>,
    /// Next step of a requested submission; `None` before the draft is loaded.
    pub submission: Option<SubmitStep>,
    /// Whether the device stores it persistently.
    pub persistent: bool,
    /// Whether the device is slow to save.
    pub slow: bool,
    /// Whether unsent edits exist that no browser may store.
    pub volatile: bool,
    /// Number of files not uploaded yet; `None` before it is known.
    pub files_missing: Option<usize>,
}

impl SaveStatus {
    /// Message for the user.
    pub fn text(&self) -> String {
        let here = match (self.device_error, self.persistent) {
            (Some(error), _) => error.text(),
            (None, true) if self.slow => "正在保存到本机",
            (None, true) if self.volatile => "已保存在本机（敏感信息仅在本页）",
            (None, true) => "已保存在本机",
            (None, false) => "尚未保存，内容仍在本页",
        };
        match (self.location, self.failure) {
            (None, None) => String::new(),
            (Some(SaveLocation::Server(_)), None) if self.device_error.is_some() => {
                format!("已自动保存到服务器的草稿箱（{}）。{here}", self.saved_at)
            }
            (Some(SaveLocation::Server(_)), None) if self.saved_at.is_empty() => String::new(),
            (Some(SaveLocation::Server(_)), None) => format!("已自动保存到服务器的草稿箱（{}）", self.saved_at),
            (Some(SaveLocation::Conflicts(n)), None) => format!("有 {n} 处内容在别处也作了修改，请在下方选择"),
            (Some(SaveLocation::Device), None) => format!("{here}，正在保存到服务器"),
            (_, Some(failure)) if self.persistent => format!("{here}。{}", self.reason_of(failure)),
            (_, Some(failure)) => format!("{here}：{}", self.reason_of(failure).split('，').next().unwrap_or_default()),
        }
    }

    /// What a screen reader announces: failures, decisions, and that all is saved. `None` for what is under way. The text of one state never
    /// varies, so it is announced once.
    pub fn announcement(&self) -> Option<String> {
        match (self.location, self.failure) {
            (_, Some(failure)) => Some(match (self.device_error, self.persistent) {
                (None, false) => format!("尚未保存，内容仍在本页：{}", self.reason_of(failure)),
                (Some(error), _) => format!("{}。{}", error.text(), self.reason_of(failure)),
                (None, true) => self.reason_of(failure).to_owned(),
            }),
            (Some(SaveLocation::Conflicts(_)), None) => Some(self.text()),
            (_, None) if self.device_error.is_some() => self.device_error.map(|error| error.text().to_owned()),
            (Some(SaveLocation::Server(_)), None) if !self.saved_at.is_empty() => Some("已自动保存到服务器的草稿箱".to_owned()),
            _ => None,
        }
    }

    /// Why the text was not sent: in the server's words where it refused the text.
    fn reason_of(&self, failure: SyncFailure) -> &str {
        if failure.is_refusal() && !self.reason.is_empty() { &self.reason } else { failure.text() }
    }

    /// Whether something must be decided.
    pub fn has_questions(&self) -> bool {
        !self.questions.is_empty()
    }

    /// Whether something went wrong or must be decided.
    pub fn is_bad(&self) -> bool {
        self.device_error.is_some() || self.failure.is_some() || self.has_questions() || !self.refused.is_empty()
    }

    /// Whether neither the server nor this device holds all of it.
    pub fn may_be_lost(&self) -> bool {
        self.failure.is_some() && (!self.persistent || self.volatile || self.failure != Some(SyncFailure::Server))
    }
}
