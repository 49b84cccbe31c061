//! Parts of the program that a browser loads on their first use.

use std::pin::Pin;

use leptos::wasm_split::SplitLoaderError;

/// Work of this page that is not finished yet.
pub type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// A part of the program could not be loaded: there is no server.
#[derive(Debug, Clone, Copy)]
pub struct NotLoaded;

impl From<SplitLoaderError> for NotLoaded {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}
