//! 账号: registration, signing in, recovery.

pub mod admin;
pub mod code;
pub mod login;
pub mod recovery;
pub mod signup;

use chrono::NaiveDate;
use domain::base::identity::{DocumentType, Email, Mobile, Sex, mask_ends};
use serde::{Deserialize, Serialize};

/// Who someone is. Sealed as a whole; found again by fingerprints.
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
    /// Where it is sealed.
    pub const COLUMN: &'static str = "account.person_sealed";

    /// Name of the document's type.
    pub fn document_label(&self) -> &'static str {
        DocumentType::from_code(&self.document_type).map_or("证件", DocumentType::label)
    }

    /// The document's number with only its ends shown.
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

/// Where a request comes from: what limits are counted against.
#[derive(Clone)]
pub struct Origin {
    /// Something that stays the same for one browser.
    pub session: String,
    /// Network address, as text.
    pub address: String,
}

#[cfg(test)]
mod tests;
