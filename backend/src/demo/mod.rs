//! Demo data: accounts, institutions and matters, so that no list is empty. For local use only.

mod accounts;
pub(crate) mod actions;
pub(crate) mod application;
pub(crate) mod binding;
pub(crate) mod cases;
pub(crate) mod course;
mod crowd;
mod error;
mod fill;
pub(crate) mod identity;
pub(crate) mod institution;
pub(crate) mod plan;
mod tables;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use accounts::PASSWORD;
pub use error::DemoError;
pub use fill::{fill_demo, refuse_real_data};
