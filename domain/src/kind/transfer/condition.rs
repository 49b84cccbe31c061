//! Who may apply for a transfer, and the conditions of each ground (docs/domain.md §7.1).

use chrono::NaiveDate;

use crate::base::calendar::{add_months, parse_day};
use crate::base::rule::{RulesOn, key};
use crate::engine::form::{Answers, Issue, Path, Problem};
use crate::matter::{Availability, MatterContext};
use crate::record::certificate::{CertificateStatus, Standing};

/// Code of the kind.
pub(super) const CODE: &str = "transfer";

/// The first day of a new application after a transfer.
fn next_application_on(transferred_on: NaiveDate, rules: RulesOn<'_>) -> NaiveDate {
    add_months(transferred_on, rules.months(key::TRANSFER_INTERVAL))
}

/// What prevents an application, whatever its ground.
fn obstacles(context: &MatterContext<'_>) -> Vec<Issue> {
    let (certificates, practices) = (context.certificates(), context.practices());
    let (day, rules) = (context.applied_on, context.rules_on());
    let mut obstacles = Vec::new();
    if !certificates.iter().any(|c| matches!(c.status_on(day), CertificateStatus::Valid | CertificateStatus::Suspended)) {
        obstacles.push(Issue::new("no_certificate", "您没有有效的注册证书，只有注册人员可以转换执业机构"));
    } else if certificates.iter().any(|c| c.standing_on(day) == Some(Standing::Suspended)) {
        // Whose certificate is suspended for want of a confirmation needs the new institution to make up for it.
        obstacles.push(Issue::new("suspended", "您名下有证书因处置处于暂停期，暂停期内不能转换执业机构"));
    }
    if practices.is_empty() {
        obstacles.push(Issue::new("no_institution", "您在平台上没有执业机构，无需转换"));
    }
    let free = context.transferred_on().map(|on| (on, next_application_on(on, rules)));
    if let Some((on, free)) = free.filter(|(_, free)| day < *free) {
        let text = format!("您已于 {on} 转换过执业机构，{free} 起才能再次申请");
        obstacles.push(Issue::new("transferred_lately", text));
    }
    for past in context.matters().iter().filter(|m| m.closed_on.is_none() && m.blocks_transfer) {
        let concerns = past.kind == CODE || past.institution.is_some_and(|id| practices.contains(&id));
        let (title, stage) = (&past.title, past.stage_label());
        if concerns {
            obstacles.push(Issue::new("matter_open", format!("业务“{title}”尚未办结（{stage}），请在办结或撤回后再申请")));
        }
    }
    obstacles
}

/// Whether an application can be started; the reason lists every obstacle.
pub(super) fn availability(context: &MatterContext<'_>) -> Availability {
    let obstacles: Vec<String> = obstacles(context).into_iter().map(|i| i.text).collect();
    if obstacles.is_empty() { Availability::Open } else { Availability::closed(format!("{}。", obstacles.join("；"))) }
}

/// Checks at submission: the obstacles, the two institutions, and the condition of the ground.
pub(super) fn validate(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let problem = |field: &str, label: &str, issue| Problem { step: "transfer", path: Path::field(field), label: label.to_owned(), issue };
    let mut problems: Vec<Problem> = obstacles(context).into_iter().map(|i| problem("from_institution", "转出机构", i)).collect();
    let (from, to) = (answers.text("from_institution"), answers.text("to_institution"));
    let practises = context.practices().iter().any(|id| id.to_string() == from);
    if !from.is_empty() && !practises {
        problems.push(problem("from_institution", "转出机构", Issue::new("not_theirs", "转出机构须为您目前的执业机构")));
    }
    if !to.is_empty() && from == to {
        problems.push(problem("to_institution", "转入机构", Issue::new("same_institution", "转入机构不能与转出机构相同")));
    }
    problems.extend(ground(answers, context).map(|(field, label, issue)| problem(field, label, issue)));
    problems.extend(contract_proof(answers, context));
    problems
}

/// What proves the end of a contract: an expired one has left a certificate of leaving, one that runs out is shown itself.
fn contract_proof(answers: &Answers, context: &MatterContext<'_>) -> Option<Problem> {
    let end = parse_day(answers.text("contract_end")).ok().filter(|_| answers.text("ground") == "contract")?;
    let (field, label, text) = if end <= context.applied_on {
        ("release", "离职证明", "合同已到期，请上传离职证明")
    } else {
        ("contract", "劳动合同（到期页）", "合同尚未到期，请上传劳动合同载明到期日的页面")
    };
    let missing = answers.fields.get(field).is_none_or(|value| value.files().is_empty());
    let problem = |issue| Problem { step: "papers", path: Path::field(field), label: label.to_owned(), issue };
    missing.then(|| problem(Issue::new("missing", text)))
}

/// The field, label and issue of a ground whose condition is not met.
fn ground(answers: &Answers, context: &MatterContext<'_>) -> Option<(&'static str, &'static str, Issue)> {
    let (rules, day) = (context.rules_on(), context.applied_on);
    let date = |name: &str| parse_day(answers.text(name)).ok();
    match answers.text("ground") {
        "contract" => {
            let latest = add_months(day, rules.months(key::TRANSFER_CONTRACT));
            let text = format!("合同须已到期或在 {latest} 及以前到期，请届时再申请或选择其他理由");
            date("contract_end").filter(|end| *end > latest).map(|_| ("contract_end", "合同到期日", Issue::new("contract_runs", text)))
        }
        "idle" => {
            let free = date("last_work_on").map(|last| add_months(last, rules.months(key::TRANSFER_IDLE)));
            let text = |free| format!("未安排认证工作须满 {} 个月，{free} 起才能以此理由申请", rules.int(key::TRANSFER_IDLE));
            free.filter(|free| day < *free).map(|free| ("last_work_on", "最近一次认证工作结束日", Issue::new("not_idle", text(free))))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::base::catalogue::{Category, Grade};
    use crate::base::rule::{RuleRow, Rules};
    use crate::engine::flow::{Flow, Outcome, STAGE, Stage};
    use crate::engine::form::testing::TestContext;
    use crate::engine::form::{FileRef, Value, check_form};
    use crate::kind::transfer::form::{FORM, GROUNDS};
    use crate::matter::{ApplicantRecord, BASE_KIND, Kind, OnTransfer, PastMatter, TransferPolicy};
    use crate::record::certificate::HeldCertificate;

    const OLD: Uuid = Uuid::from_u128(100);
    const NEW: Uuid = Uuid::from_u128(200);

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn held(status: CertificateStatus, valid_until: &str) -> HeldCertificate {
        HeldCertificate {
            number: "2026-N1QMS-4000001".into(),
            category: Category::Auditor,
            domain: "QMS".into(),
            grade: Grade::Full,
            issued_on: day("2024-01-01"),
            valid_until: day(valid_until),
            confirm_due_on: day(valid_until),
            status,
            overdue: false,
            scheduled: None,
            specialties: vec![],
            holder: Uuid::nil(),
        }
    }

    fn certified() -> ApplicantRecord {
        ApplicantRecord {
            certificates: vec![held(CertificateStatus::Valid, "2099-12-31")],
            practices: vec![OLD],
            ..ApplicantRecord::default()
        }
    }

    const OPEN: Stage = Stage { code: "open", label: "办理中", ..STAGE };
    const CLOSED: Stage = Stage { code: "closed", label: "已办结", outcome: Some(Outcome::Granted), ..STAGE };

    /// A kind whose open matters block a transfer.
    static BLOCKING: Kind = Kind {
        code: "blocking",
        flow: &Flow { stages: &[OPEN, CLOSED] },
        on_transfer: &[TransferPolicy { stages: &[], blocks: true, then: OnTransfer::Waits }],
        ..BASE_KIND
    };
    /// A kind that a transfer does not concern.
    static UNAFFECTED: Kind = Kind { code: "unaffected", flow: &Flow { stages: &[OPEN, CLOSED] }, ..BASE_KIND };

    fn matter(kind: &'static Kind, stage: &str, institution: Option<Uuid>) -> PastMatter {
        let (id, title) = (Uuid::from_u128(7), "质量管理体系".to_owned());
        PastMatter { institution, ..kind.past_matter(id, title, stage) }
    }

    fn answers(pairs: &[(&str, &str)]) -> Answers {
        let both = [("from_institution", OLD.to_string()), ("to_institution", NEW.to_string())];
        let mut fields: crate::engine::form::Fields = both.iter().map(|(n, v)| ((*n).to_owned(), v.as_str().into())).collect();
        fields.extend(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())));
        Answers { fields, ..Answers::default() }
    }

    fn in_context<T>(record: &ApplicantRecord, rules: &Rules, applied: &str, ask: impl Fn(&MatterContext<'_>) -> T) -> T {
        let (old, new) = (OLD.to_string(), NEW.to_string());
        let context = TestContext::on(applied).with_rules(rules.clone());
        let context = context.with_list("practices", &[(&old, "")]).with_list("certification_bodies", &[(&old, ""), (&new, "")]);
        ask(&context.matter(record))
    }

    /// Codes of the obstacles, which are the same before the form and at submission.
    fn obstacle_codes(record: &ApplicantRecord, applied: &str) -> Vec<&'static str> {
        in_context(record, &Rules::default(), applied, |context| {
            let found: Vec<&str> = validate(&answers(&[("ground", "agreed")]), context).iter().map(|p| p.issue.code).collect();
            assert_eq!(availability(context) == Availability::Open, found.is_empty(), "the same rule before the form and at submission");
            found
        })
    }

    fn issues(pairs: &[(&str, &str)], applied: &str) -> Vec<&'static str> {
        in_context(&certified(), &Rules::default(), applied, |s| validate(&answers(pairs), s).iter().map(|p| p.issue.code).collect())
    }

    #[test]
    fn twelve_months_pass_between_two_transfers() {
        for (transferred, applied, free) in [
            ("2025-11-23", "2026-11-22", false),
            ("2025-11-23", "2026-11-23", true),
            // The end of a year, and the 29th of February, which the next year does not have.
            ("2025-12-31", "2026-12-30", false),
            ("2025-12-31", "2026-12-31", true),
            ("2028-02-29", "2029-02-27", false),
            ("2028-02-29", "2029-02-28", true),
        ] {
            let record = ApplicantRecord { transferred_on: Some(day(transferred)), ..certified() };
            let expected: &[&str] = if free { &[] } else { &["transferred_lately"] };
            assert_eq!(obstacle_codes(&record, applied), expected, "{transferred} {applied}");
        }
        let record = ApplicantRecord { transferred_on: Some(day("2026-05-23")), ..certified() };
        let six = RuleRow { key: "transfer.min_months_between".into(), value: "6".into(), effective_from: day("2026-01-01") };
        let open = in_context(&record, &Rules::new([six]).unwrap(), "2026-11-23", |s| availability(s) == Availability::Open);
        assert!(open, "the rule table sets the months");
    }

    #[test]
    fn only_holders_of_a_valid_certificate_with_an_institution_can_apply() {
        let with = |certificates| ApplicantRecord { certificates, ..certified() };
        for (record, expected) in [
            (certified(), &[][..]),
            (with(vec![]), &["no_certificate"]),
            (with(vec![held(CertificateStatus::Valid, "2026-11-23")]), &[]),
            (with(vec![held(CertificateStatus::Valid, "2026-11-22")]), &["no_certificate"]),
            (with(vec![held(CertificateStatus::Revoked, "2099-12-31")]), &["no_certificate"]),
            (with(vec![held(CertificateStatus::Superseded, "2099-12-31"), held(CertificateStatus::Valid, "2099-12-31")]), &[]),
            (with(vec![held(CertificateStatus::Suspended, "2099-12-31"), held(CertificateStatus::Valid, "2099-12-31")]), &["suspended"]),
            // Its term is over, so that it ended like any other.
            (with(vec![held(CertificateStatus::Suspended, "2026-11-22"), held(CertificateStatus::Valid, "2099-12-31")]), &[]),
            (with(vec![HeldCertificate { overdue: true, ..held(CertificateStatus::Suspended, "2099-12-31") }]), &[]),
            (ApplicantRecord { practices: vec![], ..certified() }, &["no_institution", "not_theirs"]),
        ] {
            assert_eq!(obstacle_codes(&record, "2026-11-23"), expected, "{record:?}");
        }
    }

    #[test]
    fn open_matters_with_the_old_institution_block_a_transfer() {
        for (past, blocks) in [
            (matter(&BLOCKING, "open", Some(OLD)), true),
            (matter(&BLOCKING, "open", Some(NEW)), false),
            (matter(&BLOCKING, "open", None), false),
            (matter(&crate::kind::transfer::KIND, "joining", None), true),
            (matter(&crate::kind::transfer::KIND, "draft", None), false),
            (matter(&UNAFFECTED, "open", Some(OLD)), false),
            (PastMatter { closed_on: Some(day("2026-11-22")), ..matter(&BLOCKING, "closed", Some(OLD)) }, false),
        ] {
            let record = ApplicantRecord { matters: vec![past.clone()], ..certified() };
            let expected: &[&str] = if blocks { &["matter_open"] } else { &[] };
            assert_eq!(obstacle_codes(&record, "2026-11-23"), expected, "{past:?}");
        }
    }

    #[test]
    fn each_ground_holds_up_to_its_edge() {
        for (ground, field, answer, applied, issue) in [
            // A contract that ended, ends today, ends within a month, and a day later.
            ("contract", "contract_end", "2020-01-01", "2026-11-23", None),
            ("contract", "contract_end", "2026-12-23", "2026-11-23", None),
            ("contract", "contract_end", "2026-12-24", "2026-11-23", Some("contract_runs")),
            ("contract", "contract_end", "2027-01-31", "2026-12-31", None),
            ("contract", "contract_end", "2027-02-01", "2026-12-31", Some("contract_runs")),
            ("contract", "contract_end", "2028-02-29", "2028-01-31", None),
            ("contract", "contract_end", "2028-03-01", "2028-01-31", Some("contract_runs")),
            ("contract", "contract_end", "2027-02-28", "2027-01-31", None),
            ("contract", "contract_end", "2027-03-01", "2027-01-31", Some("contract_runs")),
            // Six months without work.
            ("idle", "last_work_on", "2026-05-23", "2026-11-23", None),
            ("idle", "last_work_on", "2026-05-24", "2026-11-23", Some("not_idle")),
            ("idle", "last_work_on", "2026-08-31", "2027-02-27", Some("not_idle")),
            ("idle", "last_work_on", "2026-08-31", "2027-02-28", None),
            ("idle", "last_work_on", "2027-08-31", "2028-02-28", Some("not_idle")),
            ("idle", "last_work_on", "2027-08-31", "2028-02-29", None),
            // These need attachments only.
            ("agreed", "note", "", "2026-11-23", None),
            ("terminated", "terminated_on", "2026-11-23", "2026-11-23", None),
            ("closed", "note", "", "2026-11-23", None),
        ] {
            let found = issues(&[("ground", ground), (field, answer)], applied);
            assert_eq!(found.into_iter().find(|code| *code != "missing"), issue, "{ground} {answer} {applied}");
        }
    }

    #[test]
    fn an_expired_contract_asks_for_a_certificate_of_leaving_and_a_running_one_for_itself() {
        let file = |name: &str| {
            let file = FileRef { file: Uuid::from_u128(1), name: "a.pdf".into(), size: 1, mime: "application/pdf".into() };
            (name.to_owned(), Value::Files(vec![file]))
        };
        for (end, given, missing) in [
            ("2026-11-23", None, Some("release")),
            ("2026-11-23", Some("contract"), Some("release")),
            ("2026-11-23", Some("release"), None),
            ("2026-11-24", None, Some("contract")),
            ("2026-11-24", Some("release"), Some("contract")),
            ("2026-11-24", Some("contract"), None),
        ] {
            let mut answers = answers(&[("ground", "contract"), ("contract_end", end)]);
            answers.fields.extend(given.map(file));
            let found = in_context(&certified(), &Rules::default(), "2026-11-23", |c| contract_proof(&answers, c));
            assert_eq!(found.map(|p| p.path), missing.map(Path::field), "{end} {given:?}");
        }
    }

    #[test]
    fn each_ground_requires_its_attachments_and_day() {
        for (ground, wanted) in [
            ("contract", &["contract_end"][..]),
            ("agreed", &[]),
            ("terminated", &["terminated_on", "release"]),
            ("closed", &["proof"]),
            ("idle", &["last_work_on"]),
        ] {
            assert!(GROUNDS.iter().any(|g| g.code == ground));
            let missing: Vec<String> = in_context(&certified(), &Rules::default(), "2026-11-23", |s| {
                let problems = check_form(&FORM, &answers(&[("ground", ground), ("declared", "2026-11")]), s);
                problems.iter().map(|p| p.path.to_string()).collect()
            });
            let expected: Vec<String> = wanted.iter().map(|n| Path::field(n).to_string()).collect();
            assert_eq!(missing, expected, "{ground}");
        }
        let tomorrow = in_context(&certified(), &Rules::default(), "2026-11-23", |s| {
            let pairs = [("ground", "terminated"), ("terminated_on", "2026-11-24"), ("declared", "2026-11")];
            check_form(&FORM, &answers(&pairs), s).iter().any(|p| p.issue.code == "day_in_future")
        });
        assert!(tomorrow, "a contract is not terminated before its day");
    }

    #[test]
    fn a_transfer_leads_from_the_own_institution_to_another() {
        let (old, new) = (OLD.to_string(), NEW.to_string());
        let of = |from: &str, to: &str| issues(&[("ground", "agreed"), ("from_institution", from), ("to_institution", to)], "2026-11-23");
        assert!(of(&old, &new).is_empty());
        assert_eq!(of(&old, &old), ["same_institution"]);
        assert_eq!(of(&new, &old), ["not_theirs"]);
    }
}
