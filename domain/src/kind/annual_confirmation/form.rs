//! The form of 年度确认 (docs/domain.md §6).

use crate::engine::form::{FIELD, Field, Form, Options, Part, Step, When, Widget};
use crate::matter::CERTIFICATES_FIELD;
use crate::matter::renewal::{CONDUCT, CPD, PAPERS, PRACTICE};
use crate::record::certificate::Renewal;

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[
        Step {
            code: "confirmation",
            title: "确认信息",
            intro: "可以一次确认多张证书。",
            shown: When::Always,
            parts: &[
                Part::Fields(
                    "证书",
                    &[
                        Field {
                            name: CERTIFICATES_FIELD,
                            label: "要确认的证书",
                            hint: "只列出已到办理时间的证书",
                            widget: Widget::Many(Options::Listed(Renewal::AnnualConfirmation.option_list())),
                            ..FIELD
                        },
                        PRACTICE,
                    ],
                ),
                CONDUCT,
            ],
        },
        Step {
            code: "cpd",
            title: "继续教育",
            intro: "填写一年来参加的继续教育。可直接添加，或从基本信息库中选取。",
            shown: When::Always,
            parts: &[Part::Records(&CPD)],
        },
        PAPERS,
    ],
};
