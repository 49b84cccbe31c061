//! The work of the term that 再注册 asks for (domain facts §2.3 for inspectors, §6 for auditors; the numbers stand in the rule table).

use chrono::{Months, NaiveDate};

use crate::base::catalogue::{Category, Grade, ORGANIC, label};
use crate::base::rule::key;
use crate::engine::form::Answers;
use crate::kind::annual_confirmation::keep::chosen;
use crate::kind::registration::{Audit, audits};
use crate::matter::MatterContext;
use crate::matter::{Found, State};
use crate::record::certificate::Held;

/// Thousandths of a day.
const DAY: i64 = 1000;

/// One requirement for each certificate chosen; a trainee's asks for no work.
pub(super) fn held(answers: &Answers, context: &MatterContext<'_>) -> Vec<Found> {
    chosen(answers, context).filter(|h| h.grade != Grade::Trainee).map(|h| of(h, answers, context)).collect()
}

fn of(held: &Held, answers: &Answers, context: &MatterContext<'_>) -> Found {
    let rules = context.rules_on();
    let since = term_to(held.valid_until, u32::try_from(rules.int(key::CERT_VALIDITY_MONTHS)).unwrap_or(0));
    let in_term = |a: &Audit<'_>| a.span.is_some_and(|s| s.first >= since && s.last <= context.applied);
    let work: Vec<Audit<'_>> = audits(answers).filter(|a| a.domain == held.domain && a.audited()).filter(in_term).collect();
    let (needed, found, enough) =
        if held.category == Category::Auditor { audited(&work, context) } else { inspected(held, &work, context) };
    Found {
        requirement: "work_of_term",
        label: format!("认证经历（{}）", held.domain_label()),
        needed: format!("{since} 以来{needed}"),
        found,
        state: if enough { State::Met } else { State::Missing },
        hint: if enough { "" } else { "请补充认证经历，或从基本信息库中选取" },
        step: "audit",
        field: "audit",
    }
}

/// So many audits with a complete one among them, or so many days on site.
fn audited(work: &[Audit<'_>], context: &MatterContext<'_>) -> (String, String, bool) {
    let rules = context.rules_on();
    let int = |key| rules.int(key);
    let (least, complete, days) = (int(key::REREG_AUDITS), int(key::REREG_COMPLETE_AUDITS), int(key::REREG_ONSITE_DAYS));
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let had = count(work.len());
    let had_complete = count(work.iter().filter(|a| a.complete(&rules)).count());
    let had_days: i64 = work.iter().map(|a| a.credited(&rules)).sum();
    let needed = format!("需要 {least} 次审核（其中完整审核 {complete} 次），或现场审核 {days} 天");
    let found = format!("已有 {had} 次（其中完整审核 {had_complete} 次）、现场 {} 天", in_days(had_days));
    (needed, found, (had >= least && had_complete >= complete) || had_days >= days * DAY)
}

/// So many inspections or examinations, and each specialty among them.
fn inspected(held: &Held, work: &[Audit<'_>], context: &MatterContext<'_>) -> (String, String, bool) {
    let least = context.rules_on().int(key::REREG_INSPECTIONS);
    let had = i64::try_from(work.len()).unwrap_or(i64::MAX);
    let covered = |code: &str| work.iter().any(|a| a.codes("specialties_covered").iter().any(|c| c == code));
    // Specialties that inspections are told by.
    let told: Vec<&str> = held.specialties.iter().map(String::as_str).filter(|code| !label(ORGANIC, code).is_empty()).collect();
    let open: Vec<&str> = told.iter().filter(|code| !covered(code)).map(|code| label(ORGANIC, code)).collect();
    let what = if held.category == Category::Inspector { "检查" } else { "审查" };
    let each = if told.is_empty() { "" } else { "，每个专业至少 1 次" };
    let missing = if open.is_empty() { String::new() } else { format!("，未涉及：{}", open.join("、")) };
    (format!("需要 {least} 次{what}{each}"), format!("已有 {had} 次{missing}"), had >= least && open.is_empty())
}

/// 14.5 for fourteen and a half days.
fn in_days(thousandths: i64) -> String {
    let (whole, tenth) = (thousandths / DAY, thousandths % DAY * 10 / DAY);
    if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") }
}

/// The first day of the term that ends with a day.
fn term_to(last: NaiveDate, months: u32) -> NaiveDate {
    last.succ_opt().and_then(|day| day.checked_sub_months(Months::new(months))).unwrap_or(last)
}
