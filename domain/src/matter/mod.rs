//! Matters (业务): the description of a kind, and the context in which its rules are checked.

pub mod audit_experience;
mod context;
pub mod employment;
mod exclusion;
mod facet;
mod finding;
mod kind;
mod link;
mod message;
mod need;
mod number;
mod open_key;
mod participant;
mod past_matter;
pub mod renewal;
mod service_terms;
mod transfer_policy;

pub use context::{ApplicantRecord, DOCUMENT_TYPE_FACT, MatterContext};
pub use exclusion::Exclusion;
pub use facet::Facet;
pub use finding::{RequirementFinding, RequirementStatus};
pub use kind::{
    Availability, BASE_KIND, CERTIFICATES_FIELD, ExpertList, Guide, IdentityRule, Kind, ParticipantList, RelatedInstitution, Requirements,
};
pub use link::{DISPUTED, LinkRole, LinkRule, MatterLink};
pub use message::{MessageNames, StageMessage};
pub use need::{
    CERTIFICATES, CERTIFICATION_BODIES, COURSE_CATEGORIES, COURSE_DELIVERIES, COURSE_MODULES, COURSE_TEACHERS, DECISIONS, FILED_COURSES,
    IDENTITY, INSTITUTION_PEOPLE, Need, PLANNED_MODULES, PRACTICES, RECOMMENDING_INSTITUTIONS, SCORES, SIGNED_ON,
};
pub use number::{matter_number, read_matter_number};
pub use open_key::{OpenKey, binding_key};
pub use participant::{NamedBefore, Participant};
pub use past_matter::{PastMatter, SUBMITTED_MATTERS};
pub use transfer_policy::{OnTransfer, TransferPolicy};

#[cfg(test)]
pub(crate) mod testing;
