//! Tests on demo data. A process creates the data once for each database; every test gets a copy.
#![expect(clippy::unwrap_used, reason = "a test stops where something fails")]

mod app;
mod population;
mod server;

pub use app::TestApp;
pub use population::{Outcome, Population};
pub use server::{DemoServer, with_demo};
