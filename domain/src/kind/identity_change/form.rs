//! The form of a change of identity.

use crate::base::catalogue::Choice;
use crate::base::identity::DocumentType;
use crate::engine::form::{Answers, DayRange, Display, FIELD, Field, Form, Options, Part, Statement, Step, TextFormat, When, Widget};

/// What is to be changed.
const CHANGES: &[Choice] = &[Choice::new("name", "姓名"), Choice::new("document", "证件类型或证件号码")];

/// 变更原因.
const REASONS: &[Choice] = &[
    Choice::new("renamed", "姓名变更"),
    Choice::new("reissued", "证件换发"),
    Choice::new("misrecorded", "登记有误"),
    Choice::new("other", "其他"),
];

/// 证件类型.
const DOCUMENTS: &[Choice] = &[
    document(DocumentType::ResidentId),
    document(DocumentType::HkmoPermit),
    document(DocumentType::TwPermit),
    document(DocumentType::HkmotwResidence),
    document(DocumentType::ForeignerPr),
    document(DocumentType::Passport),
];

/// 性别.
const SEXES: &[Choice] = &[Choice::new("male", "男"), Choice::new("female", "女")];

/// 声明.
pub const DECLARATION: Statement = Statement {
    version: "2026-11",
    text: "本人声明：所填写的信息与本人现行有效证件一致，提交的证明材料真实、完整；变更前的姓名、证件所对应的注册、考试和证书记录均属本人。如有不实，本人承担由此产生的责任。",
};

const NAME: When = When::Is("changes", &["name"]);
const DOCUMENT: When = When::Is("changes", &["document"]);

/// Documents whose number never contains sex and birth date.
const WITHOUT_BIRTH: When = When::All(&[DOCUMENT, When::Is("document_type", &["hkmo_permit", "tw_permit", "passport"])]);

/// Documents whose number may not contain them: those above, and 外国人永久居留身份证 issued before 2023 (docs/domain.md §11.3).
const PERHAPS_WITHOUT_BIRTH: When =
    When::All(&[DOCUMENT, When::Is("document_type", &["hkmo_permit", "tw_permit", "passport", "foreigner_pr"])]);

const fn document(kind: DocumentType) -> Choice {
    Choice::new(kind.code(), kind.label())
}

/// The form.
pub static FORM: Form = Form { version: 1, upgrade: |_| (), steps: &[MATTER, IDENTITY, PAPERS] };

const MATTER: Step = Step {
    code: "matter",
    title: "变更事项",
    intro: "",
    shown: When::Always,
    parts: &[
        Part::Display(&Display { name: "identity", label: "变更前登记的信息", empty: "没有登记的信息" }),
        Part::Fields(
            "变更事项和原因",
            &[
                Field {
                    name: "changes",
                    label: "变更事项",
                    hint: "可多选；手机号码和电子邮箱请在“账号与安全”中更换",
                    widget: Widget::Many(Options::Fixed(CHANGES)),
                    ..FIELD
                },
                Field { name: "reason", label: "变更原因", widget: Widget::One(Options::Fixed(REASONS)), ..FIELD },
                Field {
                    name: "reason_text",
                    label: "原因说明",
                    widget: Widget::Lines(200),
                    required: When::Is("reason", &["other"]),
                    shown: When::Is("reason", &["other"]),
                    ..FIELD
                },
            ],
        ),
    ],
};

const IDENTITY: Step = Step {
    code: "identity",
    title: "变更后的信息",
    intro: "请按现行有效证件填写。居民身份证等证件的性别和出生日期取自证件号码。",
    shown: When::Always,
    parts: &[
        Part::Fields(
            "",
            &[Field {
                name: "new_name",
                label: "变更后的姓名",
                hint: "与证件一致",
                widget: Widget::Line(30, TextFormat::PersonName),
                required: NAME,
                shown: NAME,
                identifies_person: true,
                ..FIELD
            }],
        ),
        Part::Fields(
            "",
            &[
                Field {
                    name: "document_type",
                    label: "变更后的证件类型",
                    hint: "类型不变的，选择原来的类型",
                    widget: Widget::One(Options::Fixed(DOCUMENTS)),
                    required: DOCUMENT,
                    shown: DOCUMENT,
                    ..FIELD
                },
                Field {
                    name: "document_number",
                    label: "变更后的证件号码",
                    hint: "不会保存在本机，办理人员核对证件时可见",
                    widget: Widget::Line(18, TextFormat::DocumentOf("document_type")),
                    required: DOCUMENT,
                    shown: DOCUMENT,
                    sensitive: true,
                    checker_only: true,
                    single_use: true,
                    ..FIELD
                },
                Field {
                    name: "sex",
                    label: "性别",
                    hint: "证件号码中没有的须填写",
                    widget: Widget::One(Options::Fixed(SEXES)),
                    required: WITHOUT_BIRTH,
                    shown: PERHAPS_WITHOUT_BIRTH,
                    ..FIELD
                },
                Field {
                    name: "birth_date",
                    label: "出生日期",
                    hint: "证件号码中没有的须填写",
                    widget: Widget::Day(DayRange::Past),
                    required: WITHOUT_BIRTH,
                    shown: PERHAPS_WITHOUT_BIRTH,
                    sensitive: true,
                    checker_only: true,
                    single_use: true,
                    ..FIELD
                },
            ],
        ),
    ],
};

const PAPERS: Step = Step {
    code: "papers",
    title: "材料与声明",
    intro: "",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field {
                name: "document_front",
                label: "现行证件人像面",
                hint: "护照上传资料页",
                widget: Widget::files(2),
                sensitive: true,
                checker_only: true,
                single_use: true,
                ..FIELD
            },
            Field {
                name: "document_back",
                label: "现行证件国徽面或背面",
                hint: "护照上传签发机关所在页",
                widget: Widget::files(2),
                sensitive: true,
                checker_only: true,
                single_use: true,
                ..FIELD
            },
            Field {
                name: "name_proof",
                label: "姓名变更证明",
                hint: "户口簿变更页，或公安机关出具的证明；登记有误的，上传户口簿本人页",
                widget: Widget::files(3),
                required: NAME,
                shown: NAME,
                sensitive: true,
                checker_only: true,
                single_use: true,
                ..FIELD
            },
            Field {
                name: "other",
                label: "其他材料",
                widget: Widget::files(5),
                required: When::Never,
                sensitive: true,
                checker_only: true,
                single_use: true,
                ..FIELD
            },
            Field { name: "declared", label: "声明", widget: Widget::Agree(&DECLARATION), single_use: true, ..FIELD },
            Field {
                name: "signed_name",
                label: "声明人姓名",
                hint: "请键入本人姓名，与变更前或变更后的姓名一致",
                widget: Widget::Line(30, TextFormat::PersonName),
                identifies_person: true,
                single_use: true,
                ..FIELD
            },
        ],
    )],
};

/// The title in lists: 信息变更申请（姓名、证件）, without any personal data. None while nothing is chosen.
pub(super) fn title(answers: &Answers) -> Option<String> {
    let chosen = answers.fields.get("changes")?;
    let named = [("name", "姓名"), ("document", "证件")].into_iter().filter(|(code, _)| chosen.contains(code)).map(|(_, label)| label);
    let named: Vec<&str> = named.collect();
    (!named.is_empty()).then(|| format!("信息变更申请（{}）", named.join("、")))
}
