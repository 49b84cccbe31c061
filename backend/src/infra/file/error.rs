//! Why a file is not accepted.

use domain::engine::form::PortraitError;

/// Why a file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Empty.
    #[error("empty")]
    Empty,
    /// Larger than the limit, in megabytes.
    #[error("too large")]
    TooLarge(i64),
    /// Not an accepted type.
    #[error("not a kind that is taken")]
    UnsupportedType,
    /// The extension does not match the content.
    #[error("name and content disagree")]
    Extension,
    /// The content is damaged.
    #[error("damaged")]
    Damaged,
    /// An image with too many pixels.
    #[error("too many pixels")]
    Pixels,
    /// A PDF that opens only with a password.
    #[error("encrypted")]
    Encrypted,
    /// A PDF with scripts or actions.
    #[error("active content")]
    ActiveContent,
    /// A PDF with attached files.
    #[error("attached files")]
    Attachment,
    /// Not a valid 证件照.
    #[error("not a photo as certificates need it")]
    Portrait(PortraitError),
    /// Too many files in one matter.
    #[error("too many files")]
    TooMany,
    /// The files of the account or matter exceed their total size, in megabytes.
    #[error("too many bytes")]
    QuotaExceeded(i64),
    /// No disk space left.
    #[error("no space left")]
    StorageFull,
    /// Failure of the file store.
    #[error("the store failed")]
    Storage,
}

impl FileError {
    /// Message for the user.
    pub fn text(self) -> String {
        match self {
            FileError::Empty => "文件是空的，请重新选择".into(),
            FileError::TooLarge(max) => domain::engine::upload::too_large_message(max),
            FileError::UnsupportedType => "只能上传 JPG、PNG、PDF 文件".into(),
            FileError::Extension => "文件扩展名与内容不符，请上传原始的 JPG、PNG 或 PDF 文件".into(),
            FileError::Damaged => "文件已损坏，无法打开，请重新选择".into(),
            FileError::Pixels => "图片尺寸过大，请缩小到 4000 万像素以内".into(),
            FileError::Encrypted => "PDF 设置了打开密码，请去除密码后再上传".into(),
            FileError::ActiveContent => "PDF 中含有脚本或自动动作，请用“打印为 PDF”另存后再上传".into(),
            FileError::Attachment => "PDF 中含有附件（电子发票常有），请用“打印为 PDF”另存后再上传".into(),
            FileError::Portrait(error) => error.text(),
            FileError::TooMany => "上传的文件已达数量上限".into(),
            FileError::QuotaExceeded(max) => format!("上传的文件合计超过 {max} MB，请先删除不再需要的文件或草稿"),
            FileError::StorageFull => "服务器存储空间不足，请稍后再试".into(),
            FileError::Storage => "文件保存失败，请重新上传".into(),
        }
    }

    /// Whether a later attempt with the same file may succeed.
    pub fn is_transient(self) -> bool {
        matches!(self, FileError::StorageFull | FileError::Storage)
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            FileError::Empty => "file_empty",
            FileError::TooLarge(_) => "file_too_large",
            FileError::UnsupportedType => "file_kind",
            FileError::Extension => "file_ending",
            FileError::Damaged => "file_damaged",
            FileError::Pixels => "file_pixels",
            FileError::Encrypted => "file_encrypted",
            FileError::ActiveContent => "file_active",
            FileError::Attachment => "file_attachment",
            FileError::Portrait(error) => error.code(),
            FileError::TooMany => "file_too_many",
            FileError::QuotaExceeded(_) => "file_quota",
            FileError::StorageFull => "file_full",
            FileError::Storage => "file_store",
        }
    }
}
