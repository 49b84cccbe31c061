//! Resumable uploads in chunks.

mod error;
mod receive;

pub use error::UploadError;
pub use receive::{begin_upload, delete_upload, receive_chunk, sweep_uploads, upload_status};

#[cfg(test)]
mod tests;
