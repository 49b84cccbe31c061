//! Whether there is a decision to appeal, and whether the chosen one can be appealed.

use super::form::disputed_matter;
use crate::base::rule::key;
use crate::engine::form::{Answers, Issue, Path, Problem};
use crate::matter::{Availability, MatterContext, PastMatter};

fn obstacle(past: &PastMatter, context: &MatterContext<'_>) -> Option<Issue> {
    past.appeal_obstacle(context.applied_on, context.rules_on())
}

/// Whether the applicant has a decision that can be appealed.
pub(super) fn availability(context: &MatterContext<'_>) -> Availability {
    let obstacles: Vec<_> = context.matters().iter().map(|past| obstacle(past, context)).collect();
    if obstacles.iter().any(Option::is_none) {
        return Availability::Open;
    }
    let days = context.rules_on().int(key::APPEAL_WINDOW);
    let late = obstacles.into_iter().flatten().find(|issue| issue.code == "too_late");
    let late = late.map(|issue| format!("{}。", issue.text)).unwrap_or_default();
    Availability::closed(format!(
        "您目前没有可以申诉的决定。{late}申诉只能针对协会就您本人业务作出的决定，并在决定作出后 {days} 天内提出。"
    ))
}

/// Checks that the chosen decision could be appealed on the day of the first submission.
pub(super) fn validate(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let past = disputed_matter(answers).and_then(|id| context.matters().iter().find(|m| m.id == id));
    let issue = past.and_then(|past| obstacle(past, context));
    let problem = |issue| Problem { step: "appeal", path: Path::field("disputed"), label: "原决定".to_owned(), issue };
    issue.map(problem).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::*;
    use crate::base::rule::{RuleRow, Rules};
    use crate::engine::flow::common::{GRANTED, REFUSED};
    use crate::engine::flow::{Flow, Outcome, STAGE, Stage};
    use crate::engine::form::testing::TestContext;
    use crate::matter::{ApplicantRecord, BASE_KIND, Kind};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// A kind whose association decides, with one stage that an appeal can reopen.
    static DECIDED: Kind = Kind {
        code: "decided",
        flow: &Flow {
            stages: &[
                Stage { code: "review", ..STAGE },
                REFUSED,
                Stage { code: "rejected", outcome: Some(Outcome::Refused), ..STAGE },
                GRANTED,
            ],
        },
        ..BASE_KIND
    };

    fn past(stage: &str, closed_on: Option<&str>) -> PastMatter {
        PastMatter { closed_on: closed_on.map(day), ..DECIDED.past_matter(Uuid::from_u128(1), String::new(), stage) }
    }

    /// Code of the issue at the field, and whether an appeal can be started.
    fn appeal_of(past: PastMatter, applied: &str, rules: &Rules) -> (Option<&'static str>, bool) {
        let record = ApplicantRecord { matters: vec![past], ..ApplicantRecord::default() };
        let context = TestContext::on(applied).with_rules(rules.clone());
        let context = context.matter(&record);
        let fields = [("disputed".to_owned(), Uuid::from_u128(1).to_string().as_str().into())].into();
        let answers = Answers { fields, ..Answers::default() };
        (validate(&answers, &context).first().map(|p| p.issue.code), availability(&context) == Availability::Open)
    }

    #[test]
    fn a_decision_can_be_appealed_for_thirty_days_and_not_for_thirty_one() {
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
            assert_eq!(appeal_of(past("refused", Some(decided)), applied, &Rules::default()), expected, "{decided} {applied}");
        }
    }

    #[test]
    fn the_rule_of_the_day_of_application_sets_the_window() {
        let row =
            |value: &str, from: &str| RuleRow { key: "appeal.file_within_days".into(), value: value.into(), effective_from: day(from) };
        let rules = Rules::new([row("60", "2026-01-01"), row("10", "2026-12-01")]).unwrap();
        let of = |applied| appeal_of(past("refused", Some("2026-11-01")), applied, &rules).0;
        assert_eq!(of("2026-11-30"), None);
        assert_eq!(of("2026-12-01"), Some("too_late"), "ten days from then on");
    }

    #[test]
    fn only_decisions_of_the_association_can_be_appealed_and_each_once() {
        for (stage, issue) in [
            // Refused by the association: the stage can be reopened by an appeal.
            ("refused", None),
            // Rejected by an institution, granted, or of a code that the flow does not have.
            ("rejected", Some("no_decision")),
            ("granted", Some("no_decision")),
            ("unknown", Some("no_decision")),
        ] {
            let found = appeal_of(past(stage, Some("2026-11-20")), "2026-11-23", &Rules::default());
            assert_eq!(found, (issue, issue.is_none()), "{stage}");
        }
        let open = appeal_of(past("review", None), "2026-11-23", &Rules::default());
        assert_eq!(open.0, Some("no_decision"));
        let again = PastMatter { appealed: true, ..past("refused", Some("2026-11-20")) };
        assert_eq!(appeal_of(again, "2026-11-23", &Rules::default()), (Some("appealed"), false));
    }
}
