//! Which certificates can be confirmed or re-registered now: the choices of the form, the availability of the kind, and the checks at
//! submission all read the same rule.

use crate::engine::form::{Answers, Issue, Path, Problem};
use crate::matter::{Availability, CERTIFICATES_FIELD, MatterContext, OpenKey};
use crate::record::certificate::{CertificateStatus, Eligibility, HeldCertificate, Ineligible, Renewal};

/// The certificates that can be renewed on the day applied and that no other open application names.
pub fn renewable_certificates<'a>(renewal: Renewal, context: &'a MatterContext<'_>) -> impl Iterator<Item = &'a HeldCertificate> {
    let (day, rules) = (context.applied_on, context.rules_on());
    let free = |certificate: &&HeldCertificate| !context.renewals_pending().contains(&certificate.number);
    context.certificates().iter().filter(move |certificate| renewal.is_open(certificate, day, rules)).filter(free)
}

/// Why a certificate cannot be renewed now; none if it can.
fn issue(renewal: Renewal, certificate: &HeldCertificate, context: &MatterContext<'_>) -> Option<Issue> {
    let (number, label) = (&certificate.number, renewal.label());
    if context.renewals_pending().contains(number) {
        return Some(Issue::new("asked_for", format!("证书 {number} 已有正在办理的申请")));
    }
    match renewal.eligibility(certificate, context.applied_on, context.rules_on()) {
        Eligibility::Open(_) | Eligibility::Late(_) => None,
        Eligibility::NotYet(from) => {
            let due = renewal.due_on(certificate);
            Some(Issue::new("early", format!("证书 {number} 的{label}应于 {due}（含当日）前完成，{from} 起可办理")))
        }
        Eligibility::Closed(reason @ (Ineligible::LastYear | Ineligible::Unconfirmed)) => {
            Some(Issue::new("otherwise", format!("证书 {number} {}", reason.text())))
        }
        Eligibility::Closed(reason) => Some(Issue::new("closed", format!("证书 {number} {}", reason.text()))),
    }
}

/// Whether there is a certificate to renew and an institution to review the application. If not, the reason names the nearest date.
pub fn availability(renewal: Renewal, context: &MatterContext<'_>) -> Availability {
    let label = renewal.label();
    if renewable_certificates(renewal, context).next().is_some() {
        return match context.practices().is_empty() {
            false => Availability::Open,
            true => {
                Availability::closed(format!("{label}须经执业机构审核，您在平台上暂无执业机构。请先联系您执业的认证机构确认执业关系。"))
            }
        };
    }
    // A certificate that ended for good can never be renewed, so its status explains nothing here.
    let ended = [CertificateStatus::Superseded, CertificateStatus::Revoked, CertificateStatus::Cancelled];
    let relevant = |c: &&HeldCertificate| !ended.contains(&c.status_on(context.applied_on));
    let certificates: Vec<&HeldCertificate> = context.certificates().iter().filter(relevant).collect();
    if certificates.is_empty() {
        let whose = if context.filing_institution().is_some() { "本机构人员" } else { "您" };
        return Availability::closed(format!("{whose}没有注册证书，无需办理{label}。"));
    }
    let instead = certificates.iter().find_map(|c| match renewal.eligibility(c, context.applied_on, context.rules_on()) {
        Eligibility::Closed(reason) => reason.instead(),
        _ => None,
    });
    let mut issues: Vec<(u8, &HeldCertificate, Issue)> =
        certificates.into_iter().filter_map(|c| issue(renewal, c, context).map(|i| (rank(&i), c, i))).collect();
    issues.sort_by_key(|(rank, certificate, _)| (*rank, renewal.due_on(certificate)));
    let reasons: Vec<String> = issues.into_iter().take(3).map(|(_, _, issue)| issue.text).collect();
    Availability::Closed { reason: format!("目前没有需要办理{label}的证书。{}。", reasons.join("；")), instead }
}

/// Order of the reasons: applications under way, then certificates that come up later, then those whose time is over.
fn rank(issue: &Issue) -> u8 {
    match issue.code {
        "asked_for" => 0,
        "early" | "otherwise" => 1,
        _ => 2,
    }
}

/// The certificates named in the answers, as far as the applicant's record has them.
pub fn chosen_certificates<'a>(answers: &'a Answers, context: &'a MatterContext<'_>) -> impl Iterator<Item = &'a HeldCertificate> {
    let numbers = answers.codes(CERTIFICATES_FIELD);
    context.certificates().iter().filter(|certificate| numbers.contains(&certificate.number))
}

/// Checks across fields: every chosen certificate can be renewed, all belong to one person, and an institution that files the application
/// attaches that person's statement.
pub fn validate(renewal: Renewal, answers: &Answers, context: &MatterContext<'_>) -> Vec<Problem> {
    let step = match renewal {
        Renewal::AnnualConfirmation => "confirmation",
        Renewal::Reregistration => "renewal",
    };
    let problem = |step, field: &str, label: &str, issue| Problem { step, path: Path::field(field), label: label.to_owned(), issue };
    let of_certificates = |issue| problem(step, CERTIFICATES_FIELD, "证书", issue);
    let mut problems: Vec<Problem> =
        chosen_certificates(answers, context).filter_map(|c| issue(renewal, c, context)).map(of_certificates).collect();
    let mut holders: Vec<_> = chosen_certificates(answers, context).map(|c| c.holder).collect();
    holders.sort_unstable();
    holders.dedup();
    if holders.len() > 1 {
        problems.push(of_certificates(Issue::new("several_holders", "一件申请只能办理一个人的证书，请分别办理")));
    }
    let signed = answers.fields.get("statement").is_some_and(|v| !v.is_empty());
    if context.filing_institution().is_some() && !signed {
        let issue = Issue::new("no_statement", "代为办理的，请上传本人签字的声明");
        problems.push(problem("papers", "statement", "本人签字的声明", issue));
    }
    problems
}

/// What submitting means now for each chosen certificate whose due day has passed, or which is suspended or expired: its state may have
/// changed since the draft was begun. Certificates that cannot be renewed at all are faults, see [`validate`].
pub fn late_notes(renewal: Renewal, answers: &Answers, context: &MatterContext<'_>) -> Vec<String> {
    chosen_certificates(answers, context).filter_map(|certificate| late_note(renewal, certificate, context)).collect()
}

fn late_note(renewal: Renewal, certificate: &HeldCertificate, context: &MatterContext<'_>) -> Option<String> {
    let (day, number, label) = (context.applied_on, &certificate.number, renewal.label());
    let due = renewal.due_on(certificate);
    let time = match renewal.eligibility(certificate, day, context.rules_on()) {
        Eligibility::Late(closes) => format!("办理期限已于 {closes} 届满，现在提交按逾期补办处理"),
        Eligibility::Open(closes) if day > due => format!("现已超过该日，最迟应于 {closes}（含当日）提交"),
        Eligibility::Open(_) | Eligibility::NotYet(_) | Eligibility::Closed(_) => String::new(),
    };
    let state = match certificate.status_on(day) {
        CertificateStatus::Suspended => "证书现处于暂停期，提交不会使其恢复，批准后方恢复有效".to_owned(),
        CertificateStatus::Expired => format!("证书已于 {} 到期，提交后至批准前不能使用", certificate.valid_until),
        _ => String::new(),
    };
    let parts: Vec<String> = [time, state].into_iter().filter(|part| !part.is_empty()).collect();
    let renewable = renewal.is_open(certificate, day, context.rules_on());
    (renewable && !parts.is_empty()).then(|| format!("证书 {number} 的{label}应于 {due}（含当日）前办理：{}。", parts.join("；")))
}

/// A certificate is renewed by one application at a time, of either kind.
pub fn open_keys(answers: &Answers) -> Vec<OpenKey> {
    let key = |number: &String| OpenKey {
        subject: "certificate",
        per_applicant: false,
        value: number.clone(),
        taken: "所选证书已有正在办理的年度确认或再注册申请",
    };
    answers.codes(CERTIFICATES_FIELD).iter().map(key).collect()
}

/// The text of a certificate in the list of choices: 质量管理体系 · 审核员 · 办理截止日期：2026-12-13.
pub fn option_label(renewal: Renewal, certificate: &HeldCertificate) -> String {
    let (domain, grade) = (certificate.domain_label(), certificate.grade.title(certificate.category));
    format!("{} · {domain} · {grade} · 办理截止日期：{}", certificate.number, renewal.due_on(certificate))
}
