//! Audits, inspections and examinations: how many, how long, and of what.

use super::person::{Person, TODAY, assert_boundary};
use crate::base::catalogue::Grade;

#[test]
fn complete_audits_are_four_in_the_first_domain_and_three_in_a_further_one() {
    let audited = |count| Person::full("QMS").without("audit").audits(count, &[("domain", "QMS"), ("onsite_days", "4")]);
    assert_boundary("complete_audits", &audited(4), &audited(3), "需要 4 次，已有 3 次，还差 1 次");
    let further = |count| audited(count).holds("EMS", Grade::Full, "2025-01-01", "2027-12-31");
    assert_boundary("complete_audits", &further(3), &further(2), "需要 3 次，已有 2 次，还差 1 次");
}

#[test]
fn fewer_audits_are_asked_of_who_is_full_in_another_domain_whatever_the_kind_of_application() {
    let three = || Person::full("QMS").without("audit").audits(3, &[("domain", "QMS"), ("onsite_days", "4")]);
    let ended = three().holds("EMS", Grade::Full, "2023-01-01", "2026-11-22");
    assert_boundary("complete_audits", &three().holds("EMS", Grade::Senior, "2025-01-01", TODAY), &ended, "需要 4 次");
    for (domain, grade) in [("EMS", Grade::Trainee), ("CCC", Grade::Full), ("QMS", Grade::Full)] {
        assert!(three().holds(domain, grade, "2025-01-01", TODAY).finding("complete_audits").needed.contains("4 次"), "{domain}");
    }
    let claimed = Person::direct("add_domain", "QMS").without("audit").audits(3, &[("domain", "QMS"), ("onsite_days", "4")]);
    assert!(claimed.finding("complete_audits").needed.contains("4 次"), "who only says so is full nowhere");
}

#[test]
fn audits_before_the_registration_as_trainee_count_only_while_the_rules_say_so() {
    let registered = |day: &str| {
        let mut person = Person::full("QMS");
        person.record.certificates[0].issued_on = super::person::day(day);
        person
    };
    let missed = registered("2026-01-03");
    assert_boundary("complete_audits", &registered("2026-01-02"), &missed, "已有 3 次，还差 1 次（另有 1 次早于实习级注册，不计入）");
    assert_boundary("onsite_days", &registered("2026-01-02"), &missed, "还差");
    let all = missed.rule("reg.full.audits_since_trainee", "no").finding("complete_audits");
    assert_eq!((all.status, all.actual.as_str()), (crate::matter::RequirementStatus::Met, "已有 4 次"));
}

#[test]
fn surveillance_is_complete_when_long_enough_and_a_technical_expert_audits_nothing() {
    let last = |pairs: &[(&str, &str)]| {
        Person::full("QMS").without("audit").audits(3, &[("domain", "QMS"), ("onsite_days", "4")]).audits(1, &{
            let mut all = vec![("domain", "QMS"), ("onsite_days", "4")];
            all.extend_from_slice(pairs);
            all
        })
    };
    let surveillance = |days| last(&[("audit_type", "surveillance_1"), ("onsite_days", days)]);
    assert_boundary("complete_audits", &surveillance("2"), &surveillance("1.5"), "还差 1 次");
    assert_boundary("complete_audits", &last(&[("audit_type", "recertification")]), &last(&[("audit_type", "special")]), "还差 1 次");
    assert_boundary("complete_audits", &last(&[("role", "member")]), &last(&[("role", "technical")]), "还差 1 次");
    assert_boundary("complete_audits", &last(&[]), &last(&[("domain", "EMS")]), "还差 1 次");
}

#[test]
fn days_on_site_are_fifteen_in_the_first_domain_and_ten_in_a_further_one() {
    let audited = |days| {
        Person::full("QMS")
            .without("audit")
            .audits(3, &[("domain", "QMS"), ("onsite_days", "4")])
            .audits(1, &[("domain", "QMS"), ("onsite_days", days)])
    };
    assert_boundary("onsite_days", &audited("3"), &audited("2"), "需要 15 天，已有 14 天，还差 1 天");
    assert_boundary("onsite_days", &audited("3"), &audited("2.5"), "还差 0.5 天");
    let further = |days| {
        Person::full("QMS")
            .holds("EMS", Grade::Full, "2025-01-01", "2027-12-31")
            .without("audit")
            .audits(2, &[("domain", "QMS"), ("onsite_days", "3.5")])
            .audits(1, &[("domain", "QMS"), ("onsite_days", days)])
    };
    assert_boundary("onsite_days", &further("3"), &further("2.5"), "需要 10 天，已有 9.5 天，还差 0.5 天");
}

#[test]
fn days_of_combined_audits_count_by_their_coefficient() {
    let combined = |with: &str, days: &str| {
        let pairs = [("domain", "QMS"), ("onsite_days", days), ("combined_systems", with)];
        Person::full("QMS").without("audit").audits(4, &pairs)
    };
    assert_boundary(
        "onsite_days",
        &combined("*EMS", "5"),
        &combined("*EMS", "4.5"),
        "已有 13.5 天（填写 18 天，结合审核折算），还差 1.5 天",
    );
    assert_boundary("onsite_days", &combined("*EMS,OHSMS", "6.5"), &combined("*EMS,OHSMS", "6"), "已有 14.4 天");
    assert_eq!(combined("*QMS", "4").finding("onsite_days").actual, "已有 16 天");
}

#[test]
fn total_days_are_required_only_while_the_rules_say_so_and_count_half_of_the_off_site_days() {
    let with = |offsite| {
        let pairs = [("domain", "QMS"), ("onsite_days", "4"), ("offsite_days", offsite)];
        Person::full("QMS").without("audit").audits(4, &pairs).rule("reg.full.total_days", "20")
    };
    assert!(!Person::full("QMS").has("total_days"));
    assert_boundary("total_days", &with("1"), &with("0.5"), "需要 20 天，已有 18 天，还差 2 天");
    assert_eq!(with("9").finding("total_days").actual, "已有 24 天");
}

#[test]
fn audits_of_long_ago_do_not_count_while_the_rules_say_so() {
    let begun = |start| {
        Person::full("QMS")
            .rule("reg.full.audits_within_years", "3")
            .without("audit")
            .audits(3, &[("domain", "QMS"), ("onsite_days", "4")])
            .audits(1, &[("domain", "QMS"), ("onsite_days", "4"), ("start", start), ("end", "2023-11-30")])
    };
    assert_boundary("complete_audits", &begun("2023-11-23"), &begun("2023-11-22"), "还差 1 次");
}

#[test]
fn audits_together_cover_every_clause() {
    let covering = |last: &str| {
        let mut person = Person::full("QMS").without("audit");
        for clauses in ["*4,5", "*6,7", "*8,9", last] {
            person = person.audits(1, &[("domain", "QMS"), ("onsite_days", "4"), ("clauses_covered", clauses)]);
        }
        person
    };
    assert_boundary("clauses", &covering("*10"), &covering("*9"), "还缺：10 改进");
    assert_boundary("clauses", &covering("*all"), &covering("*4"), "还缺：10 改进");
    let other = |clauses: &str| {
        Person::full("HACCP").without("audit").audits(4, &[("domain", "HACCP"), ("onsite_days", "4"), ("clauses_covered", clauses)])
    };
    assert_boundary("clauses", &other("*all"), &other("*4,5,6,7,8,9,10"), "没有全条款审核");
}

#[test]
fn inspectors_have_inspected_three_times_and_each_specialty() {
    let inspected = |count, covered: &str| {
        let pairs = [("domain", "OP"), ("specialties_covered", covered)];
        Person::full("OP").answer("specialties", "*OP01,OP03").without("audit").audits(count, &pairs)
    };
    assert_boundary("inspections", &inspected(3, "*OP01,OP03"), &inspected(2, "*OP01,OP03"), "需要 3 次，已有 2 次，还差 1 次");
    assert_boundary("specialties", &inspected(3, "*OP01,OP03"), &inspected(3, "*OP01,OP02"), "还缺：加工");
    assert!(!inspected(3, "*OP01").has("onsite_days") && !inspected(3, "*OP01").has("clauses"));
    assert!(!Person::full("CCC").has("specialties"));
}

#[test]
fn examiners_have_examined_three_times() {
    let examined = |count| Person::full("SC").without("audit").audits(count, &[("domain", "SC")]);
    assert_boundary("examinations", &examined(3), &examined(2), "需要 3 次，已有 2 次，还差 1 次");
}

#[test]
fn a_senior_auditor_has_led_audits_of_late() {
    let led = |count, pairs: &[(&str, &str)]| {
        let mut all = vec![("domain", "QMS"), ("role", "leader"), ("onsite_days", "3.5")];
        all.extend_from_slice(pairs);
        let base = Person::full("QMS").aims("upgrade", "QMS", "senior").holds("QMS", Grade::Full, "2025-01-01", "2027-12-31");
        base.without("audit").audits(2, &[("domain", "QMS"), ("role", "leader"), ("onsite_days", "3.5")]).audits(count, &all)
    };
    assert_boundary("lead_audits", &led(1, &[]), &led(0, &[]), "需要 3 次，已有 2 次，还差 1 次");
    assert_boundary("lead_audits", &led(1, &[]), &led(1, &[("role", "member")]), "还差 1 次");
    assert_boundary("lead_audits", &led(1, &[("start", "2024-11-23")]), &led(1, &[("start", "2024-11-22")]), "还差 1 次");
    assert_boundary("lead_onsite_days", &led(1, &[("onsite_days", "3")]), &led(1, &[("onsite_days", "2.5")]), "需要 10 天，已有 9.5 天");
    let base = Person::full("QMS").aims("initial", "QMS", "senior");
    let held = base.clone().holds("QMS", Grade::Full, "2023-11-24", TODAY);
    assert_boundary("full_grade", &held, &base.holds("QMS", Grade::Trainee, "2023-11-24", TODAY), "未查到符合要求的证书");
}
