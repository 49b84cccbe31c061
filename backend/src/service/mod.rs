//! Services above the workflow, for pages, jobs and the command line: lists, payments, messages, uploads, certificate files.

pub mod admin;
pub mod certificate;
pub mod cleanup;
pub mod deadlines;
pub mod matters;
pub mod message;
pub mod notice;
pub mod pages;
pub mod payment;
pub mod practice;
pub mod upload;
