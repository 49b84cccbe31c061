//! Drafts in the browser: kept on the device, sent to the server, shown on the page.

mod carry;
pub mod desk;
mod drawing;
mod exchange;
mod island;
pub mod js;
mod keeper;
mod keeping;
mod line;
pub mod offline;
pub mod page;
mod pieces;
mod sending;
pub mod store;
pub mod told;
pub mod upload;

pub use island::{Editing, editor};
