//! Why a page cannot be shown, and the only place where errors of the backend become HTTP statuses.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use backend::DbError;
use backend::access::account::login::LoginError;
use backend::access::account::proof::ProofError;
use backend::access::account::reauthentication::ReauthenticationError;
use backend::access::account::signup::BeginSignupError;
use backend::access::account::totp::TotpError;
use backend::access::guard::Denied;
use backend::infra::password::HasherBusy;
use backend::matter::{ErrorClass, MatterError};
use backend::record::form_draft::FormDraftError;
use backend::service::certificate::print::PrintError;
use backend::service::institution::InstitutionError;
use backend::service::payment::PaymentError;
use backend::service::upload::UploadError;
use domain::engine::form::PostError;
use http::StatusCode;
use leptos::prelude::*;

use crate::page::Page;
use crate::ui::{ButtonLink, PageHead, Section};

/// The HTTP status that reports an error.
pub trait HttpStatus {
    /// The status.
    fn http_status(&self) -> StatusCode;
}

/// Why there is no response but an error page.
#[derive(Debug, Clone)]
pub enum PageError {
    /// Not signed in; redirects to the log-in page.
    SignIn,
    /// The caller has no permission.
    Forbidden,
    /// The caller must set up a second factor first; redirects to the page for it.
    SecondFactor,
    /// There is nothing at this address for this caller.
    NotFound,
    /// A request that no page of the site sends.
    BadRequest(&'static str),
    /// The request body is too large.
    TooLarge,
    /// An operation was refused, with a message for the user.
    Refused(StatusCode, String),
    /// The database failed.
    Db(DbError),
}

impl PageError {
    /// A form whose fields are not those of the page today.
    pub const OUTDATED_FORM: Self = PageError::BadRequest("页面已过期，请刷新后重试");
    /// Text with characters that cannot be typed.
    pub const UNCLEAN_TEXT: Self = PageError::BadRequest("提交的内容中有无法识别的字符，请删除后重试");
    /// A body of another media type than forms have.
    pub const NOT_A_FORM: Self = PageError::BadRequest("请通过页面上的表单提交");

    /// An operation that the present state does not allow.
    pub fn conflict(text: impl Into<String>) -> Self {
        PageError::Refused(StatusCode::CONFLICT, text.into())
    }

    /// The error page.
    pub fn page(&self) -> Page {
        let (title, text) = match self {
            PageError::SignIn => ("请先登录", "登录后才能查看这个页面。".to_owned()),
            PageError::Forbidden => ("没有权限", "您没有办理此项业务的权限。".to_owned()),
            PageError::SecondFactor => ("请先设置两步验证", "协会工作人员须先设置两步验证，才能使用平台。".to_owned()),
            PageError::NotFound => ("没有找到页面", "页面不存在，或者您无权查看。".to_owned()),
            PageError::BadRequest(text) => ("无法处理", (*text).to_owned()),
            PageError::TooLarge => ("内容过大", "提交的内容超过了允许的大小，请减少一次上传的文件后重试。".to_owned()),
            PageError::Refused(StatusCode::TOO_MANY_REQUESTS, text) => ("请稍后再试", text.clone()),
            PageError::Refused(StatusCode::SERVICE_UNAVAILABLE, text) => ("系统提示", text.clone()),
            PageError::Refused(_, text) => ("未能办理", text.clone()),
            PageError::Db(error) => ("系统提示", error.text().to_owned()),
        };
        let body = move || {
            view! {
                <PageHead title=title />
                <Section>
                    <p>{text}</p>
                    <div class="actions">
                        <ButtonLink href="/" label="回到首页" quiet=true />
                    </div>
                </Section>
            }
            .into_any()
        };
        Page::new(title, body).status(self.http_status())
    }
}

/// Carries the error to the layout, which writes its page.
impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.http_status();
        response.extensions_mut().insert(self);
        response
    }
}

impl HttpStatus for PageError {
    fn http_status(&self) -> StatusCode {
        match self {
            PageError::SignIn => StatusCode::UNAUTHORIZED,
            PageError::Forbidden | PageError::SecondFactor => StatusCode::FORBIDDEN,
            PageError::NotFound => StatusCode::NOT_FOUND,
            PageError::BadRequest(_) => StatusCode::BAD_REQUEST,
            PageError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            PageError::Refused(status, _) => *status,
            PageError::Db(error) => error.http_status(),
        }
    }
}

impl HttpStatus for DbError {
    fn http_status(&self) -> StatusCode {
        match self {
            DbError::Unavailable | DbError::ReadOnly => StatusCode::SERVICE_UNAVAILABLE,
            DbError::Full => StatusCode::INSUFFICIENT_STORAGE,
            DbError::InvalidValue => StatusCode::UNPROCESSABLE_ENTITY,
            error if error.is_conflict() => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl HttpStatus for MatterError {
    fn http_status(&self) -> StatusCode {
        match self {
            MatterError::Db(error) => error.http_status(),
            other => other.class().http_status(),
        }
    }
}

impl HttpStatus for ErrorClass {
    fn http_status(&self) -> StatusCode {
        match self {
            ErrorClass::NotFound => StatusCode::NOT_FOUND,
            ErrorClass::Gone => StatusCode::GONE,
            ErrorClass::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorClass::Conflict => StatusCode::CONFLICT,
            ErrorClass::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorClass::TooOften => StatusCode::TOO_MANY_REQUESTS,
            ErrorClass::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorClass::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Status and code with which the sync protocol of drafts reports an error. Devices know the failures
/// (`domain::engine::draft::sync::SyncFailure`) by the status; earlier releases take a deleted draft for one that was changed elsewhere.
pub fn sync_failure(error: &MatterError) -> (StatusCode, &'static str) {
    match error {
        MatterError::NotFound => (StatusCode::NOT_FOUND, "permission"),
        MatterError::Discarded => (StatusCode::GONE, "discarded"),
        MatterError::NotEditable | MatterError::Locked => (StatusCode::FORBIDDEN, "permission"),
        MatterError::ChangedMeanwhile | MatterError::UnknownRevision => (StatusCode::CONFLICT, "gone"),
        MatterError::Db(DbError::AccountEnded) => (StatusCode::UNAUTHORIZED, "identity"),
        MatterError::Db(error) if error.is_conflict() => (StatusCode::CONFLICT, "gone"),
        MatterError::Db(DbError::InvalidValue) => (StatusCode::BAD_REQUEST, "validation"),
        MatterError::Db(DbError::Full) => (StatusCode::INSUFFICIENT_STORAGE, "server"),
        MatterError::Db(_) => (StatusCode::SERVICE_UNAVAILABLE, "server"),
        MatterError::OtherAccount => (StatusCode::UNAUTHORIZED, "identity"),
        MatterError::SavedTooOften => (StatusCode::TOO_MANY_REQUESTS, "server"),
        MatterError::Oversized(_) => (StatusCode::PAYLOAD_TOO_LARGE, "validation"),
        _ => (StatusCode::BAD_REQUEST, "validation"),
    }
}

impl HttpStatus for FormDraftError {
    fn http_status(&self) -> StatusCode {
        match self {
            FormDraftError::NotFound => StatusCode::NOT_FOUND,
            FormDraftError::Older(..) => StatusCode::CONFLICT,
            FormDraftError::MovedOn => StatusCode::GONE,
            FormDraftError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            FormDraftError::TooMany(_) => StatusCode::UNPROCESSABLE_ENTITY,
            FormDraftError::Matter(MatterError::OtherAccount) => StatusCode::UNAUTHORIZED,
            FormDraftError::Matter(error) => error.http_status(),
        }
    }
}

impl HttpStatus for UploadError {
    fn http_status(&self) -> StatusCode {
        match self {
            UploadError::NotFound => StatusCode::NOT_FOUND,
            UploadError::Offset(_) | UploadError::IdReused => StatusCode::CONFLICT,
            UploadError::ChunkTooLarge | UploadError::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            UploadError::TooMany => StatusCode::TOO_MANY_REQUESTS,
            UploadError::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            // The protocol reserves 409 for a wrong offset.
            UploadError::Matter(MatterError::NotEditable | MatterError::Locked) => StatusCode::FORBIDDEN,
            UploadError::Matter(error) => error.http_status(),
        }
    }
}

impl HttpStatus for PaymentError {
    fn http_status(&self) -> StatusCode {
        match self {
            PaymentError::NotFound => StatusCode::NOT_FOUND,
            PaymentError::WrongAmount(_) | PaymentError::ReasonMissing => StatusCode::UNPROCESSABLE_ENTITY,
            PaymentError::Gateway(_) => StatusCode::SERVICE_UNAVAILABLE,
            PaymentError::Matter(error) => error.http_status(),
            PaymentError::Db(error) => error.http_status(),
            _ => StatusCode::CONFLICT,
        }
    }
}

impl HttpStatus for InstitutionError {
    fn http_status(&self) -> StatusCode {
        match self {
            InstitutionError::NotFound => StatusCode::NOT_FOUND,
            InstitutionError::NoReason | InstitutionError::LongReason | InstitutionError::NoSuchPerson | InstitutionError::NoRole => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            InstitutionError::TooMany => StatusCode::TOO_MANY_REQUESTS,
            InstitutionError::Matter(error) => error.http_status(),
            InstitutionError::Db(error) => error.http_status(),
            _ => StatusCode::CONFLICT,
        }
    }
}

impl HttpStatus for PrintError {
    fn http_status(&self) -> StatusCode {
        match self {
            PrintError::NotFound => StatusCode::NOT_FOUND,
            PrintError::NotValid | PrintError::MissingGlyph(_) => StatusCode::CONFLICT,
            PrintError::Db(error) => error.http_status(),
            _ => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl HttpStatus for HasherBusy {
    fn http_status(&self) -> StatusCode {
        match self {
            HasherBusy::Queue => StatusCode::SERVICE_UNAVAILABLE,
            HasherBusy::Share => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

impl HttpStatus for LoginError {
    fn http_status(&self) -> StatusCode {
        match self {
            LoginError::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
            LoginError::TooMany => StatusCode::TOO_MANY_REQUESTS,
            LoginError::Busy(busy) => busy.http_status(),
            LoginError::Db(error) => error.http_status(),
        }
    }
}

impl HttpStatus for ProofError {
    fn http_status(&self) -> StatusCode {
        match self {
            ProofError::Wrong | ProofError::Expired | ProofError::TooFast(_) => StatusCode::UNPROCESSABLE_ENTITY,
            ProofError::TooMany => StatusCode::TOO_MANY_REQUESTS,
            ProofError::Db(error) => error.http_status(),
        }
    }
}

impl HttpStatus for ReauthenticationError {
    fn http_status(&self) -> StatusCode {
        match self {
            ReauthenticationError::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
            ReauthenticationError::TooMany => StatusCode::TOO_MANY_REQUESTS,
            ReauthenticationError::Changed => StatusCode::CONFLICT,
            ReauthenticationError::Busy(busy) => busy.http_status(),
            ReauthenticationError::Db(error) => error.http_status(),
        }
    }
}

impl HttpStatus for TotpError {
    fn http_status(&self) -> StatusCode {
        match self {
            TotpError::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
            TotpError::TooMany => StatusCode::TOO_MANY_REQUESTS,
            TotpError::NotPending | TotpError::Required => StatusCode::CONFLICT,
            TotpError::Password(error) => error.http_status(),
            TotpError::Db(error) => error.http_status(),
        }
    }
}

impl HttpStatus for BeginSignupError {
    fn http_status(&self) -> StatusCode {
        match self {
            BeginSignupError::InvalidFields(_) => StatusCode::UNPROCESSABLE_ENTITY,
            BeginSignupError::Proof(error) => error.http_status(),
            BeginSignupError::TooMany => StatusCode::TOO_MANY_REQUESTS,
            BeginSignupError::Db(error) => error.http_status(),
            BeginSignupError::Busy(busy) => busy.http_status(),
        }
    }
}

impl From<DbError> for PageError {
    fn from(error: DbError) -> Self {
        PageError::Db(error)
    }
}

impl From<Denied> for PageError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotSignedIn => PageError::SignIn,
            Denied::Forbidden => PageError::Forbidden,
            Denied::SecondFactor => PageError::SecondFactor,
        }
    }
}

impl From<MatterError> for PageError {
    fn from(error: MatterError) -> Self {
        match error {
            MatterError::NotFound => PageError::NotFound,
            MatterError::Db(error) => PageError::Db(error),
            other => PageError::Refused(other.http_status(), other.text()),
        }
    }
}

impl From<FormDraftError> for PageError {
    fn from(error: FormDraftError) -> Self {
        match error {
            FormDraftError::NotFound => PageError::NotFound,
            FormDraftError::Matter(error) => error.into(),
            other => PageError::Refused(other.http_status(), other.text()),
        }
    }
}

impl From<PaymentError> for PageError {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::NotFound => PageError::NotFound,
            PaymentError::Db(error) => PageError::Db(error),
            PaymentError::Matter(error) => error.into(),
            other => PageError::Refused(other.http_status(), other.text()),
        }
    }
}

impl From<InstitutionError> for PageError {
    fn from(error: InstitutionError) -> Self {
        match error {
            InstitutionError::NotFound => PageError::NotFound,
            InstitutionError::Db(error) => PageError::Db(error),
            InstitutionError::Matter(error) => error.into(),
            other => PageError::Refused(other.http_status(), other.text()),
        }
    }
}

impl From<PrintError> for PageError {
    fn from(error: PrintError) -> Self {
        match error {
            PrintError::NotFound => PageError::NotFound,
            PrintError::Db(error) => PageError::Db(error),
            other => {
                if other.http_status().is_server_error() {
                    tracing::error!(error = %other, "a certificate was not printed");
                }
                PageError::Refused(other.http_status(), other.text())
            }
        }
    }
}

impl From<PostError> for PageError {
    fn from(_: PostError) -> Self {
        PageError::BadRequest("提交的内容中有页面上没有的项目，请刷新后重试")
    }
}

impl From<tower_sessions::session::Error> for PageError {
    fn from(error: tower_sessions::session::Error) -> Self {
        // The session store hands on the text of a database error only.
        let full = error.to_string().ends_with(&DbError::Full.to_string());
        PageError::Db(if full { DbError::Full } else { DbError::Unavailable })
    }
}

/// A posted file that cannot be read back from disk.
impl From<std::io::Error> for PageError {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(kind = ?error.kind(), "a posted file could not be read back");
        PageError::Db(DbError::Unavailable)
    }
}
