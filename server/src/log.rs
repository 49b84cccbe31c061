//! What is logged: one line a request, without anything personal.

use std::panic::PanicHookInfo;
use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use http::{Method, StatusCode};
use tracing::Span;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::config::Log;

/// The number of a request: in its log lines, in the answer's `x-request-id`, and on the page of an error of ours. A request extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

impl RequestId {
    fn fresh() -> Self {
        let mut bytes = [0; 6];
        // Without randomness requests share a number, which harms nobody.
        let _ = getrandom::fill(&mut bytes);
        Self(bytes.iter().map(|b| format!("{b:02x}")).collect())
    }
}

/// A filter as it was written, if it can be read. A single word is a level, never the name of a part.
pub fn known_filter(text: &str) -> Option<String> {
    let words_are_levels = text.split(',').filter(|part| !part.contains('=')).all(|level| level.trim().parse::<LevelFilter>().is_ok());
    (words_are_levels && EnvFilter::try_new(text).is_ok()).then(|| text.to_owned())
}

/// Logs to standard error from here on, panics included. A second call changes nothing.
pub fn begin(log: &Log) {
    let filter = EnvFilter::try_new(&log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = if log.json {
        builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
    } else {
        builder.with_ansi(false).try_init()
    };
    if begun.is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// Where it happened, and what it said only if that was written in the code: a composed message may hold personal data.
fn log_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let text = info.payload().downcast_ref::<&'static str>().copied().unwrap_or("");
    tracing::error!(target: "panic", place, text);
}

/// One request, from its beginning to its line in the log.
pub struct Call {
    /// Its number.
    pub id: RequestId,
    method: Method,
    route: Option<MatchedPath>,
    begun: Instant,
    ended: bool,
}

impl Call {
    /// Begins now. Of the address only the pattern is kept, never ids or a query.
    pub fn begin(request: &Request) -> Self {
        Self {
            id: RequestId::fresh(),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
            begun: Instant::now(),
            ended: false,
        }
    }

    /// What every line logged for this request carries.
    pub fn span(&self) -> Span {
        tracing::info_span!("request", id = self.id.0)
    }

    /// Writes the line.
    pub fn end(mut self, status: StatusCode) {
        self.ended = true;
        self.write(status.as_u16());
    }

    fn write(&self, status: u16) {
        let route = self.route.as_ref().map_or("-", MatchedPath::as_str);
        let ms = self.begun.elapsed().as_micros() as f64 / 1000.0;
        let (id, method) = (self.id.0.as_str(), known(&self.method));
        if status >= 500 {
            tracing::error!(target: "request", id, method, route, status, ms);
        } else {
            tracing::info!(target: "request", id, method, route, status, ms);
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.ended {
            // The client went away.
            self.write(499);
        }
    }
}

/// A method by its name; one made up by the client is not repeated.
fn known(method: &Method) -> &'static str {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_level_or_levels_part_by_part() {
        for (text, fine) in [
            ("info", true),
            ("warn,server=info,request=off", true),
            ("off", true),
            ("verbose", false),
            ("server=loud", false),
            ("info,chatty", false),
        ] {
            assert_eq!(known_filter(text).is_some(), fine, "{text}");
        }
    }
}
