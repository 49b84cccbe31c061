//! Catalogues of the field: domains, categories, grades, and the option lists of forms.
//!
//! Source: docs/domain.md §1 and §3 (registration criteria of 2021, reporting codes of certification bodies).

mod choice;
mod domains;
mod lists;

pub use choice::Choice;
pub use domains::{Category, DOMAIN_CHOICES, DOMAINS, Domain, Grade, domain};
pub use lists::*;
