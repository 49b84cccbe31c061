//! Matters (业务) as they are read: loaded for one party, with the context their answers are checked in.

pub mod applicant_record;
pub mod context;
pub mod disputed;
pub mod durations;
pub mod error;
pub mod exclusion;
pub mod facets;
pub mod follow_up;
pub mod history;
pub mod identities;
pub mod institution_certificates;
pub mod institution_people;
pub mod load;
pub mod loaded;
pub mod relations;
pub mod seen;
pub mod submission;
pub mod summary;
pub mod upgrade;

pub use applicant_record::Lists;
pub use disputed::DisputedDecision;
pub use error::{ErrorClass, MatterError};
pub(crate) use follow_up::FollowUp;
pub use load::{answers_seen, load, previously_submitted_answers};
pub use loaded::LoadedMatter;
pub use seen::Seen;
pub use summary::MatterSummary;

#[cfg(test)]
pub(crate) mod tests;
