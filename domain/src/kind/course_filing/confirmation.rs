//! The form with which a teacher confirms the own part of a course: 确认结果, 确认意见.

use crate::base::rule::key;
use crate::engine::flow::Confirmation;
use crate::engine::form::{Choice, FIELD, Field, Form, Options, Part, Step, When, Widget};

/// Name of the field with the result.
pub const RESULT: &str = "result";
/// Name of the field with the opinion.
pub const OPINION: &str = "opinion";
/// The result that agrees.
pub const AGREE: &str = "agree";
/// The result that declines.
pub const DECLINE: &str = "decline";

const RESULTS: &[Choice] = &[Choice::new(AGREE, "同意"), Choice::new(DECLINE, "不同意")];

/// What the confirmations together lead to.
pub(super) static CONFIRMATION: Confirmation = Confirmation {
    result: RESULT,
    agrees: AGREE,
    opinion: OPINION,
    agreed: "all_agreed",
    declined: "declined",
    at_once: Some(key::TEACH_DECLINE_AT_ONCE),
};

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step {
        code: "confirmation",
        title: "教师确认",
        intro: "",
        shown: When::Always,
        parts: &[Part::Fields(
            "",
            &[
                Field { name: RESULT, label: "确认结果", widget: Widget::One(Options::Fixed(RESULTS)), ..FIELD },
                Field {
                    name: OPINION,
                    label: "确认意见",
                    hint: "同意的可以不填",
                    missing: "不同意的，请填写确认意见",
                    widget: Widget::Lines(500),
                    required: When::Is(RESULT, &[DECLINE]),
                    ..FIELD
                },
            ],
        )],
    }],
};
