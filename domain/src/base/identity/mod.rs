//! Formats of identity data: documents, credit codes, contact data, names, passwords.
//!
//! Each parser is total, and each error has a Chinese message. Sources: GB 11643 (identity numbers), GB 32100 (credit codes),
//! docs/domain.md §11 for the rest.

mod contact;
mod credit_code;
mod document;
mod mask;
mod name;
mod password;
mod resident_id;
mod sex;

pub use contact::{ContactError, Email, Mobile, check_phone, check_postcode};
pub use credit_code::{CreditCode, CreditCodeError};
pub use document::{Document, DocumentError, DocumentType};
pub use mask::mask_ends;
pub use name::{AccountName, NameError, check_person_name, fold_name, same_name};
pub use password::{PasswordError, check_password};
pub use resident_id::{ResidentId, ResidentIdError, of_age};
pub use sex::Sex;
