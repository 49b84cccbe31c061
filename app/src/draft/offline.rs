//! 离线草稿: the one page that opens without a network. It shows the drafts this device keeps, and edits them as the wizard does.

use leptos::prelude::*;

/// What stands there until the device has been looked at.
pub(super) fn opening() -> AnyView {
    view! { <p class="saved" role="status">"正在打开本机保存的草稿…"</p> }.into_any()
}

/// The drafts of this device. Where the address is that of a page of the wizard, it is opened.
#[island(lazy)]
pub fn OfflineDesk() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    return super::browser::offline::desk();
    #[cfg(not(feature = "hydrate"))]
    view! { <div>{move || opening()}</div> }.into_any()
}
