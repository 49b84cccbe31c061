//! 注册证书: number, validity, renewal, publication, and the signed record.

mod held;
mod number;
mod publication;
mod renewal;
mod signed_record;

pub use held::{CertificateGrant, CertificateStatus, HeldCertificate};
pub use number::{format_number, is_number};
pub use publication::{mask_name, published_on};
pub use renewal::{Eligibility, Ineligible, Lapse, Renewal, Terms, initial_terms, lapse, next_check_on, reminder, upcoming};
pub use signed_record::{MAX_CODE_BYTES, SignedRecord, SignedRecordError};
