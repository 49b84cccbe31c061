//! Access: accounts, log-in, roles, and the permission check.

pub mod account;
pub mod guard;
pub mod rate_limit;
