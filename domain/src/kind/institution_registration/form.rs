//! The form of a registration of an institution.

use crate::base::catalogue::Choice;
use crate::base::identity::CreditCode;
use crate::engine::form::{Answers, FIELD, Field, Form, Issue, Options, Part, Path, Problem, Statement, Step, TextFormat, When, Widget};
use crate::matter::{MatterContext, OpenKey};
use crate::record::institution::{CreditCodeHolder, InstitutionContact, InstitutionKind, InstitutionKinds, RegisteredInstitution};

/// 声明.
pub const DECLARATION: Statement = Statement {
    version: "2026-11",
    text: "本人经本机构授权办理注册。所填写的信息与登记机关、批准机关的记录一致，提交的材料真实、完整；本机构遵守平台的使用规定，对本机构用户的操作负责。如有不实，本机构承担由此产生的责任。",
};

/// 机构类型.
const KINDS: &[Choice] = &[of_kind(InstitutionKind::CertificationBody), of_kind(InstitutionKind::TrainingProvider)];

/// Asked of certification bodies.
const CERTIFIES: When = When::Is("kinds", &[InstitutionKind::CertificationBody.code()]);

const CREDIT_CODE: &str = "credit_code";
const CREDIT_CODE_LABEL: &str = "统一社会信用代码";

const fn of_kind(kind: InstitutionKind) -> Choice {
    Choice::new(kind.code(), kind.label())
}

/// The form.
pub static FORM: Form = Form { version: 1, upgrade: |_| (), steps: &[INSTITUTION, CONTACT, PAPERS] };

const INSTITUTION: Step = Step {
    code: "institution",
    title: "机构信息",
    intro: "请按营业执照或其他登记证书填写。",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field { name: "name", label: "机构名称", hint: "登记的全称", ..FIELD },
            Field {
                name: CREDIT_CODE, label: CREDIT_CODE_LABEL, hint: "18 位", widget: Widget::Line(18, TextFormat::CreditCode), ..FIELD
            },
            Field { name: "kinds", label: "机构类型", hint: "可多选", widget: Widget::Many(Options::Fixed(KINDS)), ..FIELD },
            Field {
                name: "approval_no",
                label: "批准书或备案编号",
                hint: "认证机构批准书编号，如 CNCA-R-2026-001",
                widget: Widget::Line(40, TextFormat::Any),
                required: CERTIFIES,
                shown: CERTIFIES,
                ..FIELD
            },
            Field { name: "legal_representative", label: "法定代表人", widget: Widget::Line(30, TextFormat::PersonName), ..FIELD },
            Field { name: "address", label: "注册地址", ..FIELD },
        ],
    )],
};

const CONTACT: Step = Step {
    code: "contact",
    title: "联系方式",
    intro: "协会就机构事务联系本机构时使用。",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field { name: "contact_name", label: "联系人", widget: Widget::Line(30, TextFormat::PersonName), ..FIELD },
            Field {
                name: "contact_phone",
                label: "联系电话",
                hint: "手机号码，或带区号的固定电话",
                widget: Widget::Line(20, TextFormat::Phone),
                sensitive: true,
                checker_only: true,
                ..FIELD
            },
            Field {
                name: "contact_email",
                label: "电子邮箱",
                widget: Widget::Line(100, TextFormat::Email),
                sensitive: true,
                checker_only: true,
                ..FIELD
            },
        ],
    )],
};

const PAPERS: Step = Step {
    code: "papers",
    title: "材料与声明",
    intro: "",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field { name: "license", label: "营业执照", hint: "或其他登记证书", widget: Widget::files(3), ..FIELD },
            Field {
                name: "approval",
                label: "批准证书",
                hint: "认证机构批准书全部页面",
                widget: Widget::files(5),
                required: CERTIFIES,
                shown: CERTIFIES,
                ..FIELD
            },
            Field { name: "note", label: "情况说明", hint: "可不填", widget: Widget::Lines(500), required: When::Never, ..FIELD },
            Field { name: "declared", label: "声明", widget: Widget::Agree(&DECLARATION), single_use: true, ..FIELD },
        ],
    )],
};

/// The title in lists: 机构注册（华信质量认证中心有限公司）. None while the institution has no name.
pub(super) fn title(answers: &Answers) -> Option<String> {
    let name = answers.text("name").trim();
    (!name.is_empty()).then(|| format!("机构注册（{name}）"))
}

/// One open registration of a credit code.
pub(super) fn open_keys(answers: &Answers) -> Vec<OpenKey> {
    let code = CreditCode::parse(answers.text(CREDIT_CODE)).ok();
    let key = |code: CreditCode| OpenKey {
        subject: "institution",
        per_applicant: false,
        value: code.as_str().to_owned(),
        taken: CreditCodeHolder::Matter.text(),
    };
    code.map(key).into_iter().collect()
}

/// A credit code that another institution or another open registration has is refused at its field.
pub(super) fn validate(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let Some(holder) = context.credit_code_holder() else { return Vec::new() };
    if CreditCode::parse(answers.text(CREDIT_CODE)).is_err() {
        return Vec::new();
    }
    vec![Problem {
        step: INSTITUTION.code,
        path: Path::field(CREDIT_CODE),
        label: CREDIT_CODE_LABEL.to_owned(),
        issue: Issue::new("credit_code_taken", holder.text()),
    }]
}

/// The institution that valid answers register; none for answers that are not valid.
pub(super) fn registered(answers: &Answers) -> Option<RegisteredInstitution> {
    let text = |name: &str| answers.text(name).trim().to_owned();
    let chosen = answers.fields.get("kinds")?;
    let kinds: InstitutionKinds = InstitutionKind::ALL.into_iter().filter(|kind| chosen.contains(kind.code())).collect();
    let certifies = kinds.includes(InstitutionKind::CertificationBody);
    kinds.iter().next()?;
    Some(RegisteredInstitution {
        name: text("name"),
        credit_code: CreditCode::parse(answers.text(CREDIT_CODE)).ok()?,
        kinds,
        approval_no: if certifies { text("approval_no") } else { String::new() },
        contact: InstitutionContact {
            legal_representative: text("legal_representative"),
            address: text("address"),
            name: text("contact_name"),
            phone: text("contact_phone"),
            email: text("contact_email"),
        },
    })
}
