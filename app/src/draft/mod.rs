//! Drafts in the browser: what is typed on a page of the wizard is saved after a short quiet, without leaving the page.

#[cfg(feature = "hydrate")]
mod browser;
mod doors;
mod offline;
mod patch;

pub use doors::{DraftScene, DraftState, Scene, TakenUp, draft_scene, draft_state};
pub use offline::OfflineDesk;
pub use patch::{SendPatch, send_patch};

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::door::DoorFault;

/// Header of a post whose page stays until there is an answer.
pub const STAY: &str = "x-stay";
/// Header of the answer to such a post: where the page goes on.
pub const GO_ON: &str = "x-go-on";

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
pub async fn save_page(matter: Uuid, step: String, base: i64, pairs: Vec<(String, String)>) -> Result<SavedPage, DoorFault> {
    use backend::matter::MatterError;
    use backend::workflow::draft::Change;
    use http::StatusCode;

    use crate::door::{matter_fault, refused, visitor};
    use crate::matter::typed_fields;
    let visitor = visitor()?;
    let opened = backend::matter::open_matter(&visitor.app, &visitor.who, matter).await.map_err(matter_fault)?;
    let page = opened.kind.form.step(&step).ok_or_else(|| matter_fault(MatterError::NotFound))?;
    let unknown = |_| refused(StatusCode::BAD_REQUEST, "unknown_field", "页面已过期，请刷新后重试");
    let fields = typed_fields(&opened, page, &pairs).map_err(unknown)?;
    let change = Change::Fields { step, base, fields };
    let saved = backend::workflow::draft::edit_matter(&visitor.app, &visitor.who, matter, change).await.map_err(matter_fault)?;
    Ok(SavedPage { revision: saved.revision, at: crate::words::time(saved.at) })
}

/// Saves the page's form while it is filled in, and says where the text is. `own`: the person called this device their own.
#[island(lazy)]
pub fn Editor(matter: Uuid, kind: String, step: String, list: String, record: Option<Uuid>, account: Uuid, own: bool) -> impl IntoView {
    #[cfg(feature = "hydrate")]
    return browser::editor(browser::Editing { matter, kind, step, list, record, account, own });
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (matter, kind, step, list, record, account, own);
        let nothing_yet = move || None::<AnyView>;
        view! { <div>{nothing_yet}</div> }.into_any()
    }
}
