//! Infrastructure: database, keys, clock, files, sessions, passwords, payment gateway.

pub mod access_log;
pub mod byte_budget;
pub mod chunks;
pub mod clock;
pub mod db;
pub mod duration_cache;
pub mod export_places;
pub mod file;
pub mod gateway;
pub mod keyring;
pub(crate) mod lookup_limit;
pub mod low_priority;
pub(crate) mod number_blocks;
pub mod outbox;
pub mod password;
pub mod pdf;
pub mod qr_code;
pub mod query_throttle;
pub mod sealed_folder;
pub mod secret;
pub mod session;
pub mod sheet;
pub mod write_check;
