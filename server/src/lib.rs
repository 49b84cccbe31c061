//! The binary `registrar`: settings, accept loop, headers, limits, command line. The pages are in `app`.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod accept;
pub mod admin;
pub mod admission;
mod asset_file;
pub mod assets;
pub mod body;
pub mod cli;
pub mod client;
pub mod compress;
pub mod config;
pub mod connections;
pub mod demo_guard;
pub mod error_pages;
pub mod headers;
pub mod health;
pub mod jobs;
pub mod limits;
pub mod log;
pub mod network;
pub mod operation;
pub mod origin;
pub mod pages;
pub mod places;
pub mod readiness;
pub mod route_limits;
pub mod security;
pub mod serve;
mod service_worker;
pub mod session_layer;
pub mod write_timeout;
