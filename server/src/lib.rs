//! The binary `registrar`: settings, accept loop, headers, limits, command line. What the pages say stands in `app`.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod accept;
pub mod admin;
pub mod answer;
pub mod assets;
pub mod body;
pub mod cli;
pub mod client;
pub mod config;
pub mod gate;
pub mod headers;
pub mod health;
pub mod jobs;
pub mod limits;
pub mod log;
pub mod network;
pub mod origin;
pub mod pages;
pub mod place;
pub mod serve;
pub mod stall;
mod worker;
