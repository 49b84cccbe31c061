//! The endpoints of form drafts: saving what is typed, and what has become of a form that a device stores.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use backend::AppState;
use backend::record::form_draft::{DraftKey, FormDraftError, SaveRequest, StateRequest};
use domain::engine::form_draft::{MergedPairs, Pairs, Since, stored_form};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
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

/// What a device asks of a form that it stores.
#[derive(Deserialize)]
struct StateBody {
    form: String,
    part: String,
    subject: Uuid,
    state: String,
    account: Uuid,
    #[serde(default)]
    posted: Option<Uuid>,
}

/// Saves a form draft. 409: another page has saved other text since, which the answer carries; 410: the form is not open any more.
pub async fn save(State(app): State<AppState>, Authorized(who): Authorized, headers: HeaderMap, body: Bytes) -> Response {
    let Body { form, part, subject, state, base, page, seq, account, pairs, since } = match read(&headers, &body) {
        Ok(body) => body,
        Err(refused) => return *refused,
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
            json(StatusCode::OK, &Answer { code, text, revision: saved.revision, at, pairs, merged: None })
        }
        Err(error) => refused(&error),
    }
}

/// Says whether a form is open as it was typed, and whether its post was carried out.
pub async fn state(State(app): State<AppState>, Authorized(who): Authorized, headers: HeaderMap, body: Bytes) -> Response {
    let StateBody { form, part, subject, state, account, posted } = match read(&headers, &body) {
        Ok(body) => body,
        Err(refused) => return *refused,
    };
    let Some(form) = stored_form(&form) else { return unreadable() };
    let request = StateRequest { key: DraftKey { form, part, subject }, state, account, posted };
    match backend::record::form_draft::form_state(&app, &who, &request).await {
        Ok(state) => json(StatusCode::OK, &state),
        Err(error) => refused(&error),
    }
}

/// The body of a request in JSON, or the response that refuses it.
fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Box<Response>> {
    if !is_json(headers) {
        let error = ApiError::new("unreadable", "请通过页面提交");
        return Err(Box::new(error_response(StatusCode::UNSUPPORTED_MEDIA_TYPE, &error)));
    }
    let value = serde_json::from_slice::<serde_json::Value>(body).map_err(|_| unreadable())?;
    check_json(&value).map_err(|_| unclean())?;
    serde_json::from_value(value).map_err(|_| Box::new(unreadable()))
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
            json(StatusCode::CONFLICT, &answered)
        }
        other => error_response(other.http_status(), &ApiError::new(other.code(), other.text())),
    }
}

fn json(status: StatusCode, answer: &impl Serialize) -> Response {
    json_response(status, serde_json::to_vec(answer).unwrap_or_default())
}

fn unreadable() -> Response {
    error_response(StatusCode::BAD_REQUEST, &ApiError::new("unreadable", "页面已过期，请刷新后重试"))
}
