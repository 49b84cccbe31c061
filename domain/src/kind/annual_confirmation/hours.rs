//! 继续教育学时 of the year that is confirmed (domain facts §6; the hours stand in the rule table).

use chrono::{Months, NaiveDate};

use super::keep::chosen;
use crate::base::calendar::parse_day;
use crate::base::catalogue::Grade;
use crate::base::rule::key;
use crate::engine::form::Answers;
use crate::matter::MatterContext;
use crate::matter::{Found, State};
use crate::record::certificate::Upkeep;

/// Hours needed against hours there are. None while no certificate is chosen.
pub(crate) fn held(upkeep: Upkeep, answers: &Answers, context: &MatterContext<'_>) -> Option<Found> {
    let rules = context.rules_on();
    let due = chosen(answers, context).map(|h| upkeep.due(h)).min()?;
    let trainee = chosen(answers, context).all(|h| h.grade == Grade::Trainee);
    let needed = rules.int(if trainee { key::AC_HOURS_TRAINEE } else { key::AC_HOURS });
    let since = year_to(due);
    let counts = |end: NaiveDate| end >= since && end <= context.applied;
    let hours = answers.records("cpd").filter(|r| parse_day(r.text("end")).is_ok_and(counts));
    let had: i64 = hours.filter_map(|r| r.text("hours").parse::<i64>().ok()).sum();
    let enough = had >= needed;
    let short = if enough { String::new() } else { format!("，还差 {} 学时", needed - had) };
    Some(Found {
        requirement: "cpd_hours",
        label: "继续教育学时".to_owned(),
        needed: format!("{since} 以来需要 {needed} 学时"),
        found: format!("已有 {had} 学时{short}"),
        state: if enough { State::Met } else { State::Missing },
        hint: if enough { "" } else { "请补充继续教育记录，或从基本信息库中选取" },
        step: "cpd",
        field: "cpd",
    })
}

/// The first day of the year that ends with a day.
fn year_to(due: NaiveDate) -> NaiveDate {
    due.succ_opt().and_then(|day| day.checked_sub_months(Months::new(12))).unwrap_or(due)
}
