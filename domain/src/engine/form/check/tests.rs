//! Tests of the limits of each widget.

use super::*;
use crate::engine::form::testing::TestContext;
use crate::engine::form::{FIELD, Fields};

const START: OtherField = OtherField { name: "start", label: "开班日期" };
const END: OtherField = OtherField { name: "end", label: "结业日期" };

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect()
}

/// What is wrong with the answer to a field with this widget beside other answers; empty if nothing is.
fn fault_in(context: &TestContext, (label, widget): (&'static str, Widget), typed: &str, others: &[(&str, &str)]) -> String {
    let (context, field) = (context.form(), Field { name: "asked", label, widget, ..FIELD });
    let answers = Answers { fields: fields(others), ..Answers::default() };
    let scope = context.scope(&answers, None);
    check_field(&field, Some(&typed.into()), &scope, &context).map_or_else(String::new, |issue| issue.text)
}

#[test]
fn a_time_is_later_than_the_one_in_another_field() {
    let context = TestContext::on("2026-11-23");
    let after = || ("下课时间", Widget::Time(TimeRange::After(OtherField { name: "from", label: "上课时间" })));
    for (typed, from, said) in [
        ("10:30", "09:00", ""),
        ("10:30", "", ""),
        ("10:30", "早", ""),
        ("09:00", "09:00", "下课时间应晚于上课时间（09:00）"),
        ("08:00", "下午2点", "下课时间应晚于上课时间（14:00）"),
        ("25:00", "09:00", "时间应在 00:00 至 23:59 之间，请核对时间"),
    ] {
        assert_eq!(fault_in(&context, after(), typed, &[("from", from)]), said, "{typed} {from}");
    }
    assert_eq!(fault_in(&context, ("时间", Widget::Time(TimeRange::Any)), "00:00", &[]), "");
}

#[test]
fn a_day_that_was_ahead_at_the_first_submission_stays_accepted() {
    let ahead = || ("开班日期", Widget::Day(DayRange::Future));
    let draft = TestContext::on("2026-11-23");
    for (typed, said) in
        [("2026-11-23", ""), ("2027-03-01", ""), ("2026-11-22", "日期不能早于今天"), ("2026-02-30", "日期不存在，请核对日期")]
    {
        assert_eq!(fault_in(&draft, ahead(), typed, &[]), said, "{typed}");
    }
    let returned = TestContext { applied_on: "2026-11-20".parse().unwrap(), ..draft };
    assert_eq!(fault_in(&returned, ahead(), "2026-11-20", &[]), "", "accepted on the day of submission");
    assert_eq!(fault_in(&returned, ahead(), "2026-11-19", &[]), "日期不能早于提交申请之日（2026-11-20）");
}

#[test]
fn a_day_is_judged_by_the_days_in_other_fields_which_the_sentence_names() {
    let context = TestContext::on("2026-11-23");
    let both = &[("start", "2026-12-01"), ("end", "2026-12-05")][..];
    let (from, between) =
        (|| ("结业日期", Widget::Day(DayRange::From(START))), || ("授课日期", Widget::Day(DayRange::Between(START, END))));
    for (typed, others, said) in [
        ("2026-12-01", both, ""),
        ("2027-01-01", both, ""),
        ("2026-11-30", both, "结业日期不能早于开班日期（2026-12-01）"),
        ("2026-11-30", &[][..], ""),
        ("2026-11-30", &[("start", "12月")][..], ""),
    ] {
        assert_eq!(fault_in(&context, from(), typed, others), said, "{typed}");
    }
    for (typed, others, said) in [
        ("2026-12-01", both, ""),
        ("2026-12-05", both, ""),
        ("2026-11-30", both, "授课日期不能早于开班日期（2026-12-01）"),
        ("2026-12-06", both, "授课日期不能晚于结业日期（2026-12-05）"),
        ("2026-12-06", &both[..1], ""),
    ] {
        assert_eq!(fault_in(&context, between(), typed, others), said, "{typed}");
    }
}

#[test]
fn a_bound_may_be_a_fact_of_the_context_or_an_answer_of_the_form_beside_a_record() {
    let mut context = TestContext::on("2026-11-23");
    context.facts = fields(&[("start", "2026-12-10")]);
    let from = ("结业日期", Widget::Day(DayRange::From(START)));
    assert_eq!(fault_in(&context, from, "2026-12-09", &[]), "结业日期不能早于开班日期（2026-12-10）");
    let context = TestContext::on("2026-11-23");
    let context = context.form();
    let field = Field { label: "授课日期", widget: Widget::Day(DayRange::Between(START, END)), ..FIELD };
    let answers = Answers { fields: fields(&[("start", "2026-12-01"), ("end", "2026-12-05")]), ..Answers::default() };
    let record = fields(&[("topic", "标准")]);
    let issue = check_field(&field, Some(&"2026-12-06".into()), &context.scope(&answers, Some(&record)), &context).unwrap();
    assert_eq!((issue.code, issue.text.as_str()), ("day_after", "授课日期不能晚于结业日期（2026-12-05）"));
}

const SESSION: OtherField = OtherField { name: "session", label: "考试" };

fn with_sites() -> TestContext {
    TestContext::on("2026-11-23")
        .with_list("sites/one", &[("bj", "北京考点"), ("sh", "上海考点")])
        .with_list("sites/two", &[("sh", "上海考点"), ("gz", "广州考点")])
        .with_list("sites2/three", &[("xa", "西安考点")])
}

#[test]
fn the_options_of_a_choice_are_those_of_the_choice_in_another_field() {
    let context = with_sites();
    let site = || ("考点", Widget::One(Options::Within("sites", SESSION)));
    for (typed, session, said) in [
        ("bj", "one", ""),
        ("sh", "one", ""),
        ("sh", "two", ""),
        ("bj", "two", "“北京考点”不属于所选的考试，请重新选择"),
        ("bj", "none", "“北京考点”不属于所选的考试，请重新选择"),
        ("xa", "two", "所选项已不在列表中，请重新选择"),
        ("bj", "", "请先选择考试，再选择此项"),
    ] {
        assert_eq!(fault_in(&context, site(), typed, &[("session", session)]), said, "{typed} {session}");
    }
    let (context, sites) = (context.form(), Options::Within("sites", SESSION));
    assert_eq!(context.label(&sites, "gz"), "广州考点", "whatever is chosen");
    let offered = |session: Value| {
        let answers = Answers { fields: Fields::from([("session".to_owned(), session)]), ..Answers::default() };
        context.listed(&sites, &context.scope(&answers, None)).into_iter().map(|(code, _)| code.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(offered("two".into()), ["sh", "gz"]);
    assert_eq!(offered(Value::Many(vec!["one".into(), "two".into()])), ["bj", "sh", "gz"], "of several choices, each once");
    assert!(offered("".into()).is_empty());
}

#[test]
fn each_of_several_choices_belongs_to_the_choice_in_another_field() {
    let context = with_sites();
    let context = context.form();
    let field = Field { label: "考点", widget: Widget::Many(Options::Within("sites", SESSION)), ..FIELD };
    let answers = Answers { fields: fields(&[("session", "two")]), ..Answers::default() };
    let fault = |codes: &[&str]| {
        let value = Value::Many(codes.iter().map(|code| (*code).to_owned()).collect());
        check_field(&field, Some(&value), &context.scope(&answers, None), &context).map(|issue| issue.code)
    };
    assert_eq!(fault(&["sh", "gz"]), None);
    assert_eq!(fault(&["gz", "bj"]), Some("choice_of_other"));
}

#[test]
fn nothing_is_missing_where_the_other_field_is_not_answered() {
    let context = with_sites();
    let context = context.form();
    let field = Field { label: "考点", widget: Widget::One(Options::Within("sites", SESSION)), ..FIELD };
    let missing = |session: &str| {
        let answers = Answers { fields: fields(&[("session", session)]), ..Answers::default() };
        check_field(&field, None, &context.scope(&answers, None), &context).map(|issue| issue.text)
    };
    assert_eq!(missing(""), None);
    assert_eq!(missing("one").as_deref(), Some("请选择考点"));
}
