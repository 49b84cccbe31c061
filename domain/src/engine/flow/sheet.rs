//! 评价表: the verdicts that come with an expert's opinion. The opinion itself is the note of the command, and the result is the command.

use crate::engine::form::{Choice, FIELD, Field, Form, Options, Part, RecordList, Step, TextFormat, When, Widget};

/// List of the nonconformities of a kind, in the context of its matters.
pub const NONCONFORMITIES: &str = "nonconformities";
/// The list of verdicts.
pub const VERDICTS: &str = "verdicts";
/// Most characters of the text of a verdict.
pub const VERDICT_TEXT_MAX: usize = 300;

/// The form of an expert's opinion.
pub static SHEET: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step {
        code: "evaluation",
        title: "评价情况",
        intro: "",
        shown: When::Always,
        parts: &[Part::Records(&RecordList {
            name: VERDICTS,
            label: "评价",
            hint: "",
            required: When::Never,
            max: 2000,
            fields: &[
                Field { name: "part", label: "评价内容", widget: Widget::Line(400, TextFormat::Any), ..FIELD },
                Field { name: "conforms", label: "是否符合", widget: Widget::One(Options::Fixed(CONFORMS)), ..FIELD },
                Field {
                    name: "findings",
                    label: "不符合项",
                    widget: Widget::Many(Options::Listed(NONCONFORMITIES)),
                    required: When::Never,
                    ..FIELD
                },
                Field { name: "text", label: "其他问题", widget: Widget::Lines(VERDICT_TEXT_MAX), required: When::Never, ..FIELD },
            ],
            title: &["part"],
            span: None,
            library: false,
        })],
    }],
};

const CONFORMS: &[Choice] = &[Choice { code: "yes", label: "符合", group: "" }, Choice { code: "no", label: "不符合", group: "" }];
