//! 显示完整证件号: a reviewer asks for the applicant's number in full, with a reason that is recorded.

use axum::extract::State;
use backend::AppState;
use backend::matter::MatterError;
use backend::workflow::identity_disclosure::disclose_identity;
use domain::base::identity::DisclosureReason;
use http::StatusCode;
use uuid::Uuid;

use super::detail::identity_page;
use super::identity_view::ShownIdentity;
use crate::error::{HttpStatus, PageError};
use crate::extract::Path;
use crate::links;
use crate::page::{PageResponse, redirect};
use crate::post::Post;
use crate::request::Authorized;

/// Nothing is shown at this address without a reason: the page of the matter.
pub async fn show(State(app): State<AppState>, Authorized(who): Authorized, Path(id): Path<Uuid>) -> Result<PageResponse, PageError> {
    Ok(redirect(links::matter(backend::matter::load(&app, &who, id).await?.id)))
}

/// Shows the number in full, on this response only.
pub async fn disclose(
    State(app): State<AppState>,
    Authorized(who): Authorized,
    Path(id): Path<Uuid>,
    post: Post,
) -> Result<PageResponse, PageError> {
    let Some(reason) = DisclosureReason::from_code(post.text("reason")) else {
        let shown = ShownIdentity::Refused("请选择查看事由".to_owned());
        return Ok(identity_page(&app, &who, id, shown).await?.status(StatusCode::UNPROCESSABLE_ENTITY).into());
    };
    match disclose_identity(&app, &who, id, reason).await {
        Ok(proof) => Ok(identity_page(&app, &who, id, ShownIdentity::Full(proof, reason)).await?.into()),
        Err(error @ MatterError::TooManyDisclosures(_)) => {
            let (status, shown) = (error.http_status(), ShownIdentity::Refused(error.text()));
            Ok(identity_page(&app, &who, id, shown).await?.status(status).into())
        }
        Err(error) => Err(error.into()),
    }
}
