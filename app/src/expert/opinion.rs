//! Island of the opinion: picked findings are added to its text, and everything is saved after a short pause.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use uuid::Uuid;

use crate::api::ApiError;

/// Saves an expert's findings; returns the time of saving, formatted.
#[server(prefix = "/api", endpoint = "opinion/save", input = Json)]
pub async fn save_opinion(matter: Uuid, pairs: Vec<(String, String)>) -> Result<String, ApiError> {
    use domain::engine::assessment::{Assessment, points};

    use crate::api::{api_context, matter_error};
    let api = api_context()?;
    let loaded = backend::matter::load(&api.app, &api.who, matter).await.map_err(matter_error)?;
    let context = backend::matter::context::matter_context(&api.app, &loaded).await.map_err(|e| matter_error(e.into()))?;
    let points = points(loaded.kind.form, &loaded.answers, &context.as_context());
    let assessment = Assessment::read(&points, &pairs);
    let at = backend::record::expert::save_opinion(&api.app, &loaded, &assessment).await.map_err(matter_error)?;
    Ok(crate::format::time(at))
}

/// Saves the evaluation form automatically.
#[island(lazy)]
pub fn Opinion(matter: Uuid) -> impl IntoView {
    let (status, set_status) = signal(String::new());
    #[cfg(feature = "hydrate")]
    browser::watch(matter, set_status);
    #[cfg(not(feature = "hydrate"))]
    let _ = (matter, set_status);
    view! { <p class="saved" role="status" data-testid="opinion-kept">{move || status.get()}</p> }
}

#[cfg(feature = "hydrate")]
mod browser {
    use std::time::Duration;

    use domain::engine::assessment::rewrite_lines;
    use leptos::prelude::*;
    use leptos::task::spawn_local;
    use leptos::wasm_bindgen::JsCast;
    use uuid::Uuid;
    use web_sys::{Element, FormData, HtmlFormElement, HtmlInputElement, HtmlTextAreaElement};

    use super::save_opinion;

    /// Pause before saving.
    const SAVE_AFTER: Duration = Duration::from_millis(1200);

    pub fn watch(matter: Uuid, set_status: WriteSignal<String>) {
        let lines = StoredValue::new(lines());
        let edits = StoredValue::new(0_u32);
        let listener = window_event_listener(leptos::ev::input, move |event| {
            let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
            if target.is_none_or(|e| e.closest("form#assess").ok().flatten().is_none()) {
                return;
            }
            let (old, new) = (lines.get_value(), self::lines());
            if old != new
                && let Some(note) = note()
            {
                note.set_value(&rewrite_lines(&note.value(), &old, &new));
                lines.set_value(new);
            }
            edits.update_value(|n| *n = n.wrapping_add(1));
            let now = edits.get_value();
            let save_if_last = move || {
                if edits.get_value() == now {
                    spawn_local(save(matter, set_status));
                }
            };
            set_timeout(save_if_last, SAVE_AFTER);
        });
        on_cleanup(move || listener.remove());
    }

    async fn save(matter: Uuid, set_status: WriteSignal<String>) {
        let Some(pairs) = pairs() else { return };
        match save_opinion(matter, pairs).await {
            Ok(at) => set_status.set(format!("已自动暂存到服务器（{at}）")),
            Err(fault) => set_status.set(format!("尚未保存：{}", fault.text)),
        }
    }

    fn form() -> Option<HtmlFormElement> {
        document().get_element_by_id("assess")?.dyn_into().ok()
    }

    fn note() -> Option<HtmlTextAreaElement> {
        document().get_element_by_id("f-note")?.dyn_into().ok()
    }

    /// The lines that the findings on the page add to the opinion: one for each part with a reason.
    fn lines() -> Vec<String> {
        let Some(form) = form() else { return Vec::new() };
        let Ok(parts) = form.query_selector_all("[data-part]") else { return Vec::new() };
        (0..parts.length())
            .filter_map(|i| {
                let part: Element = parts.item(i)?.dyn_into().ok()?;
                let picked = part.query_selector_all("input[data-text]:checked").ok()?;
                let mut texts: Vec<String> =
                    (0..picked.length()).filter_map(|i| picked.item(i)?.dyn_into::<Element>().ok()?.get_attribute("data-text")).collect();
                let other: Option<HtmlInputElement> = part.query_selector("input[type=text]").ok()?.and_then(|e| e.dyn_into().ok());
                let bad = !texts.is_empty() || part.query_selector("input[value=bad]:checked").ok()?.is_some();
                texts.extend(other.map(|w| w.value().trim().to_owned()).filter(|w| bad && !w.is_empty()));
                (!texts.is_empty()).then(|| format!("{}：{}", part.get_attribute("data-part").unwrap_or_default(), texts.join("；")))
            })
            .collect()
    }

    fn pairs() -> Option<Vec<(String, String)>> {
        let data = FormData::new_with_form(&form()?).ok()?;
        let pair = |pair: leptos::wasm_bindgen::JsValue| {
            let pair: js_sys::Array = pair.dyn_into().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        };
        Some(js_sys::Array::from(&data).iter().filter_map(pair).filter(|(name, _)| !name.starts_with('_')).collect())
    }
}
