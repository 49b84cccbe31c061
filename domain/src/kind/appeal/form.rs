//! The form of an appeal (docs/domain.md §8).

use uuid::Uuid;

use crate::engine::form::{Answers, FIELD, Field, Form, Options, Part, Step, TextFormat, When, Widget};
use crate::matter::OpenKey;

/// The form.
pub static FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step {
        code: "appeal",
        title: "申诉内容",
        intro: "只能对本人业务的决定提出申诉，每项决定可申诉一次。",
        shown: When::Always,
        parts: &[
            Part::Fields(
                "不服的决定",
                &[Field { name: "disputed", label: "原决定", widget: Widget::One(Options::Listed("decisions")), ..FIELD }],
            ),
            Part::Fields(
                "请求和理由",
                &[
                    Field {
                        name: "claim", label: "申诉请求", hint: "请写明要求撤销或变更的决定", widget: Widget::Lines(500), ..FIELD
                    },
                    Field { name: "grounds", label: "申诉理由", hint: "最多 2000 字", widget: Widget::Lines(2000), ..FIELD },
                    Field { name: "evidence", label: "证明材料", widget: Widget::files(10), required: When::Never, ..FIELD },
                    Field {
                        name: "phone",
                        label: "其他联系电话",
                        hint: "账号手机以外的联系电话，可不填",
                        widget: Widget::Line(20, TextFormat::Phone),
                        required: When::Never,
                        sensitive: true,
                        ..FIELD
                    },
                    Field {
                        name: "declared",
                        label: "真实性声明",
                        widget: Widget::Tick("本人保证所述内容和所附材料真实"),
                        single_use: true,
                        ..FIELD
                    },
                ],
            ),
        ],
    }],
};

/// The matter whose decision is disputed.
pub(super) fn disputed_matter(answers: &Answers) -> Option<Uuid> {
    Uuid::parse_str(answers.text("disputed")).ok()
}

/// A decision is disputed by one appeal at a time.
pub(super) fn open_keys(answers: &Answers) -> Vec<OpenKey> {
    let key = |id: Uuid| OpenKey {
        subject: "appeal", per_applicant: false, value: id.to_string(), taken: "对该决定已有一件申诉正在办理"
    };
    disputed_matter(answers).map(key).into_iter().collect()
}
