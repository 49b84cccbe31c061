//! What wakes up in the browser.

use wasm_bindgen::prelude::wasm_bindgen;

// Islands are found by name from the page; the crate that holds them must be linked in.
use app as _;

/// Wakes the islands of a page.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

/// Room for the tool that parts the build into files. It sets the constants of each file together anew, and where that takes a few bytes
/// more than before, it puts all of them into the first file, which every visitor loads. Nothing reads this, so it comes into no file.
#[used]
static ROOM: [u8; 4096] = [1; 4096];
