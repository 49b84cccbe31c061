//! Uploaded files: checked by content, images re-encoded, stored sealed under the hash of their content.

mod anonymous;
#[cfg(any(test, feature = "testing"))]
pub mod corpus;
pub mod error;
pub mod pdf;
pub mod picture;
pub mod sanitize;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use anonymous::without_properties;
pub use domain::engine::form::ForeignKind;
pub use error::FileError;
pub use picture::jpeg_size;
pub use sanitize::{MediaType, sanitize};
pub use store::{FileStore, StoredFile};
