//! Each requirement of domain facts §2 with a person who just meets it and one who just misses it.

mod audits;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::base::catalogue::DOMAINS;
use crate::base::rule::{Rule, Rules};
use crate::engine::form::{Fields, Record, Value};
use crate::matter::ApplicantRecord;
use crate::matter::State::{self, Met, Missing, Unknown};
use crate::record::certificate::{Held, Status};
use crate::record::exam::Score;

const TODAY: &str = "2026-11-23";

/// A person as they apply.
#[derive(Clone, Default)]
struct Person {
    answers: Answers,
    known: ApplicantRecord,
    rules: Vec<(&'static str, &'static str)>,
    next: u128,
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn value(text: &str) -> Value {
    match text.strip_prefix('*') {
        Some(codes) => Value::Many(codes.split(',').map(str::to_owned).collect()),
        None => Value::from(text),
    }
}

impl Person {
    /// Who just meets everything that the full grade asks of a graduate in a first domain.
    fn full(domain: &str) -> Self {
        Self::default()
            .aims("initial", domain, "full")
            .education("bachelor", "2020-06-30")
            .says("title_level", "none")
            .works("work", "2020-07-01", "2024-06-30", "")
            .works("professional", "2022-07-01", "2024-06-30", domain)
            .audits(4, &[("domain", domain), ("onsite_days", "3.5")])
            .audits(1, &[("domain", domain), ("onsite_days", "1"), ("audit_type", "special")])
            .passed("GEN", "2021-11-23")
            .passed(domain, "2023-11-23")
            .passed("MSB", "2023-11-23")
            .says("recommending_institution", "some")
            .says("declared", super::super::declaration::TEXT.version)
    }

    fn trainee(domain: &str) -> Self {
        Self::default()
            .aims("initial", domain, "trainee")
            .education("bachelor", "2020-06-30")
            .passed("GEN", "2021-11-23")
            .passed(domain, "2023-11-23")
            .says("recommending_institution", "some")
            .says("declared", super::super::declaration::TEXT.version)
    }

    fn aims(self, kind: &str, domain: &str, grade: &str) -> Self {
        self.says("application_kind", kind).says("domain", domain).says("grade", grade)
    }

    fn says(mut self, field: &str, text: &str) -> Self {
        self.answers.fields.insert(field.to_owned(), value(text));
        self
    }

    fn record(mut self, list: &str, pairs: &[(&str, &str)]) -> Self {
        self.next += 1;
        let fields: Fields = pairs.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| ((*n).to_owned(), value(v))).collect();
        self.answers.put_record(list, Record { id: Uuid::from_u128(self.next), fields, gone: false });
        self
    }

    fn without(mut self, list: &str) -> Self {
        self.answers.records.remove(list);
        self
    }

    fn education(self, level: &str, end: &str) -> Self {
        self.record("education", &[("start", "2000-09-01"), ("end", end), ("level", level)])
    }

    fn works(self, list: &str, start: &str, end: &str, domain: &str) -> Self {
        self.record(list, &[("start", start), ("end", end), ("is_full_time", "yes"), ("domain", domain)])
    }

    /// So many initial audits, a month apart, four days each, changed by `pairs`.
    fn audits(mut self, count: u32, pairs: &[(&str, &str)]) -> Self {
        for _ in 0..count {
            let month = self.answers.records("audit").count() + 1;
            let (start, end) = (format!("2026-{month:02}-02"), format!("2026-{month:02}-05"));
            let mut all: BTreeMap<&str, &str> = [
                ("start", start.as_str()),
                ("end", end.as_str()),
                ("audit_type", "initial"),
                ("role", "trainee"),
                ("clauses_covered", "*all"),
            ]
            .into();
            all.extend(pairs.iter().copied());
            let all: Vec<(&str, &str)> = all.into_iter().collect();
            self = self.record("audit", &all);
        }
        self
    }

    fn passed(mut self, subject: &str, sat_on: &str) -> Self {
        let sat_on = day(sat_on);
        let session = sat_on.format("%Y-%m").to_string();
        self.known.scores.push(Score { subject: subject.into(), session, marks: 85, passed: true, sat_on, published_on: sat_on });
        self
    }

    fn fails(mut self, subject: &str) -> Self {
        self.known.scores.retain(|s| s.subject != subject);
        self = self.passed(subject, "2026-10-24");
        let last = self.known.scores.last_mut().unwrap();
        (last.marks, last.passed) = (69, false);
        self
    }

    fn resits(mut self, subject: &str, sat_on: &str) -> Self {
        self.known.scores.retain(|s| s.subject != subject);
        self.passed(subject, sat_on)
    }

    fn holds(mut self, domain: &str, grade: Grade, issued: &str, until: &str) -> Self {
        let category = DOMAINS.iter().find(|d| d.code == domain).unwrap().category;
        let (issued_on, valid_until) = (day(issued), day(until));
        self.known.certificates.push(Held {
            number: "2024-N0QMS-4000001".into(),
            category,
            domain: domain.into(),
            grade,
            issued_on,
            valid_until,
            confirm_due_on: valid_until,
            status: Status::Valid,
            overdue: false,
            specialties: vec![],
            holder: uuid::Uuid::nil(),
        });
        self
    }

    fn rule(mut self, key: &'static str, value: &'static str) -> Self {
        self.rules.push((key, value));
        self
    }

    fn found(&self) -> Vec<Found> {
        let row = |(k, v): &(&str, &str)| Rule { key: (*k).into(), value: (*v).into(), effective_from: day("2020-01-01") };
        let rules = Rules::new(self.rules.iter().map(row)).unwrap();
        let lists = BTreeMap::new();
        let context = MatterContext {
            form: crate::engine::form::FormContext { today: day(TODAY), lists: &lists, rules: &rules, applicant: "", applied: day(TODAY) },
            record: &self.known,
        };
        find(&self.answers, &context)
    }

    fn one(&self, code: &str) -> Found {
        let found = self.found();
        let one = found.iter().find(|f| f.requirement == code);
        one.unwrap_or_else(|| panic!("{code} is not asked: {:?}", found.iter().map(|f| f.requirement).collect::<Vec<_>>())).clone()
    }

    fn asked(&self, code: &str) -> bool {
        self.found().iter().any(|f| f.requirement == code)
    }
}

/// What just meets, what just misses, and the words for the miss.
fn hold(code: &str, met: &Person, missed: &Person, words: &str) {
    let (met, missed) = (met.one(code), missed.one(code));
    assert_eq!(met.state, Met, "{code}: {}", met.figures());
    assert_eq!(met.hint, "", "{code}");
    assert_eq!(missed.state, Missing, "{code}: {}", missed.figures());
    assert!(missed.figures().contains(words), "{code}: {}", missed.figures());
    assert!(!missed.hint.is_empty(), "{code}");
}

fn states(person: &Person) -> Vec<(&'static str, State)> {
    person.found().into_iter().map(|f| (f.requirement, f.state)).collect()
}

#[test]
fn who_just_meets_everything_misses_nothing() {
    for person in [Person::full("QMS"), Person::full("ISMS"), Person::trainee("QMS"), Person::trainee("SC")] {
        assert!(states(&person).iter().all(|(_, s)| *s == Met), "{:?}", states(&person));
    }
}

#[test]
fn nothing_is_told_before_the_aim_is_said() {
    for field in ["application_kind", "domain", "grade"] {
        let mut person = Person::full("QMS");
        person.answers.fields.remove(field);
        assert!(person.found().is_empty(), "{field}");
    }
}

#[test]
fn education_is_at_least_the_degree_of_the_domain() {
    for d in DOMAINS {
        let (enough, short) = match d.degree {
            "bachelor" => ("bachelor", "junior_college"),
            _ => ("junior_college", "below_college"),
        };
        let with = |level| Person::trainee(d.code).without("education").education(level, "2020-06-30");
        hold("education", &with(enough), &with(short), "及以上");
    }
    let studying = Person::trainee("QMS").without("education").education("bachelor", "2026-11-24");
    hold("education", &Person::trainee("QMS").without("education").education("bachelor", TODAY), &studying, "没有已毕业的学历");
}

#[test]
fn a_title_is_asked_only_of_who_has_no_bachelors_degree() {
    let college = Person::full("QMS").without("education").education("junior_college", "2010-06-30");
    hold("title", &college.clone().says("title_level", "intermediate"), &college.clone().says("title_level", "junior"), "需要中级");
    assert_eq!(college.clone().says("title_level", "").one("title").state, Unknown);
    assert!(!Person::full("QMS").asked("title"));
    let trainee = Person::trainee("QMS").without("education").education("junior_college", "2020-06-30");
    assert!(!trainee.asked("title"));
}

#[test]
fn work_of_a_graduate_is_four_years_and_of_a_college_graduate_eight() {
    let graduate = |end| Person::full("QMS").without("work").works("work", "2020-07-01", end, "");
    hold("work", &graduate("2024-06-30"), &graduate("2024-06-29"), "还差 1 天");
    let college = |end| {
        Person::full("QMS")
            .without("education")
            .education("junior_college", "2010-06-30")
            .says("title_level", "intermediate")
            .without("work")
            .works("work", "2010-07-01", end, "")
    };
    hold("work", &college("2018-06-30"), &college("2018-06-29"), "需要 8 年，已有 7 年 11 个月 29 天，还差 1 天");
}

#[test]
fn work_counts_full_time_after_the_degree_and_once_a_day_to_today() {
    let base = || Person::full("QMS").without("work");
    let before = base().works("work", "2018-07-01", "2024-06-29", "");
    hold("work", &base().works("work", "2018-07-01", "2024-06-30", ""), &before, "还差 1 天");
    let twice = base().works("work", "2020-07-01", "2023-06-30", "").works("work", "2021-07-01", "2024-06-29", "");
    hold("work", &twice.clone().works("work", "2024-01-01", "2024-06-30", ""), &twice, "还差 1 天");
    let part_time = base().record("work", &[("start", "2020-07-01"), ("end", "2024-06-30"), ("is_full_time", "no")]);
    assert_eq!(part_time.one("work").state, Missing);
    hold("work", &base().works("work", "2022-11-24", "", ""), &base().works("work", "2022-11-25", "", ""), "还差 1 天");
}

#[test]
fn postgraduate_study_counts_by_half_and_not_beside_work() {
    let studied = |work_end: &str| {
        Person::full("QMS")
            .without("work")
            .record("education", &[("start", "2020-09-01"), ("end", "2022-08-31"), ("level", "master")])
            .works("work", "2022-09-01", work_end, "")
    };
    hold("work", &studied("2025-08-31"), &studied("2025-08-30"), "含研究生学习折算 1 年");
    let beside = studied("2025-08-30").works("work", "2020-09-01", "2022-08-31", "");
    assert_eq!(beside.one("work").found, "已有 4 年 11 个月 29 天");
}

#[test]
fn professional_work_is_two_or_six_years_in_the_domain() {
    let graduate = |end| Person::full("QMS").without("professional").works("professional", "2022-07-01", end, "QMS");
    hold("professional", &graduate("2024-06-30"), &graduate("2024-06-29"), "需要 2 年，已有 1 年 11 个月 29 天，还差 1 天");
    let elsewhere = Person::full("QMS").without("professional").works("professional", "2020-07-01", "2026-06-30", "EMS");
    assert_eq!(elsewhere.one("professional").state, Missing);
    let college = |end| {
        Person::full("QMS")
            .without("education")
            .education("junior_college", "2010-06-30")
            .says("title_level", "intermediate")
            .works("work", "2010-07-01", "2020-06-30", "")
            .without("professional")
            .works("professional", "2010-07-01", end, "QMS")
    };
    hold("professional", &college("2016-06-30"), &college("2016-06-29"), "需要 6 年");
}

#[test]
fn a_late_graduate_is_judged_by_the_way_that_serves() {
    let late = Person::full("QMS")
        .without("education")
        .education("junior_college", "2010-06-30")
        .education("bachelor", "2025-06-30")
        .without("work")
        .works("work", "2010-07-01", "", "")
        .without("professional")
        .works("professional", "2010-07-01", "", "QMS");
    let titled = late.clone().says("title_level", "intermediate");
    assert!(titled.one("work").figures().contains("大学专科毕业后需要 8 年"));
    assert!(titled.found().iter().all(|f| f.state == Met), "{:?}", states(&titled));
    assert!(late.one("work").figures().contains("大学本科毕业后需要 4 年"));
    assert_eq!(late.one("work").state, Missing);
    let bachelors_only = titled.aims("initial", "ISMS", "full");
    assert!(bachelors_only.one("work").figures().contains("大学本科"));
}

#[test]
fn the_trainee_has_passed_the_general_subject_and_the_domains_own() {
    let base = Person::trainee("QMS");
    hold("exam_general", &base, &base.clone().resits("GEN", "2021-11-22"), "成绩已失效");
    hold("exam_domain", &base, &base.clone().resits("QMS", "2023-11-22"), "成绩已失效，有效期至 2026-11-22");
    hold("exam_domain", &base, &base.clone().fails("QMS"), "最高 69 分，未达到合格分数 70 分");
    hold("exam_general", &Person::trainee("EMS"), &Person::default().aims("initial", "EMS", "trainee"), "没有该科目成绩");
    assert!(!Person::trainee("CCC").asked("exam_domain") && Person::trainee("CCC").asked("exam_general"));
}

#[test]
fn the_full_grade_has_passed_the_subject_of_its_category() {
    for (domain, subject) in [("QMS", "MSB"), ("CCC", "PCB"), ("SC", "SCB")] {
        let base = Person::full(domain).resits(subject, "2023-11-23");
        hold("exam_category", &base, &base.clone().resits(subject, "2023-11-22"), "成绩已失效");
    }
    let upgrade = Person::full("QMS").says("application_kind", "upgrade");
    assert!(!upgrade.asked("exam_general") && !upgrade.asked("exam_domain") && upgrade.asked("exam_category"));
    let further = Person::full("QMS").says("application_kind", "add_domain");
    assert!(!further.asked("exam_general") && further.asked("exam_domain"));
}

#[test]
fn an_upgrade_starts_from_a_valid_certificate_of_the_grade_below_in_the_domain() {
    let base = Person::full("QMS").says("application_kind", "upgrade");
    let met = base.clone().holds("QMS", Grade::Trainee, "2023-11-24", TODAY);
    hold("lower_grade", &met, &base.clone().holds("QMS", Grade::Trainee, "2023-11-23", "2026-11-22"), "已过期");
    hold("lower_grade", &met, &base.clone().holds("EMS", Grade::Trainee, "2025-01-01", "2027-12-31"), "没有这样的证书");
    let mut suspended = met.clone();
    suspended.known.certificates[0].status = Status::Suspended;
    hold("lower_grade", &met, &suspended, "已暂停");
    let to_trainee = Person::trainee("QMS").says("application_kind", "upgrade");
    assert_eq!(to_trainee.one("lower_grade").state, Missing);
    assert!(!Person::full("QMS").asked("lower_grade"));
}

#[test]
fn a_further_domain_starts_from_a_valid_certificate_in_another_one() {
    let base = Person::full("QMS").says("application_kind", "add_domain");
    let met = base.clone().holds("EMS", Grade::Full, "2023-11-24", TODAY);
    hold("another_domain", &met, &base.clone().holds("EMS", Grade::Full, "2023-11-23", "2026-11-22"), "已过期");
    hold("another_domain", &met, &base.clone().holds("QMS", Grade::Full, "2025-01-01", "2027-12-31"), "没有这样的证书");
    hold("another_domain", &met, &base.clone().holds("EMS", Grade::Trainee, "2025-01-01", "2027-12-31"), "没有这样的证书");
    let trainee = Person::trainee("QMS").says("application_kind", "add_domain").holds("EMS", Grade::Trainee, "2025-01-01", "2027-12-31");
    assert_eq!(trainee.one("another_domain").state, Met);
}

#[test]
fn a_senior_examiner_has_been_one_for_two_years_or_is_senior_elsewhere() {
    let since = |day| Person::default().aims("upgrade", "SC", "senior").holds("SC", Grade::Full, day, "2027-12-31");
    hold("years_full", &since("2024-11-23"), &since("2024-11-24"), "到 2026-11-24 才满");
    let elsewhere = |until| since("2024-11-24").holds("QMS", Grade::Senior, "2023-11-23", until);
    hold("years_full", &elsewhere(TODAY), &elsewhere("2026-11-22"), "才满");
}

#[test]
fn a_guarantor_is_asked_for_only_where_the_rules_want_one() {
    assert!(!Person::full("QMS").asked("guarantor"));
    let wanted = Person::trainee("QMS").rule("reg.guarantor_required", "yes");
    assert_eq!(wanted.one("guarantor").state, Unknown);
    let given = wanted.says("guarantor_name", "李明").says("guarantor_cert_no", "2024-N1QMS-4000009");
    assert_eq!(given.one("guarantor").state, Met);
}

#[test]
fn recommendation_and_declaration_are_not_known_before_they_are_given() {
    let mut person = Person::trainee("QMS");
    person.answers.fields.remove("recommending_institution");
    assert_eq!(person.one("recommendation").state, Unknown);
    let old = person.says("declared", "2020.1");
    assert_eq!(old.one("declaration").state, Unknown);
}

#[test]
fn what_nobody_has_written_yet_is_unknown_and_not_missing() {
    let blank = Person::default().aims("initial", "QMS", "full");
    for code in ["education", "work", "professional", "complete_audits", "onsite_days", "clauses"] {
        assert_eq!(blank.one(code).state, Unknown, "{code}");
    }
    for code in ["exam_general", "exam_domain", "exam_category"] {
        assert_eq!(blank.one(code).state, Missing, "{code}: scores are known");
    }
}

#[test]
fn numbers_come_from_the_rule_table() {
    let person = Person::full("QMS").rule("reg.full.onsite_days.first", "16");
    assert_eq!(person.one("onsite_days").figures(), "需要 16 天，已有 15 天，还差 1 天");
}

#[test]
fn every_row_stands_on_a_page_of_the_form_and_is_asked_of_someone() {
    let form = &super::super::FORM;
    for row in TABLE {
        let (step, field) = row.place;
        let page = form.step(step).unwrap_or_else(|| panic!("{}: no page {step}", row.code));
        let there =
            page.fields().any(|f| f.name == field) || page.records().any(|l| l.name == field) || page.displays().any(|d| d.name == field);
        assert!(there, "{}: {field}", row.code);
        assert!(!row.grades.is_empty() && !row.categories.is_empty() && !row.kinds.is_empty(), "{}", row.code);
        assert!(row.kinds.iter().all(|k| crate::base::catalogue::APPLICATION_KINDS.iter().any(|c| c.code == *k)), "{}", row.code);
    }
    for d in DOMAINS {
        for grade in ["trainee", "full", "senior"] {
            for kind in ANY_KIND {
                let found = Person::default().aims(kind, d.code, grade).found();
                let codes: std::collections::BTreeSet<&str> = found.iter().map(|f| f.requirement).collect();
                assert_eq!(codes.len(), found.len(), "{} {grade} {kind}: a row is asked twice", d.code);
            }
        }
    }
}
