//! Each requirement of docs/domain.md §2, with an applicant who just meets it and one who just misses it.

mod audits;
mod person;

use super::TABLE;
use crate::base::catalogue::{DOMAINS, Grade};
use crate::matter::RequirementStatus::{Met, Missing, Unknown};
use crate::record::certificate::CertificateStatus;
use person::{Person, TODAY, assert_boundary, statuses};

#[test]
fn an_applicant_who_just_meets_all_requirements_misses_none() {
    for person in [Person::full("QMS"), Person::full("ISMS"), Person::trainee("QMS"), Person::trainee("SC")] {
        assert!(statuses(&person).iter().all(|(_, s)| *s == Met), "{:?}", statuses(&person));
    }
}

#[test]
fn there_are_no_findings_before_the_goal_is_chosen() {
    for field in ["application_kind", "domain", "grade"] {
        let mut person = Person::full("QMS");
        person.answers.fields.remove(field);
        assert!(person.findings().is_empty(), "{field}");
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
        assert_boundary("education", &with(enough), &with(short), "及以上");
    }
    let studying = Person::trainee("QMS").without("education").education("bachelor", "2026-11-24");
    assert_boundary("education", &Person::trainee("QMS").without("education").education("bachelor", TODAY), &studying, "没有已毕业的学历");
}

#[test]
fn a_title_is_required_only_without_a_bachelors_degree() {
    let college = Person::full("QMS").without("education").education("junior_college", "2010-06-30");
    assert_boundary(
        "title",
        &college.clone().answer("title_level", "intermediate"),
        &college.clone().answer("title_level", "junior"),
        "需要中级",
    );
    assert_eq!(college.clone().answer("title_level", "").finding("title").status, Unknown);
    assert!(!Person::full("QMS").has("title"));
    let trainee = Person::trainee("QMS").without("education").education("junior_college", "2020-06-30");
    assert!(!trainee.has("title"));
}

#[test]
fn work_of_a_graduate_is_four_years_and_of_a_college_graduate_eight() {
    let graduate = |end| Person::full("QMS").without("work").works("work", "2020-07-01", end, "");
    assert_boundary("work", &graduate("2024-06-30"), &graduate("2024-06-29"), "还差 1 天");
    let college = |end| {
        Person::full("QMS")
            .without("education")
            .education("junior_college", "2010-06-30")
            .answer("title_level", "intermediate")
            .without("work")
            .works("work", "2010-07-01", end, "")
    };
    assert_boundary("work", &college("2018-06-30"), &college("2018-06-29"), "需要 8 年，已有 7 年 11 个月 29 天，还差 1 天");
}

#[test]
fn work_counts_full_time_after_the_degree_and_once_a_day_to_today() {
    let base = || Person::full("QMS").without("work");
    let before = base().works("work", "2018-07-01", "2024-06-29", "");
    assert_boundary("work", &base().works("work", "2018-07-01", "2024-06-30", ""), &before, "还差 1 天");
    let twice = base().works("work", "2020-07-01", "2023-06-30", "").works("work", "2021-07-01", "2024-06-29", "");
    assert_boundary("work", &twice.clone().works("work", "2024-01-01", "2024-06-30", ""), &twice, "还差 1 天");
    let part_time = base().with_record("work", &[("start", "2020-07-01"), ("end", "2024-06-30"), ("is_full_time", "no")]);
    assert_eq!(part_time.finding("work").status, Missing);
    assert_boundary("work", &base().works("work", "2022-11-24", "", ""), &base().works("work", "2022-11-25", "", ""), "还差 1 天");
}

#[test]
fn postgraduate_study_counts_by_half_and_not_beside_work() {
    let studied = |work_end: &str| {
        Person::full("QMS")
            .without("work")
            .with_record("education", &[("start", "2020-09-01"), ("end", "2022-08-31"), ("level", "master")])
            .works("work", "2022-09-01", work_end, "")
    };
    assert_boundary("work", &studied("2025-08-31"), &studied("2025-08-30"), "含研究生学习折算 1 年");
    let beside = studied("2025-08-30").works("work", "2020-09-01", "2022-08-31", "");
    assert_eq!(beside.finding("work").actual, "已有 4 年 11 个月 29 天");
}

#[test]
fn professional_work_is_two_or_six_years_in_the_domain() {
    let graduate = |end| Person::full("QMS").without("professional").works("professional", "2022-07-01", end, "QMS");
    assert_boundary("professional", &graduate("2024-06-30"), &graduate("2024-06-29"), "需要 2 年，已有 1 年 11 个月 29 天，还差 1 天");
    let elsewhere = Person::full("QMS").without("professional").works("professional", "2020-07-01", "2026-06-30", "EMS");
    assert_eq!(elsewhere.finding("professional").status, Missing);
    let college = |end| {
        Person::full("QMS")
            .without("education")
            .education("junior_college", "2010-06-30")
            .answer("title_level", "intermediate")
            .works("work", "2010-07-01", "2020-06-30", "")
            .without("professional")
            .works("professional", "2010-07-01", end, "QMS")
    };
    assert_boundary("professional", &college("2016-06-30"), &college("2016-06-29"), "需要 6 年");
}

#[test]
fn a_late_graduate_takes_the_better_path() {
    let late = Person::full("QMS")
        .without("education")
        .education("junior_college", "2010-06-30")
        .education("bachelor", "2025-06-30")
        .without("work")
        .works("work", "2010-07-01", "", "")
        .without("professional")
        .works("professional", "2010-07-01", "", "QMS");
    let titled = late.clone().answer("title_level", "intermediate");
    assert!(titled.finding("work").figures().contains("大学专科毕业后需要 8 年"));
    assert!(titled.findings().iter().all(|f| f.status == Met), "{:?}", statuses(&titled));
    assert!(late.finding("work").figures().contains("大学本科毕业后需要 4 年"));
    assert_eq!(late.finding("work").status, Missing);
    let bachelors_only = titled.aims("initial", "ISMS", "full");
    assert!(bachelors_only.finding("work").figures().contains("大学本科"));
}

#[test]
fn the_trainee_has_passed_the_general_subject_and_the_domains_own() {
    let base = Person::trainee("QMS");
    assert_boundary("exam_general", &base, &base.clone().resits("GEN", "2021-11-22"), "成绩已失效");
    assert_boundary("exam_domain", &base, &base.clone().resits("QMS", "2023-11-22"), "成绩已失效，有效期至 2026-11-22");
    assert_boundary("exam_domain", &base, &base.clone().fails("QMS"), "最高 69 分，未达到合格分数 70 分");
    assert_boundary("exam_general", &Person::trainee("EMS"), &Person::default().aims("initial", "EMS", "trainee"), "没有该科目成绩");
    assert!(!Person::trainee("CCC").has("exam_domain") && Person::trainee("CCC").has("exam_general"));
}

#[test]
fn the_full_grade_has_passed_the_subject_of_its_category() {
    for (domain, subject) in [("QMS", "MSB"), ("CCC", "PCB"), ("SC", "SCB")] {
        let base = Person::full(domain).resits(subject, "2023-11-23");
        assert_boundary("exam_category", &base, &base.clone().resits(subject, "2023-11-22"), "成绩已失效");
    }
    let upgrade = Person::full("QMS");
    assert!(!upgrade.has("exam_general") && !upgrade.has("exam_domain") && upgrade.has("exam_category"));
    let further = Person::direct("add_domain", "QMS");
    assert!(!further.has("exam_general") && further.has("exam_domain"));
}

#[test]
fn an_upgrade_starts_from_a_valid_certificate_of_the_grade_below_in_the_domain() {
    let base = Person::default().aims("upgrade", "QMS", "full");
    let met = base.clone().holds("QMS", Grade::Trainee, "2023-11-24", TODAY);
    assert_boundary("lower_grade", &met, &base.clone().holds("QMS", Grade::Trainee, "2023-11-23", "2026-11-22"), "已过期");
    assert_boundary("lower_grade", &met, &base.clone().holds("EMS", Grade::Trainee, "2025-01-01", "2027-12-31"), "未查到符合要求的证书");
    let mut suspended = met.clone();
    suspended.record.certificates[0].status = CertificateStatus::Suspended;
    assert_boundary("lower_grade", &met, &suspended, "已暂停");
    let to_trainee = Person::trainee("QMS").answer("application_kind", "upgrade");
    assert_eq!(to_trainee.finding("lower_grade").status, Missing);
    assert!(!Person::direct("initial", "QMS").has("lower_grade"));
}

#[test]
fn a_further_domain_starts_from_a_valid_certificate_in_another_one() {
    let base = Person::direct("add_domain", "QMS");
    let met = base.clone().holds("EMS", Grade::Full, "2023-11-24", TODAY);
    assert_boundary("another_domain", &met, &base.clone().holds("EMS", Grade::Full, "2023-11-23", "2026-11-22"), "已过期");
    assert_boundary("another_domain", &met, &base.clone().holds("QMS", Grade::Full, "2025-01-01", "2027-12-31"), "未查到符合要求的证书");
    assert_boundary("another_domain", &met, &base.clone().holds("EMS", Grade::Trainee, "2025-01-01", "2027-12-31"), "未查到符合要求的证书");
    let trainee = Person::trainee("QMS").answer("application_kind", "add_domain").holds("EMS", Grade::Trainee, "2025-01-01", "2027-12-31");
    assert_eq!(trainee.finding("another_domain").status, Met);
}

#[test]
fn the_full_grade_follows_the_trainee_grade_unless_the_rules_open_it() {
    for kind in ["initial", "add_domain"] {
        let skipped = Person::default().aims(kind, "QMS", "full").finding("grade_order");
        assert_eq!((skipped.status, skipped.figures().as_str()), (Missing, "正式级须按级申请，请先申请实习级别"), "{kind}");
        let trainee = Person::full("QMS").answer("application_kind", kind).finding("grade_order");
        assert_eq!((trainee.status, trainee.actual.as_str()), (Missing, "已有实习级证书，请选择晋级注册"), "{kind}");
        assert!(!Person::direct(kind, "QMS").has("grade_order"), "{kind}");
        assert!(!Person::trainee("QMS").answer("application_kind", kind).has("grade_order"), "{kind}");
    }
    assert!(!Person::full("QMS").has("grade_order"), "an upgrade keeps the order");
}

#[test]
fn a_senior_examiner_has_been_one_for_two_years_or_is_senior_elsewhere() {
    let since = |day| Person::default().aims("upgrade", "SC", "senior").holds("SC", Grade::Full, day, "2027-12-31");
    assert_boundary("years_full", &since("2024-11-23"), &since("2024-11-24"), "到 2026-11-24 才满");
    let elsewhere = |until| since("2024-11-24").holds("QMS", Grade::Senior, "2023-11-23", until);
    assert_boundary("years_full", &elsewhere(TODAY), &elsewhere("2026-11-22"), "才满");
}

#[test]
fn a_guarantor_is_required_only_while_the_rules_say_so() {
    assert!(!Person::full("QMS").has("guarantor"));
    let wanted = Person::trainee("QMS").rule("reg.guarantor_required", "yes");
    assert_eq!(wanted.finding("guarantor").status, Unknown);
    let given = wanted.answer("guarantor_name", "李明").answer("guarantor_cert_no", "2024-N1QMS-4000009");
    assert_eq!(given.finding("guarantor").status, Met);
}

#[test]
fn recommendation_and_declaration_are_not_known_before_they_are_given() {
    let mut person = Person::trainee("QMS");
    person.answers.fields.remove("recommending_institution");
    assert_eq!(person.finding("recommendation").status, Unknown);
    let old = person.answer("declared", "2020.1");
    assert_eq!(old.finding("declaration").status, Unknown);
}

#[test]
fn what_nobody_has_written_yet_is_unknown_and_not_missing() {
    let blank = Person::default().aims("initial", "QMS", "full");
    for code in ["education", "work", "professional", "complete_audits", "onsite_days", "clauses"] {
        assert_eq!(blank.finding(code).status, Unknown, "{code}");
    }
    for code in ["exam_general", "exam_domain", "exam_category"] {
        assert_eq!(blank.finding(code).status, Missing, "{code}: scores are known");
    }
}

#[test]
fn numbers_come_from_the_rule_table() {
    let person = Person::full("QMS").rule("reg.full.onsite_days.first", "16");
    assert_eq!(person.finding("onsite_days").figures(), "需要 16 天，已有 15 天，还差 1 天");
}

#[test]
fn every_requirement_names_a_place_in_the_form_and_applies_to_someone() {
    let form = &crate::kind::registration::FORM;
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
            for kind in ["initial", "upgrade", "add_domain"] {
                let found = Person::default().aims(kind, d.code, grade).findings();
                let codes: std::collections::BTreeSet<&str> = found.iter().map(|f| f.requirement).collect();
                assert_eq!(codes.len(), found.len(), "{} {grade} {kind}: a requirement applies twice", d.code);
            }
        }
    }
}

#[test]
fn years_and_title_of_inspectors_and_examiners_are_rules_of_their_own() {
    for (domain, suffix) in [("CCC", ".inspector"), ("SC", ".examiner")] {
        let keys = |name: &str| -> &'static str { String::leak(format!("reg.full.{name}{suffix}")) };
        let graduate = Person::full(domain).without("work").works("work", "2020-07-01", "2022-06-30", "");
        assert_eq!(graduate.finding("work").status, Missing, "the numbers of auditors are the default");
        assert_eq!(graduate.clone().rule(keys("work_years.bachelor"), "2").finding("work").status, Met);
        assert_eq!(graduate.rule("reg.full.work_years.bachelor", "2").finding("work").status, Missing, "auditors only");
        let college = Person::full(domain).without("education").education("junior_college", "2010-06-30").answer("title_level", "junior");
        assert_eq!(college.finding("title").status, Missing);
        assert_eq!(college.rule(keys("title_required.junior_college"), "junior").finding("title").status, Met);
        let field = Person::full(domain).without("professional").works("professional", "2020-07-01", "2021-06-30", domain);
        assert_eq!(field.finding("professional").status, Missing);
        assert_eq!(field.rule(keys("prof_years.bachelor"), "1").finding("professional").status, Met);
    }
}
