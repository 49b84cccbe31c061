//! Matters (业务) as they are read: loaded for one party, with the context their answers are checked in.

pub mod answers;
pub mod context;
pub mod disputed;
pub mod durations;
pub mod error;
pub mod exclusion;
pub mod facets;
pub mod follow_up;
pub mod history;
pub mod identities;
pub(crate) mod library;
pub mod load;
pub mod loaded;
pub mod relations;
pub mod seen;
pub mod source;
pub mod submission;
pub mod summary;
pub mod upgrade;

pub use disputed::DisputedDecision;
pub use error::{ErrorClass, MatterError};
pub(crate) use follow_up::FollowUp;
pub use load::{answers_seen, load, previously_submitted_answers};
pub use loaded::LoadedMatter;
pub use seen::Seen;
pub use source::{Lists, Shown};
pub use summary::MatterSummary;

#[cfg(test)]
pub(crate) mod tests;
