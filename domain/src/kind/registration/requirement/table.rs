//! The requirements of a registration as a table (docs/domain.md §2, with the degrees of §1.2; numbers stand in the rule table, §13).

use super::criterion::{AuditCriteria, COMPLETE, CountedDays, Criterion, Requirement, SubjectScope};
use crate::base::catalogue::Category::{self, Auditor, Examiner, Inspector};
use crate::base::catalogue::Grade::{self, Full, Senior, Trainee};
use crate::base::rule::key;

const EVERY: &[Grade] = &[Trainee, Full, Senior];
const ENTRY: &[Grade] = &[Trainee, Full];
const ANYONE: &[Category] = &[Auditor, Inspector, Examiner];
const ANY_KIND: &[&str] = &["initial", "upgrade", "add_domain"];
const NEW: &[&str] = &["initial", "add_domain"];

const ONSITE: AuditCriteria =
    AuditCriteria { first: key::REG_ONSITE_FIRST, further: key::REG_ONSITE_ADDITIONAL, complete: false, ..COMPLETE };
const TOTAL: AuditCriteria = AuditCriteria { first: key::REG_TOTAL_DAYS, further: key::REG_TOTAL_DAYS, ..ONSITE };
const LED: AuditCriteria = AuditCriteria {
    first: key::REG_SENIOR_LEAD_AUDITS,
    further: key::REG_SENIOR_LEAD_AUDITS,
    within: key::REG_SENIOR_WITHIN_YEARS,
    led: true,
    complete: true,
};
const LED_ONSITE: AuditCriteria = AuditCriteria { first: key::REG_SENIOR_ONSITE, further: key::REG_SENIOR_ONSITE, complete: false, ..LED };
const INSPECTIONS: AuditCriteria =
    AuditCriteria { first: key::REG_INSPECTIONS, further: key::REG_INSPECTIONS, complete: false, ..COMPLETE };
const EXAMINATIONS: AuditCriteria = AuditCriteria { first: key::REG_EXAMINATIONS, further: key::REG_EXAMINATIONS, ..INSPECTIONS };

const ROW: Requirement = Requirement {
    code: "",
    criterion: Criterion::Declaration,
    grades: EVERY,
    categories: ANYONE,
    kinds: ANY_KIND,
    place: ("", ""),
    hint: "",
};

const AUDIT_PAGE: (&str, &str) = ("audit", "audit");
const EXAM_PAGE: (&str, &str) = ("exam", "scores");
const BUSINESS_PAGE: (&str, &str) = ("business", "application_kind");
const TAKE_EXAM: &str = "请参加全国统一考试，成绩公布后自动带入";

/// The table (docs/domain.md §2.1 unless noted).
pub static TABLE: &[Requirement] = &[
    Requirement {
        code: "education",
        criterion: Criterion::Education,
        place: ("education", "education"),
        hint: "请添加符合要求的教育经历",
        ..ROW
    },
    // Senior applicants hold a full certificate, for which title and work were proven.
    Requirement {
        code: "title",
        criterion: Criterion::Title,
        grades: &[Full],
        place: ("person", "title_level"),
        hint: "请核对职称级别",
        ..ROW
    },
    Requirement {
        code: "work",
        criterion: Criterion::Work,
        grades: &[Full],
        place: ("work", "work"),
        hint: "只计取得学历后的全职工作；研究生学习按比例折算",
        ..ROW
    },
    Requirement {
        code: "professional",
        criterion: Criterion::Professional,
        grades: &[Full],
        place: ("professional", "professional"),
        hint: "只计取得学历后、与所申请领域相关的全职工作，可与工作经历同期",
        ..ROW
    },
    Requirement {
        code: "grade_order",
        criterion: Criterion::GradeOrder,
        grades: &[Full],
        kinds: NEW,
        place: ("business", "grade"),
        hint: "取得实习级证书后，正式级通过晋级注册申请",
        ..ROW
    },
    // docs/domain.md §1.3: no grade is skipped.
    Requirement {
        code: "lower_grade",
        criterion: Criterion::Lower,
        kinds: &["upgrade"],
        place: BUSINESS_PAGE,
        hint: "请核对申请类型、认证领域和注册级别",
        ..ROW
    },
    Requirement {
        code: "full_grade",
        criterion: Criterion::Lower,
        grades: &[Senior],
        kinds: NEW,
        place: BUSINESS_PAGE,
        hint: "高级须从正式级逐级晋升",
        ..ROW
    },
    // Assumption: the lower numbers of a further domain need a certificate of the same grade in another one.
    Requirement {
        code: "another_domain",
        criterion: Criterion::Another,
        kinds: &["add_domain"],
        place: BUSINESS_PAGE,
        hint: "没有其他领域证书的，请选择初次注册",
        ..ROW
    },
    Requirement {
        code: "years_full",
        criterion: Criterion::YearsFull(key::REG_SENIOR_EXAMINER_YEARS),
        grades: &[Senior],
        categories: &[Examiner],
        place: BUSINESS_PAGE,
        hint: "其他领域已为高级的免除此项",
        ..ROW
    },
    // Assumption: an upgrade from trainee does not prove the trainee subjects again; a new domain does.
    Requirement {
        code: "exam_general",
        criterion: Criterion::Exam(SubjectScope::General),
        grades: &[Trainee],
        kinds: NEW,
        place: EXAM_PAGE,
        hint: TAKE_EXAM,
        ..ROW
    },
    Requirement {
        code: "exam_general",
        criterion: Criterion::Exam(SubjectScope::General),
        grades: &[Full],
        kinds: &["initial"],
        place: EXAM_PAGE,
        hint: TAKE_EXAM,
        ..ROW
    },
    Requirement {
        code: "exam_domain",
        criterion: Criterion::Exam(SubjectScope::Domain),
        grades: ENTRY,
        kinds: NEW,
        place: EXAM_PAGE,
        hint: TAKE_EXAM,
        ..ROW
    },
    Requirement {
        code: "exam_category",
        criterion: Criterion::Exam(SubjectScope::Category),
        grades: &[Full],
        place: EXAM_PAGE,
        hint: TAKE_EXAM,
        ..ROW
    },
    Requirement {
        code: "complete_audits",
        criterion: Criterion::Audits(COMPLETE),
        grades: &[Full],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "初审、再认证计为完整审核；监督审核现场天数足够的也计入",
        ..ROW
    },
    Requirement {
        code: "onsite_days",
        criterion: Criterion::Days(CountedDays::OnSite, ONSITE),
        grades: &[Full],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "只计所申请领域的现场天数，结合审核按系数折算",
        ..ROW
    },
    // docs/domain.md §2.2, edition of 2011; required only if the rule table sets a number.
    Requirement {
        code: "total_days",
        criterion: Criterion::Days(CountedDays::All, TOTAL),
        grades: &[Full],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "每次审核的非现场天数只按现场天数的一定比例计入",
        ..ROW
    },
    Requirement {
        code: "clauses",
        criterion: Criterion::Clauses,
        grades: &[Full],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "各次审核合计应覆盖标准的全部条款",
        ..ROW
    },
    // docs/domain.md §2.3 gives the number for re-registration; used here until one for registration is known.
    Requirement {
        code: "inspections",
        criterion: Criterion::Audits(INSPECTIONS),
        grades: &[Full],
        categories: &[Inspector],
        place: AUDIT_PAGE,
        hint: "请添加所申请领域的检查经历",
        ..ROW
    },
    Requirement {
        code: "specialties",
        criterion: Criterion::Specialties,
        grades: &[Full],
        categories: &[Inspector],
        place: AUDIT_PAGE,
        hint: "每个注册专业至少一次检查",
        ..ROW
    },
    Requirement {
        code: "examinations",
        criterion: Criterion::Audits(EXAMINATIONS),
        grades: &[Full],
        categories: &[Examiner],
        place: AUDIT_PAGE,
        hint: "请添加所申请领域的审查经历",
        ..ROW
    },
    // docs/domain.md §2.2, edition of 2011: the latest known numbers for the senior grade.
    Requirement {
        code: "lead_audits",
        criterion: Criterion::Audits(LED),
        grades: &[Senior],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "只计近年担任组长的完整审核",
        ..ROW
    },
    Requirement {
        code: "lead_onsite_days",
        criterion: Criterion::Days(CountedDays::OnSite, LED_ONSITE),
        grades: &[Senior],
        categories: &[Auditor],
        place: AUDIT_PAGE,
        hint: "只计近年担任组长的现场天数，结合审核按系数折算",
        ..ROW
    },
    Requirement {
        code: "recommendation",
        criterion: Criterion::Recommendation,
        place: ("business", "recommending_institution"),
        hint: "填写申请时选择推荐机构，提交后由其初核",
        ..ROW
    },
    // docs/domain.md §2.6.
    Requirement {
        code: "guarantor",
        criterion: Criterion::Guarantor,
        place: ("declaration", "guarantor_name"),
        hint: "担保人须为正式级以上的注册人员，了解您的情况",
        ..ROW
    },
    Requirement {
        code: "declaration",
        criterion: Criterion::Declaration,
        place: ("declaration", "declared"),
        hint: "填写申请时阅读并勾选",
        ..ROW
    },
];
