//! Checks across the fields of a registration.

use uuid::Uuid;

use super::grant::certificate_grant;
use crate::base::calendar::Period;
use crate::base::catalogue::{self, EDUCATION, domain, rank};
use crate::base::identity::read_certificate_number;
use crate::base::rule::key;
use crate::engine::form::{Answers, Issue, Options, Path, Problem, Value};
use crate::matter::MatterContext;
use crate::matter::audit_experience::{Audit, MILLIDAYS_PER_DAY, audits};

/// Runs every check across fields.
pub(super) fn validate(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    held(answers, context, &mut problems);
    practice(answers, context, &mut problems);
    education(answers, &mut problems);
    specialties(answers, &mut problems);
    if matches!(answers.text("grade"), "full" | "senior") {
        experience(answers, &mut problems);
    }
    papers(answers, context, &mut problems);
    if context.rules_on().yes(key::REG_GUARANTOR) {
        guarantor(answers, context, &mut problems);
    }
    problems
}

fn problem(step: &'static str, path: Path, label: impl Into<String>, issue: Issue) -> Problem {
    Problem { step, path, label: label.into(), issue }
}

/// A certificate that is renewed or upgraded is not applied for again.
fn held(answers: &Answers, context: &MatterContext<'_>, problems: &mut Vec<Problem>) {
    let Some(grant) = certificate_grant(answers) else { return };
    if let Some(held) = context.certificates().iter().find(|held| held.excludes(&grant, context.today)) {
        let issue = Issue::new("held", format!("您已持有该领域该级别的有效证书 {}，不能重复申请", held.number));
        problems.push(problem("business", Path::field("grade"), "注册级别", issue));
    }
}

/// Whoever holds a certificate practises in one institution, which recommends them (docs/domain.md §7.2).
fn practice(answers: &Answers, context: &MatterContext<'_>, problems: &mut Vec<Problem>) {
    let (field, chosen) = ("recommending_institution", answers.text("recommending_institution"));
    let practices = context.practices();
    let is_bound = !practices.is_empty() && context.is_bound_to_practice_on(context.today);
    if chosen.is_empty() || !is_bound || practices.iter().any(|id| id.to_string() == chosen) {
        return;
    }
    let name = |id: &Uuid| context.label(&Options::Listed("practices"), &id.to_string()).to_owned();
    let names: Vec<String> = practices.iter().map(name).collect();
    let text = format!("推荐机构须为您目前的执业机构（{}）；更换机构请先办理转换执业机构", names.join("、"));
    problems.push(problem("business", Path::field(field), "推荐机构", Issue::new("practises_elsewhere", text)));
}

/// Specialties are those of the domain: the option list has all of them.
fn specialties(answers: &Answers, problems: &mut Vec<Problem>) {
    let Some(domain) = domain(answers.text("domain")) else { return };
    let is_own = |code: &String| catalogue::specialties(domain).any(|choice| choice.code == code);
    if catalogue::specialties(domain).next().is_some() && !answers.codes("specialties").iter().all(is_own) {
        let issue = Issue::new("foreign_specialty", "所选注册专业不属于所申请的认证领域");
        problems.push(problem("business", Path::field("specialties"), "注册专业", issue));
    }
}

fn education(answers: &Answers, problems: &mut Vec<Problem>) {
    let highest = rank(EDUCATION, answers.text("highest_education"));
    let best = answers.records("education").filter_map(|r| rank(EDUCATION, r.text("level"))).max();
    if let (Some(highest), Some(best)) = (highest, best)
        && highest != best
    {
        let label = |place: usize| EDUCATION.get(place).map_or("", |choice| choice.label);
        let text = format!("教育经历中填写的最高一条（{}）与基本信息中的最高学历（{}）不一致", label(best), label(highest));
        problems.push(problem("education", Path::field("education"), "教育经历", Issue::new("education_mismatch", text)));
    }
}

/// Impossible audit records: two on the same day, or more on-site days than the audit lasted.
fn experience(answers: &Answers, problems: &mut Vec<Problem>) {
    let all: Vec<Audit<'_>> = audits(answers).collect();
    let mut add = |place: usize, audit: &Audit<'_>, field: &str, label: &str, issue: Issue| {
        let path = Path::Cell("audit".to_owned(), audit.id, field.to_owned());
        problems.push(problem("audit", path, format!("认证经历第 {} 条 · {label}", place + 1), issue));
    };
    for (place, audit) in all.iter().enumerate() {
        if !audit.has_type_of_its_domain() {
            let text = "所选类型与认证领域的人员类别不符";
            add(place, audit, "audit_type", "审核（检查、审查）类型", Issue::new("foreign_audit_type", text));
        }
        let Some(period) = audit.period else { continue };
        if audit.millidays("onsite_days") > period.days() * MILLIDAYS_PER_DAY {
            let text = format!("现场天数多于起止日期之间的 {} 天", period.days());
            add(place, audit, "onsite_days", "现场天数", Issue::new("more_days_than_period", text));
        }
        if let Some(earlier) = overlapping(&all, place, period) {
            let text = format!("与第 {} 条认证经历的日期重叠；同一次结合审核须为同一受审核方，并互相勾选结合审核的领域", earlier + 1);
            add(place, audit, "start", "开始日期", Issue::new("audits_overlap", text));
        }
    }
}

/// The first earlier record that overlaps with a record, unless both belong to one combined audit.
fn overlapping(all: &[Audit<'_>], place: usize, period: Period) -> Option<usize> {
    let audit = all.get(place)?;
    let overlaps = |other: &Audit<'_>| other.period.is_some_and(|p| p.overlaps(period)) && !other.is_combined_with(audit);
    all.iter().take(place).position(overlaps)
}

fn papers(answers: &Answers, context: &MatterContext<'_>, problems: &mut Vec<Problem>) {
    if let Some(Value::Files(files)) = answers.fields.get("photo")
        && files.iter().any(|f| f.mime != "image/jpeg")
    {
        let issue = Issue::new("photo_not_jpeg", "证件照须为 JPG 格式");
        problems.push(problem("attachments", Path::field("photo"), "证件照", issue));
    }
    let signed = answers.text("signed_name");
    if !signed.is_empty() && !context.is_signature(signed) {
        let issue = Issue::new("signature_differs", "声明人姓名与账号姓名不一致");
        problems.push(problem("declaration", Path::field("signed_name"), "声明人姓名", issue));
    }
}

/// The guarantor is another person of a grade above trainee (docs/domain.md §2.6).
fn guarantor(answers: &Answers, context: &MatterContext<'_>, problems: &mut Vec<Problem>) {
    let (field, label) = ("guarantor_cert_no", "注册担保人证书编号");
    let Ok(number) = read_certificate_number(answers.text(field)) else { return };
    let issue = if context.certificates().iter().any(|c| c.number == number) {
        Issue::new("guarantor_is_applicant", "担保人不能是本人")
    } else if number.contains("-N0") {
        Issue::new("guarantor_is_trainee", "担保人须为正式级以上的注册人员")
    } else {
        return;
    };
    problems.push(problem("declaration", Path::field(field), label, issue));
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::base::catalogue::{Category, Grade};
    use crate::engine::form::Record;
    use crate::engine::form::testing::TestContext;
    use crate::matter::ApplicantRecord;
    use crate::record::certificate::{CertificateStatus, HeldCertificate};

    type Pairs<'a> = &'a [(&'a str, &'a str)];

    fn value(text: &str) -> Value {
        text.strip_prefix('*').map_or_else(|| Value::from(text), |codes| Value::Many(codes.split(',').map(str::to_owned).collect()))
    }

    fn full(audits: &[Pairs<'_>], fields: Pairs<'_>) -> Answers {
        let mut answers = Answers::default();
        answers.fields.insert("grade".into(), "full".into());
        answers.fields.extend(fields.iter().map(|(n, v)| ((*n).to_owned(), value(v))));
        for (n, pairs) in audits.iter().enumerate() {
            let fields = pairs.iter().map(|(n, v)| ((*n).to_owned(), value(v))).collect();
            answers.put_record("audit", Record { id: Uuid::from_u128(n as u128), fields, removed: false });
        }
        answers
    }

    fn codes(answers: &Answers, rules: &[(&str, &str)], record: &ApplicantRecord) -> Vec<&'static str> {
        let context = TestContext { applicant: "张伟", ..TestContext::on("2026-11-23").with_rule_values(rules) };
        validate(answers, &context.matter(record)).into_iter().map(|p| p.issue.code).collect()
    }

    fn of(answers: &Answers) -> Vec<&'static str> {
        codes(answers, &[], &ApplicantRecord::default())
    }

    const FIRST: Pairs<'_> =
        &[("start", "2026-03-02"), ("end", "2026-03-05"), ("domain", "QMS"), ("client_code", "A"), ("onsite_days", "4")];

    #[test]
    fn a_signature_is_of_the_present_name_or_of_one_borne_since_the_first_submission() {
        let record = ApplicantRecord::default();
        for (signed, former, accepted) in
            [("张伟", &[][..], true), ("张维", &[], false), ("张维", &["张维"], true), ("李四", &["张维"], false)]
        {
            let former_names = former.iter().map(|name: &&str| (*name).to_owned()).collect();
            let context = TestContext { applicant: "张伟", former_names, ..TestContext::on("2026-11-23") };
            let mut answers = Answers::default();
            answers.fields.insert("signed_name".into(), signed.into());
            let differs = validate(&answers, &context.matter(&record)).iter().any(|p| p.issue.code == "signature_differs");
            assert_eq!(!differs, accepted, "{signed} {former:?}");
        }
    }

    #[test]
    fn two_audits_share_a_day_only_as_one_combined_audit() {
        let day_after: Pairs<'_> = &[("start", "2026-03-06"), ("end", "2026-03-06"), ("domain", "QMS"), ("client_code", "B")];
        assert!(of(&full(&[FIRST, day_after], &[])).is_empty());
        let same_day: Pairs<'_> = &[("start", "2026-03-05"), ("end", "2026-03-06"), ("domain", "QMS"), ("client_code", "B")];
        assert_eq!(of(&full(&[FIRST, same_day], &[])), ["audits_overlap"]);
        let qms: Pairs<'_> =
            &[("start", "2026-03-02"), ("end", "2026-03-05"), ("domain", "QMS"), ("client_code", "A"), ("combined_systems", "*EMS")];
        let ems: Pairs<'_> =
            &[("start", "2026-03-02"), ("end", "2026-03-05"), ("domain", "EMS"), ("client_code", "A"), ("combined_systems", "*QMS")];
        assert!(of(&full(&[qms, ems], &[])).is_empty());
        let other_client: Pairs<'_> =
            &[("start", "2026-03-02"), ("end", "2026-03-05"), ("domain", "EMS"), ("client_code", "B"), ("combined_systems", "*QMS")];
        assert_eq!(of(&full(&[qms, other_client], &[])), ["audits_overlap"]);
        assert_eq!(of(&full(&[FIRST, ems], &[])), ["audits_overlap"], "the first does not name the second");
    }

    #[test]
    fn clients_without_a_credit_code_are_compared_by_name() {
        let audit = |domain, with, more: Pairs<'static>| {
            let pairs = [("start", "2026-03-02"), ("end", "2026-03-05"), ("domain", domain), ("combined_systems", with)];
            pairs.into_iter().chain(more.iter().copied()).collect::<Vec<_>>()
        };
        let abroad: Pairs<'_> =
            &[("client", "Nippon Steel Co., Ltd."), ("client_abroad", "yes"), ("client_registration", "0100-01-008848")];
        let spelt: Pairs<'_> = &[("client", "NIPPON STEEL CO.,LTD"), ("client_abroad", "yes"), ("client_code", "left from before")];
        let other: Pairs<'_> = &[("client", "Kobe Steel"), ("client_abroad", "yes")];
        let overlap = |a, b| of(&full(&[&audit("QMS", "*EMS", a), &audit("EMS", "*QMS", b)], &[]));
        assert_eq!(overlap(abroad, spelt), [""; 0]);
        assert_eq!(overlap(abroad, other), ["audits_overlap"]);
        let coded: Pairs<'_> = &[("client", "甲公司"), ("client_code", "A")];
        let coded_anew: Pairs<'_> = &[("client", "甲公司（新名称）"), ("client_code", "A")];
        assert_eq!(overlap(coded, coded_anew), [""; 0], "the code counts before the name");
    }

    #[test]
    fn inspections_and_examinations_have_types_of_their_own() {
        let record = |domain, kind| of(&full(&[&[("domain", domain), ("audit_type", kind)]], &[]));
        for (domain, kind) in [("QMS", "initial"), ("QMS", "change"), ("OP", "inspection_surveillance"), ("SC", "examination_initial")] {
            assert_eq!(record(domain, kind), [""; 0], "{domain} {kind}");
        }
        for (domain, kind) in [("OP", "initial"), ("SC", "inspection_initial"), ("QMS", "examination_renewal")] {
            assert_eq!(record(domain, kind), ["foreign_audit_type"], "{domain} {kind}");
        }
    }

    #[test]
    fn specialties_of_another_domain_are_refused_and_never_granted() {
        let chosen = |domain: &str, codes: &str| full(&[], &[("domain", domain), ("specialties", codes)]);
        assert!(of(&chosen("OP", "*OP01,OP03")).is_empty());
        assert_eq!(of(&chosen("OP", "*OP01,XX01")), ["foreign_specialty"]);
        assert!(of(&chosen("QMS", "*OP01")).is_empty(), "left from a domain that was chosen before");
        assert_eq!(certificate_grant(&chosen("QMS", "*OP01")).unwrap().specialties, [""; 0]);
        assert_eq!(certificate_grant(&chosen("OP", "*OP03")).unwrap().specialties, ["OP03"]);
    }

    #[test]
    fn nobody_is_on_site_for_more_days_than_there_are() {
        assert!(of(&full(&[FIRST], &[])).is_empty());
        let more: Pairs<'_> = &[("start", "2026-03-02"), ("end", "2026-03-05"), ("onsite_days", "4.5")];
        assert_eq!(of(&full(&[more], &[])), ["more_days_than_period"]);
    }

    #[test]
    fn a_trainees_leftover_audits_are_not_validated() {
        let mut answers = full(&[FIRST, FIRST], &[]);
        answers.fields.insert("grade".into(), "trainee".into());
        assert!(of(&answers).is_empty());
    }

    #[test]
    fn a_signature_is_the_name_of_the_account_however_it_is_written() {
        let signed = |account: &'static str, signature: &str| {
            let (record, context) = (ApplicantRecord::default(), TestContext { applicant: account, ..TestContext::on("2026-11-23") });
            let problems = validate(&full(&[], &[("signed_name", signature)]), &context.matter(&record));
            problems.iter().all(|p| p.issue.code != "signature_differs")
        };
        for (account, signature) in [
            ("张伟", "张 伟"),
            ("阿依古丽·买买提", "阿依古丽•买买提"),
            ("阿依古丽\u{1427}买买提", "阿依古丽买买提"),
            ("Shaun O'Neil", "SHAUN O’NEIL"),
            ("Nguyễn Thị Ánh", "Nguye\u{302}\u{303}n Thi\u{323} A\u{301}nh"),
        ] {
            assert!(signed(account, signature), "{account} {signature}");
        }
        assert!(!signed("张伟", "张玮"));
    }

    #[test]
    fn the_guarantor_is_someone_else_above_trainee_and_only_checked_when_required() {
        let wanted = [("reg.guarantor_required", "yes")];
        let day = "2026-01-01".parse().unwrap();
        let own = HeldCertificate {
            number: "2024-N1QMS-4000001".into(),
            category: Category::Auditor,
            domain: "QMS".into(),
            grade: Grade::Full,
            issued_on: day,
            valid_until: day,
            confirm_due_on: day,
            status: CertificateStatus::Valid,
            overdue: false,
            scheduled: None,
            specialties: vec![],
            holder: uuid::Uuid::nil(),
        };
        let known = ApplicantRecord { certificates: vec![own], ..ApplicantRecord::default() };
        for (number, expected) in [
            ("2024-N1QMS-4000009", &[][..]),
            ("2024-N0QMS-4000009", &["guarantor_is_trainee"]),
            ("2024-N1QMS-4000001", &["guarantor_is_applicant"]),
            ("2024–n0qms–4000009", &["guarantor_is_trainee"]),
            ("证书编号：2024-N1QMS-4000001", &["guarantor_is_applicant"]),
            ("4000009", &[]),
        ] {
            let answers = full(&[], &[("guarantor_cert_no", number)]);
            assert_eq!(codes(&answers, &wanted, &known), expected, "{number}");
            assert!(codes(&answers, &[], &known).is_empty(), "{number}");
        }
    }

    #[test]
    fn a_person_who_practises_is_recommended_by_that_institution() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let until = |valid_until: &str, status| HeldCertificate {
            number: "2024-N1QMS-4000001".into(),
            category: Category::Auditor,
            domain: "QMS".into(),
            grade: Grade::Full,
            issued_on: "2024-01-01".parse().unwrap(),
            valid_until: valid_until.parse().unwrap(),
            confirm_due_on: valid_until.parse().unwrap(),
            status,
            overdue: false,
            scheduled: None,
            specialties: vec![],
            holder: Uuid::nil(),
        };
        let holding = |certificates: Vec<HeldCertificate>, practices: &[Uuid], chosen: &str| {
            let record = ApplicantRecord { certificates, practices: practices.to_vec(), ..ApplicantRecord::default() };
            let context = TestContext::on("2026-11-23").with_list("practices", &[(&own.to_string(), "甲认证公司")]);
            let answers = full(&[], &[("recommending_institution", chosen)]);
            validate(&answers, &context.matter(&record)).into_iter().map(|p| (p.path, p.issue.text)).collect::<Vec<_>>()
        };
        let of = |practices: &[Uuid], chosen: &str| holding(vec![until("2026-11-23", CertificateStatus::Suspended)], practices, chosen);
        let text = "推荐机构须为您目前的执业机构（甲认证公司）；更换机构请先办理转换执业机构".to_owned();
        assert_eq!(of(&[own], &other.to_string()), [(Path::field("recommending_institution"), text)]);
        assert_eq!(of(&[own], &own.to_string()), []);
        assert_eq!(of(&[], &other.to_string()), [], "the first registration");
        assert_eq!(of(&[own], ""), [], "the field itself asks for an answer");
        for ended in [
            vec![],
            vec![until("2026-11-22", CertificateStatus::Valid)],
            vec![until("2027-11-22", CertificateStatus::Cancelled), until("2027-11-22", CertificateStatus::Revoked)],
        ] {
            assert_eq!(holding(ended, &[own], &other.to_string()), [], "no certificate is left that binds to the institution");
        }
    }

    #[test]
    fn a_certificate_that_can_be_used_is_not_applied_for_again() {
        let held = |domain: &str, grade, until: &str, status| HeldCertificate {
            number: "2024-N1QMS-4000001".into(),
            category: Category::Auditor,
            domain: domain.into(),
            grade,
            issued_on: "2024-01-01".parse().unwrap(),
            valid_until: until.parse().unwrap(),
            confirm_due_on: until.parse().unwrap(),
            status,
            overdue: false,
            scheduled: None,
            specialties: vec![],
            holder: Uuid::nil(),
        };
        for (certificate, expected) in [
            (held("QMS", Grade::Full, "2099-01-01", CertificateStatus::Valid), &["held"][..]),
            (held("QMS", Grade::Full, "2099-01-01", CertificateStatus::Suspended), &["held"]),
            (held("QMS", Grade::Full, "2000-01-01", CertificateStatus::Valid), &[]),
            (held("QMS", Grade::Full, "2099-01-01", CertificateStatus::Revoked), &[]),
            (held("QMS", Grade::Trainee, "2099-01-01", CertificateStatus::Valid), &[]),
            (held("EMS", Grade::Full, "2099-01-01", CertificateStatus::Valid), &[]),
        ] {
            let known = ApplicantRecord { certificates: vec![certificate.clone()], ..ApplicantRecord::default() };
            let answers = full(&[], &[("domain", "QMS"), ("grade", "full")]);
            assert_eq!(codes(&answers, &[], &known), expected, "{certificate:?}");
        }
    }
}
