//! Certificates: PDF, publication, and the expiry job.

pub mod expiry;
pub mod print;
pub mod publication;
pub mod verification;
