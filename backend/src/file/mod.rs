//! file/mod
