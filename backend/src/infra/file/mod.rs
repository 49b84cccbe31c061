//! Uploaded files: checked by content, images re-encoded, stored sealed under the hash of their content.

mod anonymous;
pub mod error;
pub mod pdf;
pub mod sanitize;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use anonymous::without_properties;
pub use error::FileError;
pub use sanitize::{MediaType, jpeg_size, sanitize};
pub use store::{FileStore, StoredFile};
