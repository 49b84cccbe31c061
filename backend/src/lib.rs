//! The backend: commands, SQL, sessions, files, SMS, outbox, jobs. No HTML.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod access;
pub mod demo;
pub mod infra;
pub mod matter;
pub mod record;
pub mod service;
pub mod state;
pub mod workflow;

pub use infra::db::DbError;
pub use state::AppState;
