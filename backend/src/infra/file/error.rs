//! Why a file is not accepted.

use domain::engine::form::{FileKind, ForeignKind, PortraitError, other_kind_message, shown_name};

/// Why a file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Empty.
    #[error("empty")]
    Empty,
    /// Larger than the limit, in megabytes.
    #[error("too large")]
    TooLarge(i64),
    /// Not an accepted type; the kind that was found.
    #[error("not a kind that is taken")]
    Foreign(ForeignKind),
    /// Not a kind that is stored; the kind that was found, and the kinds that the answer takes.
    #[error("not a kind that the answer takes")]
    ForeignHere(ForeignKind, &'static [FileKind]),
    /// A kind that is stored, but that the answer does not take; the kinds that it takes.
    #[error("not a kind that the answer takes")]
    OtherKind(FileKind, &'static [FileKind]),
    /// An image that cannot be decoded.
    #[error("damaged")]
    Damaged,
    /// An image without data for its last rows.
    #[error("cut off")]
    CutOff,
    /// A PDF of which a part is missing.
    #[error("torn")]
    Torn,
    /// A PDF whose compressed parts are too large, or too many.
    #[error("too large when decompressed")]
    Inflated,
    /// A PDF without a page.
    #[error("no page")]
    NoPage,
    /// The marks of a PDF around something that is no document.
    #[error("not a document")]
    NotADocument,
    /// The marks of a PDF around a picture.
    #[error("a picture in the marks of a document")]
    WrappedPicture,
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
    /// The answer has as many files as it takes.
    #[error("too many files")]
    TooMany(usize),
    /// The matter has as many files as a matter may have.
    #[error("too many files in a matter")]
    MatterFull(usize),
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
            FileError::Foreign(kind) => kind.text(),
            FileError::ForeignHere(kind, kinds) => kind.text_among(kinds),
            FileError::OtherKind(found, kinds) => other_kind_message(found, kinds),
            FileError::Damaged => "图片已损坏，无法打开，请用看图软件打开确认，另存后再上传".into(),
            FileError::CutOff => "图片不完整，后面的部分缺失，请重新拍照、扫描或下载完整的图片后上传".into(),
            FileError::Torn => "PDF 不完整或已损坏，有内容缺失，请重新下载或导出后上传".into(),
            FileError::Inflated => "PDF 中压缩的内容展开后过大，请用“打印为 PDF”另存后再上传".into(),
            FileError::NoPage => "PDF 中没有页面，请重新导出后上传".into(),
            FileError::NotADocument => "文件只有 PDF 的标记，没有文档内容，请重新导出后上传".into(),
            FileError::WrappedPicture => "这是改名为 PDF 的 JPG 图片，请直接上传图片，或用看图软件“打印为 PDF”后上传".into(),
            FileError::Pixels => "图片尺寸过大，请缩小到 4000 万像素以内".into(),
            FileError::Encrypted => "PDF 设置了打开密码，请用密码打开后“打印为 PDF”，再上传没有密码的文件".into(),
            FileError::ActiveContent => "PDF 中含有脚本或自动动作，请用“打印为 PDF”另存后再上传".into(),
            FileError::Attachment => "PDF 中含有附件（如电子发票的 XML 文件），请打开后“打印为 PDF”，再上传不含附件的文件".into(),
            FileError::Portrait(error) => error.text(),
            FileError::TooMany(max) => domain::engine::upload::full_message(max),
            FileError::MatterFull(max) => format!("每件业务{}", domain::engine::upload::full_message(max)),
            FileError::QuotaExceeded(max) => format!("上传的文件合计超过 {max} MB，请先删除不再需要的文件或草稿"),
            FileError::StorageFull => "服务器存储空间不足，请稍后再试".into(),
            FileError::Storage => "文件保存失败，请重新上传".into(),
        }
    }

    /// Message for the user that names the file, where the reason lies in it.
    pub fn text_of(self, name: &str) -> String {
        match self {
            FileError::TooMany(_) | FileError::MatterFull(_) => domain::engine::upload::not_taken_message(&[name.to_owned()], &self.text()),
            FileError::QuotaExceeded(_) | FileError::StorageFull | FileError::Storage => self.text(),
            _ => format!("“{}”：{}", shown_name(name), self.text()),
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
            FileError::Foreign(_) | FileError::ForeignHere(..) | FileError::OtherKind(..) => "file_kind",
            FileError::Damaged => "file_damaged",
            FileError::CutOff => "file_cut_off",
            FileError::Torn => "file_torn",
            FileError::Inflated => "file_inflated",
            FileError::NoPage => "file_no_page",
            FileError::NotADocument => "file_no_document",
            FileError::WrappedPicture => "file_wrapped",
            FileError::Pixels => "file_pixels",
            FileError::Encrypted => "file_encrypted",
            FileError::ActiveContent => "file_active",
            FileError::Attachment => "file_attachment",
            FileError::Portrait(error) => error.code(),
            FileError::TooMany(_) | FileError::MatterFull(_) => "file_too_many",
            FileError::QuotaExceeded(_) => "file_quota",
            FileError::StorageFull => "file_full",
            FileError::Storage => "file_store",
        }
    }
}
