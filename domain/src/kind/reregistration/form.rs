//! The form of 再注册: that of 年度确认, and the practice of the term.

use crate::engine::form::{FIELD, Field, Form, Options, Part, Step, When, Widget};
use crate::matter::CERTIFICATES_FIELD;
use crate::matter::audit_experience::AUDIT_RECORDS;
use crate::matter::renewal::{CONDUCT, CPD, PAPERS, PRACTICE};
use crate::record::certificate::Renewal;

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[
        Step {
            code: "renewal",
            title: "再注册信息",
            intro: "可以一次办理多张证书。",
            shown: When::Always,
            parts: &[
                Part::Fields(
                    "证书",
                    &[
                        Field {
                            name: CERTIFICATES_FIELD,
                            label: "要再注册的证书",
                            hint: "只列出已到办理时间的证书",
                            widget: Widget::Many(Options::Listed(Renewal::Reregistration.option_list())),
                            ..FIELD
                        },
                        PRACTICE,
                    ],
                ),
                CONDUCT,
            ],
        },
        Step {
            code: "audit",
            title: "认证经历",
            intro: "填写有效期内的审核、检查或审查经历。实习级不需要填写，可直接进入下一步。",
            shown: When::Always,
            parts: &[Part::Records(&AUDIT_RECORDS)],
        },
        Step {
            code: "cpd",
            title: "继续教育",
            intro: "填写最近一年参加的继续教育。可直接添加，或从基本信息库中选取。",
            shown: When::Always,
            parts: &[Part::Records(&CPD)],
        },
        PAPERS,
    ],
};
