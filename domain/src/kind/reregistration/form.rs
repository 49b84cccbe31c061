//! What 再注册 asks: what 年度确认 asks, and the work of the term.

use crate::engine::form::{FIELD, Field, Form, Options, Part, Records, Step, When, Widget};
use crate::kind::annual_confirmation::{CONDUCT, CPD, PAPERS, PRACTICE};
use crate::kind::registration::AUDIT;
use crate::matter::CERTIFICATES;
use crate::record::certificate::Upkeep;

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
                            name: CERTIFICATES,
                            label: "要再注册的证书",
                            hint: "只列出已到办理时间的证书",
                            widget: Widget::Many(Options::Listed(Upkeep::Renewal.list())),
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
            parts: &[Part::Records(&Records { required: When::Never, ..AUDIT })],
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
