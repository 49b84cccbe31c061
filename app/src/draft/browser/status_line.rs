//! A line that shows a state which changes by itself. Its elements are written, not text nodes, which the translation of a page replaces; and
//! they ask not to be translated.

use leptos::prelude::*;

/// The state, as it is at every moment. It is not announced: see [`announced_status`].
pub fn shown_status(text: impl Fn() -> String + Send + 'static) -> impl IntoView {
    view! { <span class="notranslate" translate="no" aria-hidden="true" prop:textContent=text></span> }
}

/// What a screen reader announces of a state: what has ended or failed. `None`: nothing new, and what was announced stays.
pub fn announced_status(text: impl Fn() -> Option<String> + Send + Sync + 'static) -> impl IntoView {
    let text = Memo::new(move |before: Option<&String>| text().or(before.cloned()).unwrap_or_default());
    view! { <span class="sr-only notranslate" translate="no" role="status" prop:textContent=move || text.get()></span> }
}

/// A line that is both shown and announced. It is written only when the text changes, or it would be announced again.
pub fn status_line(text: impl Fn() -> String + Send + Sync + 'static) -> impl IntoView {
    let text = Memo::new(move |_| text());
    view! { <p class="saved notranslate" translate="no" role="status" prop:textContent=move || text.get()></p> }
}
