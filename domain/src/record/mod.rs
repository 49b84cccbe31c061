//! Records of people: accounts, certificates, exam scores, payments, experts, 基本信息库, courses.

pub mod account;
pub mod certificate;
pub mod course;
pub mod exam;
pub mod expert;
pub mod library;
pub mod payment;
pub mod teaching;
