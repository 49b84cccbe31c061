//! Questions that a page without scripts can ask only after it was saved, since another answer decides which options they have.

use super::answers::Answers;
use super::context::FormContext;
use super::definition::Form;
use super::issue::Problem;
use super::path::Path;
use super::widget::{Options, Widget};

/// Whether a problem is a missing choice that could not be made `before` the last save, when there was nothing to choose from. The page asks
/// for it without calling it an error.
pub fn is_newly_asked(form: &Form, problem: &Problem, before: &Answers, context: &FormContext<'_>) -> bool {
    let Some(Widget::One(options @ Options::Within(..)) | Widget::Many(options @ Options::Within(..))) =
        form.field_at(&problem.path).map(|field| &field.widget)
    else {
        return false;
    };
    let record = match &problem.path {
        Path::Cell(list, id, _) => before.record(list, *id).map(|record| &record.fields),
        Path::Field(_) | Path::Row(..) => None,
    };
    problem.issue.code == "missing" && context.listed(options, &context.scope(before, record)).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::testing::TestContext;
    use crate::engine::form::{FIELD, Field, OtherField, Part, Step, When, check_form};

    const SESSION: OtherField = OtherField { name: "session", label: "考试" };
    const FORM: Form = Form {
        version: 1,
        upgrade: |_| (),
        steps: &[Step {
            code: "one",
            title: "",
            intro: "",
            shown: When::Always,
            parts: &[Part::Fields(
                "",
                &[
                    Field { name: "session", label: "考试", widget: Widget::One(Options::Listed("sessions")), ..FIELD },
                    Field { name: "site", label: "考点", widget: Widget::One(Options::Within("sites", SESSION)), ..FIELD },
                ],
            )],
        }],
    };

    #[test]
    fn only_a_choice_for_which_there_was_nothing_to_choose_is_asked_anew() {
        let context = TestContext::on("2026-11-23")
            .with_list("sessions", &[("a", "甲"), ("b", "乙")])
            .with_list("sites/a", &[("x", "考点")])
            .with_list("sites/b", &[("y", "考点")]);
        let context = context.form();
        let answers = |session: &str| Answers { fields: [("session".to_owned(), session.into())].into(), ..Answers::default() };
        let asked = |before: &str, now: &str| {
            let problems = check_form(&FORM, &answers(now), &context);
            problems.iter().map(|p| (p.label.clone(), is_newly_asked(&FORM, p, &answers(before), &context))).collect::<Vec<_>>()
        };
        assert_eq!(asked("", "a"), [("考点".to_owned(), true)]);
        assert_eq!(asked("a", "a"), [("考点".to_owned(), false)], "it was on the page");
        assert_eq!(asked("a", "b"), [("考点".to_owned(), false)], "another choice was on the page");
        assert_eq!(asked("", ""), [("考试".to_owned(), false)]);
    }
}
