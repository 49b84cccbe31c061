//! The door for patches of devices.

use domain::engine::draft::Patch;
use domain::engine::draft::sync::Answered;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::door::DoorFault;

/// Takes what a device did to a draft since the revision it knows; answers with what there is now. The five ways in which it may fail are
/// told apart by their status (`domain::engine::draft::sync::Failure`).
#[server(prefix = "/api", endpoint = "draft/patch", input = Json)]
pub async fn send_patch(kind: String, patch: Patch) -> Result<Answered, DoorFault> {
    use backend::matter::MatterError;
    use domain::engine::draft::sync::Failure;
    use http::StatusCode;

    use crate::door::{refused, visitor};
    let visitor = visitor()?;
    let Some(kind) = domain::kind::by_code(&kind) else {
        return Err(refused(StatusCode::BAD_REQUEST, "validation", Failure::Validation.text()));
    };
    backend::workflow::patch::take_patch(&visitor.app, &visitor.who, kind, patch).await.map_err(|error| {
        let (status, code) = match &error {
            MatterError::NotFound => (StatusCode::NOT_FOUND, "permission"),
            MatterError::Closed | MatterError::Locked => (StatusCode::FORBIDDEN, "permission"),
            MatterError::Conflict => (StatusCode::CONFLICT, "gone"),
            MatterError::Db(_) => (StatusCode::SERVICE_UNAVAILABLE, "server"),
            _ => (StatusCode::BAD_REQUEST, "validation"),
        };
        refused(status, code, error.text())
    })
}
