//! Drafts in the browser: what is typed on a page of the wizard is saved after a short quiet, without leaving the page.

mod patch;

pub use patch::{SendPatch, send_patch};

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::door::DoorFault;

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
    use backend::matter::{Change, MatterError};
    use http::StatusCode;

    use crate::door::{matter_fault, refused, visitor};
    use crate::matter::typed_fields;
    let visitor = visitor()?;
    let opened = visitor.house.open_matter(&visitor.who, matter).await.map_err(matter_fault)?;
    let page = opened.kind.form.step(&step).ok_or_else(|| matter_fault(MatterError::NotFound))?;
    let unknown = |_| refused(StatusCode::BAD_REQUEST, "unknown_field", "页面已过期，请刷新后重试");
    let fields = typed_fields(&opened, page, &pairs).map_err(unknown)?;
    let change = Change::Fields { step, base, fields };
    let saved = visitor.house.edit_matter(&visitor.who, matter, change).await.map_err(matter_fault)?;
    Ok(SavedPage { revision: saved.revision, at: crate::words::time(saved.at) })
}

/// Saves the page's form while it is filled in, and says where the text is.
#[island(lazy)]
pub fn Autosave(matter: Uuid, step: String) -> impl IntoView {
    let (said, say) = signal(String::new());
    #[cfg(feature = "hydrate")]
    browser::watch(matter, step, say);
    #[cfg(not(feature = "hydrate"))]
    let _ = (matter, step, say);
    view! { <p class="saved" role="status" data-testid="autosaved">{move || said.get()}</p> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use leptos::wasm_bindgen::JsCast;
    use uuid::Uuid;
    use web_sys::{Element, FormData, HtmlFormElement, HtmlInputElement};

    use super::save_page;

    /// Quiet before a save.
    const QUIET: Duration = Duration::from_millis(1200);

    /// Saves after each quiet that follows typing in the form.
    pub fn watch(matter: Uuid, step: String, say: WriteSignal<String>) {
        let typed = StoredValue::new(0_u32);
        let listening = window_event_listener(leptos::ev::input, move |event| {
            let inside = event.target().and_then(|t| t.dyn_into::<Element>().ok()).and_then(|e| e.closest("form#edit").ok().flatten());
            if inside.is_none() {
                return;
            }
            typed.update_value(|n| *n = n.wrapping_add(1));
            let now = typed.get_value();
            let step = step.clone();
            set_timeout(
                move || {
                    if typed.get_value() == now {
                        spawn_local(save(matter, step, say));
                    }
                },
                QUIET,
            );
        });
        on_cleanup(move || listening.remove());
    }

    async fn save(matter: Uuid, step: String, say: WriteSignal<String>) {
        let Some((base, pairs)) = typed_now() else { return };
        match save_page(matter, step, base, pairs).await {
            Ok(saved) => {
                if let Some(input) = revision_input() {
                    input.set_value(&saved.revision.to_string());
                }
                say.set(format!("已自动保存到服务器的草稿箱（{}）", saved.at));
            }
            Err(fault) => say.set(format!("尚未保存：{}", fault.text)),
        }
    }

    fn form() -> Option<HtmlFormElement> {
        document().get_element_by_id("edit")?.dyn_into().ok()
    }

    fn revision_input() -> Option<HtmlInputElement> {
        form()?.query_selector("input[name=_rev]").ok()??.dyn_into().ok()
    }

    /// The revision the page grew out of, and its pairs; files go by the form's own post.
    fn typed_now() -> Option<(i64, Vec<(String, String)>)> {
        let base = revision_input()?.value().parse().ok()?;
        let data = FormData::new_with_form(&form()?).ok()?;
        let pairs = js_sys::Array::from(&data)
            .iter()
            .filter_map(|pair| {
                let pair: js_sys::Array = pair.dyn_into().ok()?;
                Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
            })
            .filter(|(name, _)| !name.starts_with('_'))
            .collect();
        Some((base, pairs))
    }
}
