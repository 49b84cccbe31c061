//! The form of a registration (docs/manual.md 3.1.1; fields follow the reporting forms in use).

mod attachments;
mod audit;
mod condition;
mod experience;

use uuid::Uuid;

use attachments::ATTACHMENTS;
use audit::{AUDITS, EXAM, WITNESS};
use condition::GUARANTOR;
use experience::{EDUCATIONS, PROFESSIONAL, TRAININGS, WORKS};

use super::declaration;
use crate::base::catalogue::{
    self, APPLICATION_KINDS, DOMAIN_CHOICES, EDUCATION, EMPLOYMENT, ETHNICITIES, GRADES, Grade, NATIONALITIES, PAYERS, POLITICAL, REGIONS,
    SPECIALISED, SPECIALTIES, TITLE_LEVELS, YES_NO,
};
use crate::base::rule::key;
use crate::engine::form::{Answers, DayRange, Display, FIELD, Field, Form, Options, Part, Step, TextFormat, Value, When, Widget};
use crate::matter::Facet;

/// The form. Steps and fields for the full grade stay hidden from trainees.
pub static FORM: Form = Form {
    version: 3,
    upgrade,
    steps: &[BUSINESS, PERSON, EDUCATIONS, WORKS, PROFESSIONAL, AUDITS, TRAININGS, EXAM, WITNESS, ATTACHMENTS, DECLARATION],
};

/// Version 1 stored the declaration as a tick without a version.
fn upgrade(answers: &mut Answers) {
    if answers.text("declared") == "yes" {
        answers.fields.insert("declared".to_owned(), Value::from(declaration::FIRST));
    }
}

const BUSINESS: Step = Step {
    code: "business",
    title: "选择业务",
    intro: "",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field { name: "application_kind", label: "申请类型", widget: Widget::One(Options::Fixed(APPLICATION_KINDS)), ..FIELD },
            Field { name: "domain", label: "认证领域", widget: Widget::One(Options::Fixed(DOMAIN_CHOICES)), ..FIELD },
            Field { name: "grade", label: "注册级别", widget: Widget::One(Options::Fixed(GRADES)), ..FIELD },
            Field {
                name: "specialties",
                label: "注册专业",
                hint: "该领域按专业注册，可多选",
                widget: Widget::Many(Options::Fixed(SPECIALTIES)),
                required: When::Is("domain", SPECIALISED),
                shown: When::Is("domain", SPECIALISED),
                ..FIELD
            },
            Field {
                name: "recommending_institution",
                label: "推荐机构",
                hint: "推荐机构为您的执业机构，负责对申请进行初核",
                widget: Widget::One(Options::Listed("recommending_institutions")),
                prefilled: true,
                identifies_institution: true,
                ..FIELD
            },
            Field {
                name: "payer_type",
                label: "缴费方式",
                widget: Widget::One(Options::Fixed(PAYERS)),
                amount: Some(key::REGISTRATION_FEE),
                ..FIELD
            },
        ],
    )],
};

const PERSON: Step = Step {
    code: "person",
    title: "基本信息",
    intro: "姓名、证件和联系方式取自您的账号，如需更改请到个人中心。",
    shown: When::Always,
    parts: &[
        Part::Display(&Display { name: "identity", label: "身份信息", empty: "没有登记的身份信息" }),
        Part::Fields(
            "个人情况",
            &[
                Field {
                    name: "name_pinyin",
                    label: "姓名拼音",
                    hint: "如 Zhang San；证书字库中没有姓名用字的，证书上以此代替",
                    widget: Widget::Line(80, TextFormat::LatinName),
                    identifies_person: true,
                    ..FIELD
                },
                Field {
                    name: "nationality",
                    label: "国籍（地区）",
                    widget: Widget::One(Options::Fixed(NATIONALITIES)),
                    required: When::Never,
                    ..FIELD
                },
                Field {
                    name: "nationality_other",
                    label: "国籍名称",
                    widget: Widget::Line(30, TextFormat::Any),
                    required: When::Is("nationality", &["other"]),
                    shown: When::Is("nationality", &["other"]),
                    ..FIELD
                },
                Field {
                    name: "ethnicity",
                    label: "民族",
                    widget: Widget::One(Options::Fixed(ETHNICITIES)),
                    required: When::Never,
                    ..FIELD
                },
                Field {
                    name: "political_status",
                    label: "政治面貌",
                    widget: Widget::One(Options::Fixed(POLITICAL)),
                    required: When::Never,
                    ..FIELD
                },
                Field { name: "highest_education", label: "最高学历", widget: Widget::One(Options::Fixed(EDUCATION)), ..FIELD },
                Field { name: "title_level", label: "职称级别", widget: Widget::One(Options::Fixed(TITLE_LEVELS)), ..FIELD },
                Field {
                    name: "professional_title",
                    label: "职称名称",
                    widget: Widget::Line(30, TextFormat::Any),
                    required: When::Not("title_level", &["none"]),
                    shown: When::Not("title_level", &["none"]),
                    ..FIELD
                },
            ],
        ),
        Part::Fields(
            "执业情况",
            &[
                Field { name: "employment_type", label: "用工形式", widget: Widget::One(Options::Fixed(EMPLOYMENT)), ..FIELD },
                Field { name: "is_retired", label: "是否退休", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD },
                Field { name: "entry_date", label: "入职执业机构日期", widget: Widget::Day(DayRange::Past), ..FIELD },
            ],
        ),
        Part::Fields(
            "通讯方式",
            &[
                Field {
                    name: "region", label: "所在地区", widget: Widget::One(Options::Fixed(REGIONS)), required: When::Never, ..FIELD
                },
                Field { name: "address", label: "通讯地址", widget: Widget::Line(100, TextFormat::Any), sensitive: true, ..FIELD },
                Field {
                    name: "postcode",
                    label: "邮政编码",
                    widget: Widget::Line(6, TextFormat::Postcode),
                    identifies_person: true,
                    required: When::Never,
                    ..FIELD
                },
                Field {
                    name: "emergency_contact",
                    label: "紧急联系人",
                    widget: Widget::Line(30, TextFormat::PersonName),
                    identifies_person: true,
                    required: When::Never,
                    ..FIELD
                },
                Field {
                    name: "emergency_phone",
                    label: "紧急联系电话",
                    widget: Widget::Line(20, TextFormat::Phone),
                    required: When::Not("emergency_contact", &[]),
                    sensitive: true,
                    ..FIELD
                },
            ],
        ),
    ],
};

const DECLARATION: Step = Step {
    code: "declaration",
    title: "声明与承诺",
    intro: "",
    shown: When::Always,
    parts: &[
        GUARANTOR_PART,
        Part::Fields(
            "",
            &[
                Field { name: "declared", label: "个人声明", widget: Widget::Agree(&declaration::TEXT), ..FIELD },
                Field {
                    name: "signed_name",
                    label: "声明人姓名",
                    hint: "请输入本人姓名，须与账号姓名一致",
                    widget: Widget::Line(30, TextFormat::PersonName),
                    identifies_person: true,
                    single_use: true,
                    ..FIELD
                },
            ],
        ),
        Part::Display(&Display { name: "signed_on", label: "声明签署", empty: "" }),
    ],
};

/// Shown only while the rules require a guarantor (docs/domain.md §2.6).
const GUARANTOR_PART: Part = Part::Fields(
    "",
    &[
        Field {
            name: "guarantor_name",
            identifies_institution: true,
            label: "注册担保人姓名",
            hint: "正式级以上的注册人员，领域不限，了解您的个人素质和工作经历",
            widget: Widget::Line(30, TextFormat::PersonName),
            required: GUARANTOR,
            shown: GUARANTOR,
            ..FIELD
        },
        Field {
            name: "guarantor_cert_no",
            identifies_institution: true,
            label: "注册担保人证书编号",
            widget: Widget::Line(30, TextFormat::CertificateNumber),
            required: GUARANTOR,
            shown: GUARANTOR,
            ..FIELD
        },
        Field {
            name: "guarantor_phone",
            label: "注册担保人电话",
            widget: Widget::Line(20, TextFormat::Phone),
            required: GUARANTOR,
            shown: GUARANTOR,
            sensitive: true,
            ..FIELD
        },
    ],
);

/// The title in lists: 质量管理体系 · 实习审核员.
pub(super) fn title(answers: &Answers) -> Option<String> {
    let domain = catalogue::domain(answers.text("domain"))?;
    Some(match Grade::from_code(answers.text("grade")) {
        Some(grade) => format!("{} · {}", domain.label, grade.title(domain.category)),
        None => domain.label.to_owned(),
    })
}

/// What registrations are searched by.
pub(super) fn facets(answers: &Answers) -> Vec<(Facet, String)> {
    let fields = [(Facet::Domain, "domain"), (Facet::Grade, "grade"), (Facet::Application, "application_kind")];
    let answered = fields.map(|(facet, field)| (facet, answers.text(field).to_owned()));
    answered.into_iter().filter(|(_, value)| !value.is_empty()).collect()
}

/// The recommending institution, which reviews the application.
pub(super) fn institution(answers: &Answers) -> Option<Uuid> {
    Uuid::parse_str(answers.text("recommending_institution")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::testing::TestContext;
    use crate::engine::form::{check_form, show_form};
    use crate::matter::{ApplicantRecord, DOCUMENT_TYPE_FACT, MatterContext};

    fn answers(pairs: &[(&str, &str)]) -> Answers {
        Answers { fields: pairs.iter().map(|(n, v)| ((*n).to_owned(), Value::from(*v))).collect(), ..Answers::default() }
    }

    fn on<T>(rules: &[(&str, &str)], look: impl Fn(&MatterContext<'_>) -> T) -> T {
        let context = TestContext { applicant: "张伟", ..TestContext::on("2026-11-23").with_rule_values(rules) };
        look(&context.matter(&ApplicantRecord::default()))
    }

    #[test]
    fn answers_of_the_first_version_are_upgraded_without_loss() {
        let mut old = answers(&[("declared", "yes"), ("signed_name", "张伟"), ("grade", "full")]);
        (FORM.upgrade)(&mut old);
        assert_eq!(old, answers(&[("declared", declaration::FIRST), ("signed_name", "张伟"), ("grade", "full")]));
        let once = old.clone();
        (FORM.upgrade)(&mut old);
        assert_eq!(old, once, "an upgraded form is left alone");
        let mut blank = Answers::default();
        (FORM.upgrade)(&mut blank);
        assert_eq!(blank, Answers::default());
    }

    #[test]
    fn a_new_text_of_the_declaration_needs_a_new_answer() {
        let code = |text: &str| {
            let answers = answers(&[("declared", text)]);
            on(&[], |s| {
                check_form(&FORM, &answers, s)
                    .into_iter()
                    .find(|p| p.path == crate::engine::form::Path::field("declared"))
                    .map(|p| p.issue.code)
            })
        };
        assert_eq!(code(declaration::TEXT.version), None);
        assert_eq!(code("2020.1"), Some("statement_changed"));
        assert_eq!(code(""), Some("missing"));
    }

    #[test]
    fn a_trainee_application_has_no_step_for_the_full_grade() {
        let codes = |grade: &str| FORM.steps_for(&answers(&[("grade", grade)])).map(|s| s.code).collect::<Vec<_>>();
        assert_eq!(codes("trainee"), ["business", "person", "education", "work", "training", "exam", "attachments", "declaration"]);
        assert_eq!(codes("full").len(), FORM.steps.len());
    }

    #[test]
    fn the_side_with_the_emblem_is_asked_of_documents_that_have_one() {
        let asked = |document: &str| {
            let mut context = TestContext::on("2026-11-23");
            context.facts.insert(DOCUMENT_TYPE_FACT.to_owned(), document.into());
            let record = ApplicantRecord::default();
            check_form(&FORM, &Answers::default(), &context.matter(&record)).iter().any(|p| p.label == "身份证件反面（国徽面）")
        };
        for kind in crate::base::identity::DocumentType::ALL {
            let has_emblem = matches!(kind.code(), "resident_id" | "hkmotw_residence" | "foreigner_pr");
            assert_eq!(asked(kind.code()), has_emblem, "{}", kind.code());
        }
    }

    #[test]
    fn a_senior_application_shows_audits_and_their_summary_and_nothing_that_the_full_grade_proved() {
        let answers = answers(&[("grade", "senior")]);
        let codes: Vec<&str> = FORM.steps_for(&answers).map(|s| s.code).collect();
        assert_eq!(codes, ["business", "person", "education", "work", "audit", "training", "exam", "attachments", "declaration"]);
        let asked = on(&[], |s| check_form(&FORM, &answers, s).into_iter().map(|p| p.label).collect::<Vec<_>>());
        assert!(asked.contains(&"认证经历汇总表".to_owned()) && !asked.contains(&"见证评价报告".to_owned()), "{asked:?}");
    }

    #[test]
    fn the_guarantor_is_shown_only_while_the_rules_require_one() {
        let shown = |rules: &[(&str, &str)]| {
            let blank = Answers::default();
            on(rules, |s| {
                let shown = show_form(&FORM, &blank, s).iter().flat_map(|p| &p.answers).any(|a| a.label == "注册担保人姓名");
                let missing = check_form(&FORM, &blank, s).iter().any(|p| p.label == "注册担保人姓名");
                (shown, missing)
            })
        };
        assert_eq!(shown(&[]), (false, false));
        assert_eq!(shown(&[("reg.guarantor_required", "yes")]), (true, true));
    }
}
