//! 注册证书: number, validity, renewal, disposition, publication, and the signed record.

mod held;
mod lifting;
mod measure;
mod number;
mod publication;
mod renewal;
mod signed_record;
mod status;

pub use held::{CertificateGrant, HeldCertificate};
pub use lifting::{ImposedMeasure, Lifting};
pub use measure::{MEASURES, Measure, MeasureRule, ScheduledMeasure, Standing};
pub use number::{format_number, is_number};
pub use publication::{mask_name, published_on};
pub use renewal::{Eligibility, Ineligible, Lapse, Renewal, Terms, initial_terms, lapse, next_check_on, reminder, upcoming};
pub use signed_record::{MAX_CODE_BYTES, SignedRecord, SignedRecordError};
pub use status::CertificateStatus;
