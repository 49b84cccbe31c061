//! Formats of identity data: documents, credit codes, contact data, names, passwords.
//!
//! Each parser takes every usual spelling and returns the one stored form; it is total, and each error has a Chinese message, which names the first
//! character that is wrong. Sources: GB 11643 (identity numbers), GB 32100 (credit codes),
//! docs/domain.md §11 for the rest.

mod account_name;
mod certificate_number;
mod contact;
mod credit_code;
mod disclosure;
mod document;
mod latin_name;
mod mask;
mod password;
mod person_name;
mod phone;
mod resident_id;
mod sex;
mod sms_code;
mod tax_number;

pub use account_name::{AccountName, NameError};
pub use certificate_number::{CertificateNumberError, read_certificate_number};
pub use contact::{ContactError, Email, Mobile, read_postcode};
pub use credit_code::{CreditCode, CreditCodeError};
pub use disclosure::DisclosureReason;
pub use document::{Document, DocumentError, DocumentType};
pub use latin_name::{LatinNameError, read_latin_name};
pub use mask::mask_ends;
pub use password::{PasswordError, check_password};
pub use person_name::{PersonNameError, fold_name, is_name_mark, read_person_name, same_name};
pub use phone::{PhoneError, read_phone};
pub use resident_id::{ResidentId, ResidentIdError, of_age};
pub use sex::Sex;
pub use sms_code::{SmsCodeError, read_sms_code};
pub use tax_number::{TaxNumberError, read_tax_number};
