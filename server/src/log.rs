//! Logging: one line per request, without personal data.

use std::panic::PanicHookInfo;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use http::{Method, StatusCode};
use tracing::Span;
use tracing_subscriber::EnvFilter;

use crate::config::LogSettings;

/// The id of a request: in its log lines, in the response's `x-request-id`, and on error pages. A request extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    fn fresh() -> Self {
        let mut bytes = [0; 6];
        // Without randomness requests share an id, which does no harm.
        let _ = getrandom::fill(&mut bytes);
        Self(bytes.iter().map(|b| format!("{b:02x}")).collect())
    }
}

/// Starts logging to standard error, panics included. A second call changes nothing.
pub fn init(log: &LogSettings) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // It warns of every cookie that is no session, and anybody can send these.
    let filter = match "tower_sessions_core=error".parse() {
        Ok(quiet) => filter.add_directive(quiet),
        Err(_) => filter,
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if log.json {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
    if started.is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// Logs the place of a panic, and its message only if that is a literal: a formatted message may hold personal data.
fn log_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let text = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("");
    tracing::error!(target: "panic", place, text);
}

/// The log line of one request, written when it is finished or dropped.
pub struct RequestLog {
    /// The id of the request.
    pub id: RequestId,
    method: Method,
    route: Option<MatchedPath>,
    started: Instant,
    finished: bool,
}

impl RequestLog {
    /// Starts the clock. Only the route pattern of the address is logged, never ids or a query.
    pub fn start(request: &Request) -> Self {
        Self {
            id: RequestId::fresh(),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            started: Instant::now(),
            finished: false,
        }
    }

    /// The span of every line that is logged during the request.
    pub fn span(&self) -> Span {
        tracing::info_span!("request", id = self.id.0)
    }

    /// Writes the line.
    pub fn finish(mut self, status: StatusCode) {
        self.finished = true;
        self.write(status.as_u16());
    }

    fn write(&self, status: u16) {
        let route = self.route.as_ref().map_or("-", MatchedPath::as_str);
        let ms = self.started.elapsed().as_micros() as f64 / 1000.0;
        let (id, method) = (self.id.0.as_str(), method_name(&self.method));
        if status >= 500 {
            tracing::error!(target: "request", id, method, route, status, ms);
        } else {
            tracing::info!(target: "request", id, method, route, status, ms);
        }
    }
}

impl Drop for RequestLog {
    fn drop(&mut self) {
        if !self.finished {
            // The client closed the connection.
            self.write(499);
        }
    }
}

/// The name of a method; one invented by the client is not repeated.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}
