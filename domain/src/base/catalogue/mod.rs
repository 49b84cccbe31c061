//! The trade's lists: domains, categories, grades, and the enumerations of forms.
//!
//! Source: domain tables of the registration criteria (editions of 2021) and the reporting codes of certification bodies.

mod domains;
mod lists;

pub use domains::{Category, DOMAIN_CHOICES, DOMAINS, Domain, Grade, domain};
pub use lists::*;
