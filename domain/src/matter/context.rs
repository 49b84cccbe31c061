//! The context in which the answers of a matter are validated.

use std::ops::Deref;

use chrono::NaiveDate;
use uuid::Uuid;

use super::need::Need;
use super::past_matter::PastMatter;
use crate::engine::form::FormContext;
use crate::record::account::RegisteredIdentity;
use crate::record::certificate::HeldCertificate;
use crate::record::course::{FilingRecord, PlanRecord};
use crate::record::exam::Score;
use crate::record::institution::CreditCodeHolder;
use crate::record::teaching::{CourseCategory, TeacherRecord};

/// Name of the fact with the type of the registered document, in [`FormContext::facts`].
pub const DOCUMENT_TYPE_FACT: &str = "registered_document_type";

/// The context of a form, and as much of the record of the applicant as a kind needs.
pub struct MatterContext<'a> {
    /// Context of the form.
    pub form: FormContext<'a>,
    record: &'a ApplicantRecord,
    needs: &'a [Need],
}

impl<'a> Deref for MatterContext<'a> {
    type Target = FormContext<'a>;

    fn deref(&self) -> &Self::Target {
        &self.form
    }
}

/// Data on record about an applicant. Empty where it was not read.
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
    /// Course categories, also those that are not used.
    pub course_categories: Vec<CourseCategory>,
    /// The applicant as a teacher.
    pub teacher: TeacherRecord,
    /// What the filing of a course reads.
    pub filing: FilingRecord,
    /// What a training plan reads.
    pub plans: PlanRecord,
    /// What else has the credit code of the institution that the answers register.
    pub credit_code_holder: Option<CreditCodeHolder>,
}

impl<'a> MatterContext<'a> {
    /// A context with a record of which these parts were read.
    pub fn new(form: FormContext<'a>, record: &'a ApplicantRecord, needs: &'a [Need]) -> Self {
        Self { form, record, needs }
    }

    /// Part of the record. A kind that reads it without naming the need would judge by an empty record.
    fn part<T>(&self, need: Need, part: T) -> T {
        debug_assert!(self.needs.contains(&need), "a kind reads {need:?} and does not name it among its needs");
        part
    }

    /// The registered document; its name is the applicant's name of the form. Reads [`Need::Identity`].
    pub fn identity(&self) -> &'a RegisteredIdentity {
        self.part(Need::Identity, &self.record.identity)
    }

    /// Published exam scores. Reads [`Need::Scores`].
    pub fn scores(&self) -> &'a [Score] {
        self.part(Need::Scores, &self.record.scores)
    }

    /// Certificates, of whatever status. Reads [`Need::Certificates`].
    pub fn certificates(&self) -> &'a [HeldCertificate] {
        self.part(Need::Certificates, &self.record.certificates)
    }

    /// Institutions where the applicant practises. Reads [`Need::Practices`].
    pub fn practices(&self) -> &'a [Uuid] {
        self.part(Need::Practices, &self.record.practices)
    }

    /// Submitted matters, except the one being validated. Reads [`Need::Matters`].
    pub fn matters(&self) -> &'a [PastMatter] {
        self.part(Need::Matters, &self.record.matters)
    }

    /// Day of the last transfer. Reads [`Need::Transfer`].
    pub fn transferred_on(&self) -> Option<NaiveDate> {
        self.part(Need::Transfer, self.record.transferred_on)
    }

    /// Numbers of certificates with an open renewal. Reads [`Need::Renewals`].
    pub fn renewals_pending(&self) -> &'a [String] {
        self.part(Need::Renewals, &self.record.renewals_pending)
    }

    /// The course category with a code, also one that is not used. Reads [`Need::CourseCategories`].
    pub fn course_category(&self, code: &str) -> Option<&'a CourseCategory> {
        self.part(Need::CourseCategories, &self.record.course_categories).iter().find(|category| category.code == code)
    }

    /// The applicant as a teacher. Reads [`Need::Bindings`].
    pub fn teacher(&self) -> &'a TeacherRecord {
        self.part(Need::Bindings, &self.record.teacher)
    }

    /// What the filing of a course reads. Reads [`Need::Filing`].
    pub fn filing(&self) -> &'a FilingRecord {
        self.part(Need::Filing, &self.record.filing)
    }

    /// What a training plan reads. Reads [`Need::Plans`].
    pub fn plans(&self) -> &'a PlanRecord {
        self.part(Need::Plans, &self.record.plans)
    }

    /// The institution that files the matter for its people; certificates and practices are then those of its people.
    pub fn filing_institution(&self) -> Option<Uuid> {
        self.record.filing_institution
    }

    /// What else has the credit code of the institution that the answers register. Reads [`Need::CreditCode`].
    pub fn credit_code_holder(&self) -> Option<CreditCodeHolder> {
        self.part(Need::CreditCode, self.record.credit_code_holder)
    }

    /// Whether the applicant holds a certificate on a day, see [`ApplicantRecord::is_bound_to_practice_on`]. Reads [`Need::Certificates`].
    pub fn is_bound_to_practice_on(&self, day: NaiveDate) -> bool {
        self.part(Need::Certificates, self.record.is_bound_to_practice_on(day))
    }
}

impl ApplicantRecord {
    /// Whether the applicant holds a certificate on a day, valid or suspended, and so is bound to the institution where they practise
    /// (docs/domain.md §7.2). Whoever holds none cannot transfer, and begins anew with any institution.
    pub fn is_bound_to_practice_on(&self, day: NaiveDate) -> bool {
        self.certificates.iter().any(|held| held.is_active_on(day))
    }
}
