//! Random answers on the forms of all kinds: they are read, checked, shown, compared and hidden without a panic, and what is stored reads
//! back as it is.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::engine::form::testing::TestContext;
use crate::engine::form::{
    Answers, Audience, Fields, FileRef, Form, FormContext, HIDDEN, Identities, LineReader, LineWriter, Path, Record, TextFormat, Value,
    check_form, differences, read_fields, show_form,
};
use crate::kind::trial;
use crate::matter::ApplicantRecord;

/// Texts as people type them, some of which each kind of field takes.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,14}",
        "20(2[0-9])[-/年.](0?[1-9]|1[0-2])[-/月.](0?[1-9]|[12][0-9])日?",
        "(上午|下午|晚上)?[0-9]{1,2}[:：点][0-9]{2}(分| PM)?",
        "[0-9]{4}[ -][0-9]{4}[ -][0-9]{5}",
        "[a-z]{2,4}",
        prop::sample::select(vec!["one", "two", "bj", "sh", "gz", "base", "qms", "site", "yes", "2026-1", "2.5天", "三十人"])
            .prop_map(str::to_owned),
        ".{0,12}",
    ]
}

/// One post for each form: values by the place of a field, taken in turn.
fn posts() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(typed(), 24)
}

fn posted<'a>(fields: impl Iterator<Item = &'a Field> + Clone, values: &mut impl Iterator<Item = String>) -> Vec<(String, String)> {
    fields.map(|field| (field.name.to_owned(), values.next().unwrap_or_default())).collect()
}

/// The answers of a form: those of its steps, and one record in each list.
fn filled(form: &'static Form, values: &[String]) -> Answers {
    let (mut answers, mut values) = (Answers::default(), values.iter().cycle().cloned());
    for (n, step) in form.steps.iter().enumerate() {
        read_fields(step.fields(), &posted(step.fields(), &mut values), &mut answers.fields).unwrap();
        for list in step.records() {
            let mut fields = Fields::new();
            read_fields(list.fields.iter(), &posted(list.fields.iter(), &mut values), &mut fields).unwrap();
            answers.put_record(list.name, Record { id: Uuid::from_u128(n as u128), fields, removed: false });
        }
    }
    for (_, field) in form.fields().filter(|(_, field)| field.accepted_files().is_some()) {
        let name = values.next().unwrap_or_default();
        let file = FileRef { file: Uuid::from_u128(9), name, size: 1, mime: "image/png".into() };
        answers.fields.insert(field.name.to_owned(), Value::Files(vec![file]));
    }
    answers
}

/// The answers read once more, as a page that shows them would post them.
fn read_again(form: &'static Form, answers: &Answers) -> Answers {
    let post = |fields: &Fields| -> Vec<(String, String)> {
        let codes = |(name, value): (&String, &Value)| match value {
            Value::Many(codes) => codes.iter().map(|code| (name.clone(), code.clone())).collect(),
            Value::Files(_) => Vec::new(),
            Value::Text(text) => vec![(name.clone(), text.clone())],
        };
        fields.iter().flat_map(codes).collect()
    };
    let mut again = answers.clone();
    for step in form.steps {
        let own: Fields = answers
            .fields
            .iter()
            .filter(|(n, _)| step.fields().any(|f| f.name == n.as_str()))
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        read_fields(step.fields(), &post(&own), &mut again.fields).unwrap();
        for list in step.records() {
            for record in answers.records(list.name) {
                let mut fields = record.fields.clone();
                read_fields(list.fields.iter(), &post(&record.fields), &mut fields).unwrap();
                again.put_record(list.name, Record { fields, ..record.clone() });
            }
        }
    }
    again
}

/// Whether the browser, which knows a page of the form only, stores the same of a post as the server after it has read it again.
fn browser_agrees(form: &'static Form, context: &FormContext<'_>, answers: &Answers) -> Result<(), TestCaseError> {
    for (n, step) in form.steps.iter().enumerate() {
        let mut text = LineWriter::default();
        form.write(step.code, context, &mut text);
        let there = Form::read(&mut LineReader::new(text.finish())).unwrap();
        prop_assert_eq!(there.steps[n].fields().map(|f| f.name).collect::<Vec<_>>(), step.fields().map(|f| f.name).collect::<Vec<_>>());
        let pairs: Vec<(String, String)> =
            step.fields().filter_map(|f| Some((f.name.to_owned(), answers.fields.get(f.name)?.codes().first()?.to_string()))).collect();
        let (mut page, mut stored) = (Fields::new(), Fields::new());
        read_fields(there.steps[n].fields(), &pairs, &mut page).unwrap();
        read_fields(step.fields(), &pairs, &mut stored).unwrap();
        prop_assert!(page == stored, "{}", step.code);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn answers_of_every_kind_are_read_checked_shown_and_hidden_and_read_back_as_stored(values in posts(), others in posts()) {
        let mut context = TestContext::on("2026-11-23");
        context.lists.extend(trial::lists());
        let record = ApplicantRecord::default();
        let mut identities = Identities::default();
        identities.add_person("欧阳雪松");
        for kind in tested_kinds() {
            let (answers, other) = (filled(kind.form, &values), filled(kind.form, &others));
            prop_assert!(read_again(kind.form, &answers) == answers, "{}", kind.code);
            let matter = context.matter(&record);
            let problems = kind.check(&answers, &matter);
            prop_assert!(problems.iter().all(|p| !p.issue.text.is_empty() && !p.label.is_empty()));
            let warnings = kind.warnings_for(&answers, &matter);
            prop_assert!(warnings.iter().all(|w| problems.iter().all(|p| !p.is_same(w))), "a warning stops nobody");
            show_form(kind.form, &answers, &matter);
            differences(kind.form, &other, &answers, &matter);
            let blind = answers.shown_to(kind.form, Audience::Blind(&identities), matter.rules_on());
            for field in kind.form.fields().map(|(_, f)| f).filter(|f| f.identifies() && f.accepted_files().is_none()) {
                prop_assert!(blind.fields.get(field.name).is_none_or(|value| value.codes() == [HIDDEN]), "{} {}", kind.code, field.name);
            }
        }
    }

    #[test]
    fn the_browser_stores_what_the_server_stores(values in posts()) {
        let mut context = TestContext::on("2026-11-23");
        context.lists.extend(trial::lists());
        for kind in tested_kinds() {
            // What is stored once: the browser leaves the reading of spellings to the server.
            let answers = filled(kind.form, &values);
            browser_agrees(kind.form, &context.form(), &answers)?;
        }
    }
}

/// The steps and fields of the trial kind that use a widget.
fn uses(of: impl Fn(&Widget) -> bool) -> usize {
    let lists = trial::FORM.steps.iter().flat_map(|s| s.records()).flat_map(|list| list.fields);
    let review = trial::REVIEW.fields().map(|(_, f)| f);
    trial::FORM.fields().map(|(_, f)| f).chain(lists).chain(review).filter(|f| of(&f.widget)).count()
}

#[test]
fn the_trial_kind_uses_every_widget() {
    let counts = [
        uses(|w| matches!(w, Widget::Line(_, TextFormat::Digits(..)))),
        uses(|w| matches!(w, Widget::Line(_, TextFormat::Any))),
        uses(|w| matches!(w, Widget::Lines(_))),
        uses(|w| matches!(w, Widget::Day(_))),
        uses(|w| matches!(w, Widget::Time(_))),
        uses(|w| matches!(w, Widget::One(Options::Within(..)))),
        uses(|w| matches!(w, Widget::Many(Options::Within(..)))),
        uses(|w| matches!(w, Widget::HalfDays(_))),
        uses(|w| matches!(w, Widget::Hours(_))),
        uses(|w| matches!(w, Widget::Whole(..))),
        uses(|w| matches!(w, Widget::Tick(_))),
        uses(|w| matches!(w, Widget::Agree(_))),
        uses(|w| matches!(w, Widget::Files(_))),
    ];
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    let path = Path::field("timetable");
    assert_eq!(trial::FORM.field_at(&path).and_then(Field::accepted_files).map(|files| files.most), Some(1));
    assert!(check_form(&trial::FORM, &Answers::default(), &TestContext::on("2026-11-23").form()).iter().all(|p| p.step != trial::SCHEDULE));
}
