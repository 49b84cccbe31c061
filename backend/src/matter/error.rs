//! Errors of reading and changing matters.

use domain::engine::draft::Question;
use domain::engine::draft::sync::SyncFailure;
use domain::engine::flow::Refusal;
use domain::engine::form::{Fields, Oversized, Problem};

use crate::infra::db::DbError;
use crate::infra::file::FileError;
use crate::matter::seen::Seen;

/// Why a matter could not be read or changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MatterError {
    /// There is no such matter, or the caller is no party to it. Both look alike from outside.
    #[error("no such matter")]
    NotFound,
    /// It was a draft of the caller, and was deleted on another page or device.
    #[error("a deleted draft")]
    Discarded,
    /// The flow refuses the command.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The answers do not pass the checks of a submission.
    #[error("the answers are invalid")]
    InvalidAnswers(Vec<Problem>),
    /// The answers to the form of a command do not pass its checks.
    #[error("the form of the command is invalid")]
    InvalidForm(Vec<Problem>),
    /// The same answers were changed by another device or tab. Carries the questions, and the fields of the page as they would be
    /// if the caller's version won every question.
    #[error("the answers were changed elsewhere")]
    EditConflicts(Vec<Question>, Fields),
    /// A rule of the field forbids it now; carries the text for the person.
    #[error("blocked by a rule")]
    Blocked(String),
    /// The answers cannot be edited at the present stage.
    #[error("not editable at this stage")]
    NotEditable,
    /// The edit lies outside the items of the last return.
    #[error("outside the returned items")]
    Locked,
    /// Another request changed the matter, or a record it depends on, first.
    #[error("changed by another request")]
    ChangedMeanwhile,
    /// The command was given on a page that shows an earlier state; carries the state shown.
    #[error("decided on an outdated page")]
    Outdated(Seen),
    /// A certificate is not as the page showed it on which the command was given; carries what changed.
    #[error("decided on an outdated page of a certificate")]
    CertificateChanged(Vec<String>),
    /// Another page changed or removed the record of the library.
    #[error("the record was changed on another page")]
    RecordChanged,
    /// Another open matter has the same subject. Carries the reason of the kind and, if it is the applicant's own, its title.
    #[error("another open matter has the same subject")]
    AlreadyOpen(&'static str, Option<String>),
    /// The page was based on a revision that does not exist yet.
    #[error("unknown revision")]
    UnknownRevision,
    /// A certificate named in the answers does not exist or is not the applicant's.
    #[error("a certificate is not available to this matter")]
    CertificateUnavailable,
    /// An idempotency key was sent with two different requests.
    #[error("an idempotency key was used twice")]
    KeyReused,
    /// A patch that no released client produces.
    #[error("an invalid patch")]
    InvalidPatch,
    /// An answer, or the draft as a whole, is too large to be saved.
    #[error("too large to be saved")]
    Oversized(Oversized),
    /// The account saves more per minute than allowed.
    #[error("saved too often")]
    SavedTooOften,
    /// The account has submitted too many documents to be looked up among the registered ones.
    #[error("too many duplicate checks")]
    TooManyChecks,
    /// The account has read more document numbers in full than allowed in an hour; carries the number allowed.
    #[error("too many disclosures")]
    TooManyDisclosures(i64),
    /// The content was typed under another account than the caller's.
    #[error("typed under another account")]
    OtherAccount,
    /// A list of records is full.
    #[error("too many records")]
    TooManyRecords,
    /// The kind of the matter is declared wrongly: an effect lacks what it needs. Names the missing part.
    #[error("misconfigured kind: {0}")]
    Misconfigured(&'static str),
    /// A file was not accepted.
    #[error(transparent)]
    File(#[from] FileError),
    /// Database error.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What an error means to a client, independent of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// The object does not exist for this caller.
    NotFound,
    /// The object of this caller was deleted.
    Gone,
    /// The request is understood but its content is not acceptable.
    Invalid,
    /// The request has more content than allowed.
    TooLarge,
    /// The caller asks more often than allowed; a retry may succeed.
    TooOften,
    /// The request does not fit the present state.
    Conflict,
    /// The server cannot do it now; a retry may succeed.
    Unavailable,
    /// A fault of the server.
    Internal,
}

impl MatterError {
    /// Text for the person.
    pub fn text(&self) -> String {
        match self {
            MatterError::NotFound => "没有找到这件业务".into(),
            MatterError::Discarded => "这份草稿已在其他页面或设备删除".into(),
            MatterError::Refused(refusal) => refusal.text(),
            MatterError::InvalidAnswers(_) => Refusal::InvalidAnswers.text(),
            MatterError::InvalidForm(_) => Refusal::InvalidForm.text(),
            MatterError::EditConflicts(..) => "有内容在别处被修改过，请核对下面标出的项目后再次保存".into(),
            MatterError::Blocked(reason) => reason.clone(),
            MatterError::NotEditable => "该业务当前不能修改".into(),
            MatterError::Locked => "只能修改退回时指出的内容，其他内容已锁定".into(),
            MatterError::ChangedMeanwhile => "该业务刚刚被他人处理，请查看最新情况".into(),
            MatterError::Outdated(Seen::NOTHING) => "页面没有说明您看到的情况，您的操作没有生效。请查看最新情况后再决定".into(),
            MatterError::Outdated(_) => "您打开页面之后，该业务有了变化，您的操作没有生效。请查看变化后再决定".into(),
            MatterError::CertificateChanged(changes) => {
                format!("您打开页面之后，该证书有了变化（{}），您的操作没有生效。请核对后再决定", changes.join("；"))
            }
            MatterError::RecordChanged => "您打开页面之后，这条记录在其他页面有了变化，您的操作没有生效。请核对后再决定".into(),
            MatterError::AlreadyOpen(reason, None) => (*reason).into(),
            MatterError::AlreadyOpen(reason, Some(title)) => format!("{reason}（{title}），请在办结或撤回后再提交"),
            MatterError::UnknownRevision | MatterError::KeyReused => "页面已过期，请刷新后重试".into(),
            MatterError::CertificateUnavailable => "所选证书不存在，或不能在该业务中办理，请核对后重新选择".into(),
            MatterError::InvalidPatch => SyncFailure::Validation.text().into(),
            MatterError::OtherAccount => SyncFailure::Identity.text().into(),
            MatterError::Oversized(error) => error.text(),
            MatterError::TooManyChecks => "证件号码校验次数过多，请半小时后再提交；填写的内容已保存在草稿中".into(),
            MatterError::TooManyDisclosures(most) => {
                format!("您在这一小时内已显示 {most} 次完整证件号，达到上限。请稍后再试；确有需要的，请与平台管理员联系")
            }
            MatterError::SavedTooOften => "保存过于频繁，请稍等一分钟再保存".into(),
            MatterError::TooManyRecords => "记录数量已达上限".into(),
            MatterError::Misconfigured(_) => "系统出现错误，您的操作没有生效，请稍后再试".into(),
            MatterError::File(error) => error.text(),
            MatterError::Db(error) => error.text().into(),
        }
    }

    /// Stable code for logs and clients.
    pub fn code(&self) -> &'static str {
        match self {
            MatterError::NotFound => "not_found",
            MatterError::Discarded => "discarded",
            MatterError::Refused(refusal) => refusal.code(),
            MatterError::InvalidAnswers(_) => Refusal::InvalidAnswers.code(),
            MatterError::InvalidForm(_) => Refusal::InvalidForm.code(),
            MatterError::EditConflicts(..) => "questions",
            MatterError::Blocked(_) => "blocked",
            MatterError::NotEditable => "not_editable",
            MatterError::Locked => "locked",
            MatterError::ChangedMeanwhile => "changed_meanwhile",
            MatterError::Outdated(_) => "outdated",
            MatterError::CertificateChanged(_) => "certificate_changed",
            MatterError::RecordChanged => "record_changed",
            MatterError::AlreadyOpen(..) => "already_open",
            MatterError::UnknownRevision => "unknown_revision",
            MatterError::CertificateUnavailable => "certificate_unavailable",
            MatterError::KeyReused => "key_reused",
            MatterError::InvalidPatch => "invalid_patch",
            MatterError::OtherAccount => "other_account",
            MatterError::Oversized(_) => "oversized",
            MatterError::SavedTooOften => "saved_too_often",
            MatterError::TooManyChecks => "too_many_checks",
            MatterError::TooManyDisclosures(_) => "too_many_disclosures",
            MatterError::TooManyRecords => "too_many_records",
            MatterError::Misconfigured(_) => "misconfigured",
            MatterError::File(error) => error.code(),
            MatterError::Db(_) => "database",
        }
    }

    /// The class of the error.
    pub fn class(&self) -> ErrorClass {
        match self {
            MatterError::NotFound => ErrorClass::NotFound,
            MatterError::Discarded => ErrorClass::Gone,
            MatterError::Refused(
                Refusal::NoNote
                | Refusal::LongNote
                | Refusal::NoItems
                | Refusal::People
                | Refusal::Conflicted
                | Refusal::NoName
                | Refusal::AlreadyExcluded
                | Refusal::NobodyLeft
                | Refusal::InvalidForm
                | Refusal::Vetoed
                | Refusal::BelowPassMark(_),
            )
            | MatterError::InvalidAnswers(_)
            | MatterError::InvalidForm(_)
            | MatterError::InvalidPatch => ErrorClass::Invalid,
            MatterError::Oversized(_) => ErrorClass::TooLarge,
            MatterError::SavedTooOften | MatterError::TooManyChecks | MatterError::TooManyDisclosures(_) => ErrorClass::TooOften,
            MatterError::OtherAccount
            | MatterError::NotEditable
            | MatterError::Locked
            | MatterError::Refused(_)
            | MatterError::EditConflicts(..)
            | MatterError::Blocked(_)
            | MatterError::ChangedMeanwhile
            | MatterError::Outdated(_)
            | MatterError::CertificateChanged(_)
            | MatterError::RecordChanged
            | MatterError::AlreadyOpen(..)
            | MatterError::UnknownRevision
            | MatterError::CertificateUnavailable
            | MatterError::KeyReused
            | MatterError::TooManyRecords => ErrorClass::Conflict,
            MatterError::Misconfigured(_) => ErrorClass::Internal,
            MatterError::File(error) if error.is_transient() => ErrorClass::Unavailable,
            MatterError::File(_) => ErrorClass::Invalid,
            MatterError::Db(error) if error.is_conflict() => ErrorClass::Conflict,
            MatterError::Db(DbError::InvalidValue) => ErrorClass::Invalid,
            MatterError::Db(DbError::Unavailable | DbError::Full) => ErrorClass::Unavailable,
            MatterError::Db(_) => ErrorClass::Internal,
        }
    }

    /// Reports a kind that is declared wrongly, and logs it: the person only learns that nothing happened.
    pub(crate) fn misconfigured(kind: &'static str, missing: &'static str) -> Self {
        tracing::error!(kind, missing, "the kind is misconfigured");
        MatterError::Misconfigured(missing)
    }
}
