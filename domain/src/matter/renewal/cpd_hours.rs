//! 继续教育学时: hours of continuing education in the year before the due day (docs/domain.md §6; the hours stand in the rule table).

use chrono::{Months, NaiveDate};

use super::certificates::chosen_certificates;
use crate::base::calendar::parse_day;
use crate::base::catalogue::Grade;
use crate::base::rule::key;
use crate::engine::form::Answers;
use crate::matter::{MatterContext, RequirementFinding, RequirementStatus};
use crate::record::certificate::Renewal;

/// Compares the hours in the answers with the hours required. None while no certificate is chosen.
pub fn cpd_hours(renewal: Renewal, answers: &Answers, context: &MatterContext<'_>) -> Option<RequirementFinding> {
    let rules = context.rules_on();
    let due = chosen_certificates(answers, context).map(|c| renewal.due_on(c)).min()?;
    let trainee = chosen_certificates(answers, context).all(|c| c.grade == Grade::Trainee);
    let needed = rules.int(if trainee { key::AC_HOURS_TRAINEE } else { key::AC_HOURS });
    let since = first_day_of_year_ending(due);
    let counts = |end: NaiveDate| end >= since && end <= context.applied_on;
    let records = answers.records("cpd").filter(|r| parse_day(r.text("end")).is_ok_and(counts));
    let actual: i64 = records.filter_map(|r| r.text("hours").parse::<i64>().ok()).sum();
    let enough = actual >= needed;
    let shortfall = if enough { String::new() } else { format!("，还差 {} 学时", needed - actual) };
    Some(RequirementFinding {
        requirement: "cpd_hours",
        label: "继续教育学时".to_owned(),
        needed: format!("{since} 以来需要 {needed} 学时"),
        actual: format!("已有 {actual} 学时{shortfall}"),
        status: if enough { RequirementStatus::Met } else { RequirementStatus::Missing },
        hint: if enough { "" } else { "请补充继续教育记录，或从基本信息库中选取" },
        step: "cpd",
        field: "cpd",
    })
}

fn first_day_of_year_ending(last: NaiveDate) -> NaiveDate {
    last.succ_opt().and_then(|day| day.checked_sub_months(Months::new(12))).unwrap_or(last)
}
