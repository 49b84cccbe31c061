//! What the offline page shows until the device store is read.

use leptos::prelude::*;

/// Placeholder until the device store is read.
pub fn opening() -> AnyView {
    view! {
        <p class="saved notranslate" translate="no" role="status" data-testid="opening">
            "正在打开本机保存的草稿…"
        </p>
    }
    .into_any()
}
