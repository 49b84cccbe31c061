//! The endpoint with which the script of a page saves a form draft.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use backend::AppState;
use backend::record::form_draft::{DraftKey, FormDraftError, SaveRequest};
use domain::engine::form_draft::{MergedPairs, Pairs, Since, stored_form};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::{ApiError, error_response, is_json, json_response, unclean};
use crate::error::HttpStatus;
use crate::format;
use crate::request::Authorized;
use crate::text_check::check_json;

/// A save.
#[derive(Deserialize)]
struct Body {
    form: String,
    part: String,
    subject: Uuid,
    state: String,
    base: i64,
    page: Uuid,
    seq: i64,
    account: Uuid,
    pairs: Pairs,
    /// What the page changed since `base`; not sent by earlier releases.
    #[serde(default)]
    since: Option<Since>,
}

/// The answer to a save: the draft is stored, perhaps with what another page had saved, or the text of another page is there.
#[derive(Serialize)]
struct Answer {
    code: &'static str,
    text: String,
    revision: i64,
    at: String,
    /// The text of the server, where it is not what was sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pairs: Pairs,
    /// The text of both pages, but for what they differ in.
    #[serde(skip_serializing_if = "Option::is_none")]
    merged: Option<MergedPairs>,
}

/// Saves a form draft. 409: another page has saved other text since, which the answer carries; 410: the form is not open any more.
pub async fn save(State(app): State<AppState>, Authorized(who): Authorized, headers: HeaderMap, body: Bytes) -> Response {
    if !is_json(&headers) {
        return error_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, &ApiError::new("unreadable", "请通过页面提交"));
    }
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(&body) else { return unreadable() };
    if check_json(&value).is_err() {
        return unclean();
    }
    let Ok(Body { form, part, subject, state, base, page, seq, account, pairs, since }) = serde_json::from_value(value) else {
        return unreadable();
    };
    let Some(form) = stored_form(&form) else { return unreadable() };
    let key = DraftKey { form, part, subject };
    let request = SaveRequest { key, state, base, page, seq, account: Some(account), pairs, since };
    match backend::record::form_draft::save(&app, &who, request).await {
        Ok(saved) => {
            let at = format::time(saved.at);
            let text = format!("已自动暂存到服务器（{at}）");
            let code = if saved.merged.is_some() { "merged" } else { "saved" };
            let pairs = saved.merged.unwrap_or_default();
            answer(StatusCode::OK, &Answer { code, text, revision: saved.revision, at, pairs, merged: None })
        }
        Err(error) => refused(&error),
    }
}

fn refused(error: &FormDraftError) -> Response {
    match error {
        FormDraftError::Older(other, merged) => {
            let (revision, pairs) = (other.revision, other.pairs.clone());
            let answered = Answer {
                code: error.code(),
                text: error.text(),
                revision,
                at: format::time(other.saved_at),
                pairs,
                merged: merged.clone(),
            };
            answer(StatusCode::CONFLICT, &answered)
        }
        other => error_response(other.http_status(), &ApiError::new(other.code(), other.text())),
    }
}

fn answer(status: StatusCode, answer: &Answer) -> Response {
    json_response(status, serde_json::to_vec(answer).unwrap_or_default())
}

fn unreadable() -> Response {
    error_response(StatusCode::BAD_REQUEST, &ApiError::new("unreadable", "页面已过期，请刷新后重试"))
}
