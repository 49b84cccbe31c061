//! The field itself: identities, forms, flows, money, dates, rules.
//!
//! Pure: no I/O, no async, no framework, no clock, no randomness. Times and new ids are arguments.
//! The same code runs in the server and, compiled to WASM, in the browser.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod base;
pub mod engine;
pub mod kind;
pub mod matter;
pub mod record;
