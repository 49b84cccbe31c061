//! db/mod
