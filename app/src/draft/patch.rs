//! Server function for patches of devices.

use domain::engine::draft::Patch;
use domain::engine::draft::sync::SyncReply;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

use crate::api::ApiError;

/// Applies a patch of a device and replies with the current state. The five kinds of failure have different HTTP statuses
/// (`domain::engine::draft::sync::SyncFailure`). `account` is the account that typed the changes: they are not taken under another one's
/// session. A device that does not name it cannot begin a draft.
#[server(prefix = "/api", endpoint = "draft/patch", input = Json)]
pub async fn send_patch(kind: String, patch: Patch, #[server(default)] account: Option<Uuid>) -> Result<SyncReply, ApiError> {
    use domain::engine::draft::sync::SyncFailure;
    use http::StatusCode;

    use crate::api::{api_context, api_error};
    use crate::error::sync_failure;
    let visitor = api_context()?;
    let Some(kind) = domain::kind::by_code(&kind) else {
        return Err(api_error(StatusCode::BAD_REQUEST, "validation", SyncFailure::Validation.text()));
    };
    backend::workflow::patch::receive_device_patch(&visitor.app, &visitor.who, kind, patch, account).await.map_err(|error| {
        let (status, code) = sync_failure(&error);
        api_error(status, code, error.text())
    })
}
