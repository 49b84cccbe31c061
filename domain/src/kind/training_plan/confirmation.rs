//! The form with which a teacher confirms the own lessons: 确认结果, 理由.

use crate::engine::flow::Confirmation;
use crate::engine::form::{Choice, FIELD, Field, Form, Options, Part, Step, When, Widget};

/// Name of the field with the result.
pub const RESULT: &str = "result";
/// Name of the field with the reason.
pub const REASON: &str = "reason";
/// The result that confirms.
pub const AGREE: &str = "agree";
/// The result that does not.
pub const DECLINE: &str = "decline";

const CHOICES: &[Choice] = &[Choice::new(AGREE, "确认"), Choice::new(DECLINE, "不确认")];

/// What the confirmations together lead to: one who does not confirm sends the plan back at once.
pub(super) static CONFIRMATION: Confirmation =
    Confirmation { result: RESULT, agrees: AGREE, opinion: REASON, agreed: "all_agreed", declined: "declined", at_once: None };

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
                Field { name: RESULT, label: "确认结果", widget: Widget::One(Options::Fixed(CHOICES)), ..FIELD },
                Field {
                    name: REASON,
                    label: "理由",
                    hint: "确认的可以不填",
                    missing: "不确认的，请填写理由",
                    widget: Widget::Lines(500),
                    required: When::Is(RESULT, &[DECLINE]),
                    ..FIELD
                },
            ],
        )],
    }],
};
