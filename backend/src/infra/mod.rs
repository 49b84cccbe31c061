//! What the server stands on: databases, keys, clock, files, sessions, passwords, the payment gateway.

pub mod chunks;
pub mod clock;
pub mod db;
pub mod file;
pub mod gateway;
pub mod password;
pub mod secret;
pub mod session;
