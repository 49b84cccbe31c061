//! Assessments, on the form and the nonconformities of 人员注册.

use uuid::Uuid;

use crate::engine::assessment::{Assessment, StepPoints, applicable, names_exist_in, points};
use crate::engine::flow::{SHEET, VERDICTS};
use crate::engine::form::testing::TestContext;
use crate::engine::form::{Answers, Path, Record, check_form};
use crate::kind::registration::{FORM, NONCONFORMITIES};

fn answers() -> Answers {
    let mut answers = Answers::default();
    answers.fields.insert("grade".into(), "full".into());
    for (n, school) in [(1, "甲大学"), (2, "乙大学")] {
        let fields = [("school".to_owned(), school.into())].into();
        answers.put_record("education", Record { id: Uuid::from_u128(n), fields, removed: false });
    }
    answers
}

fn with_points<T>(f: impl FnOnce(&[StepPoints]) -> T) -> T {
    f(&points(&FORM, &answers(), &TestContext::on("2026-11-23").form(), false))
}

fn row(n: u128) -> Path {
    Path::Row("education".into(), Uuid::from_u128(n))
}

fn post(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn the_catalogue_fits_the_form_and_each_code_stands_once() {
    assert!(names_exist_in(NONCONFORMITIES, &FORM));
    for n in NONCONFORMITIES {
        assert_eq!(NONCONFORMITIES.iter().filter(|o| o.code == n.code).count(), 1, "{}", n.code);
    }
    assert!(applicable(NONCONFORMITIES, &row(1)).iter().any(|n| n.code == "diploma_unclear"));
    assert!(!applicable(NONCONFORMITIES, &row(1)).iter().any(|n| n.code == "audit_days"));
}

#[test]
fn a_finding_picked_writes_itself_into_the_opinion_and_what_was_typed_stays() {
    with_points(|points| {
        let code = format!("n:{}", row(2));
        let before = Assessment { opinion: "总体情况良好。".into(), ..Assessment::default() };
        let mut picked = Assessment::read(points, &post(&[(&code, "diploma_unclear"), ("note", "总体情况良好。")]));
        picked.compose(&before, NONCONFORMITIES, points);
        let lines: Vec<&str> = picked.opinion.lines().collect();
        assert_eq!(lines.len(), 2, "{}", picked.opinion);
        assert_eq!(lines[0], "总体情况良好。");
        assert!(lines[1].starts_with("教育经历第 2 条（乙大学）：") && lines[1].contains("学历证书"), "{}", lines[1]);
        // Saved again unchanged, nothing is added twice.
        let mut again = picked.clone();
        again.compose(&picked, NONCONFORMITIES, points);
        assert_eq!(again.opinion, picked.opinion);
        // When the finding is no longer selected, its line is removed and the rest is unchanged.
        let mut taken_back = Assessment { opinion: format!("{}\n另附说明。", picked.opinion), ..Assessment::default() };
        taken_back.compose(&picked, NONCONFORMITIES, points);
        assert_eq!(taken_back.opinion, "总体情况良好。\n另附说明。");
    });
}

#[test]
fn each_record_needs_a_verdict_and_the_conclusion_must_fit() {
    with_points(|points| {
        let codes = |a: &Assessment| a.problems(points, Some("conform")).into_iter().map(|(_, i)| i.code).collect::<Vec<_>>();
        let (one, two) = (format!("v:{}", row(1)), format!("v:{}", row(2)));
        let mut a = Assessment::read(points, &post(&[(&one, "ok"), ("note", "好"), ("conclusion", "conform")]));
        assert_eq!(codes(&a), ["no_verdict"]);
        a = Assessment::read(points, &post(&[(&one, "ok"), (&two, "ok"), ("note", "好"), ("conclusion", "conform")]));
        assert_eq!(codes(&a), [""; 0]);
        a.conclusion = "nonconform".into();
        assert_eq!(codes(&a), ["conclusion_differs"]);
        a = Assessment::read(points, &post(&[(&one, "ok"), (&two, "bad"), ("note", "好"), ("conclusion", "nonconform")]));
        assert_eq!(codes(&a), ["no_reason"]);
        a.verdicts.get_mut(&row(2)).unwrap().text = "毕业时间有误".into();
        assert_eq!(codes(&a), [""; 0]);
        let items = a.items(NONCONFORMITIES, || Uuid::from_u128(5));
        assert_eq!((items.len(), items[0].text.as_str()), (1, "毕业时间有误"));
        a.opinion.clear();
        a.conclusion.clear();
        assert_eq!(codes(&a), ["no_conclusion", "no_note"]);
    });
}

#[test]
fn a_part_that_is_not_there_cannot_be_judged() {
    with_points(|points| {
        let stranger = format!("v:{}", row(7));
        let read = Assessment::read(points, &post(&[(&stranger, "bad"), ("v:no_such_field", "bad"), ("v:address", "bad")]));
        assert_eq!(read.verdicts.keys().collect::<Vec<_>>(), [&Path::field("address")]);
    });
}

#[test]
fn an_opinion_takes_its_verdicts_along_as_answers_to_its_form_under_the_titles_of_the_parts() {
    with_points(|points| {
        let (one, two, code) = (format!("v:{}", row(1)), format!("v:{}", row(2)), format!("n:{}", row(2)));
        let posted = [
            (one.as_str(), "ok"),
            (&two, "bad"),
            (&code, "diploma_unclear"),
            (&code, "invented"),
            ("note", "好"),
            ("conclusion", "deficient"),
        ];
        let command = Assessment::read(points, &post(&posted)).command(NONCONFORMITIES, points, || Uuid::from_u128(5));
        assert_eq!((command.name.as_str(), command.note.as_str(), command.items.len()), ("deficient", "好", 1));
        let records: Vec<&Record> = command.answers.records(VERDICTS).collect();
        let read = |n: usize| (records[n].text("part"), records[n].text("conforms"));
        assert_eq!([read(0), read(1)], [("教育经历第 1 条（甲大学）", "yes"), ("教育经历第 2 条（乙大学）", "no")]);
        assert!(records[1].fields.get("findings").is_some_and(|f| f.contains("diploma_unclear") && !f.contains("invented")));
        let mut lists = std::collections::BTreeMap::new();
        let catalogue = NONCONFORMITIES.iter().map(|n| (n.code.to_owned(), n.text.to_owned())).collect();
        lists.insert(crate::engine::flow::NONCONFORMITIES.to_owned(), catalogue);
        let context = TestContext::on("2026-11-23");
        let context = crate::engine::form::FormContext { lists: &lists, ..context.form() };
        assert_eq!(check_form(&SHEET, &command.answers, &context), []);
    });
}

#[test]
fn an_opinion_without_verdicts_needs_a_result_and_a_text_and_fits_any_result() {
    let mut a = Assessment { opinion: "建议维持".into(), conclusion: "uphold".into(), ..Assessment::default() };
    assert_eq!(a.problems(&[], None), []);
    assert!(a.answers(NONCONFORMITIES, &[]).is_empty());
    a.opinion = "字".repeat(1001);
    assert_eq!(a.problems(&[], None)[0].1.code, "long_note");
}
