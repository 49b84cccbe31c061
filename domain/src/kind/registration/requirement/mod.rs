//! What a registration asks of the person: a table, and the one function that holds it against the facts.
//!
//! Source: domain facts §2, with the least degrees of §1.2 and the numbers of §13, which stand in the rule table. Where the facts
//! leave open how rows meet, the reading is said at the row.

mod experience;
mod facts;
mod judge;
mod record;

#[cfg(test)]
mod tests;

pub(super) use facts::Facts;
pub use record::{Audit, audits};

use crate::base::catalogue::{Category, Grade};
use crate::base::rule::{Key, key};
use crate::engine::form::Answers;
use crate::matter::MatterContext;
use crate::matter::{Found, Requirements};
use crate::record::exam;

use Category::{Auditor, Examiner, Inspector};
use Grade::{Full, Senior, Trainee};

/// What the kind asks.
pub static REQUIREMENTS: Requirements = Requirements { aim: &["application_kind", "domain", "grade"], also: &["title_level"], find };

/// One row: what is asked, and of whom.
pub struct Requirement {
    /// Stable code.
    pub code: &'static str,
    /// What is asked.
    pub ask: Ask,
    /// Grades it is asked for.
    pub grades: &'static [Grade],
    /// Categories it is asked of.
    pub categories: &'static [Category],
    /// Kinds of application it is asked in.
    pub kinds: &'static [&'static str],
    /// Page and field where it can be mended.
    pub place: (&'static str, &'static str),
    /// What can be done about it.
    pub hint: &'static str,
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// At least the domain's degree.
    Education,
    /// The title that the way of the person's education asks for.
    Title,
    /// Full-time work after the degree.
    Work,
    /// Full-time work in the domain after the degree.
    Professional,
    /// A valid certificate of the next lower grade in the domain.
    Lower,
    /// A valid certificate of at least this grade in another domain of the category.
    Another,
    /// So many years as a full member of the category, unless senior in another domain.
    YearsFull(Key),
    /// A score of the subject that counts.
    Exam(Subject),
    /// Audits.
    Audits(Audits),
    /// Days of audits.
    Days(DaysOf, Audits),
    /// The audits together cover the standard.
    Clauses,
    /// Each specialty applied for was inspected.
    Specialties,
    /// An institution recommends.
    Recommendation,
    /// A guarantor, where the rules want one.
    Guarantor,
    /// The declaration is given.
    Declaration,
}

/// Which subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// 认证通用基础.
    General,
    /// The domain's own, where it has one.
    Domain,
    /// The general one of the category.
    Category,
}

/// Which audits, and how many of them or of their days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audits {
    /// In the first domain.
    pub first: Key,
    /// In a further one.
    pub further: Key,
    /// Only those of so many years before applying; 0 means all.
    pub within: Key,
    /// Only those led.
    pub led: bool,
    /// Only complete ones (§2.4).
    pub complete: bool,
}

/// Which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DaysOf {
    /// On site, by the coefficient of combined audits.
    OnSite,
    /// The same with off-site days, as far as they count.
    All,
}

const EVERY: &[Grade] = &[Trainee, Full, Senior];
const ENTRY: &[Grade] = &[Trainee, Full];
const ANYONE: &[Category] = &[Auditor, Inspector, Examiner];
const ANY_KIND: &[&str] = &["initial", "upgrade", "add_domain"];
const NEW: &[&str] = &["initial", "add_domain"];

const COMPLETE: Audits = Audits {
    first: key::REG_AUDITS_FIRST,
    further: key::REG_AUDITS_ADDITIONAL,
    within: key::REG_AUDITS_WITHIN_YEARS,
    led: false,
    complete: true,
};
const ONSITE: Audits = Audits { first: key::REG_ONSITE_FIRST, further: key::REG_ONSITE_ADDITIONAL, complete: false, ..COMPLETE };
const TOTAL: Audits = Audits { first: key::REG_TOTAL_DAYS, further: key::REG_TOTAL_DAYS, ..ONSITE };
const LED: Audits = Audits {
    first: key::REG_SENIOR_LEAD_AUDITS,
    further: key::REG_SENIOR_LEAD_AUDITS,
    within: key::REG_SENIOR_WITHIN_YEARS,
    led: true,
    complete: true,
};
const LED_ONSITE: Audits = Audits { first: key::REG_SENIOR_ONSITE, further: key::REG_SENIOR_ONSITE, complete: false, ..LED };
const INSPECTIONS: Audits = Audits { first: key::REG_INSPECTIONS, further: key::REG_INSPECTIONS, complete: false, ..COMPLETE };
const EXAMINATIONS: Audits = Audits { first: key::REG_EXAMINATIONS, further: key::REG_EXAMINATIONS, ..INSPECTIONS };

const ROW: Requirement =
    Requirement { code: "", ask: Ask::Declaration, grades: EVERY, categories: ANYONE, kinds: ANY_KIND, place: ("", ""), hint: "" };

const AUDIT_PAGE: (&str, &str) = ("audit", "audit");
const SCORES: (&str, &str) = ("exam", "scores");
const BEGIN: (&str, &str) = ("business", "application_kind");
const SIT: &str = "请参加全国统一考试，成绩公布后自动带入";

/// The table (domain facts §2.1 unless noted).
pub static TABLE: &[Requirement] = &[
    Requirement {
        code: "education", ask: Ask::Education, place: ("education", "education"), hint: "请添加符合要求的教育经历", ..ROW
    },
    // The grades above are reached through certificates; who holds one has shown work and title before.
    Requirement { code: "title", ask: Ask::Title, grades: &[Full], place: ("person", "title_level"), hint: "请核对职称级别", ..ROW },
    Requirement {
        code: "work",
        ask: Ask::Work,
        grades: &[Full],
        place: ("work", "work"),
        hint: "只计取得学历后的全职工作；研究生学习按比例折算",
        ..ROW
    },
    Requirement {
        code: "professional",
        ask: Ask::Professional,
        grades: &[Full],
        place: ("professional", "professional"),
        hint: "只计取得学历后、与所申请领域相关的全职工作，可与工作经历同期",
        ..ROW
    },
    // §1.3: grades are climbed step by step.
    Requirement {
        code: "lower_grade",
        ask: Ask::Lower,
        kinds: &["upgrade"],
        place: BEGIN,
        hint: "请核对申请类型、认证领域和注册级别",
        ..ROW
    },
    Requirement {
        code: "full_grade", ask: Ask::Lower, grades: &[Senior], kinds: NEW, place: BEGIN, hint: "高级须从正式级逐级晋升", ..ROW
    },
    // Read so: the numbers of a further domain are for who has shown the grade in the first one.
    Requirement {
        code: "another_domain",
        ask: Ask::Another,
        kinds: &["add_domain"],
        place: BEGIN,
        hint: "没有其他领域证书的，请选择初次注册",
        ..ROW
    },
    Requirement {
        code: "years_full",
        ask: Ask::YearsFull(key::REG_SENIOR_EXAMINER_YEARS),
        grades: &[Senior],
        categories: &[Examiner],
        place: BEGIN,
        hint: "其他领域已为高级的免除此项",
        ..ROW
    },
    // Read so: who goes from trainee to full has passed the trainee's subjects; who is new to the domain shows them now.
    Requirement { code: "exam_general", ask: Ask::Exam(Subject::General), grades: &[Trainee], kinds: NEW, place: SCORES, hint: SIT, ..ROW },
    Requirement {
        code: "exam_general",
        ask: Ask::Exam(Subject::General),
        grades: &[Full],
        kinds: &["initial"],
        place: SCORES,
        hint: SIT,
        ..ROW
    },
    Requirement { code: "exam_domain", ask: Ask::Exam(Subject::Domain), grades: ENTRY, kinds: NEW, place: SCORES, hint: SIT, ..ROW },
    Requirement { code: "exam_category", ask: Ask::Exam(Subject::Category), grades: &[Full], place: SCORES, hint: SIT, ..ROW },
    Requirement {
        code: "complete_audits",
        ask: Ask::Audits(COMPLETE),
        grades: &[Full],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "初审、再认证计为完整审核；监督审核现场天数足够的也计入",
        ..ROW
    },
    Requirement {
        code: "onsite_days",
        ask: Ask::Days(DaysOf::OnSite, ONSITE),
        grades: &[Full],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "只计所申请领域的现场天数，结合审核按系数折算",
        ..ROW
    },
    // §2.2, the edition of 2011; asked only where the rule table says so.
    Requirement {
        code: "total_days",
        ask: Ask::Days(DaysOf::All, TOTAL),
        grades: &[Full],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "每次审核的非现场天数只按现场天数的一定比例计入",
        ..ROW
    },
    Requirement {
        code: "clauses",
        ask: Ask::Clauses,
        grades: &[Full],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "各次审核合计应覆盖标准的全部条款",
        ..ROW
    },
    // §2.3 says it for re-registration; taken for the first one until its own numbers are found.
    Requirement {
        code: "inspections",
        ask: Ask::Audits(INSPECTIONS),
        grades: &[Full],
        categories: &[Inspector],
        place: AUDIT_PAGE,
        hint: "请添加所申请领域的检查经历",
        ..ROW
    },
    Requirement {
        code: "specialties",
        ask: Ask::Specialties,
        grades: &[Full],
        categories: &[Inspector],
        place: AUDIT_PAGE,
        hint: "每个注册专业至少一次检查",
        ..ROW
    },
    Requirement {
        code: "examinations",
        ask: Ask::Audits(EXAMINATIONS),
        grades: &[Full],
        categories: &[Examiner],
        place: AUDIT_PAGE,
        hint: "请添加所申请领域的审查经历",
        ..ROW
    },
    // §2.2, the edition of 2011: the last numbers known for the senior grade.
    Requirement {
        code: "lead_audits",
        ask: Ask::Audits(LED),
        grades: &[Senior],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "只计近年担任组长的完整审核",
        ..ROW
    },
    Requirement {
        code: "lead_onsite_days",
        ask: Ask::Days(DaysOf::OnSite, LED_ONSITE),
        grades: &[Senior],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "只计近年担任组长的现场天数，结合审核按系数折算",
        ..ROW
    },
    Requirement {
        code: "recommendation",
        ask: Ask::Recommendation,
        place: ("business", "recommending_institution"),
        hint: "填写申请时选择推荐机构，提交后由其初核",
        ..ROW
    },
    // §2.6.
    Requirement {
        code: "guarantor",
        ask: Ask::Guarantor,
        place: ("declaration", "guarantor_name"),
        hint: "担保人须为正式级以上的注册人员，了解您的情况",
        ..ROW
    },
    Requirement {
        code: "declaration", ask: Ask::Declaration, place: ("declaration", "declared"), hint: "填写申请时阅读并勾选", ..ROW
    },
];

/// Holds every row of the aim against the facts, in the order of the table. Empty while kind, domain or grade is not said.
pub fn find(answers: &Answers, context: &MatterContext<'_>) -> Vec<Found> {
    let Some(facts) = Facts::read(answers, context) else {
        return Vec::new();
    };
    let asked = |r: &&Requirement| {
        r.grades.contains(&facts.grade) && r.categories.contains(&facts.domain.category) && r.kinds.contains(&facts.kind)
    };
    TABLE.iter().filter(asked).filter_map(|row| judge::hold(row, &facts)).collect()
}

impl Subject {
    /// Code of the subject for a domain; none where the domain has none of its own.
    fn of(self, domain: &crate::base::catalogue::Domain) -> Option<&'static exam::Subject> {
        exam::subject(match self {
            Subject::General => exam::GENERAL,
            Subject::Domain => domain.code,
            Subject::Category => exam::of_category(domain.category),
        })
    }
}
