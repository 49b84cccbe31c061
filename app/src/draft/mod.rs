//! Drafts in the browser: edits of the wizard are saved after a short pause, without leaving the page.

#[cfg(feature = "hydrate")]
mod browser;
mod describe;
pub mod device;
mod editor_data;
mod offline;
mod patch;
mod snapshot;

pub use describe::{DescribeConflicts, describe_conflicts};
pub use editor_data::{EditorData, EditorForm};
pub use offline::OfflineDrafts;
pub use patch::{SendPatch, send_patch};
pub use snapshot::{DraftSnapshot, DraftState, LoadOfflineContext, OfflineContext, draft_state, load_offline_context};

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::ApiError;

/// Header of a post whose page stays until there is an answer.
pub const NO_REDIRECT: &str = "x-stay";
/// Header of the answer to such a post: where the page goes on.
pub const REDIRECT_TO: &str = "x-go-on";

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

/// Shows dependent questions at once, goes from page to page, and saves the page's form while it is filled in.
#[island(lazy)]
pub fn Editor(
    /// As [`EditorData::write`] writes it.
    data: String,
) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    return browser::editor(data);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = data;
        view! { <div></div> }
    }
}
