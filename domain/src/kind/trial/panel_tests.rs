//! Tests of the second trial kind: its deadline, and the panel that decides.

use chrono::NaiveDate;

use super::panel::{DAY, EXTENSION, KIND, LAST_DAY};
use crate::engine::flow::{Deadline, KindFacts};
use crate::engine::form::Answers;
use crate::engine::form::testing::TestContext;
use crate::matter::ApplicantRecord;

fn facts(answers: &Answers, context: &TestContext) -> KindFacts {
    let record = ApplicantRecord::default();
    KIND.facts.unwrap()(answers, &context.matter(&record))
}

fn on(day: &str) -> Answers {
    Answers { fields: [(DAY.to_owned(), day.into())].into(), ..Answers::default() }
}

#[test]
fn the_facts_of_a_kind_follow_from_answers_rules_and_today() {
    let last = |facts: &KindFacts| facts.deadline(LAST_DAY).map(Deadline::day);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    for (today, ahead) in [("2026-11-30", "yes"), ("2026-12-01", "no"), ("2026-12-02", "no")] {
        let facts = facts(&on("2026-12-01"), &TestContext::on(today));
        assert_eq!((facts.fields["ahead"].text(), last(&facts)), (ahead, Some(day("2026-12-01"))), "{today}");
    }
    let extended = TestContext::on("2026-12-02").with_rule_values(&[(EXTENSION.name, "3")]);
    let extended = facts(&on("2026-12-01"), &extended);
    assert_eq!((extended.fields["ahead"].text(), last(&extended)), ("yes", Some(day("2026-12-04"))));
    assert_eq!(facts(&on("not yet"), &TestContext::on("2026-12-01")), KindFacts::default());
}
