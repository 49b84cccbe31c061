//! What the platform keeps: certificates, scores, experts, notifications, the audit trail.

pub mod audit;
pub mod certificate;
pub mod exam;
pub mod expert;
pub mod notification;
