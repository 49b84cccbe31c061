//! axum's extractors with rejections that are pages.

use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use domain::matter::Kind;
use http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::PageError;

/// Typed parts of the path. A part that does not parse means that there is no such page.
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Self(value)).map_err(|_| PageError::NotFound)
    }
}

/// Typed query string.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let query = axum::extract::Query::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(value)| Self(value)).map_err(|_| PageError::OUTDATED_FORM)
    }
}

/// Typed form of fixed fields, URL-encoded. Forms that are data are read as [`crate::post::Post`].
pub struct Form<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        match axum::extract::Form::from_request(request, state).await {
            Ok(axum::extract::Form(value)) => Ok(Self(value)),
            Err(FormRejection::InvalidFormContentType(_)) => Err(PageError::NOT_A_FORM),
            Err(FormRejection::BytesRejection(_)) => Err(PageError::TooLarge),
            Err(_) => Err(PageError::OUTDATED_FORM),
        }
    }
}

/// Query of a page that confirms a save.
#[derive(Deserialize, Default)]
#[serde(default)]
pub struct SavedQuery {
    saved: String,
}

impl SavedQuery {
    /// Whether the page is shown after a save.
    pub fn is_saved(&self) -> bool {
        self.saved == "1"
    }
}

/// The kind of matter whose code is the only parameter of the path.
pub struct KindParam(pub &'static Kind);

impl<S: Send + Sync> FromRequestParts<S> for KindParam {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let Path(code) = Path::<String>::from_request_parts(parts, state).await?;
        domain::kind::by_code(&code).map(Self).ok_or(PageError::NotFound)
    }
}
