//! Errors of uploads.

use domain::engine::form::shown_name;

use crate::infra::db::DbError;
use crate::infra::file::FileError;
use crate::matter::MatterError;

/// Why a request for an upload failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UploadError {
    /// Unknown, or of another account.
    #[error("no such upload")]
    NotFound,
    /// The chunk does not start at the expected offset, which is given.
    #[error("not the expected offset")]
    Offset(u64),
    /// The chunk is too large, or exceeds the file.
    #[error("the chunk is too large")]
    ChunkTooLarge,
    /// The file exceeds the limit, in megabytes.
    #[error("the file is too large")]
    TooLarge(i64),
    /// Too many open uploads of the account.
    #[error("too many uploads")]
    TooMany,
    /// The id belongs to another upload.
    #[error("an id was used twice")]
    IdReused,
    /// The file was refused, with a message for the user.
    #[error("the file was refused")]
    Refused(String),
    /// The matter refuses the file.
    #[error(transparent)]
    Matter(MatterError),
}

impl UploadError {
    /// Message for the user.
    pub fn text(&self) -> String {
        match self {
            UploadError::NotFound => "没有找到这次上传，请重新选择文件".into(),
            UploadError::Offset(_) => "上传的位置不连续，将从已收到的位置继续".into(),
            UploadError::ChunkTooLarge => "上传的内容超出文件大小，请重新选择文件".into(),
            UploadError::TooLarge(max) => domain::engine::upload::too_large_message(*max),
            UploadError::TooMany => "正在上传的文件过多，请等待其他文件上传完成".into(),
            UploadError::IdReused => "页面已过期，请刷新后重试".into(),
            UploadError::Refused(why) => why.clone(),
            UploadError::Matter(error) => error.text(),
        }
    }

    /// The same error with a message that names the file. The reason is stored without it, since names are personal data.
    pub(super) fn of(self, name: &str) -> Self {
        match self {
            UploadError::Refused(why) => UploadError::Refused(format!("“{}”：{why}", shown_name(name))),
            other => other,
        }
    }

    /// Stable error code.
    pub fn code(&self) -> &'static str {
        match self {
            UploadError::NotFound | UploadError::Matter(MatterError::NotFound) => "not_found",
            UploadError::Offset(_) => "offset",
            UploadError::ChunkTooLarge => "piece",
            UploadError::TooLarge(_) => "file_too_large",
            UploadError::TooMany => "uploads",
            UploadError::IdReused => "reused",
            UploadError::Refused(_) => "file_refused",
            UploadError::Matter(MatterError::NotEditable | MatterError::Locked) => "permission",
            UploadError::Matter(MatterError::File(error)) => error.code(),
            UploadError::Matter(_) => "later",
        }
    }
}

impl From<DbError> for UploadError {
    fn from(error: DbError) -> Self {
        UploadError::Matter(error.into())
    }
}

impl From<MatterError> for UploadError {
    fn from(error: MatterError) -> Self {
        match error {
            MatterError::File(FileError::TooLarge(max)) => UploadError::TooLarge(max),
            MatterError::File(error) if !error.is_transient() => UploadError::Refused(error.text()),
            other => UploadError::Matter(other),
        }
    }
}

impl From<FileError> for UploadError {
    fn from(error: FileError) -> Self {
        MatterError::File(error).into()
    }
}
