//! The form with which the association adds and changes a course category.

use super::category::{CourseCategory, Delivery};
use crate::base::calendar::parse_day;
use crate::base::catalogue::{DOMAIN_CHOICES, YES_NO};
use crate::engine::form::{
    Answers, Choice, DayRange, FIELD, Field, Form, FormContext, Issue, Options, OtherField, Part, Path, Problem, Step, TextFormat, Value,
    When, Widget, check_form,
};

/// Name of the field with the code, which a change does not have.
pub const CODE: &str = "code";

/// 授课方式.
const DELIVERIES: &[Choice] = &[choice(Delivery::FaceToFace), choice(Delivery::Live), choice(Delivery::Online)];

const OPENS_ON: OtherField = OtherField { name: "opens_on", label: "启用日期" };

const fn choice(delivery: Delivery) -> Choice {
    Choice::new(delivery.code(), delivery.label())
}

/// The form.
pub static CATEGORY_FORM: Form = Form {
    version: 1,
    upgrade: |_| (),
    steps: &[Step { code: "category", title: "课程类别", intro: "", shown: When::Always, parts: &[Part::Fields("", FIELDS)] }],
};

const FIELDS: &[Field] = &[
    Field {
        name: CODE,
        label: "类别代码",
        hint: "大写字母、数字和连字符，如 FC-IA；保存后不能修改",
        widget: Widget::Line(20, TextFormat::Any),
        ..FIELD
    },
    Field { name: "name", label: "类别名称", widget: Widget::Line(40, TextFormat::Any), ..FIELD },
    Field {
        name: "domain",
        label: "认证领域",
        hint: "不分领域的类别不选",
        widget: Widget::One(Options::Fixed(DOMAIN_CHOICES)),
        required: When::Never,
        ..FIELD
    },
    Field { name: "deliveries", label: "授课方式", widget: Widget::Many(Options::Fixed(DELIVERIES)), ..FIELD },
    Field { name: "least_hours", label: "最少学时", widget: Widget::Whole(1, 999, "学时"), ..FIELD },
    Field { name: "class_max", label: "每班人数上限", widget: Widget::Whole(1, 999, "人"), ..FIELD },
    Field {
        name: "needs_review",
        label: "绑定是否需要审核",
        hint: "选“否”的，教师填写后即绑定",
        widget: Widget::One(Options::Fixed(YES_NO)),
        ..FIELD
    },
    Field { name: OPENS_ON.name, label: OPENS_ON.label, widget: Widget::Day(DayRange::Any), ..FIELD },
    Field {
        name: "ends_on",
        label: "停用日期",
        hint: "自这一天起不再使用，已有的绑定失效；不停用的不填",
        widget: Widget::Day(DayRange::From(OPENS_ON)),
        required: When::Never,
        ..FIELD
    },
];

/// What is wrong with the answers.
pub fn check_category(answers: &Answers, context: &FormContext<'_>) -> Vec<Problem> {
    let mut problems = check_form(&CATEGORY_FORM, answers, context);
    let is_code = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
    if !answers.text(CODE).chars().all(is_code) {
        let issue = Issue::new("category_code", "类别代码只能有大写字母、数字和连字符，如 FC-IA");
        problems.push(Problem { step: "category", path: Path::field(CODE), label: "类别代码".to_owned(), issue });
    }
    problems
}

/// The category of valid answers.
pub fn category_of(answers: &Answers) -> Option<CourseCategory> {
    let text = |name: &str| Some(answers.text(name).to_owned()).filter(|text| !text.is_empty());
    let number = |name: &str| answers.text(name).parse().ok();
    let day = |name: &str| parse_day(answers.text(name)).ok();
    Some(CourseCategory {
        code: text(CODE)?,
        name: text("name")?,
        domain: text("domain"),
        deliveries: answers.codes("deliveries").iter().filter_map(|code| Delivery::from_code(code)).collect(),
        least_hours: number("least_hours")?,
        class_max: number("class_max")?,
        needs_review: answers.text("needs_review") == "yes",
        opens_on: day(OPENS_ON.name)?,
        ends_on: day("ends_on"),
    })
}

/// The answers that make a category.
pub fn answers_of(category: &CourseCategory) -> Answers {
    let yes_no = if category.needs_review { "yes" } else { "no" };
    let texts = [
        (CODE, category.code.clone()),
        ("name", category.name.clone()),
        ("domain", category.domain.clone().unwrap_or_default()),
        ("least_hours", category.least_hours.to_string()),
        ("class_max", category.class_max.to_string()),
        ("needs_review", yes_no.to_owned()),
        (OPENS_ON.name, category.opens_on.to_string()),
        ("ends_on", category.ends_on.map(|day| day.to_string()).unwrap_or_default()),
    ];
    let mut answers = Answers::default();
    let given = texts.into_iter().filter(|(_, text)| !text.is_empty());
    answers.fields.extend(given.map(|(name, text)| (name.to_owned(), Value::Text(text))));
    let deliveries = category.deliveries.iter().map(|delivery| delivery.code().to_owned()).collect();
    answers.fields.insert("deliveries".to_owned(), Value::Many(deliveries));
    answers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::form::testing::TestContext;

    fn category() -> CourseCategory {
        CourseCategory {
            code: "FC-IA".into(),
            name: "内审员课程".into(),
            domain: Some("QMS".into()),
            deliveries: [Delivery::Live].into(),
            least_hours: 16,
            class_max: 40,
            needs_review: true,
            opens_on: "2026-01-01".parse().unwrap(),
            ends_on: Some("2027-01-01".parse().unwrap()),
        }
    }

    #[test]
    fn a_category_is_read_back_from_its_answers() {
        let open = CourseCategory { domain: None, ends_on: None, needs_review: false, ..category() };
        for category in [category(), open] {
            let answers = answers_of(&category);
            assert_eq!(check_category(&answers, &TestContext::on("2026-11-27").form()), []);
            assert_eq!(category_of(&answers), Some(category));
        }
    }

    #[test]
    fn each_field_has_its_limits() {
        for (field, value, refused) in [
            ("code", "FC-IA-2", false),
            ("code", "fc-ia", true),
            ("code", "类别", true),
            ("code", "", true),
            ("name", "", true),
            ("domain", "QMS", false),
            ("domain", "XYZ", true),
            ("least_hours", "1", false),
            ("least_hours", "0", true),
            ("class_max", "999", false),
            ("class_max", "1000", true),
            ("needs_review", "", true),
            ("opens_on", "某日", true),
            ("ends_on", "2026-01-01", false),
            ("ends_on", "2025-12-31", true),
        ] {
            let mut answers = answers_of(&category());
            answers.fields.insert(field.to_owned(), value.into());
            let found = check_category(&answers, &TestContext::on("2026-11-27").form());
            assert_eq!(!found.is_empty(), refused, "{field} {value}: {found:?}");
        }
        let mut none = answers_of(&category());
        none.fields.remove("deliveries");
        assert_eq!(check_category(&none, &TestContext::on("2026-11-27").form()).len(), 1);
    }
}
