//! What a kind needs on record about an applicant.

use super::audit_experience::BODY_NAMES;
use super::past_matter::SUBMITTED_MATTERS;
use crate::record::certificate::Renewal;

/// Option list of the people of the institution that a matter belongs to: account and name.
pub const INSTITUTION_PEOPLE: &str = "institution_people";
/// Option list of the certification bodies.
pub const CERTIFICATION_BODIES: &str = "certification_bodies";
/// Option list of the institutions that can recommend an applicant: for holders of a certificate the one where they practise
/// (docs/domain.md §7.2), or else every certification body.
pub const RECOMMENDING_INSTITUTIONS: &str = "recommending_institutions";
/// Option list of the institutions where the applicant practises.
pub const PRACTICES: &str = "practices";
/// Displayed data: the registered identity.
pub const IDENTITY: &str = "identity";
/// Displayed data: the certificates that are valid.
pub const CERTIFICATES: &str = "certificates";
/// Displayed data: the exam scores that are valid.
pub const SCORES: &str = "scores";
/// Option list of the decisions that can be appealed.
pub const DECISIONS: &str = "decisions";
/// Option list of the course categories that are used.
pub const COURSE_CATEGORIES: &str = "course_categories";
/// Option lists of the ways in which courses of a category are taught, one for each category.
pub const COURSE_DELIVERIES: &str = "course_deliveries";
/// Option list of the modules that the answers name.
pub const COURSE_MODULES: &str = "course_modules";
/// Option list of the filed courses of the institution that the matter belongs to.
pub const FILED_COURSES: &str = "filed_courses";
/// Option lists of the teachers of a filed course, one for each course: account and name.
pub const COURSE_TEACHERS: &str = "course_teachers";
/// Option lists of the modules of a filed course, one for each course.
pub const PLANNED_MODULES: &str = "planned_modules";
/// Displayed data: the day of a declaration. Every matter has it.
pub const SIGNED_ON: &str = "signed_on";

/// A part of the record that the rules, the option lists or the displayed data of a kind read. The context of a matter is read from the
/// database as far as its kind needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The registered identity, and the names borne since the first submission.
    Identity,
    /// Certification bodies as options.
    Institutions,
    /// Published exam scores.
    Scores,
    /// Certificates: the applicant's, or those of the people of an institution that renews for them.
    Certificates,
    /// Institutions where the applicant practises. Whether they bind the applicant depends on the certificates.
    Practices,
    /// Matters submitted earlier.
    Matters,
    /// The day of the last transfer.
    Transfer,
    /// Open renewals, and by them the certificates that can be renewed.
    Renewals,
    /// The people of the institution that the matter belongs to.
    People,
    /// Course categories.
    CourseCategories,
    /// What the applicant is bound to as a teacher, or has asked for, and the education on record in 基本信息库.
    Bindings,
    /// 培训权限 of the institution, and the modules and teachers that the answers name.
    Filing,
    /// Filed courses with their teachers and modules, the days of a plan, and other plans of the teachers that the answers name.
    Plans,
    /// What has the credit code of the institution that the answers register.
    CreditCode,
}

impl Need {
    /// Every need, in an order in which each can be read after those that it depends on.
    pub const ALL: [Need; 14] = [
        Need::Identity,
        Need::Institutions,
        Need::Scores,
        Need::Certificates,
        Need::Practices,
        Need::Matters,
        Need::Transfer,
        Need::Renewals,
        Need::People,
        Need::CourseCategories,
        Need::Bindings,
        Need::Filing,
        Need::Plans,
        Need::CreditCode,
    ];

    /// Whether what it reads follows from the answers: it is to be read again after a save.
    pub fn reads_answers(self) -> bool {
        matches!(self, Need::Filing | Need::Plans | Need::CreditCode)
    }

    /// The option lists and displayed data that it fills.
    pub fn lists(self) -> &'static [&'static str] {
        const RENEWALS: [&str; 2] = [Renewal::AnnualConfirmation.option_list(), Renewal::Reregistration.option_list()];
        match self {
            Need::Identity => &[IDENTITY],
            Need::Institutions => &[CERTIFICATION_BODIES, RECOMMENDING_INSTITUTIONS, BODY_NAMES],
            Need::Scores => &[SCORES],
            Need::Certificates => &[CERTIFICATES],
            Need::Practices => &[PRACTICES],
            Need::Matters => &[DECISIONS, SUBMITTED_MATTERS],
            Need::Transfer | Need::Bindings | Need::CreditCode => &[],
            Need::Renewals => &RENEWALS,
            Need::People => &[INSTITUTION_PEOPLE],
            Need::CourseCategories => &[COURSE_CATEGORIES],
            Need::Filing => &[COURSE_DELIVERIES, COURSE_MODULES],
            Need::Plans => &[FILED_COURSES, COURSE_TEACHERS, PLANNED_MODULES],
        }
    }
}
