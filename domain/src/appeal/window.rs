//! Until when which decision can be disputed (domain facts §8: within 30 days, by whoever it is about).

use chrono::{Days, NaiveDate};

use super::form::disputed;
use crate::form::{Answers, Issue, Path, Problem, Setting};
use crate::matter::{Entry, Past};
use crate::rule::{RulesOn, key};

/// The last day on which a decision can be disputed.
pub fn last_day(decided_on: NaiveDate, rules: RulesOn<'_>) -> NaiveDate {
    let days = u64::try_from(rules.int(key::APPEAL_WINDOW)).unwrap_or(0);
    decided_on.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

/// Why a matter cannot be disputed; none if it can.
fn fault(past: &Past, setting: &Setting<'_>) -> Option<Issue> {
    let Some(decided_on) = past.decided_on() else {
        return Some(Issue::new("no_decision", "该业务没有可以申诉的决定"));
    };
    let last = last_day(decided_on, setting.rules_on());
    if past.appealed {
        Some(Issue::new("appealed", "对该决定已提出过申诉，不能再次申诉"))
    } else if setting.applied > last {
        Some(Issue::new("too_late", format!("该决定于 {decided_on} 作出，申诉期限已于 {last} 届满")))
    } else {
        None
    }
}

/// Whether there is anything to dispute.
pub(super) fn entry(setting: &Setting<'_>) -> Entry {
    if setting.known.matters.iter().any(|m| fault(m, setting).is_none()) {
        return Entry::Open;
    }
    let days = setting.rules_on().int(key::APPEAL_WINDOW);
    let late = setting.known.matters.iter().filter_map(|m| fault(m, setting)).find(|i| i.code == "too_late");
    let late = late.map(|issue| format!("{}。", issue.text)).unwrap_or_default();
    Entry::Closed(format!("您目前没有可以申诉的决定。{late}申诉只能针对协会就您本人业务作出的决定，并在决定作出后 {days} 天内提出。"))
}

/// Whether the decision chosen can be disputed by whoever asks, as of the day they first submitted.
pub(super) fn judge(answers: &Answers, setting: &Setting<'_>) -> Vec<Problem> {
    let past = disputed(answers).and_then(|id| setting.known.matters.iter().find(|m| m.id == id));
    let issue = past.and_then(|past| fault(past, setting));
    let problem = |issue| Problem { step: "appeal", path: Path::field("disputed"), label: "原决定".to_owned(), issue };
    issue.map(problem).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::form::Known;
    use crate::rule::{Rule, Rules};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn past(kind: &str, stage: &str, closed_on: Option<&str>) -> Past {
        Past {
            id: Uuid::from_u128(1),
            kind: kind.into(),
            title: String::new(),
            stage: stage.into(),
            institution: None,
            closed_on: closed_on.map(day),
            appealed: false,
        }
    }

    /// The fault at the question, and whether the kind can be begun.
    fn asked(past: Past, applied: &str, rules: &Rules) -> (Option<&'static str>, bool) {
        let lists = BTreeMap::new();
        let known = Known { matters: vec![past], ..Known::default() };
        let applied = day(applied);
        let setting = Setting { today: applied, lists: &lists, rules, applicant: "", known: &known, applied };
        let fields = [("disputed".to_owned(), Uuid::from_u128(1).to_string().as_str().into())].into();
        let answers = Answers { fields, ..Answers::default() };
        (judge(&answers, &setting).first().map(|p| p.issue.code), entry(&setting) == Entry::Open)
    }

    #[test]
    fn a_decision_is_disputed_for_thirty_days_and_not_for_thirty_one() {
        for (decided, applied, late) in [
            ("2026-10-24", "2026-10-24", false),
            ("2026-10-24", "2026-11-23", false),
            ("2026-10-24", "2026-11-24", true),
            // Over the end of the year.
            ("2026-12-15", "2027-01-14", false),
            ("2026-12-15", "2027-01-15", true),
            // Through February, with and without its 29th.
            ("2028-01-30", "2028-02-29", false),
            ("2028-01-30", "2028-03-01", true),
            ("2027-01-30", "2027-03-01", false),
            ("2027-01-30", "2027-03-02", true),
        ] {
            let expected = (late.then_some("too_late"), !late);
            assert_eq!(asked(past("registration", "refused", Some(decided)), applied, &Rules::default()), expected, "{decided} {applied}");
        }
    }

    #[test]
    fn the_window_is_the_rule_tables_and_that_of_the_day_they_applied() {
        let row = |value: &str, from: &str| Rule { key: "appeal.file_within_days".into(), value: value.into(), effective_from: day(from) };
        let rules = Rules::new([row("60", "2026-01-01"), row("10", "2026-12-01")]).unwrap();
        let of = |applied| asked(past("registration", "refused", Some("2026-11-01")), applied, &rules).0;
        assert_eq!(of("2026-11-30"), None);
        assert_eq!(of("2026-12-01"), Some("too_late"), "ten days from then on");
    }

    #[test]
    fn only_decisions_of_the_association_are_disputed_and_each_once() {
        for (kind, stage, fault) in [
            ("registration", "refused", None),
            ("registration", "rejected", Some("no_decision")),
            ("registration", "granted", Some("no_decision")),
            ("registration", "withdrawn", Some("no_decision")),
            ("complaint", "answered", None),
            ("complaint", "declined", None),
            ("complaint", "lapsed", Some("no_decision")),
            ("appeal", "maintained", Some("no_decision")),
        ] {
            let found = asked(past(kind, stage, Some("2026-11-20")), "2026-11-23", &Rules::default());
            assert_eq!(found, (fault, fault.is_none()), "{kind} {stage}");
        }
        let open = asked(past("registration", "review", None), "2026-11-23", &Rules::default());
        assert_eq!(open.0, Some("no_decision"));
        let again = Past { appealed: true, ..past("registration", "refused", Some("2026-11-20")) };
        assert_eq!(asked(again, "2026-11-23", &Rules::default()), (Some("appealed"), false));
    }
}
