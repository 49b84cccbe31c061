//! What the server does: commands, SQL, sessions, files, SMS, outbox, jobs. No HTML.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod account;
pub mod certificate;
pub mod clock;
pub mod db;
pub mod demo;
pub mod exam;
pub mod expert;
pub mod file;
pub mod guard;
pub mod matter;
pub mod message;
pub mod password;
pub mod payment;
pub mod secret;
pub mod session;
pub mod state;
pub mod upload;

pub use state::AppState;
