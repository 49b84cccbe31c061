//! 账号: registration, log-in, recovery, and what its person can change.

pub mod browser_name;
pub mod closing;
pub mod code;
pub mod contact;
pub(crate) mod fingerprints;
pub mod forgotten_name;
pub mod former_identity;
pub mod known_device;
pub mod login;
pub mod lookup;
pub mod name_mark;
pub mod password_change;
pub mod proof;
pub mod reauthentication;
pub mod recovery;
pub mod second_factor;
pub mod sessions;
pub mod signup;
pub mod status;
pub mod totp;

use chrono::NaiveDate;
use domain::base::identity::{DocumentType, Email, Mobile, Sex, mask_ends};
use serde::{Deserialize, Serialize};

/// Personal data of an account. Sealed as a whole, found by fingerprints.
#[derive(Clone, Serialize, Deserialize)]
pub struct Person {
    /// 姓名.
    pub name: String,
    /// 证件类型, by code.
    pub document_type: String,
    /// 证件号码.
    pub document_number: String,
    /// 性别.
    pub sex: Sex,
    /// 出生日期.
    pub birth_date: NaiveDate,
    /// 手机号码.
    pub mobile: String,
    /// 电子邮箱.
    pub email: String,
}

impl Person {
    /// Sealing column.
    pub const COLUMN: &'static str = "account.person_sealed";

    /// Chinese name of the document type.
    pub fn document_label(&self) -> &'static str {
        DocumentType::from_code(&self.document_type).map_or("证件", DocumentType::label)
    }

    /// The document number, masked but for its ends.
    pub fn masked_document(&self) -> String {
        mask_ends(&self.document_number)
    }

    /// The mobile number, masked.
    pub fn masked_mobile(&self) -> String {
        Mobile::parse(&self.mobile).map_or_else(|_| String::new(), |m| m.masked())
    }

    /// The e-mail address, masked.
    pub fn masked_email(&self) -> String {
        Email::parse(&self.email).map_or_else(|_| String::new(), |m| m.masked())
    }
}

/// Origin of a request, against which limits are counted.
#[derive(Clone)]
pub struct RequestOrigin {
    /// Identifier of the browser session.
    pub session: String,
    /// Network address, as text.
    pub address: String,
}

/// Where an attempt to sign in comes from.
#[derive(Debug, Clone, Default)]
pub struct LoginOrigin {
    /// Network address, as text.
    pub address: String,
    /// Token of a known device, from its cookie.
    pub device: Option<String>,
    /// Name of the browser, as the list of sessions shows it.
    pub browser: String,
}

#[cfg(test)]
mod tests;
