//! The engine of matters: forms, flows, drafts, assessments, uploads, messages. It knows no kind of matter and no certificate.

pub mod assessment;
pub mod draft;
pub mod flow;
pub mod form;
pub mod notification;
pub mod stage_duration;
pub mod upload;
