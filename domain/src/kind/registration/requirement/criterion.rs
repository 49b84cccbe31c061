//! Types of the requirement table.

use crate::base::catalogue::{Category, Domain, Grade};
use crate::base::rule::{RuleKey, key};
use crate::record::exam::{self, ExamSubject};

/// One row of the table: a criterion and the applications it applies to.
pub struct Requirement {
    /// Stable code.
    pub code: &'static str,
    /// What has to be proven.
    pub criterion: Criterion,
    /// Grades it applies to.
    pub grades: &'static [Grade],
    /// Categories it applies to.
    pub categories: &'static [Category],
    /// Codes of 申请类型 it applies to.
    pub kinds: &'static [&'static str],
    /// Step and field of the form where the applicant can meet it.
    pub place: (&'static str, &'static str),
    /// Advice for an applicant who does not meet it.
    pub hint: &'static str,
}

/// What has to be proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Criterion {
    /// A degree at least as high as the domain requires.
    Education,
    /// The title that the qualification path requires.
    Title,
    /// Full-time work after the degree.
    Work,
    /// Full-time work in the domain after the degree.
    Professional,
    /// The grades in their order: the full grade follows the trainee grade, unless the rules open it to everyone.
    GradeOrder,
    /// A valid certificate of the next lower grade in the domain.
    Lower,
    /// A valid certificate of at least this grade in another domain of the category.
    Another,
    /// A number of years at the full grade of the category, unless senior in another domain.
    YearsFull(RuleKey),
    /// A valid passing score.
    Exam(SubjectScope),
    /// A number of audits.
    Audits(AuditCriteria),
    /// A number of audit days.
    Days(CountedDays, AuditCriteria),
    /// Audits that together cover every clause of the standard.
    Clauses,
    /// An inspection in each specialty applied for.
    Specialties,
    /// A recommending institution.
    Recommendation,
    /// A guarantor, if the rules require one.
    Guarantor,
    /// The declaration.
    Declaration,
}

/// The exam subject of a criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectScope {
    /// 认证通用基础.
    General,
    /// The subject of the domain, if it has one.
    Domain,
    /// The general subject of the category.
    Category,
}

/// Which audits count, and the number of them or of their days that is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditCriteria {
    /// Number for the first domain.
    pub first: RuleKey,
    /// Number for a further domain of someone who is registered as full in another one.
    pub further: RuleKey,
    /// Only audits of the last years before the application; 0 counts all.
    pub within: RuleKey,
    /// Only audits as team leader.
    pub led: bool,
    /// Only complete audits (docs/domain.md §2.4).
    pub complete: bool,
}

/// Which days of an audit count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedDays {
    /// Credited on-site days.
    OnSite,
    /// Credited on-site and off-site days.
    All,
}

/// Complete audits for the full grade (docs/domain.md §2.1).
pub const COMPLETE: AuditCriteria = AuditCriteria {
    first: key::REG_AUDITS_FIRST,
    further: key::REG_AUDITS_ADDITIONAL,
    within: key::REG_AUDITS_WITHIN_YEARS,
    led: false,
    complete: true,
};

impl SubjectScope {
    /// The subject for a domain; none if the domain has no subject of its own.
    pub fn subject(self, domain: &Domain) -> Option<&'static ExamSubject> {
        exam::subject_by_code(match self {
            SubjectScope::General => exam::GENERAL_SUBJECT,
            SubjectScope::Domain => domain.code,
            SubjectScope::Category => exam::category_subject(domain.category),
        })
    }
}
