//! Island of the opinion: picked findings are added to its text. Its form saves itself as every form draft does (`form_draft.js`).

use leptos::prelude::*;

/// Id of the element with the material and the form of an opinion, which an own device stores.
pub const SHEET: &str = "sheet";

/// Adds the lines of picked findings to the opinion, and removes those of withdrawn ones.
#[island(lazy)]
pub fn OpinionLines() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    browser::watch();
}

#[cfg(feature = "hydrate")]
pub(crate) use browser::watch as watch_lines;

#[cfg(feature = "hydrate")]
mod browser {
    use domain::engine::assessment::rewrite_lines;
    use leptos::prelude::*;
    use leptos::wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlFormElement, HtmlInputElement, HtmlTextAreaElement, InputEvent};

    pub fn watch() {
        let lines = StoredValue::new(lines());
        let listener = window_event_listener(leptos::ev::input, move |event| {
            let is_composing = event.dyn_ref::<InputEvent>().is_some_and(InputEvent::is_composing);
            let target = event.target().and_then(|t| t.dyn_into::<Element>().ok());
            if is_composing || target.is_none_or(|e| e.closest("form#assess").ok().flatten().is_none()) {
                return;
            }
            let (old, new) = (lines.get_value(), self::lines());
            if old != new
                && let Some(note) = note()
            {
                note.set_value(&rewrite_lines(&note.value(), &old, &new));
                lines.set_value(new);
            }
        });
        on_cleanup(move || listener.remove());
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
}
