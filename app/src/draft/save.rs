//! The server function that saves one page of a draft.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::ApiError;

/// A page of a draft was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedPage {
    /// The revision now.
    pub revision: i64,
    /// When, as people read it.
    pub at: String,
}

/// Saves one page of a draft as it was typed over a revision. Saving never validates.
#[server(prefix = "/api", endpoint = "draft/save", input = Json)]
pub async fn save_page(matter: Uuid, step: String, base: i64, pairs: Vec<(String, String)>) -> Result<SavedPage, ApiError> {
    use backend::matter::MatterError;
    use backend::workflow::draft::DraftEdit;
    use http::StatusCode;

    use crate::api::{api_context, api_error, matter_error};
    use crate::matter::typed_fields;
    let visitor = api_context()?;
    let opened = backend::matter::load(&visitor.app, &visitor.who, matter).await.map_err(matter_error)?;
    let page = opened.kind.form.step(&step).ok_or_else(|| matter_error(MatterError::NotFound))?;
    let unknown = |_| api_error(StatusCode::BAD_REQUEST, "unknown_field", "页面已过期，请刷新后重试");
    let fields = typed_fields(&opened, page, &pairs).map_err(unknown)?;
    let change = DraftEdit::Fields { step, base, fields };
    let saved = backend::workflow::draft::edit_draft(&visitor.app, &visitor.who, matter, change).await.map_err(matter_error)?;
    Ok(SavedPage { revision: saved.revision, at: crate::format::time(saved.at) })
}
