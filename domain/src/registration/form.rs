//! What the application asks (manual 3.1.1; fields after the trade's reporting forms).

use uuid::Uuid;

use crate::catalogue::{
    self, APPLICATION_KINDS, AUDIT_TYPES, Category, DEGREES, DOMAIN_CHOICES, EDUCATION, EMPLOYMENT, ETHNICITIES, GRADES, Grade, PAYERS,
    POLITICAL, STUDY_MODES, TEAM_ROLES, TITLE_LEVELS, YES_NO,
};
use crate::form::{
    Answers, Choice, DaySpan, FIELD, Field, Form, Issue, Options, Part, Path, Problem, Records, Setting, Shape, Step, Value, When, Widget,
};

const FULL: When = When::Is("grade", &["full"]);

/// The form.
pub static FORM: Form = Form { version: 1, steps: &[BUSINESS, PERSON, EDUCATIONS, WORKS, AUDITS, TRAININGS, ATTACHMENTS, DECLARATION] };

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
                hint: "有机产品认证按专业注册，可多选",
                widget: Widget::Many(Options::Fixed(ORGANIC)),
                required: When::Is("domain", &["OP"]),
                shown: When::Is("domain", &["OP"]),
                ..FIELD
            },
            Field {
                name: "recommending_institution",
                label: "推荐机构",
                hint: "推荐机构即您的执业机构，将对申请进行初核",
                widget: Widget::One(Options::Listed("certification_bodies")),
                ..FIELD
            },
            Field { name: "payer_type", label: "缴费方式", widget: Widget::One(Options::Fixed(PAYERS)), ..FIELD },
        ],
    )],
};

const ORGANIC: &[Choice] = &[Choice::new("OP01", "种植"), Choice::new("OP02", "养殖"), Choice::new("OP03", "加工")];

const PERSON: Step = Step {
    code: "person",
    title: "基本信息",
    intro: "姓名、证件和联系方式取自您的账号，如需更改请到个人中心。",
    shown: When::Always,
    parts: &[
        Part::Fields(
            "个人情况",
            &[
                Field {
                    name: "name_pinyin",
                    label: "姓名拼音",
                    hint: "证书英文页使用，如 Zhang San",
                    widget: Widget::Line(60, Shape::Any),
                    names_person: true,
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
                    widget: Widget::Line(30, Shape::Any),
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
                Field { name: "entry_date", label: "进入执业机构日期", widget: Widget::Day(DaySpan::Past), ..FIELD },
            ],
        ),
        Part::Fields(
            "通讯方式",
            &[
                Field { name: "address", label: "通讯地址", widget: Widget::Line(100, Shape::Any), sensitive: true, ..FIELD },
                Field { name: "postcode", label: "邮政编码", widget: Widget::Line(6, Shape::Postcode), required: When::Never, ..FIELD },
                Field {
                    name: "emergency_contact",
                    label: "紧急联系人",
                    widget: Widget::Line(30, Shape::PersonName),
                    names_person: true,
                    required: When::Never,
                    ..FIELD
                },
                Field {
                    name: "emergency_phone",
                    label: "紧急联系电话",
                    widget: Widget::Line(20, Shape::Phone),
                    required: When::Not("emergency_contact", &[]),
                    sensitive: true,
                    ..FIELD
                },
            ],
        ),
    ],
};

const EDUCATIONS: Step = Step {
    code: "education",
    title: "教育经历",
    intro: "请从大学专科起填写。可直接添加，或从基本信息库中选取。",
    shown: When::Always,
    parts: &[Part::Records(&Records {
        name: "education",
        label: "教育经历",
        hint: "学历证书须为原件的彩色扫描件或照片",
        required: When::Always,
        max: 10,
        title: &["school", "major", "level"],
        library: true,
        fields: &[
            Field { name: "start", label: "入学日期", widget: Widget::Day(DaySpan::Past), ..FIELD },
            Field { name: "end", label: "毕业日期", widget: Widget::Day(DaySpan::PastFrom("start")), ..FIELD },
            Field { name: "school", label: "学校", widget: Widget::Line(60, Shape::Any), ..FIELD },
            Field { name: "major", label: "专业", widget: Widget::Line(60, Shape::Any), ..FIELD },
            Field { name: "level", label: "学历", widget: Widget::One(Options::Fixed(EDUCATION)), ..FIELD },
            Field { name: "degree", label: "学位", widget: Widget::One(Options::Fixed(DEGREES)), ..FIELD },
            Field { name: "study_mode", label: "学习形式", widget: Widget::One(Options::Fixed(STUDY_MODES)), ..FIELD },
            Field { name: "overseas", label: "是否境外学历", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD },
            Field {
                name: "overseas_certificate",
                label: "国（境）外学历学位认证书编号",
                widget: Widget::Line(30, Shape::Any),
                required: When::Is("overseas", &["yes"]),
                shown: When::Is("overseas", &["yes"]),
                ..FIELD
            },
            Field { name: "diploma_no", label: "毕业证书编号", widget: Widget::Line(30, Shape::Any), ..FIELD },
            Field { name: "diploma", label: "学历证书", widget: Widget::Files(3), ..FIELD },
        ],
    })],
};

const WORKS: Step = Step {
    code: "work",
    title: "工作经历",
    intro: "请由近及远填写全部工作经历。",
    shown: When::Always,
    parts: &[Part::Records(&Records {
        name: "work",
        label: "工作经历",
        hint: "仍在职的，结束日期可不填",
        required: FULL,
        max: 20,
        title: &["employer", "position"],
        library: true,
        fields: &[
            Field { name: "start", label: "开始日期", widget: Widget::Day(DaySpan::Past), ..FIELD },
            Field {
                name: "end",
                label: "结束日期",
                hint: "仍在职的不填",
                widget: Widget::Day(DaySpan::PastFrom("start")),
                required: When::Never,
                ..FIELD
            },
            Field { name: "employer", label: "工作单位", widget: Widget::Line(60, Shape::Any), ..FIELD },
            Field { name: "department", label: "部门", widget: Widget::Line(40, Shape::Any), required: When::Never, ..FIELD },
            Field { name: "position", label: "职务", widget: Widget::Line(40, Shape::Any), ..FIELD },
            Field { name: "is_full_time", label: "是否专职", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD },
            Field { name: "duties", label: "工作描述", widget: Widget::Lines(500), ..FIELD },
            Field { name: "referee", label: "证明人", widget: Widget::Line(30, Shape::PersonName), ..FIELD },
            Field { name: "referee_phone", label: "证明人电话", widget: Widget::Line(20, Shape::Phone), sensitive: true, ..FIELD },
            Field {
                name: "proof", label: "工作经历证明", hint: "加盖单位公章", widget: Widget::Files(3), required: FULL, ..FIELD
            },
        ],
    })],
};

const AUDITS: Step = Step {
    code: "audit",
    title: "审核经历",
    intro: "填写与所申请领域相符的审核、检查或审查经历。",
    shown: FULL,
    parts: &[Part::Records(&Records {
        name: "audit",
        label: "审核经历",
        hint: "现场天数以半天为单位",
        required: FULL,
        max: 60,
        title: &["client", "audit_type"],
        library: true,
        fields: &[
            Field { name: "start", label: "开始日期", widget: Widget::Day(DaySpan::Past), ..FIELD },
            Field { name: "end", label: "结束日期", widget: Widget::Day(DaySpan::PastFrom("start")), ..FIELD },
            Field { name: "client", label: "受审核方", widget: Widget::Line(60, Shape::Any), ..FIELD },
            Field {
                name: "client_code", label: "受审核方统一社会信用代码", widget: Widget::Line(18, Shape::CreditCode), ..FIELD
            },
            Field { name: "audit_type", label: "审核类型", widget: Widget::One(Options::Fixed(AUDIT_TYPES)), ..FIELD },
            Field { name: "role", label: "组内角色", widget: Widget::One(Options::Fixed(TEAM_ROLES)), ..FIELD },
            Field { name: "onsite_days", label: "现场天数", hint: "如 2.5", widget: Widget::HalfDays(60), ..FIELD },
            Field { name: "team_leader", label: "审核组长", widget: Widget::Line(30, Shape::PersonName), ..FIELD },
            Field { name: "report_no", label: "认证证书编号", widget: Widget::Line(40, Shape::Any), required: When::Never, ..FIELD },
            Field { name: "proof", label: "审核计划或平台截图", widget: Widget::Files(3), ..FIELD },
        ],
    })],
};

const TRAININGS: Step = Step {
    code: "training",
    title: "培训经历",
    intro: "没有培训经历的，可直接进入下一步。",
    shown: When::Always,
    parts: &[Part::Records(&Records {
        name: "training",
        label: "培训经历",
        hint: "",
        required: When::Never,
        max: 20,
        title: &["content", "organiser"],
        library: true,
        fields: &[
            Field { name: "start", label: "开始日期", widget: Widget::Day(DaySpan::Past), ..FIELD },
            Field { name: "end", label: "结束日期", widget: Widget::Day(DaySpan::PastFrom("start")), ..FIELD },
            Field { name: "content", label: "培训内容", widget: Widget::Line(80, Shape::Any), ..FIELD },
            Field { name: "organiser", label: "举办单位", widget: Widget::Line(60, Shape::Any), ..FIELD },
            Field { name: "hours", label: "培训学时", widget: Widget::Whole(1, 999, "学时"), ..FIELD },
            Field {
                name: "certificate_no", label: "培训证书编号", widget: Widget::Line(40, Shape::Any), required: When::Never, ..FIELD
            },
            Field { name: "proof", label: "培训证书", widget: Widget::Files(2), required: When::Never, ..FIELD },
        ],
    })],
};

const ATTACHMENTS: Step = Step {
    code: "attachments",
    title: "附件",
    intro: "支持 JPG、PNG、PDF 格式。图片须清晰、完整、为原件彩色扫描件或照片。",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field {
                name: "photo",
                label: "证件照",
                hint: "近 6 个月内白底免冠正面照，JPG 格式",
                widget: Widget::Files(1),
                sensitive: true,
                ..FIELD
            },
            Field { name: "id_card_front", label: "身份证件人像面", widget: Widget::Files(1), sensitive: true, ..FIELD },
            Field { name: "id_card_back", label: "身份证件国徽面", widget: Widget::Files(1), sensitive: true, ..FIELD },
            Field {
                name: "title_certificate",
                label: "职称证书",
                widget: Widget::Files(2),
                required: TITLE_NEEDED,
                shown: When::Not("title_level", &["none"]),
                ..FIELD
            },
            Field { name: "witness_report", label: "见证评价报告", widget: Widget::Files(3), required: FULL, shown: FULL, ..FIELD },
            Field {
                name: "other", label: "其他证明材料", hint: "如更名证明", widget: Widget::Files(5), required: When::Never, ..FIELD
            },
        ],
    )],
};

const TITLE_NEEDED: When = When::All(&[FULL, When::Is("highest_education", &["junior_college"])]);

const DECLARATION: Step = Step {
    code: "declaration",
    title: "声明与承诺",
    intro: "",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field {
                name: "declared",
                label: "个人声明",
                widget: Widget::Tick(
                    "本人声明：所填写的信息和提交的材料真实、完整、有效，并愿意承担由此产生的责任；本人承诺遵守认证人员行为规范，接受协会和执业机构的监督；本人同意协会为注册与管理之目的核实和使用上述信息。",
                ),
                ..FIELD
            },
            Field {
                name: "signed_name",
                label: "声明人姓名",
                hint: "请键入本人姓名，与账号姓名一致",
                widget: Widget::Line(30, Shape::PersonName),
                names_person: true,
                fresh: true,
                ..FIELD
            },
        ],
    )],
};

/// What a matter of this kind is called in lists: 质量管理体系 · 实习审核员.
pub(super) fn title(answers: &Answers) -> Option<String> {
    let domain = catalogue::domain(answers.text("domain"))?;
    Some(match Grade::from_code(answers.text("grade")) {
        Some(grade) => format!("{} · {}", domain.label, grade.title(domain.category)),
        None => domain.label.to_owned(),
    })
}

/// The institution that reviews it: the recommending one.
pub(super) fn institution(answers: &Answers) -> Option<Uuid> {
    Uuid::parse_str(answers.text("recommending_institution")).ok()
}

/// Rules across fields.
pub(super) fn judge(answers: &Answers, setting: &Setting<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let level = |code: &str| EDUCATION.iter().position(|c| c.code == code);
    let highest = level(answers.text("highest_education"));
    let best = answers.records("education").filter_map(|r| level(r.text("level"))).max();
    if let (Some(highest), Some(best)) = (highest, best)
        && highest != best
    {
        problems.push(problem(
            "person",
            "highest_education",
            "最高学历",
            Issue::new("education_mismatch", "最高学历与教育经历中填写的最高一条不一致"),
        ));
    }
    if catalogue::domain(answers.text("domain")).is_some_and(|d| d.category == Category::Auditor) && highest == level("below_college") {
        problems.push(problem(
            "person",
            "highest_education",
            "最高学历",
            Issue::new("education_too_low", "管理体系审核员须具有大学专科及以上学历"),
        ));
    }
    if let Some(Value::Files(files)) = answers.fields.get("photo")
        && files.iter().any(|f| f.mime != "image/jpeg")
    {
        problems.push(problem("attachments", "photo", "证件照", Issue::new("photo_not_jpeg", "证件照须为 JPG 格式")));
    }
    let signed = answers.text("signed_name");
    if !signed.is_empty() && signed != setting.applicant {
        problems.push(problem("declaration", "signed_name", "声明人姓名", Issue::new("signature_differs", "声明人姓名与账号姓名不一致")));
    }
    problems
}

fn problem(step: &'static str, field: &str, label: &str, issue: Issue) -> Problem {
    Problem { step, path: Path::field(field), label: label.to_owned(), issue }
}
