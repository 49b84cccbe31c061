//! What the pages and jobs ask for on top of the workflow: lists, payments, messages, uploads, certificates as documents.

pub mod certificate;
pub mod matters;
pub mod message;
pub mod payment;
pub mod upload;
