//! The identity of an account's person: what is registered, and what an approved change replaces.

use std::fmt;

use chrono::NaiveDate;

use crate::base::identity::{Document, Sex, mask_ends};

/// An identity document, with the sex and the birth date of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentIdentity {
    /// Type and number.
    pub document: Document,
    /// 性别.
    pub sex: Sex,
    /// 出生日期.
    pub birth_date: NaiveDate,
}

/// The document an account is registered with. Empty where no rule reads it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RegisteredIdentity {
    /// 证件类型, by code.
    pub document_type: String,
    /// 证件号码.
    pub document_number: String,
    /// 性别.
    pub sex: Option<Sex>,
    /// 出生日期.
    pub birth_date: Option<NaiveDate>,
}

/// What an approved change replaces.
#[derive(Clone, PartialEq, Eq)]
pub struct IdentityChange {
    /// The new name, if it changes.
    pub name: Option<String>,
    /// The new document, if it changes.
    pub document: Option<DocumentIdentity>,
}

impl RegisteredIdentity {
    /// Whether a document says what is registered already.
    pub fn is_same(&self, new: &DocumentIdentity) -> bool {
        self.document_type == new.document.kind().code()
            && self.document_number == new.document.number()
            && self.sex == Some(new.sex)
            && self.birth_date == Some(new.birth_date)
    }
}

impl fmt::Debug for RegisteredIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegisteredIdentity({}, {})", self.document_type, mask_ends(&self.document_number))
    }
}
