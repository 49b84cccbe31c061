//! Server functions, with which islands call the backend. Each has a fixed address and a line with its permission in the route table.

use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::ServerFnErrorErr;
use serde::{Deserialize, Serialize};

/// Why a server function or an upload failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// Stable code.
    pub code: String,
    /// Message for the person.
    pub text: String,
}

impl ApiError {
    /// An error with this code and message.
    pub fn new(code: &str, text: impl Into<String>) -> Self {
        Self { code: code.to_owned(), text: text.into() }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    // The framework's own messages may contain what was sent, so they are replaced by general ones.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new("unreachable", "暂时连接不上服务器"),
            _ => Self::new("unreadable", "页面已过期，请刷新后重试"),
        }
    }
}

#[cfg(feature = "ssr")]
pub use server::*;

#[cfg(feature = "ssr")]
mod server {
    use axum::body::Body;
    use axum::extract::{Extension, Request, State};
    use axum::response::{IntoResponse, Response};
    use backend::access::guard::{Allowed, Denied};
    use backend::matter::MatterError;
    use backend::{AppState, DbError};
    use http::{HeaderMap, HeaderValue, StatusCode, header};
    use leptos::prelude::*;
    use leptos_axum::ResponseOptions;

    use super::ApiError;
    use crate::error::{HttpStatus, PageError};
    use crate::text_check::check_json;

    /// Context of a server function's request.
    #[derive(Clone)]
    pub struct ApiContext {
        /// The application.
        pub app: AppState,
        /// Proof that the caller has the permission of the route.
        pub who: Allowed,
    }

    /// The context of the server function that runs.
    ///
    /// # Errors
    /// It was not called through its route.
    pub fn api_context() -> Result<ApiContext, ApiError> {
        use_context::<ApiContext>().ok_or_else(|| api_error(StatusCode::UNAUTHORIZED, "sign_in", "登录已失效，请重新登录"))
    }

    /// An error of a server function, and the status of its response.
    pub fn api_error(status: StatusCode, code: &str, text: impl Into<String>) -> ApiError {
        // `handle` takes 500 for a request that could not be read; a device must try again after a failure of the server.
        let status = if status == StatusCode::INTERNAL_SERVER_ERROR { StatusCode::SERVICE_UNAVAILABLE } else { status };
        if let Some(options) = use_context::<ResponseOptions>() {
            options.set_status(status);
        }
        ApiError::new(code, text)
    }

    /// The error of an operation on a matter.
    pub fn matter_error(error: MatterError) -> ApiError {
        let code = match &error {
            MatterError::NotFound => "not_found",
            MatterError::Discarded => "discarded",
            MatterError::EditConflicts(..) => "questions",
            MatterError::Db(_) => "later",
            _ => "conflict",
        };
        api_error(error.http_status(), code, error.text())
    }

    /// Calls the server function of this address.
    pub async fn handle(State(app): State<AppState>, Extension(who): Extension<Allowed>, request: Request) -> Response {
        let context = ApiContext { app, who };
        if !is_json(request.headers()) {
            return error_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, &ApiError::new("unreadable", "请通过页面提交"));
        }
        let Some(mut request) = checked(request).await else { return unclean() };
        // The framework answers the error of a caller who accepts pages with a redirect to the page of the caller.
        request.headers_mut().insert(header::ACCEPT, JSON);
        let response = leptos_axum::handle_server_fns_with_context(move || provide_context(context.clone()), request).await;
        let mut response = response.into_response();
        // Errors of server functions set a status; the remaining ones are unreadable requests.
        if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        if !response.status().is_success() {
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        }
        response
    }

    const JSON: HeaderValue = HeaderValue::from_static("application/json");

    /// Whether the body of a request is declared as JSON, which a form of another site cannot send.
    pub fn is_json(headers: &HeaderMap) -> bool {
        let declared = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        declared.split(';').next().unwrap_or("").trim().eq_ignore_ascii_case("application/json")
    }

    /// The request with its body in memory; `None` if its JSON holds text that cannot be typed. Other bodies are left to the framework.
    async fn checked(request: Request) -> Option<Request> {
        let (parts, body) = request.into_parts();
        // The server has limited the body before.
        let bytes = axum::body::to_bytes(body, usize::MAX).await.ok()?;
        if let Ok(value) = serde_json::from_slice(&bytes) {
            check_json(&value).ok()?;
        }
        Some(Request::from_parts(parts, Body::from(bytes)))
    }

    /// Answers a request with text that cannot be typed.
    pub fn unclean() -> Response {
        error_response(StatusCode::BAD_REQUEST, &ApiError::new("unreadable", "提交的内容中有无法识别的字符，请删除后重试"))
    }

    /// Answers for addresses without a server function.
    pub async fn not_found() -> Response {
        error_response(StatusCode::NOT_FOUND, &ApiError::new("not_found", "没有这个地址"))
    }

    /// Answers a request whose caller lacks the permission of the route.
    pub fn denied(denied: Denied) -> Response {
        match denied {
            Denied::NotSignedIn => error_response(StatusCode::UNAUTHORIZED, &ApiError::new("sign_in", "登录已失效，请重新登录")),
            Denied::Forbidden => error_response(StatusCode::FORBIDDEN, &ApiError::new("forbidden", "您没有办理此项业务的权限")),
            Denied::SecondFactor => error_response(StatusCode::FORBIDDEN, &ApiError::new("second_factor", "请先设置两步验证")),
        }
    }

    /// Answers a request whose caller cannot be looked up now.
    pub fn unavailable(error: &PageError) -> Response {
        let (status, text) = match error {
            PageError::Db(error) => (error.http_status(), error.text()),
            _ => (StatusCode::SERVICE_UNAVAILABLE, DbError::Unavailable.text()),
        };
        // A device must try again after a failure of the server.
        let status = if status == StatusCode::INTERNAL_SERVER_ERROR { StatusCode::SERVICE_UNAVAILABLE } else { status };
        error_response(status, &ApiError::new("later", text))
    }

    /// A response that carries an error.
    pub fn error_response(status: StatusCode, error: &ApiError) -> Response {
        json_response(status, error.ser())
    }

    /// A response with this JSON.
    pub fn json_response(status: StatusCode, json: impl Into<Body>) -> Response {
        let mut response = Response::new(json.into());
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        response
    }
}
