//! Two databases, one SQL text.
//!
//! Each statement is written once, in the dialect that SQLite and PostgreSQL share, and dispatched over [`Tx`] by three macros. SQL stands
//! in this folder and nowhere else, one file per field.

pub mod error;
pub mod migrate;
pub mod pool;
pub mod text_code;
pub mod tx;
pub mod write;

pub mod account;
pub mod certificate;
pub mod exam;
pub mod expert;
pub mod file;
pub mod institution;
pub mod library;
pub mod list;
pub mod matter;
pub mod message;
pub mod outbox;
pub mod patch;
pub mod payment;
pub mod rate;
pub mod relation;
pub mod renewal;
pub mod rule;
pub mod session;
pub mod sms;
pub mod snapshot;
pub mod transfer;
pub mod upload;

#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::DbError;
pub use pool::Db;
pub use tx::Tx;
pub(crate) use tx::{execute, fetch_all, fetch_optional};
pub use write::BoxFuture;
