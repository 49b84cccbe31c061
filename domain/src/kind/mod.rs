//! The kinds of matter, one folder each, and the list of them.

pub mod annual_confirmation;
pub mod appeal;
pub mod complaint;
pub mod registration;
pub mod reregistration;
pub mod transfer;

use crate::matter::Kind;

/// Every kind, in the order in which they are offered.
pub static KINDS: &[&Kind] =
    &[&registration::KIND, &annual_confirmation::KIND, &reregistration::KIND, &transfer::KIND, &appeal::KIND, &complaint::KIND];

/// The kind with this code.
pub fn by_code(code: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|k| k.code == code)
}

#[cfg(test)]
mod tests;
