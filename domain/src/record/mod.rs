//! What the platform keeps about people: accounts, certificates, examination scores, payments, experts, the personal library.

pub mod account;
pub mod certificate;
pub mod exam;
pub mod expert;
pub mod library;
pub mod payment;
