//! secret/mod
