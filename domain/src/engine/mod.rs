//! The engine of matters: forms, flows, drafts, form drafts, assessments, uploads, notifications. It knows no kind of matter. It names
//! effects and notification kinds of certificates, but reads no certificate.

pub mod assessment;
pub mod draft;
pub mod flow;
pub mod form;
pub mod form_draft;
pub mod notification;
pub mod stage_duration;
pub mod upload;
