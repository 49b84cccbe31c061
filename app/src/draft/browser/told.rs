//! What the person is told about where the text is.

use domain::engine::draft::Question;
use domain::engine::draft::sync::{Failure, Submit, Where};

use super::js::Broken;

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
    /// What becomes of a wish to submit; none before the draft was taken up.
    pub wish: Option<Submit>,
    /// Whether the device keeps it beyond the page.
    pub lasts: bool,
    /// Whether the device is slow to keep what was typed last.
    pub slow: bool,
    /// Whether something that no browser may keep waits in this page alone.
    pub hidden: bool,
    /// How many files of the draft the server does not have yet; none before that was looked up.
    pub files: Option<usize>,
}

impl Told {
    /// In one sentence.
    pub fn text(&self) -> String {
        let here = match (self.broken, self.lasts) {
            (Some(broken), _) => broken.text(),
            (None, true) if self.slow => "正在保存到本机",
            (None, true) if self.hidden => "已保存在本机（敏感信息仅在本页）",
            (None, true) => "已保存在本机",
            (None, false) => "尚未保存，内容仍在本页",
        };
        match (self.place, self.failure) {
            (None, None) => String::new(),
            (Some(Where::There(_)), None) if self.broken.is_some() => format!("已自动保存到服务器的草稿箱（{}）。{here}", self.at),
            (Some(Where::There(_)), None) if self.at.is_empty() => String::new(),
            (Some(Where::There(_)), None) => format!("已自动保存到服务器的草稿箱（{}）", self.at),
            (Some(Where::Asked(n)), None) => format!("有 {n} 处内容在别处也作了修改，请在下方选择"),
            (Some(Where::Here), None) => format!("{here}，正在保存到服务器"),
            (_, Some(failure)) if self.lasts => format!("{here}。{}", failure.text()),
            (_, Some(failure)) => format!("{here}：{}", failure.text().split('，').next().unwrap_or_default()),
        }
    }
}
