//! The check of all text of a request, before any handler reads it: path, query, and form. JSON is checked where it is decoded.

use axum::extract::Request;
use domain::base::text::{CleanText, UncleanText};
use serde_json::Value;

use crate::error::PageError;
use crate::post::ReceivedForm;

impl From<UncleanText> for PageError {
    fn from(_: UncleanText) -> Self {
        PageError::UNCLEAN_TEXT
    }
}

/// Checks the text of a request.
///
/// # Errors
/// [`UncleanText`] for a part that is not UTF-8 or holds characters that cannot be typed.
pub fn check_request(request: &Request) -> Result<(), UncleanText> {
    CleanText::from_encoded(request.uri().path().as_bytes())?;
    CleanText::from_encoded(request.uri().query().unwrap_or("").as_bytes())?;
    match request.extensions().get::<ReceivedForm>() {
        Some(ReceivedForm::UrlEncoded(body)) => CleanText::from_encoded(body).map(|_| ()),
        Some(ReceivedForm::Multipart(post)) => {
            let pairs = post.pairs.iter().flat_map(|(name, value)| [name, value]);
            let files = post.files.iter().flat_map(|file| [&file.field, &file.name]);
            pairs.chain(files).try_for_each(|text| CleanText::parse(text).map(|_| ()))
        }
        None => Ok(()),
    }
}

/// Checks every text of a JSON value, names included.
///
/// # Errors
/// [`UncleanText`] for a text with characters that cannot be typed.
pub fn check_json(value: &Value) -> Result<(), UncleanText> {
    match value {
        Value::String(text) => CleanText::parse(text).map(|_| ()),
        Value::Array(items) => items.iter().try_for_each(check_json),
        Value::Object(fields) => fields.iter().try_for_each(|(name, value)| {
            CleanText::parse(name)?;
            check_json(value)
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}
