//! Records: certificates, scores, experts, notifications, audit trail.

pub mod audit;
pub mod certificate;
pub mod exam;
pub mod expert;
pub mod link;
pub mod notification;
pub mod payment;
