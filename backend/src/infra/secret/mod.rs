//! Secrets: sealing of personal data, fingerprints, signatures, and the keys for them.
//!
//! The keys are in a file outside the database; each sealed value names its key, so that keys can be rotated.

mod error;
pub mod hash;
pub(crate) mod key_file;
pub mod keys;
pub mod random;
pub mod seal;
pub mod sign;

pub use error::KeyError;
pub use hash::{constant_time_eq, sha256};
pub use keys::Keys;
pub use random::random;
pub use seal::{SealContext, UnsealError, bound_row, sealed_head};
