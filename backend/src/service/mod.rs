//! Services above the workflow, for pages, jobs and the command line: lists, payments, messages, uploads, certificate files.

pub mod admin;
pub mod backup;
pub mod certificate;
pub mod cleanup;
pub mod clock_check;
pub mod course;
pub mod deadlines;
pub mod figures;
pub mod institution;
pub mod matters;
pub mod message;
pub mod notice;
pub mod own_data;
pub mod own_matters;
pub mod pages;
pub mod payment;
pub mod practice;
pub mod queue;
pub mod refingerprint;
pub mod reseal;
pub mod search;
pub mod storage;
pub mod teaching;
pub mod upload;
