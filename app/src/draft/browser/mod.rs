//! Drafts in the browser: kept on the device, sent to the server, shown on the page.

mod carry;
pub mod desk;
mod island;
pub mod js;
mod keeping;
pub mod offline;
pub mod page;
pub mod store;
pub mod told;

pub use island::{Editing, editor};
