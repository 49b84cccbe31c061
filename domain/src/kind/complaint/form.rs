//! The form of a complaint (docs/domain.md §8).

use crate::base::calendar::parse_day;
use crate::base::catalogue::YES_NO;
use crate::base::identity::read_certificate_number;
use crate::engine::form::{
    Answers, Choice, DayRange, FIELD, Field, Form, Issue, Options, Part, Path, Problem, Step, TextFormat, When, Widget,
};
use crate::matter::{Exclusion, MatterContext};

/// 投诉对象: the kind of person or institution complained about.
pub const TARGETS: &[Choice] = &[
    Choice::new("registrant", "注册人员"),
    Choice::new("institution", "认证机构"),
    Choice::new("staff", "协会工作人员"),
    Choice::new("exam", "考试组织工作"),
    Choice::new("training", "培训课程"),
    Choice::new("other", "其他"),
];

const REGISTRANT: When = When::Is("target_type", &["registrant"]);

/// The form.
pub static FORM: Form = Form { version: 2, upgrade: |_| (), steps: &[COMPLAINT, REPLY] };

const COMPLAINT: Step = Step {
    code: "complaint",
    title: "投诉内容",
    intro: "请如实填写，时间、地点和经过越具体，越便于调查。",
    shown: When::Always,
    parts: &[
        Part::Fields(
            "投诉对象",
            &[
                Field { name: "target_type", label: "投诉对象", widget: Widget::One(Options::Fixed(TARGETS)), ..FIELD },
                Field {
                    name: "target_name",
                    label: "被投诉人或机构名称",
                    hint: "投诉注册人员的，姓名和证书编号至少填写一项",
                    widget: Widget::Line(60, TextFormat::Any),
                    required: When::Not("target_type", &["registrant"]),
                    ..FIELD
                },
                Field {
                    name: "target_number",
                    label: "被投诉人证书编号",
                    hint: "如 2026-N1QMS-4000001",
                    widget: Widget::Line(40, TextFormat::CertificateNumber),
                    required: When::Never,
                    shown: REGISTRANT,
                    ..FIELD
                },
            ],
        ),
        Part::Fields(
            "事实和证据",
            &[
                Field { name: "happened_on", label: "发生时间（起）", widget: Widget::Day(DayRange::Past), ..FIELD },
                Field {
                    name: "happened_until",
                    label: "发生时间（止）",
                    hint: "持续多日的填写；仍在持续的不填",
                    widget: Widget::Day(DayRange::Past),
                    required: When::Never,
                    ..FIELD
                },
                Field {
                    name: "place",
                    label: "发生地点",
                    hint: "没有确定地点的不填，如在网络上发生",
                    widget: Widget::Line(100, TextFormat::Any),
                    required: When::Never,
                    ..FIELD
                },
                Field { name: "facts", label: "事实经过", hint: "最多 2000 字", widget: Widget::Lines(2000), ..FIELD },
                Field { name: "evidence", label: "证明材料", widget: Widget::files(10), required: When::Never, ..FIELD },
            ],
        ),
    ],
};

const REPLY: Step = Step {
    code: "reply",
    title: "答复与保密",
    intro: "您的姓名和联系方式取自您的账号，只有经办投诉的人员可以看到。",
    shown: When::Always,
    parts: &[Part::Fields(
        "",
        &[
            Field { name: "wants_reply", label: "是否需要答复", widget: Widget::One(Options::Fixed(YES_NO)), ..FIELD },
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
                name: "named",
                label: "是否公开身份",
                hint: "不勾选的，不会向被投诉方透露您的身份",
                widget: Widget::Tick("同意在调查需要时向被投诉方公开本人身份"),
                required: When::Never,
                single_use: true,
                ..FIELD
            },
            Field {
                name: "declared",
                label: "真实性声明",
                widget: Widget::Tick("本人保证所述内容真实，并愿意配合调查"),
                single_use: true,
                ..FIELD
            },
        ],
    )],
};

/// The title: 投诉（注册人员）. It names nobody, because lists and messages show it.
pub(super) fn title(answers: &Answers) -> Option<String> {
    let target = TARGETS.iter().find(|c| c.code == answers.text("target_type"))?;
    Some(format!("投诉（{}）", target.label))
}

/// A complaint about a registrant names the person or a well-formed certificate number, and what happened ended after it began.
pub(super) fn validate(answers: &Answers, _: &MatterContext<'_>) -> Vec<Problem> {
    let problem = |(field, label, issue): (&str, &str, Issue)| Problem {
        step: "complaint",
        path: Path::field(field),
        label: label.to_owned(),
        issue,
    };
    target_issue(answers).into_iter().chain(period_issue(answers)).map(problem).collect()
}

fn target_issue(answers: &Answers) -> Option<(&'static str, &'static str, Issue)> {
    if answers.text("target_type") != "registrant" {
        return None;
    }
    let (name, number) = (answers.text("target_name").trim(), answers.text("target_number").trim());
    if name.is_empty() && number.is_empty() {
        Some(("target_name", "被投诉人或机构名称", Issue::new("no_target", "请填写被投诉人的姓名或证书编号")))
    } else {
        None
    }
}

fn period_issue(answers: &Answers) -> Option<(&'static str, &'static str, Issue)> {
    let day = |name| parse_day(answers.text(name)).ok();
    let reversed = day("happened_until").zip(day("happened_on")).is_some_and(|(until, from)| until < from);
    reversed.then(|| ("happened_until", "发生时间（止）", Issue::new("period_reversed", "发生时间的止日不能早于起日")))
}

/// Excludes the person complained about, by name and by certificate number.
pub(super) fn exclusions(answers: &Answers) -> Vec<Exclusion> {
    let answer = |name: &str| Some(answers.text(name).trim().to_owned()).filter(|t| !t.is_empty());
    let number = answer("target_number").filter(|_| answers.text("target_type") == "registrant");
    let number = number.map(|number| read_certificate_number(&number).unwrap_or(number));
    answer("target_name").map(Exclusion::Named).into_iter().chain(number.map(Exclusion::HolderOf)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::check_form;
    use crate::engine::form::testing::TestContext;
    use crate::matter::ApplicantRecord;

    fn answers(pairs: &[(&str, &str)]) -> Answers {
        let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())).collect();
        Answers { fields, ..Answers::default() }
    }

    fn codes(pairs: &[(&str, &str)]) -> Vec<&'static str> {
        let (context, record) = (TestContext::on("2026-11-23"), ApplicantRecord::default());
        let context = context.matter(&record);
        let answers = answers(pairs);
        let mut problems = check_form(&FORM, &answers, &context);
        problems.extend(validate(&answers, &context));
        problems.iter().map(|p| p.issue.code).collect()
    }

    const REST: &[(&str, &str)] =
        &[("happened_on", "2026-11-23"), ("place", "上海"), ("facts", "经过"), ("wants_reply", "yes"), ("declared", "yes")];

    #[test]
    fn a_registrant_is_named_by_name_or_number_and_every_other_target_by_name() {
        for (target, expected) in [
            (&[("target_type", "registrant")][..], &["no_target"][..]),
            (&[("target_type", "registrant"), ("target_name", "梁志诚")], &[]),
            (&[("target_type", "registrant"), ("target_number", "2026-N1QMS-4000001")], &[]),
            (&[("target_type", "registrant"), ("target_number", "4000001")], &["not_a_certificate_number"]),
            (&[("target_type", "institution")], &["missing"]),
            (&[("target_type", "institution"), ("target_name", "东岳认证服务有限公司")], &[]),
            (&[("target_type", "exam"), ("target_number", "4000001")], &["missing"]),
        ] {
            let pairs: Vec<(&str, &str)> = target.iter().chain(REST).copied().collect();
            assert_eq!(codes(&pairs), expected, "{target:?}");
        }
    }

    #[test]
    fn the_event_is_not_in_the_future_and_consent_to_be_named_is_optional() {
        let of = |day: &'static str| {
            let mut pairs = vec![("target_type", "other"), ("target_name", "某机构")];
            pairs.extend(REST.iter().filter(|(n, _)| *n != "happened_on"));
            pairs.push(("happened_on", day));
            codes(&pairs)
        };
        assert!(of("2026-11-23").is_empty(), "today, without consent to be named");
        assert_eq!(of("2026-11-24"), ["day_in_future"]);
        assert_eq!(of("2026-02-29"), ["day_not_in_calendar"]);
    }

    #[test]
    fn what_goes_on_has_no_end_and_may_have_no_place() {
        let of = |more: &[(&'static str, &'static str)]| {
            let mut pairs = vec![("target_type", "other"), ("target_name", "某机构")];
            pairs.extend(REST.iter().filter(|(n, _)| *n != "place").chain(more));
            codes(&pairs)
        };
        assert_eq!(of(&[]), [""; 0]);
        assert_eq!(of(&[("happened_until", "2026-11-23")]), [""; 0]);
        assert_eq!(of(&[("happened_until", "2026-11-22")]), ["period_reversed"]);
        assert_eq!(of(&[("happened_until", "2026-11-24")]), ["day_in_future"]);
    }

    #[test]
    fn the_person_complained_about_is_excluded_and_not_named_in_the_title() {
        let pairs = [("target_type", "registrant"), ("target_name", "梁志诚"), ("target_number", "2026-N1QMS-4000001")];
        let answers = answers(&pairs);
        assert_eq!(exclusions(&answers), [Exclusion::Named("梁志诚".into()), Exclusion::HolderOf("2026-N1QMS-4000001".into())]);
        assert_eq!(title(&answers).unwrap(), "投诉（注册人员）");
    }
}
