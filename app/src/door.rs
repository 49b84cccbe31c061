//! Doors: the server functions that islands call. Each has a fixed address, stands in the table with its action, and is opened by
//! the same guard as the pages.

use leptos::prelude::*;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::ServerFnErrorErr;
use serde::{Deserialize, Serialize};

/// Why a door gave nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoorFault {
    /// Stable name.
    pub code: String,
    /// What the person is told.
    pub text: String,
}

impl DoorFault {
    /// A fault of this name and text.
    pub fn new(code: &str, text: impl Into<String>) -> Self {
        Self { code: code.to_owned(), text: text.into() }
    }
}

impl FromServerFnError for DoorFault {
    type Encoder = JsonEncoding;

    // What went wrong on the way is told in general words: its own may hold what was sent.
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
    use axum::extract::{Request, State};
    use axum::response::{IntoResponse, Response};
    use backend::AppState;
    use backend::access::guard::{Allowed, Denied};
    use backend::matter::MatterError;
    use domain::base::permission::Action;
    use http::{HeaderValue, StatusCode, header};
    use leptos::prelude::*;
    use leptos_axum::ResponseOptions;
    use tower_sessions::Session;

    use super::DoorFault;
    use crate::call::Shared;
    use crate::serve::caller;

    /// Every door, and what the guard is asked for.
    pub const DOORS: &[(&str, Action)] = &[
        ("/api/draft/save", Action::OwnMatter),
        ("/api/draft/patch", Action::OwnMatter),
        ("/api/draft/scene", Action::OwnMatter),
        ("/api/draft/state", Action::OwnMatter),
        ("/api/opinion/save", Action::ExpertDesk),
    ];

    /// Whoever came through a door.
    #[derive(Clone)]
    pub struct Visitor {
        /// The app.
        pub app: AppState,
        /// Proof that the guard let them through.
        pub who: Allowed,
    }

    /// Whoever came through this door.
    pub fn visitor() -> Result<Visitor, DoorFault> {
        use_context::<Visitor>().ok_or_else(|| refused(StatusCode::UNAUTHORIZED, "sign_in", "登录已失效，请重新登录"))
    }

    /// A fault, and the status it is answered with.
    pub fn refused(status: StatusCode, code: &str, text: impl Into<String>) -> DoorFault {
        if let Some(options) = use_context::<ResponseOptions>() {
            options.set_status(status);
        }
        DoorFault::new(code, text)
    }

    /// A fault of a matter.
    pub fn matter_fault(error: MatterError) -> DoorFault {
        let (status, code) = match &error {
            MatterError::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            MatterError::Questions(..) => (StatusCode::CONFLICT, "questions"),
            MatterError::Db(_) => (StatusCode::SERVICE_UNAVAILABLE, "later"),
            _ => (StatusCode::CONFLICT, "conflict"),
        };
        refused(status, code, error.text())
    }

    /// Opens a door: the table first, then the guard, then the function.
    pub async fn open(State(shared): State<Shared>, session: Session, request: Request) -> Response {
        let path = request.uri().path();
        let Some((_, action)) = DOORS.iter().find(|(door, _)| *door == path) else {
            return answer(StatusCode::NOT_FOUND, &DoorFault::new("not_found", "没有这个地址"));
        };
        let who = match enter(&shared, &session, *action).await {
            Ok(who) => who,
            Err(refusal) => return *refusal,
        };
        let visitor = Visitor { app: shared.app.clone(), who };
        let served = leptos_axum::handle_server_fns_with_context(move || provide_context(visitor.clone()), request).await;
        let mut response = served.into_response();
        // Faults of ours have a status of their own; what is left could not be read.
        if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        response
    }

    /// Has the guard let whoever asks through to an action, or answers why not.
    pub async fn enter(shared: &Shared, session: &Session, action: Action) -> Result<Allowed, Box<Response>> {
        let refuse = |status, code, text: &str| Err(Box::new(answer(status, &DoorFault::new(code, text))));
        let Ok(caller) = caller(shared, session).await else {
            return refuse(StatusCode::SERVICE_UNAVAILABLE, "later", "系统繁忙，请稍后再试");
        };
        match backend::access::guard::guard(&shared.app, caller.as_ref(), action) {
            Ok(who) => Ok(who),
            Err(Denied::SignIn) => refuse(StatusCode::UNAUTHORIZED, "sign_in", "登录已失效，请重新登录"),
            Err(Denied::Forbidden) => refuse(StatusCode::FORBIDDEN, "forbidden", "您没有办理此项业务的权限"),
        }
    }

    /// Answers with a fault.
    pub fn answer(status: StatusCode, fault: &DoorFault) -> Response {
        let mut response = Response::new(Body::from(fault.ser()));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn every_server_function_stands_in_the_table_and_none_is_asked_by_get() {
            let known: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
            assert!(!known.is_empty());
            for (path, method) in &known {
                assert!(DOORS.iter().any(|(door, _)| door == path), "{path} is not in the table");
                assert_eq!(method.as_str(), "POST", "{path}");
            }
            for (door, _) in DOORS {
                assert!(known.iter().any(|(path, _)| path == door), "{door} leads nowhere");
            }
        }
    }
}
