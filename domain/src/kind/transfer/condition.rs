//! Who can ask for a transfer, and when each ground holds (domain facts §7.1: the five grounds, and what is not accepted).

use chrono::{Months, NaiveDate};

use crate::base::calendar::parse_day;
use crate::base::rule::{Key, RulesOn, key};
use crate::engine::form::{Answers, Issue, Path, Problem};
use crate::matter::Entry;
use crate::matter::MatterContext;
use crate::record::certificate::Status;

fn months(rules: RulesOn<'_>, key: Key) -> Months {
    Months::new(u32::try_from(rules.int(key)).unwrap_or(u32::MAX))
}

fn after(day: NaiveDate, months: Months) -> NaiveDate {
    day.checked_add_months(months).unwrap_or(NaiveDate::MAX)
}

/// The first day on which someone can ask again whose institution was changed on a day.
pub fn free_from(transferred_on: NaiveDate, rules: RulesOn<'_>) -> NaiveDate {
    after(transferred_on, months(rules, key::TRANSFER_INTERVAL))
}

/// What stands in the way, whatever the ground.
fn blocks(context: &MatterContext<'_>) -> Vec<Issue> {
    let (known, day, rules) = (context.record, context.applied, context.rules_on());
    let mut blocks = Vec::new();
    if !known.certificates.iter().any(|c| matches!(c.status_on(day), Status::Valid | Status::Suspended)) {
        blocks.push(Issue::new("no_certificate", "您没有有效的注册证书，只有注册人员可以转换执业机构"));
    } else if known.certificates.iter().any(|c| c.status_on(day) == Status::Suspended) {
        blocks.push(Issue::new("suspended", "您名下有证书处于暂停期，暂停期内不能转换执业机构"));
    }
    if known.practices.is_empty() {
        blocks.push(Issue::new("no_institution", "您在平台上没有执业机构，无需转换"));
    }
    let free = known.transferred_on.map(|on| (on, free_from(on, rules)));
    if let Some((on, free)) = free.filter(|(_, free)| day < *free) {
        let text = format!("您已于 {on} 转换过执业机构，{free} 起才能再次申请");
        blocks.push(Issue::new("transferred_lately", text));
    }
    for past in known.matters.iter().filter(|m| m.closed_on.is_none() && m.kind.transfer_policy(&m.stage).blocks) {
        let concerns = past.kind.code == super::KIND.code || past.institution.is_some_and(|id| known.practices.contains(&id));
        let (title, stage) = (&past.title, past.stage().map_or("", |s| s.label));
        if concerns {
            blocks.push(Issue::new("matter_open", format!("业务“{title}”尚未办结（{stage}），请在办结或撤回后再申请")));
        }
    }
    blocks
}

/// Told before the form, all at once.
pub(super) fn entry(context: &MatterContext<'_>) -> Entry {
    let blocks: Vec<String> = blocks(context).into_iter().map(|i| i.text).collect();
    if blocks.is_empty() { Entry::Open } else { Entry::Closed(format!("{}。", blocks.join("；"))) }
}

/// The same when it is submitted, and what the ground asks.
pub(super) fn judge(answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let problem = |field: &str, label: &str, issue| Problem { step: "transfer", path: Path::field(field), label: label.to_owned(), issue };
    let mut problems: Vec<Problem> = blocks(context).into_iter().map(|i| problem("from_institution", "转出机构", i)).collect();
    let (from, to) = (answers.text("from_institution"), answers.text("to_institution"));
    let practises = context.record.practices.iter().any(|id| id.to_string() == from);
    if !from.is_empty() && !practises {
        problems.push(problem("from_institution", "转出机构", Issue::new("not_theirs", "转出机构须为您目前的执业机构")));
    }
    if !to.is_empty() && from == to {
        problems.push(problem("to_institution", "转入机构", Issue::new("same_institution", "转入机构不能与转出机构相同")));
    }
    problems.extend(ground(answers, context).map(|(field, label, issue)| problem(field, label, issue)));
    problems
}

/// Why the ground does not hold.
fn ground(answers: &Answers, context: &MatterContext<'_>) -> Option<(&'static str, &'static str, Issue)> {
    let (rules, day) = (context.rules_on(), context.applied);
    let said = |name: &str| parse_day(answers.text(name)).ok();
    match answers.text("ground") {
        "contract" => {
            let latest = after(day, months(rules, key::TRANSFER_CONTRACT));
            let text = format!("合同须已到期或在 {latest} 及以前到期，请届时再申请或选择其他理由");
            said("contract_end").filter(|end| *end > latest).map(|_| ("contract_end", "合同到期日", Issue::new("contract_runs", text)))
        }
        "idle" => {
            let free = said("last_work_on").map(|last| after(last, months(rules, key::TRANSFER_IDLE)));
            let text = |free| format!("未安排认证工作须满 {} 个月，{free} 起才能以此理由申请", rules.int(key::TRANSFER_IDLE));
            free.filter(|free| day < *free).map(|free| ("last_work_on", "最近一次认证工作结束日", Issue::new("not_idle", text(free))))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use uuid::Uuid;

    use super::*;
    use crate::base::catalogue::{Category, Grade};
    use crate::base::rule::{Rule, Rules};
    use crate::engine::form::check_form;
    use crate::kind::transfer::{FORM, GROUNDS};
    use crate::matter::ApplicantRecord;
    use crate::matter::PastMatter;
    use crate::record::certificate::Held;

    const OLD: Uuid = Uuid::from_u128(100);
    const NEW: Uuid = Uuid::from_u128(200);

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn held(status: Status, valid_until: &str) -> Held {
        Held {
            number: "2026-N1QMS-4000001".into(),
            category: Category::Auditor,
            domain: "QMS".into(),
            grade: Grade::Full,
            issued_on: day("2024-01-01"),
            valid_until: day(valid_until),
            confirm_due_on: day(valid_until),
            status,
            overdue: false,
            specialties: vec![],
            holder: Uuid::nil(),
        }
    }

    fn certified() -> ApplicantRecord {
        ApplicantRecord { certificates: vec![held(Status::Valid, "2099-12-31")], practices: vec![OLD], ..ApplicantRecord::default() }
    }

    fn matter(kind: &str, stage: &str, institution: Option<Uuid>) -> PastMatter {
        let (id, title) = (Uuid::from_u128(7), "质量管理体系".to_owned());
        PastMatter {
            id,
            kind: crate::kind::by_code(kind).unwrap(),
            title,
            stage: stage.into(),
            institution,
            closed_on: None,
            appealed: false,
        }
    }

    fn answers(pairs: &[(&str, &str)]) -> Answers {
        let both = [("from_institution", OLD.to_string()), ("to_institution", NEW.to_string())];
        let mut fields: crate::engine::form::Fields = both.iter().map(|(n, v)| ((*n).to_owned(), v.as_str().into())).collect();
        fields.extend(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).into())));
        Answers { fields, ..Answers::default() }
    }

    fn in_setting<T>(known: &ApplicantRecord, rules: &Rules, applied: &str, ask: impl Fn(&MatterContext<'_>) -> T) -> T {
        let list = |ids: &[Uuid]| ids.iter().map(|id| (id.to_string(), String::new())).collect::<Vec<_>>();
        let lists = BTreeMap::from([("practices".to_owned(), list(&[OLD])), ("certification_bodies".to_owned(), list(&[OLD, NEW]))]);
        let applied = day(applied);
        ask(&MatterContext {
            form: crate::engine::form::FormContext { today: applied, lists: &lists, rules, applicant: "", applied },
            record: known,
        })
    }

    /// Codes of what stands in the way, before the form and at its submission alike.
    fn barred(known: &ApplicantRecord, applied: &str) -> Vec<&'static str> {
        in_setting(known, &Rules::default(), applied, |context| {
            let found: Vec<&str> = judge(&answers(&[("ground", "agreed")]), context).iter().map(|p| p.issue.code).collect();
            assert_eq!(entry(context) == Entry::Open, found.is_empty(), "what is told before is held at the end");
            found
        })
    }

    fn faults(pairs: &[(&str, &str)], applied: &str) -> Vec<&'static str> {
        in_setting(&certified(), &Rules::default(), applied, |s| judge(&answers(pairs), s).iter().map(|p| p.issue.code).collect())
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
            let known = ApplicantRecord { transferred_on: Some(day(transferred)), ..certified() };
            let expected: &[&str] = if free { &[] } else { &["transferred_lately"] };
            assert_eq!(barred(&known, applied), expected, "{transferred} {applied}");
        }
        let known = ApplicantRecord { transferred_on: Some(day("2026-05-23")), ..certified() };
        let six = Rule { key: "transfer.min_months_between".into(), value: "6".into(), effective_from: day("2026-01-01") };
        let open = in_setting(&known, &Rules::new([six]).unwrap(), "2026-11-23", |s| entry(s) == Entry::Open);
        assert!(open, "the rule table says how many months");
    }

    #[test]
    fn only_who_holds_a_valid_certificate_and_has_an_institution_can_ask() {
        let with = |certificates| ApplicantRecord { certificates, ..certified() };
        for (known, expected) in [
            (certified(), &[][..]),
            (with(vec![]), &["no_certificate"]),
            (with(vec![held(Status::Valid, "2026-11-23")]), &[]),
            (with(vec![held(Status::Valid, "2026-11-22")]), &["no_certificate"]),
            (with(vec![held(Status::Revoked, "2099-12-31")]), &["no_certificate"]),
            (with(vec![held(Status::Superseded, "2099-12-31"), held(Status::Valid, "2099-12-31")]), &[]),
            (with(vec![held(Status::Suspended, "2099-12-31"), held(Status::Valid, "2099-12-31")]), &["suspended"]),
            (with(vec![held(Status::Suspended, "2026-11-22"), held(Status::Valid, "2099-12-31")]), &["suspended"]),
            (ApplicantRecord { practices: vec![], ..certified() }, &["no_institution", "not_theirs"]),
        ] {
            assert_eq!(barred(&known, "2026-11-23"), expected, "{known:?}");
        }
    }

    #[test]
    fn open_matters_with_the_old_institution_stand_in_the_way() {
        for (past, blocks) in [
            (matter("registration", "institution_review", Some(OLD)), true),
            (matter("registration", "approval", Some(OLD)), true),
            (matter("registration", "approval", Some(NEW)), false),
            (matter("transfer", "joining", None), true),
            (matter("complaint", "handling", None), false),
            (matter("appeal", "evaluation", None), false),
            (PastMatter { closed_on: Some(day("2026-11-22")), ..matter("registration", "granted", Some(OLD)) }, false),
        ] {
            let known = ApplicantRecord { matters: vec![past.clone()], ..certified() };
            let expected: &[&str] = if blocks { &["matter_open"] } else { &[] };
            assert_eq!(barred(&known, "2026-11-23"), expected, "{past:?}");
        }
    }

    #[test]
    fn each_ground_holds_up_to_its_edge() {
        for (ground, field, said, applied, fault) in [
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
            // These hold by their papers alone.
            ("agreed", "note", "", "2026-11-23", None),
            ("terminated", "terminated_on", "2026-11-23", "2026-11-23", None),
            ("closed", "note", "", "2026-11-23", None),
        ] {
            let found = faults(&[("ground", ground), (field, said)], applied);
            assert_eq!(found.first().copied(), fault, "{ground} {said} {applied}");
        }
    }

    #[test]
    fn each_ground_asks_for_its_papers_and_day() {
        for (ground, wanted) in [
            ("contract", &["contract_end", "release"][..]),
            ("agreed", &[]),
            ("terminated", &["terminated_on", "release"]),
            ("closed", &["proof"]),
            ("idle", &["last_work_on"]),
        ] {
            assert!(GROUNDS.iter().any(|g| g.code == ground));
            let missing: Vec<String> = in_setting(&certified(), &Rules::default(), "2026-11-23", |s| {
                let problems = check_form(&FORM, &answers(&[("ground", ground), ("declared", "2026-11")]), s);
                problems.iter().map(|p| p.path.to_string()).collect()
            });
            let expected: Vec<String> = wanted.iter().map(|n| Path::field(n).to_string()).collect();
            assert_eq!(missing, expected, "{ground}");
        }
        let tomorrow = in_setting(&certified(), &Rules::default(), "2026-11-23", |s| {
            let pairs = [("ground", "terminated"), ("terminated_on", "2026-11-24"), ("declared", "2026-11")];
            check_form(&FORM, &answers(&pairs), s).iter().any(|p| p.issue.code == "day_in_future")
        });
        assert!(tomorrow, "a contract is not terminated before its day");
    }

    #[test]
    fn one_goes_from_ones_own_institution_to_another() {
        let (old, new) = (OLD.to_string(), NEW.to_string());
        let of = |from: &str, to: &str| faults(&[("ground", "agreed"), ("from_institution", from), ("to_institution", to)], "2026-11-23");
        assert!(of(&old, &new).is_empty());
        assert_eq!(of(&old, &old), ["same_institution"]);
        assert_eq!(of(&new, &old), ["not_theirs"]);
    }
}
