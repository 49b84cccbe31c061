//! Certificates as documents, publications, and the job that watches their days.

pub mod expiry;
pub mod print;
pub mod publication;
