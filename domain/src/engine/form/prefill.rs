//! The answers with which a new application begins.

use super::answers::{Answers, Value};
use super::context::FormContext;
use super::definition::Form;
use super::widget::{Options, Widget};

/// Answers each unanswered field that asks for it with the only option of its list.
pub fn prefill(form: &Form, answers: &mut Answers, context: &FormContext<'_>) {
    for (_, field) in form.fields().filter(|(_, field)| field.prefilled) {
        let Widget::One(Options::Listed(list)) = field.widget else { continue };
        let unanswered = answers.fields.get(field.name).is_none_or(Value::is_empty);
        if let (true, Some([(code, _)])) = (unanswered, context.lists.get(list).map(Vec::as_slice)) {
            answers.fields.insert(field.name.to_owned(), code.as_str().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::testing::TestContext;
    use crate::engine::form::{FIELD, Field, Part, Step, When};

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
                    Field { name: "asked", widget: Widget::One(Options::Listed("bodies")), prefilled: true, ..FIELD },
                    Field { name: "left", widget: Widget::One(Options::Listed("bodies")), ..FIELD },
                ],
            )],
        }],
    };

    #[test]
    fn the_only_option_is_the_first_answer_of_a_field_that_asks_for_it() {
        let begun = |options: &[(&str, &str)], typed: &str| {
            let mut answers = Answers::default();
            answers.fields.insert("asked".to_owned(), typed.into());
            prefill(&FORM, &mut answers, &TestContext::on("2026-11-23").with_list("bodies", options).form());
            assert_eq!(answers.text("left"), "");
            answers.text("asked").to_owned()
        };
        assert_eq!(begun(&[("a", "甲")], ""), "a");
        assert_eq!(begun(&[("a", "甲")], "b"), "b", "what is chosen stays");
        assert_eq!(begun(&[("a", "甲"), ("b", "乙")], ""), "");
        assert_eq!(begun(&[], ""), "");
    }
}
