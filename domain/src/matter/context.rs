//! What a matter is judged against besides its answers.

use std::ops::Deref;

use chrono::NaiveDate;
use uuid::Uuid;

use super::PastMatter;
use crate::engine::form::FormContext;
use crate::record::certificate::Held;
use crate::record::exam::Score;

/// The context of a form, and the record of the applicant.
pub struct MatterContext<'a> {
    /// What the form itself is checked against.
    pub form: FormContext<'a>,
    /// What the platform has on record about the applicant.
    pub record: &'a ApplicantRecord,
}

impl<'a> Deref for MatterContext<'a> {
    type Target = FormContext<'a>;

    fn deref(&self) -> &Self::Target {
        &self.form
    }
}

/// What the platform has on record about an applicant. Empty where no rule of the kind reads it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApplicantRecord {
    /// Published scores.
    pub scores: Vec<Score>,
    /// Certificates, of whatever status.
    pub certificates: Vec<Held>,
    /// Institutions where they practise.
    pub practices: Vec<Uuid>,
    /// Matters they submitted, without the one that is judged.
    pub matters: Vec<PastMatter>,
    /// The day their practice institution was last changed.
    pub transferred_on: Option<NaiveDate>,
    /// Numbers of certificates that another matter, submitted and undecided, asks to renew.
    pub renewals_pending: Vec<String>,
    /// The institution that files the matter for its people; certificates and practices are then those of its people.
    pub filing_institution: Option<Uuid>,
}
