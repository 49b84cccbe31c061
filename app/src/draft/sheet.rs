//! The sheet of an expert on an own device: filled in without a network, and sent when the server can be reached again.

use leptos::prelude::*;

/// Stores the sheet of the page on a device that its author declared as own, while it is filled in.
#[island(lazy)]
pub fn SheetOnDevice() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::browser::sheet::keep_sheet();
    view! { <div></div> }
}
