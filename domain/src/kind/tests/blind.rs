//! What blind readers may not see is nothing that their decisions or the requirements depend on.

use std::collections::BTreeMap;

use super::*;
use crate::engine::flow::Transition;
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Answers, Audience, Fields, HIDDEN, Identities, Record, TextFormat, Value, When};

fn blind_kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().copied().filter(|kind| !kind.blind_parties.is_empty())
}

/// Every answer of a form, each with a text of its own.
fn full(kind: &Kind) -> Answers {
    let fill = |fields: &mut dyn Iterator<Item = &'static crate::engine::form::Field>| -> Fields {
        fields.map(|f| (f.name.to_owned(), Value::from(format!("标记{}", f.name).as_str()))).collect()
    };
    let lists = kind.form.steps.iter().flat_map(|s| s.records());
    let records: BTreeMap<String, Vec<Record>> = lists
        .map(|list| {
            let record = Record { id: uuid::Uuid::from_u128(1), fields: fill(&mut list.fields.iter()), removed: false };
            (list.name.to_owned(), vec![record])
        })
        .collect();
    let mut answers = Answers { fields: fill(&mut kind.form.fields().map(|(_, f)| f)), records };
    answers.fields.insert("grade".to_owned(), "full".into());
    answers
}

#[test]
fn every_answer_that_names_someone_is_hidden_from_blind_readers_and_looks_answered() {
    let context = TestContext::on("2026-11-23").with_rule_values(&[("reg.guarantor_required", "yes")]);
    for kind in blind_kinds() {
        let shown = full(kind).shown_to(kind.form, Audience::Blind(&Identities::default()), context.form().rules_on());
        let lists = kind.form.steps.iter().flat_map(|s| s.records());
        let single = kind.form.fields().map(|(_, f)| (f, shown.fields.get(f.name)));
        let in_lists =
            lists.flat_map(|list| list.fields.iter().map(|f| (f, shown.records(list.name).next().and_then(|r| r.fields.get(f.name)))));
        for (field, value) in single.chain(in_lists).filter(|(f, _)| f.identifies()) {
            let text = value.map_or(HIDDEN, Value::text);
            assert_eq!(text, HIDDEN, "{} {}", kind.code, field.name);
        }
    }
}

#[test]
fn every_name_of_a_person_is_marked_as_one() {
    for kind in blind_kinds() {
        let lists = kind.form.steps.iter().flat_map(|s| s.records()).flat_map(|list| list.fields);
        for field in kind.form.fields().map(|(_, f)| f).chain(lists) {
            let is_name = matches!(
                field.widget,
                Widget::Line(_, TextFormat::PersonName | TextFormat::Mobile | TextFormat::Phone | TextFormat::Email)
            );
            assert!(!is_name || field.identifies(), "{} {}", kind.code, field.name);
        }
    }
}

/// Lines of text that a blind reader needs and that name neither the applicant nor an institution of theirs. Names of either in them are
/// replaced.
const SHOWN: &[&str] = &[
    "nationality_other",
    "professional_title",
    "school",
    "major",
    "position",
    "content",
    "organiser",
    "place",
    "client",
    "client_region",
    "client_code",
    "client_registration",
    "standard",
];

#[test]
fn every_line_of_text_is_hidden_from_blind_readers_or_said_to_name_nobody() {
    for kind in blind_kinds() {
        let lists = kind.form.steps.iter().flat_map(|s| s.records()).flat_map(|list| list.fields);
        for field in kind.form.fields().map(|(_, f)| f).chain(lists).filter(|f| matches!(f.widget, Widget::Line(..))) {
            assert!(field.identifies() != SHOWN.contains(&field.name), "{} {}", kind.code, field.name);
        }
    }
}

#[test]
fn no_answer_tells_a_blind_reader_a_name_wherever_it_was_written() {
    let context = TestContext::on("2026-11-23").with_rule_values(&[("reg.guarantor_required", "yes")]);
    let mut identities = Identities::default();
    identities.add_person("欧阳雪松");
    identities.add_institution("华信质量认证中心有限公司");
    for kind in blind_kinds() {
        let mut answers = full(kind);
        let values =
            answers.records.values_mut().flatten().flat_map(|record| record.fields.values_mut()).chain(answers.fields.values_mut());
        for value in values {
            *value = Value::from("欧阳雪松就职于华信质量认证中心有限公司");
        }
        answers.fields.insert("grade".to_owned(), "full".into());
        let lists = kind.form.steps.iter().flat_map(|s| s.records());
        let written: Vec<&str> = kind
            .form
            .fields()
            .map(|(_, f)| f)
            .chain(lists.flat_map(|list| list.fields))
            .filter(|f| matches!(f.widget, Widget::Line(..) | Widget::Lines(_)))
            .map(|f| f.name)
            .collect();
        let shown = answers.shown_to(kind.form, Audience::Blind(&identities), context.form().rules_on());
        let seen = shown.fields.iter().chain(shown.records.values().flatten().flat_map(|record| &record.fields));
        for (name, value) in seen.filter(|(name, _)| written.contains(&name.as_str())) {
            assert!(!["欧阳", "雪松", "华信"].iter().any(|marker| value.text().contains(marker)), "{} {name}: {}", kind.code, value.text());
        }
    }
}

#[test]
fn no_transition_of_a_blind_party_depends_on_an_answer_that_is_hidden_from_it() {
    for kind in blind_kinds() {
        let transitions = kind.flow.stages.iter().flat_map(|s| s.transitions).filter(|t| kind.blind_parties.contains(&t.by));
        let conditions = transitions.flat_map(|t: &Transition| t.to).map(|(when, _)| when);
        for when in conditions {
            for (_, field) in kind.form.fields().filter(|(_, f)| f.identifies()) {
                let when: &When = when;
                assert!(!when.mentions(field.name), "{} {}", kind.code, field.name);
            }
        }
    }
}
