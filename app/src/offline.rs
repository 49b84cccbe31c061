//! 离线草稿: the page that browsers store for use without a network, the same for everybody.

use leptos::prelude::*;

use crate::draft::OfflineDrafts;
use crate::page::Page;

/// Shows the page; its content comes from the device alone.
pub async fn show() -> Page {
    Page::new("离线草稿", || view! { <OfflineDrafts /> }.into_any())
        .standalone()
        .with_islands()
        .with_script("/offline.js")
        .with_form_drafts()
}
