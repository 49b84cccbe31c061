//! Which certificates can be kept alive, told before the form and held at its submission, for 年度确认 and 再注册 alike.

use crate::engine::form::{Answers, Issue, Path, Problem};
use crate::matter::MatterContext;
use crate::matter::{CERTIFICATES, Entry};
use crate::record::certificate::{Bar, Held, Standing, Status, Upkeep};

/// Certificates that can be kept alive now, and in whose hands no other matter is.
pub fn choices<'a>(upkeep: Upkeep, context: &'a MatterContext<'_>) -> impl Iterator<Item = &'a Held> {
    let (day, rules) = (context.applied, context.rules_on());
    let free = |held: &&Held| !context.record.renewals_pending.contains(&held.number);
    context.record.certificates.iter().filter(move |held| upkeep.open(held, day, rules)).filter(free)
}

/// Why a certificate cannot be kept alive now; none if it can.
fn fault(upkeep: Upkeep, held: &Held, context: &MatterContext<'_>) -> Option<Issue> {
    let (number, what) = (&held.number, upkeep.label());
    if context.record.renewals_pending.contains(number) {
        return Some(Issue::new("asked_for", format!("证书 {number} 已有正在办理的申请")));
    }
    match upkeep.standing(held, context.applied, context.rules_on()) {
        Standing::Open(_) | Standing::Late(_) => None,
        Standing::Early(from) => {
            let due = upkeep.due(held);
            Some(Issue::new("early", format!("证书 {number} 的{what}应于 {due} 前完成，{from} 起可以办理")))
        }
        Standing::Closed(bar @ (Bar::LastYear | Bar::Unconfirmed)) => {
            Some(Issue::new("otherwise", format!("证书 {number} {}", bar.text())))
        }
        Standing::Closed(bar) => Some(Issue::new("closed", format!("证书 {number} {}", bar.text()))),
    }
}

/// Whether there is anything to keep alive; where there is not, when the next one is due.
pub(crate) fn entry(upkeep: Upkeep, context: &MatterContext<'_>) -> Entry {
    if choices(upkeep, context).next().is_some() {
        return match context.record.practices.is_empty() {
            false => Entry::Open,
            true => Entry::Closed(format!(
                "{}须经执业机构审核，您在平台上还没有执业机构。请先联系您执业的认证机构确认执业关系。",
                upkeep.label()
            )),
        };
    }
    // What has ended for good is nobody's question any more.
    let lasting = |h: &&Held| !matches!(h.status, Status::Superseded | Status::Revoked | Status::Cancelled);
    let held: Vec<&Held> = context.record.certificates.iter().filter(lasting).collect();
    let what = upkeep.label();
    if held.is_empty() {
        let whose = if context.record.filing_institution.is_some() { "本机构人员" } else { "您" };
        return Entry::Closed(format!("{whose}没有注册证书，无需办理{what}。"));
    }
    let mut faults: Vec<(u8, &Held, Issue)> =
        held.into_iter().filter_map(|h| fault(upkeep, h, context).map(|i| (rank(&i), h, i))).collect();
    faults.sort_by_key(|(rank, held, _)| (*rank, upkeep.due(held)));
    let told: Vec<String> = faults.into_iter().take(3).map(|(_, _, issue)| issue.text).collect();
    Entry::Closed(format!("目前没有需要办理{what}的证书。{}。", told.join("；")))
}

/// What is under way is told first, then what comes next, then what is over.
fn rank(issue: &Issue) -> u8 {
    match issue.code {
        "asked_for" => 0,
        "early" | "otherwise" => 1,
        _ => 2,
    }
}

/// The certificates that were chosen, as far as they are known.
pub(crate) fn chosen<'a>(answers: &'a Answers, context: &'a MatterContext<'_>) -> impl Iterator<Item = &'a Held> {
    let named = answers.codes(CERTIFICATES);
    context.record.certificates.iter().filter(|held| named.contains(&held.number))
}

/// Rules across the answers.
pub(crate) fn judge(upkeep: Upkeep, answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let step = |upkeep| if upkeep == Upkeep::Confirmation { "confirmation" } else { "renewal" };
    let problem = |step, field: &str, label: &str, issue| Problem { step, path: Path::field(field), label: label.to_owned(), issue };
    let certificates = |issue| problem(step(upkeep), CERTIFICATES, "证书", issue);
    let mut problems: Vec<Problem> = chosen(answers, context).filter_map(|h| fault(upkeep, h, context)).map(certificates).collect();
    let mut holders: Vec<_> = chosen(answers, context).map(|h| h.holder).collect();
    holders.sort_unstable();
    holders.dedup();
    if holders.len() > 1 {
        problems.push(certificates(Issue::new("several_holders", "一件申请只能办理一个人的证书，请分别办理")));
    }
    let signed = answers.fields.get("statement").is_some_and(|v| !v.is_empty());
    if context.record.filing_institution.is_some() && !signed {
        let issue = Issue::new("no_statement", "代为办理的，请上传本人签字的声明");
        problems.push(problem("papers", "statement", "本人签字的声明", issue));
    }
    problems
}

/// How a certificate reads in the list of choices: 质量管理体系 · 审核员 · 应于 2026-12-13 前办理.
pub fn choice(upkeep: Upkeep, held: &Held) -> String {
    format!("{} · {} · {} · 应于 {} 前办理", held.number, held.domain_label(), held.grade.title(held.category), upkeep.due(held))
}
