//! 证书: issuing, renewal, lookup, and signed records.

pub mod issue;
pub mod lookup;
pub mod renewal;
pub mod signed_code;

pub use lookup::{
    Certificate, FormerHolder, certificate_by_number, certificate_of_matter, former_holders, own_certificates, signed_code_of,
};

#[cfg(test)]
mod tests;
