//! Until when which decision can be disputed (domain facts §8: within 30 days, by whoever it is about).

use chrono::{Days, NaiveDate};

use super::form::disputed;
use crate::base::rule::{RulesOn, key};
use crate::engine::form::{Answers, Issue, Path, Problem};
use crate::matter::MatterContext;
use crate::matter::{Entry, PastMatter};

/// The last day on which a decision can be disputed.
pub fn last_day(decided_on: NaiveDate, rules: RulesOn<'_>) -> NaiveDate {
    let days = u64::try_from(rules.int(key::APPEAL_WINDOW)).unwrap_or(0);
    decided_on.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

/// Why a matter cannot be disputed; none if it can.
fn fault(past: &PastMatter, context: &MatterContext<'_>) -> Option<Issue> {
    let Some(decided_on) = past.decided_on() else {
        return Some(Issue::new("no_decision", "该业务没有可以申诉的决定"));
    };
    let last = last_day(decided_on, context.rules_on());
    if past.appealed {
        Some(Issue::new("appealed", "对该决定已提出过申诉，不能再次申诉"))
    } else if context.applied > last {
        Some(Issue::new("too_late", format!("该决定于 {decided_on} 作出，申诉期限已于 {last} 届满")))
    } else {
        None
    }
}

/// Whether there is anything to dispute.
pub(super) fn entry(context: &MatterContext<'_>) -> Entry {
    if context.record.matters.iter().any(|m| fault(m, context).is_none()) {
        return Entry::Open;
    }
    let days = context.rules_on().int(key::APPEAL_WINDOW);
    let late = context.record.matters.iter().filter_map(|m| fault(m, context)).find(|i| i.code == "too_late");
    let late = late.map(|issue| format!("{}。", issue.text)).unwrap_or_default();
    Entry::Closed(format!("您目前没有可以申诉的决定。{late}申诉只能针对协会就您本人业务作出的决定，并在决定作出后 {days} 天内提出。"))
}

/// Whether the decision chosen can be disputed by whoever asks, as of the day they first submitted.
pub(super) fn judge(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let past = disputed(answers).and_then(|id| context.record.matters.iter().find(|m| m.id == id));
    let issue = past.and_then(|past| fault(past, context));
    let problem = |issue| Problem { step: "appeal", path: Path::field("disputed"), label: "原决定".to_owned(), issue };
    issue.map(problem).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::base::rule::{Rule, Rules};
    use crate::matter::ApplicantRecord;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn past(kind: &str, stage: &str, closed_on: Option<&str>) -> PastMatter {
        PastMatter {
            id: Uuid::from_u128(1),
            kind: crate::kind::by_code(kind).unwrap(),
            title: String::new(),
            stage: stage.into(),
            institution: None,
            closed_on: closed_on.map(day),
            appealed: false,
        }
    }

    /// The fault at the question, and whether the kind can be begun.
    fn asked(past: PastMatter, applied: &str, rules: &Rules) -> (Option<&'static str>, bool) {
        let lists = BTreeMap::new();
        let known = ApplicantRecord { matters: vec![past], ..ApplicantRecord::default() };
        let applied = day(applied);
        let context = MatterContext {
            form: crate::engine::form::FormContext { today: applied, lists: &lists, rules, applicant: "", applied },
            record: &known,
        };
        let fields = [("disputed".to_owned(), Uuid::from_u128(1).to_string().as_str().into())].into();
        let answers = Answers { fields, ..Answers::default() };
        (judge(&answers, &context).first().map(|p| p.issue.code), entry(&context) == Entry::Open)
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
        let again = PastMatter { appealed: true, ..past("registration", "refused", Some("2026-11-20")) };
        assert_eq!(asked(again, "2026-11-23", &Rules::default()), (Some("appealed"), false));
    }
}
