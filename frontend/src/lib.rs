//! WASM entry: hydrates the islands of a page.

use wasm_bindgen::prelude::wasm_bindgen;

// Islands are called by name from the page, so their crate must be linked.
use app as _;

/// Hydrates the islands of a page.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

/// Spare constant data for the WASM splitter, which divides the constants among the files. If the divided constants need more bytes than
/// the original ones, the splitter puts all of them into the first file, which every page with islands loads. These 4096 bytes leave
/// room for that. Nothing reads them, so the splitter puts them into no file.
#[used]
static ROOM: [u8; 4096] = [1; 4096];
