//! The practice within the term that 再注册 requires (docs/domain.md §2.3 for inspectors, §6 for auditors; numbers stand in the rule table).

use chrono::{Months, NaiveDate};

use crate::base::catalogue::{Category, Grade, SPECIALTIES, label};
use crate::base::rule::key;
use crate::engine::form::Answers;
use crate::matter::audit_experience::{Audit, MILLIDAYS_PER_DAY, audits};
use crate::matter::renewal::chosen_certificates;
use crate::matter::{MatterContext, RequirementFinding, RequirementStatus};
use crate::record::certificate::HeldCertificate;

/// One finding for each chosen certificate. A trainee certificate requires no practice.
pub(super) fn practice_of_term(answers: &Answers, context: &MatterContext<'_>) -> Vec<RequirementFinding> {
    chosen_certificates(answers, context).filter(|c| c.grade != Grade::Trainee).map(|c| finding(c, answers, context)).collect()
}

fn finding(certificate: &HeldCertificate, answers: &Answers, context: &MatterContext<'_>) -> RequirementFinding {
    let rules = context.rules_on();
    let since = first_day_of_term(certificate.valid_until, u32::try_from(rules.int(key::CERT_VALIDITY_MONTHS)).unwrap_or(0));
    let in_term = |a: &Audit<'_>| a.period.is_some_and(|s| s.first >= since && s.last <= context.applied_on);
    let records: Vec<Audit<'_>> = audits(answers).filter(|a| a.domain == certificate.domain && a.is_as_auditor()).filter(in_term).collect();
    let (needed, actual, enough) = match certificate.category {
        Category::Auditor => auditor_practice(&records, context),
        Category::Inspector | Category::Examiner => other_practice(certificate, &records, context),
    };
    RequirementFinding {
        requirement: "work_of_term",
        label: format!("认证经历（{}）", certificate.domain_label()),
        needed: format!("{since} 以来{needed}"),
        actual,
        status: if enough { RequirementStatus::Met } else { RequirementStatus::Missing },
        hint: if enough { "" } else { "请补充认证经历，或从基本信息库中选取" },
        step: "audit",
        field: "audit",
    }
}

/// Auditors: a number of audits, some of them complete, or a number of on-site days.
fn auditor_practice(records: &[Audit<'_>], context: &MatterContext<'_>) -> (String, String, bool) {
    let rules = context.rules_on();
    let int = |key| rules.int(key);
    let (audits, complete, days) = (int(key::REREG_AUDITS), int(key::REREG_COMPLETE_AUDITS), int(key::REREG_ONSITE_DAYS));
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let actual = count(records.len());
    let actual_complete = count(records.iter().filter(|a| a.is_complete(&rules)).count());
    let actual_days: i64 = records.iter().map(|a| a.credited_onsite(&rules)).sum();
    let needed = format!("需要 {audits} 次审核（其中完整审核 {complete} 次），或现场审核 {days} 天");
    let text = format!("已有 {actual} 次（其中完整审核 {actual_complete} 次）、现场 {} 天", format_days(actual_days));
    let enough = (actual >= audits && actual_complete >= complete) || actual_days >= days * MILLIDAYS_PER_DAY;
    (needed, text, enough)
}

/// Inspectors and examiners: a number of inspections or examinations, and one in each specialty of the certificate.
fn other_practice(certificate: &HeldCertificate, records: &[Audit<'_>], context: &MatterContext<'_>) -> (String, String, bool) {
    let least = context.rules_on().int(key::REREG_INSPECTIONS);
    let actual = i64::try_from(records.len()).unwrap_or(i64::MAX);
    let covered = |code: &str| records.iter().any(|a| a.codes("specialties_covered").iter().any(|c| c == code));
    // Only specialties by which inspections are recorded.
    let specialties: Vec<&str> =
        certificate.specialties.iter().map(String::as_str).filter(|code| !label(SPECIALTIES, code).is_empty()).collect();
    let uncovered: Vec<&str> = specialties.iter().filter(|code| !covered(code)).map(|code| label(SPECIALTIES, code)).collect();
    let noun = if certificate.category == Category::Inspector { "检查" } else { "审查" };
    let each = if specialties.is_empty() { "" } else { "，每个专业至少 1 次" };
    let missing = if uncovered.is_empty() { String::new() } else { format!("，未涉及：{}", uncovered.join("、")) };
    (format!("需要 {least} 次{noun}{each}"), format!("已有 {actual} 次{missing}"), actual >= least && uncovered.is_empty())
}

/// Thousandths of a day as days with one decimal: 14.5.
fn format_days(thousandths: i64) -> String {
    let (whole, tenth) = (thousandths / MILLIDAYS_PER_DAY, thousandths % MILLIDAYS_PER_DAY * 10 / MILLIDAYS_PER_DAY);
    if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") }
}

/// The first day of the term that ends on a day.
fn first_day_of_term(last: NaiveDate, months: u32) -> NaiveDate {
    last.succ_opt().and_then(|day| day.checked_sub_months(Months::new(months))).unwrap_or(last)
}
