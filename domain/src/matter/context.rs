//! The context in which the answers of a matter are validated.

use std::ops::Deref;

use chrono::NaiveDate;
use uuid::Uuid;

use super::past_matter::PastMatter;
use crate::engine::form::FormContext;
use crate::record::account::RegisteredIdentity;
use crate::record::certificate::HeldCertificate;
use crate::record::exam::Score;

/// Name of the fact with the type of the registered document, in [`FormContext::facts`].
pub const DOCUMENT_TYPE_FACT: &str = "registered_document_type";

/// The context of a form, and the record of the applicant.
pub struct MatterContext<'a> {
    /// Context of the form.
    pub form: FormContext<'a>,
    /// The applicant's record.
    pub record: &'a ApplicantRecord,
}

impl<'a> Deref for MatterContext<'a> {
    type Target = FormContext<'a>;

    fn deref(&self) -> &Self::Target {
        &self.form
    }
}

/// Data on record about an applicant. Empty where no rule of the kind reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicantRecord {
    /// The registered document; its name is the applicant's name of the form.
    pub identity: RegisteredIdentity,
    /// Published exam scores.
    pub scores: Vec<Score>,
    /// Certificates, of whatever status.
    pub certificates: Vec<HeldCertificate>,
    /// Institutions where the applicant practises.
    pub practices: Vec<Uuid>,
    /// Submitted matters, except the one being validated.
    pub matters: Vec<PastMatter>,
    /// Day of the last transfer.
    pub transferred_on: Option<NaiveDate>,
    /// Numbers of certificates with an open renewal.
    pub renewals_pending: Vec<String>,
    /// The institution that files the matter for its people; certificates and practices are then those of its people.
    pub filing_institution: Option<Uuid>,
}

impl ApplicantRecord {
    /// Whether the applicant holds a certificate on a day, valid or suspended, and so is bound to the institution where they practise
    /// (docs/domain.md §7.2). Whoever holds none cannot transfer, and begins anew with any institution.
    pub fn is_bound_to_practice_on(&self, day: NaiveDate) -> bool {
        self.certificates.iter().any(|held| held.is_active_on(day))
    }
}
