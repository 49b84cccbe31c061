//! What wakes up in the browser.

use wasm_bindgen::prelude::wasm_bindgen;

// Islands are found by name from the page; the crate that holds them must be linked in.
use app as _;

/// Wakes the islands of a page.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
