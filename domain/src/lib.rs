//! The field itself: identities, forms, flows, money, dates, rules.
//!
//! Pure: no I/O, no async, no framework, no clock, no randomness. What depends on the time or on a new id is handed in.
//! The same code runs in the server and, compiled to WASM, in the browser.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod account;
pub mod annual_confirmation;
pub mod appeal;
pub mod assessment;
pub mod calendar;
pub mod catalogue;
pub mod certificate;
pub mod complaint;
pub mod draft;
pub mod exam;
pub mod expert;
pub mod flow;
pub mod form;
pub mod identity;
pub mod library;
pub mod matter;
pub mod message;
pub mod money;
pub mod pace;
pub mod payment;
pub mod permission;
pub mod registration;
pub mod reregistration;
pub mod rule;
pub mod text;
pub mod transfer;
pub mod upload;
