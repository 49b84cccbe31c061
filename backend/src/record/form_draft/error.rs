//! Errors of form drafts.

use domain::engine::form_draft::MergedPairs;

use super::draft::FormDraft;
use crate::infra::db::DbError;
use crate::matter::MatterError;

/// Why a form draft was not saved.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FormDraftError {
    /// There is no such form, or its subject is not the caller's.
    #[error("no such form")]
    NotFound,
    /// Another page has saved other text since; carries it and, of a page that says what it changed, the text of both.
    #[error("saved by another page since")]
    Older(Box<FormDraft>, Option<MergedPairs>),
    /// The subject moved on, or the form was sent.
    #[error("the form is not open any more")]
    MovedOn,
    /// The draft is too large.
    #[error("too large")]
    TooLarge,
    /// The account has this many drafts, the most allowed.
    #[error("{0} drafts, the most allowed")]
    TooMany(i64),
    /// Reading or locking the subject failed, or the account saves too much.
    #[error(transparent)]
    Matter(#[from] MatterError),
}

impl From<DbError> for FormDraftError {
    fn from(error: DbError) -> Self {
        Self::Matter(error.into())
    }
}

impl FormDraftError {
    /// Text for the person.
    pub fn text(&self) -> String {
        match self {
            Self::NotFound => "没有找到这份表单".into(),
            Self::Older(..) => "您在其他页面保存了不同的内容，请选择保留哪一份".into(),
            Self::MovedOn => "情况已有变化，本页填写的内容不能再保存。如仍需要，请先复制，再查看最新情况".into(),
            Self::TooLarge => "填写的内容过长，请精简后再保存".into(),
            Self::TooMany(max) => format!("未提交的填写内容已达 {max} 份，请先在“未提交的内容”中删除不再需要的"),
            Self::Matter(error) => error.text(),
        }
    }

    /// Stable code for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Older(..) => "older",
            Self::MovedOn => "moved_on",
            Self::TooLarge => "too_large",
            Self::TooMany(_) => "too_many",
            Self::Matter(error) => error.code(),
        }
    }
}
