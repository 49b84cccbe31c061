//! A line that shows a state which changes by itself. Its elements are written, not text nodes, which the translation of a page replaces; and
//! they ask not to be translated.

use leptos::prelude::*;

/// The state, as it is at every moment. It is not announced: see [`announced_status`].
pub fn shown_status(text: impl Fn() -> String + Send + 'static) -> impl IntoView {
    view! { <span class="notranslate" translate="no" aria-hidden="true" prop:textContent=text></span> }
}

/// What a screen reader announces of a state; it changes only for what has ended or failed.
pub fn announced_status(text: impl Fn() -> String + Send + 'static) -> impl IntoView {
    view! { <span class="sr-only notranslate" translate="no" role="status" prop:textContent=text></span> }
}
