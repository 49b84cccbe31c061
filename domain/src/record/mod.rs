//! Records of people: accounts, certificates, exam scores, payments, experts, 基本信息库, courses.
//! Records of people: accounts, certificates, exam scores, payments, experts, institutions, 基本信息库.

pub mod account;
pub mod certificate;
pub mod course;
pub mod exam;
pub mod expert;
pub mod institution;
pub mod library;
pub mod payment;
pub mod teaching;
