//! Comparison and copying of answers, on the forms of the kinds.

use uuid::Uuid;

use crate::engine::form::testing::TestContext;
use crate::engine::form::{Answers, FileRef, Record, Value, Widget, copy_answers, differences};
use crate::kind::KINDS;
use crate::kind::registration::FORM;

#[test]
fn differences_are_shown_as_text() {
    let context = TestContext::on("2026-11-23");
    let mut old = Answers::default();
    old.fields.insert("title_level".into(), "none".into());
    let record =
        |n: u128, school: &str| Record { id: Uuid::from_u128(n), fields: [("school".to_owned(), school.into())].into(), removed: false };
    old.put_record("education", record(1, "甲大学"));
    let mut new = old.clone();
    new.fields.insert("title_level".into(), "junior".into());
    new.put_record("education", record(1, "乙大学"));
    new.put_record("education", record(2, "丙大学"));
    let shown: Vec<(String, String, String)> =
        differences(&FORM, &old, &new, &context.form()).into_iter().map(|d| (d.label, d.before, d.after)).collect();
    let expect = |label: &str, before: &str, after: &str| (label.to_owned(), before.to_owned(), after.to_owned());
    assert_eq!(
        shown,
        [expect("职称级别", "无", "初级"), expect("教育经历第 1 条 · 学校", "甲大学", "乙大学"), expect("教育经历", "", "丙大学"),]
    );
}

fn ids() -> impl FnMut() -> Uuid {
    let mut next = 100;
    move || {
        next += 1;
        Uuid::from_u128(next)
    }
}

fn answered() -> Answers {
    let mut answers = Answers::default();
    for (name, value) in [("domain", "QMS"), ("declared", "yes"), ("signed_name", "林晓月"), ("of_an_older_form", "x")] {
        answers.fields.insert(name.into(), value.into());
    }
    let file = FileRef { file: Uuid::from_u128(9), name: "a.jpg".into(), size: 1, mime: "image/jpeg".into() };
    answers.fields.insert("photo".into(), Value::Files(vec![file.clone()]));
    for id in [1, 2] {
        let fields = [("school".into(), "华东理工大学".into()), ("diploma".into(), Value::Files(vec![file.clone()]))].into();
        answers.put_record("education", Record { id: Uuid::from_u128(id), fields, removed: false });
    }
    answers.remove_record("education", Uuid::from_u128(2));
    answers
}

#[test]
fn answers_and_files_are_copied_and_declarations_are_not() {
    let new = copy_answers(&FORM, &answered(), ids());
    assert_eq!(new.text("domain"), "QMS");
    for left in ["declared", "signed_name", "of_an_older_form"] {
        assert!(!new.fields.contains_key(left), "{left}");
    }
    assert_eq!(new.files().count(), 2);
}

#[test]
fn records_get_new_ids_and_removed_ones_stay_removed() {
    let new = copy_answers(&FORM, &answered(), ids());
    let all = new.records.get("education").unwrap();
    assert_eq!(all.iter().map(|r| r.id).collect::<Vec<_>>(), [Uuid::from_u128(101)]);
    assert_eq!(all[0].text("school"), "华东理工大学");
}

#[test]
fn no_ticked_statement_is_copied() {
    for field in KINDS.iter().flat_map(|k| k.form.fields()).map(|(_, f)| f) {
        assert!(!matches!(field.widget, Widget::Tick(_) | Widget::Agree(_)) || field.is_single_use(), "{}", field.name);
    }
}

/// Forms of transitions, by kind and stage.
fn transition_forms() -> impl Iterator<Item = (&'static str, &'static str, &'static crate::engine::form::Form)> {
    let kinds = KINDS.iter().copied().chain(crate::kind::trial::KINDS);
    let stages = kinds.flat_map(|kind| kind.flow.stages.iter().map(move |stage| (kind, stage)));
    stages.flat_map(|(kind, stage)| {
        let forms = stage.transitions.iter().filter_map(|t| match t.requires {
            crate::engine::flow::Requires::Form(form) => Some(form),
            _ => None,
        });
        forms.map(move |form| (kind.code, stage.code, form))
    })
}

#[test]
fn the_form_of_a_transition_has_fields_alone_that_a_page_with_other_commands_can_show() {
    let mut names = std::collections::BTreeSet::new();
    assert!(transition_forms().next().is_some());
    for (kind, stage, form) in transition_forms() {
        assert!(form.steps.iter().all(|step| step.records().next().is_none() && step.displays().next().is_none()), "{kind} {stage}");
        for (_, field) in form.fields() {
            assert!(!matches!(field.widget, Widget::Files(_)), "{kind} {stage} {}: files have no place in a command", field.name);
            assert!(names.insert((kind, stage, field.name)), "{kind} {stage} {}: the name of one control", field.name);
            assert!(!["note", "person"].contains(&field.name), "{kind} {stage} {}: a control of commands", field.name);
        }
    }
}
