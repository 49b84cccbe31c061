//! Tests on demo data. A process creates the data once for each database; every test gets a copy.
#![expect(clippy::unwrap_used, reason = "a test stops where something fails")]

mod app;
mod applicants;
mod courses;
mod invariants;
mod population;
mod queue;
mod server;
pub mod stages;
pub mod writes;

pub use app::TestApp;
pub use applicants::{ReadyDraft, create_applicants};
#[cfg(test)]
pub(crate) use applicants::{create_account, first_institution};
pub use courses::create_teaching;
pub use invariants::{MatterFacts, find_faults, find_file_faults, matter_facts};
pub use population::{Outcome, Population, insert_assignments};
pub use queue::{insert_history, insert_queue};
pub use server::{DemoServer, with_demo};
