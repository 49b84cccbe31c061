//! 证书: issuing, renewal, disposition, lookup, and signed records.

pub mod disposition;
pub mod issue;
pub mod lookup;
pub mod renewal;
pub mod seen;
pub mod signed_code;

pub use lookup::{
    Certificate, FormerHolder, MeasureRecord, certificate_by_number, certificate_of_matter, former_holders, own_certificates,
    signed_code_of,
};

#[cfg(test)]
mod tests;
