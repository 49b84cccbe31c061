//! Two databases, one SQL text.
//!
//! Each statement is written once, in the dialect that SQLite and PostgreSQL share, and dispatched over [`Tx`] by three macros. SQL stands
//! in this folder and nowhere else, one file per field.

pub mod address;
pub mod backup;
pub mod connection;
pub mod error;
pub mod exclusive;
pub mod migrate;
mod on_behalf;
pub mod pool;
mod readers;
mod reason;
mod statements;
pub mod text_code;
pub mod tx;
pub mod wait;
pub mod write;

pub mod access;
pub mod account;
pub mod audit;
pub mod certificate;
pub mod channel_choice;
pub mod command;
pub mod course;
pub mod discarded;
pub mod disposition;
pub mod event;
pub mod exam;
pub mod expert;
pub mod figures;
pub mod file;
pub mod form_draft;
pub mod identity;
pub mod institution;
pub mod institution_state;
pub mod institution_user;
pub mod key;
pub mod library;
pub mod link;
pub mod list;
pub mod maintenance;
pub mod matter;
pub mod matter_key;
pub mod matter_number;
pub mod merge;
pub mod message;
pub mod outbox;
pub mod participant;
pub mod patch;
pub mod payment;
pub mod person;
pub mod plan;
pub mod process;
pub mod queue;
pub mod rate;
pub mod receipt;
pub mod relation;
pub mod renewal;
pub mod retention;
pub mod revision;
pub mod rule;
pub mod sandbox_trade;
pub mod saved_view;
pub mod sealed;
pub mod search;
pub mod session;
pub mod sign_in;
pub mod sms;
pub mod snapshot;
pub mod task;
pub mod teaching;
pub mod totp;
pub mod transfer;
pub mod two_people;
pub mod upload;
pub mod user_role;

#[cfg(any(test, feature = "testing"))]
pub mod freeze;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use error::DbError;
pub use pool::Db;
pub use tx::Tx;
pub(crate) use tx::{execute, fetch_all, fetch_optional};
pub use write::BoxFuture;
