//! Access: accounts, log-in, roles, and the permission check.

pub mod access_log;
pub mod account;
pub mod guard;
pub mod owner;
pub mod rate_limit;
