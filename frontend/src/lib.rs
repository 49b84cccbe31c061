//! WASM entry: hydrates the islands of a page.

use wasm_bindgen::prelude::wasm_bindgen;

// Islands are called by name from the page, so their crate must be linked.
use app as _;

/// Hydrates the islands of a page.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

/// Padding for the WASM splitter, which rearranges the constants of each file. If that needs a few bytes more than before, it moves all
/// constants into the first file, which every visitor loads. Nothing reads the padding, so it is in no file.
#[used]
static ROOM: [u8; 4096] = [1; 4096];
