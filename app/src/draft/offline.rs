//! 离线草稿: the page that opens without a network. It lists the drafts stored on this device and edits them with the wizard's views.

use leptos::prelude::*;

/// The drafts of this device. Where the address is that of a page of the wizard, it is opened.
#[island(lazy)]
pub fn OfflineDrafts() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    return super::browser::offline::offline_page();
    #[cfg(not(feature = "hydrate"))]
    view! { <div>{move || super::opening::opening()}</div> }.into_any()
}
