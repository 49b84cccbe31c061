//! Records: certificates, courses, scores, experts, form drafts, notifications, audit trail.

pub mod audit;
pub mod certificate;
pub mod course;
pub mod exam;
pub mod expert;
pub mod form_draft;
pub mod institution;
pub mod link;
pub mod notification;
pub mod payment;
