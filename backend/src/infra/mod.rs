//! Infrastructure: database, keys, clock, files, sessions, passwords, payment gateway.

pub mod chunks;
pub mod clock;
pub mod db;
pub mod duration_cache;
pub mod file;
pub mod gateway;
pub mod outbox;
pub mod password;
pub mod pdf;
pub mod secret;
pub mod session;
