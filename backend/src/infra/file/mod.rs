//! Uploaded files: checked by content, images re-encoded, stored sealed under the hash of their content.

pub mod sanitize;
pub mod store;

pub use sanitize::{FileError, MediaType, jpeg_size, sanitize};
pub use store::{FileStore, StoredFile};
