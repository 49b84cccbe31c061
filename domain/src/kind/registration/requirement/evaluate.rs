//! Evaluation of one requirement. The texts name the required and the actual figures.

use chrono::Months;

use super::criterion::{AuditCriteria, COMPLETE, CountedDays, Criterion, Requirement, SubjectScope};
use super::facts::ApplicantFacts;
use super::qualification::{LengthProgress, chosen_path, title_enough};
use crate::base::calendar::PeriodLength;
use crate::base::catalogue::{CLAUSES, EDUCATION, Grade, SPECIALISED, SPECIALTIES, TITLE_LEVELS, label, rank};
use crate::base::rule::{RuleKey, key};
use crate::engine::form::Value;
use crate::kind::registration::declaration;
use crate::matter::audit_experience::{Audit, MILLIDAYS_PER_DAY};
use crate::matter::{RequirementFinding, RequirementStatus};
use crate::record::certificate::HeldCertificate;
use crate::record::exam;

use RequirementStatus::{Met, Missing, Unknown};

/// Label, required figures, actual figures, status.
type Comparison = (String, String, String, RequirementStatus);

/// Evaluates one requirement. None if it does not apply to this applicant after all.
pub(super) fn evaluate(row: &Requirement, facts: &ApplicantFacts<'_>) -> Option<RequirementFinding> {
    let (label, needed, found, state) = match row.criterion {
        Criterion::Education => education(facts),
        Criterion::Title => title(facts)?,
        Criterion::Work => work(facts),
        Criterion::Professional => professional(facts),
        Criterion::GradeOrder => grade_order(facts)?,
        Criterion::Lower => lower(facts),
        Criterion::Another => another(facts),
        Criterion::YearsFull(years) => years_full(facts, years),
        Criterion::Exam(subject) => exam(facts, subject)?,
        Criterion::Audits(criteria) => audit_count(facts, criteria),
        Criterion::Days(counted, criteria) => days(facts, counted, criteria)?,
        Criterion::Clauses => clauses(facts),
        Criterion::Specialties => specialties(facts)?,
        Criterion::Recommendation => recommendation(facts),
        Criterion::Guarantor => guarantor(facts)?,
        Criterion::Declaration => declaration(facts),
    };
    let hint = if state == Met { "" } else { row.hint };
    Some(RequirementFinding {
        requirement: row.code,
        label,
        needed,
        actual: found,
        status: state,
        hint,
        step: row.place.0,
        field: row.place.1,
    })
}

fn comparison(label: impl Into<String>, needed: impl Into<String>, found: impl Into<String>, state: RequirementStatus) -> Comparison {
    (label.into(), needed.into(), found.into(), state)
}

fn met(yes: bool) -> RequirementStatus {
    if yes { Met } else { Missing }
}

fn education(facts: &ApplicantFacts<'_>) -> Comparison {
    let degree = facts.domain.degree;
    let (found, state) = match facts.education() {
        None if facts.has_records("education") => ("教育经历中没有已毕业的学历".to_owned(), Missing),
        None => ("尚未填写教育经历".to_owned(), Unknown),
        Some(place) => {
            let name = EDUCATION.get(place).map_or("", |c| c.label);
            (format!("已有{name}"), met(Some(place) >= rank(EDUCATION, degree)))
        }
    };
    comparison("学历", format!("需要{}及以上", label(EDUCATION, degree)), found, state)
}

/// Applies only to applicants without a bachelor's degree.
fn title(facts: &ApplicantFacts<'_>) -> Option<Comparison> {
    let key = chosen_path(facts)?.path.title?;
    let least = facts.rules.text(key);
    let held = facts.answers.text("title_level");
    let (found, state) = match held {
        "" => ("尚未填写职称级别".to_owned(), Unknown),
        "none" => ("没有职称".to_owned(), met(title_enough(facts, key))),
        held => (format!("已有{}职称", label(TITLE_LEVELS, held)), met(title_enough(facts, key))),
    };
    Some(comparison("职称", format!("大学专科学历需要{}及以上职称", label(TITLE_LEVELS, &least)), found, state))
}

fn work(facts: &ApplicantFacts<'_>) -> Comparison {
    let Some(path) = chosen_path(facts) else {
        return comparison("全职工作经历", "需要取得学历后的全职工作", "学历符合要求后方可计算", Unknown);
    };
    let progress = path.work(facts);
    length(facts, "work", "全职工作经历", path.level(), &progress)
}

fn professional(facts: &ApplicantFacts<'_>) -> Comparison {
    let name = format!("{}专业工作经历", facts.domain.label);
    let Some(path) = chosen_path(facts) else {
        return comparison(name, "需要取得学历后的专业工作", "学历符合要求后方可计算", Unknown);
    };
    let progress = path.professional(facts);
    length(facts, "professional", &name, path.level(), &progress)
}

fn length(facts: &ApplicantFacts<'_>, list: &str, name: &str, level: &str, progress: &LengthProgress) -> Comparison {
    let needed = format!("{level}毕业后需要 {}", progress.needed.text());
    if !facts.has_records(list) && !progress.enough() && progress.study == PeriodLength::default() {
        return comparison(name, needed, "尚未填写", Unknown);
    }
    let study = if progress.study == PeriodLength::default() {
        String::new()
    } else {
        format!("（含研究生学习折算 {}）", progress.study.text())
    };
    let short = if progress.enough() { String::new() } else { format!("，还差 {}", progress.actual.missing_to(progress.needed).text()) };
    comparison(name, needed, format!("已有 {}{study}{short}", progress.actual.text()), met(progress.enough()))
}

/// Applies only while the rules keep the grades in order (docs/domain.md §1.3).
fn grade_order(facts: &ApplicantFacts<'_>) -> Option<Comparison> {
    if facts.rules.yes(key::REG_FULL_DIRECT) {
        return None;
    }
    let is_trainee = |c: &HeldCertificate| c.domain == facts.domain.code && c.grade == Grade::Trainee && c.is_valid_on(facts.day);
    let found = match facts.certificates.iter().any(is_trainee) {
        true => "已有实习级证书，请选择晋级注册",
        false => "请先申请实习级别",
    };
    Some(comparison("申请级别", "正式级须按级申请", found, Missing))
}

fn lower(facts: &ApplicantFacts<'_>) -> Comparison {
    let category = facts.domain.category;
    let Some(below) = facts.grade.below() else {
        return comparison("现有证书", "晋级注册的申请级别须高于实习级别", "所选级别为实习级", Missing);
    };
    let needed = format!("需要有效的{}{}证书", facts.domain.label, below.title(category));
    let of_domain = |c: &&HeldCertificate| c.domain == facts.domain.code && c.grade == below;
    certificate(facts, needed, of_domain)
}

fn another(facts: &ApplicantFacts<'_>) -> Comparison {
    let title = facts.grade.title(facts.domain.category);
    let needed = format!("需要其他领域有效的{title}证书");
    let elsewhere = |c: &&HeldCertificate| c.domain != facts.domain.code && c.category == facts.domain.category && c.grade >= facts.grade;
    certificate(facts, needed, elsewhere)
}

// The text leaves certificate numbers out, because blinded reviewers read it.
fn certificate(facts: &ApplicantFacts<'_>, needed: String, criterion: impl Fn(&&HeldCertificate) -> bool) -> Comparison {
    let matching = || facts.certificates.iter().filter(&criterion);
    let (found, state) = match (matching().find(|c| c.is_valid_on(facts.day)), matching().max_by_key(|c| c.valid_until)) {
        (Some(c), _) => (format!("已有证书，有效期至 {}", c.valid_until), Met),
        (None, Some(c)) => {
            let status = c.status_on(facts.day).label();
            (format!("证书{status}，有效期至 {}", c.valid_until), Missing)
        }
        (None, None) => ("未查到符合要求的证书".to_owned(), Missing),
    };
    comparison("现有证书", needed, found, state)
}

fn years_full(facts: &ApplicantFacts<'_>, years: RuleKey) -> Comparison {
    let category = facts.domain.category;
    let years = facts.int(years);
    let needed = format!("需要担任{}满 {years} 年", Grade::Full.title(category));
    let held = facts.certificates;
    let senior = |c: &HeldCertificate| c.grade == Grade::Senior && c.domain != facts.domain.code && c.is_valid_on(facts.day);
    if held.iter().any(senior) {
        return comparison("任职年限", needed, "其他领域已为高级，免除此项", Met);
    }
    let Some(since) = held.iter().filter(|c| c.category == category && c.grade == Grade::Full).map(|c| c.issued_on).min() else {
        return comparison("任职年限", needed, "没有正式级证书", Missing);
    };
    let months = u32::try_from(years.saturating_mul(12)).unwrap_or(u32::MAX);
    let from = since.checked_add_months(Months::new(months)).unwrap_or(chrono::NaiveDate::MAX);
    let found = format!("自 {since} 起为正式级，{}", if from <= facts.day { "已满".to_owned() } else { format!("到 {from} 才满") });
    comparison("任职年限", needed, found, met(from <= facts.day))
}

/// Applies only to domains that have the subject.
fn exam(facts: &ApplicantFacts<'_>, scope: SubjectScope) -> Option<Comparison> {
    let subject = scope.subject(facts.domain)?;
    let needed = format!("申请时需要“{}”有效的合格成绩", subject.label);
    let (found, state) = match exam::best_passed(facts.scores, subject.code, &facts.rules) {
        Some(score) => {
            let until = score.valid_until(&facts.rules);
            let counts = score.is_valid_on(facts.day, &facts.rules);
            let now = if counts { "有效期至" } else { "成绩已失效，有效期至" };
            (format!("已有 {} 分（{} 考试），{now} {until}", score.marks, score.sat_on), met(counts))
        }
        None => match facts.scores.iter().filter(|s| s.subject == subject.code).map(|s| s.marks).max() {
            Some(marks) => (format!("最高 {marks} 分，未达到合格分数 {} 分", facts.int(key::EXAM_PASS_MARK)), Missing),
            None => ("没有该科目成绩".to_owned(), Missing),
        },
    };
    Some(comparison(format!("考试：{}", subject.label), needed, found, state))
}

/// The number of 完整审核, 担任组长的完整审核, 检查 or 审查.
fn audit_count(facts: &ApplicantFacts<'_>, criteria: AuditCriteria) -> Comparison {
    let work = facts.domain.category.work();
    let led = if criteria.led { "担任组长的" } else { "" };
    let name = format!("{led}{}{work}次数", if criteria.complete { "完整" } else { "" });
    let needed = facts.needed(criteria);
    let had = i64::try_from(facts.audits(criteria).len()).unwrap_or(i64::MAX);
    let wanted = format!("需要 {needed} 次");
    if !facts.has_records("audit") && needed > 0 {
        return comparison(name, wanted, format!("尚未填写{work}经历"), Unknown);
    }
    let found = match needed - had {
        short if short > 0 => format!("已有 {had} 次，还差 {short} 次"),
        _ => format!("已有 {had} 次"),
    };
    let early = match facts.early_audits(criteria) {
        0 => String::new(),
        early => format!("（另有 {early} 次早于实习级注册，不计入）"),
    };
    comparison(name, wanted, format!("{found}{early}"), met(had >= needed))
}

/// 现场审核天数, or 审核总天数 if the rules require a sum with off-site days.
fn days(facts: &ApplicantFacts<'_>, counted: CountedDays, criteria: AuditCriteria) -> Option<Comparison> {
    let needed = facts.needed(criteria).saturating_mul(MILLIDAYS_PER_DAY);
    if counted == CountedDays::All && needed == 0 {
        return None;
    }
    let led = if criteria.led { "担任组长的" } else { "" };
    let name = match counted {
        CountedDays::OnSite => format!("{led}现场审核天数"),
        CountedDays::All => "审核总天数".to_owned(),
    };
    let wanted = format!("需要 {} 天", format_days(needed));
    if !facts.has_records("audit") && needed > 0 {
        return Some(comparison(name, wanted, "尚未填写认证经历", Unknown));
    }
    let count = |a: &Audit<'_>| match counted {
        CountedDays::OnSite => a.credited_onsite(&facts.rules),
        CountedDays::All => a.credited_onsite(&facts.rules) + a.credited_offsite(&facts.rules),
    };
    let all = facts.audits(criteria);
    let had: i64 = all.iter().map(count).sum();
    let written: i64 = all.iter().map(|a| a.millidays("onsite_days")).sum();
    let reduced = match counted == CountedDays::OnSite && written != had {
        true => format!("（填写 {} 天，结合审核折算）", format_days(written)),
        false => String::new(),
    };
    let short = if had >= needed { String::new() } else { format!("，还差 {} 天", format_days(needed - had)) };
    Some(comparison(name, wanted, format!("已有 {} 天{reduced}{short}", format_days(had)), met(had >= needed)))
}

/// Thousandths of a day as a decimal number of days: 14, 2.5, 1.875.
fn format_days(thousandths: i64) -> String {
    let text = format!("{}.{:03}", thousandths / MILLIDAYS_PER_DAY, thousandths % MILLIDAYS_PER_DAY);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn clauses(facts: &ApplicantFacts<'_>) -> Comparison {
    let needed = "需要各次审核合计覆盖标准全部条款";
    if !facts.has_records("audit") {
        return comparison("条款覆盖", needed, "尚未填写认证经历", Unknown);
    }
    let all = facts.audits(AuditCriteria { complete: false, ..COMPLETE });
    let covers = |clause: &str| all.iter().any(|a| a.codes("clauses_covered").iter().any(|c| c == clause));
    if covers("all") {
        return comparison("条款覆盖", needed, "已有全条款审核", Met);
    }
    if facts.domain.clauses.is_empty() {
        return comparison("条款覆盖", needed, "没有全条款审核", Missing);
    }
    let left: Vec<&str> = facts.domain.clauses.iter().filter(|c| !covers(c)).map(|c| label(CLAUSES, c)).collect();
    if left.is_empty() {
        return comparison("条款覆盖", needed, "各次审核合计已覆盖", Met);
    }
    let found = match left.len() == facts.domain.clauses.len() {
        true => "尚未覆盖标准条款".to_owned(),
        false => format!("还缺：{}", left.join("、")),
    };
    comparison("条款覆盖", needed, found, Missing)
}

/// Applies only to applications for specialties.
fn specialties(facts: &ApplicantFacts<'_>) -> Option<Comparison> {
    let wanted = match facts.answers.fields.get("specialties") {
        Some(Value::Many(codes)) if SPECIALISED.contains(&facts.domain.code) && !codes.is_empty() => codes,
        _ => return None,
    };
    let needed = "每个注册专业需要 1 次检查";
    if !facts.has_records("audit") {
        return Some(comparison("注册专业", needed, "尚未填写检查经历", Unknown));
    }
    let all = facts.audits(AuditCriteria { complete: false, ..COMPLETE });
    let seen = |code: &String| all.iter().any(|a| a.codes("specialties_covered").contains(code));
    let left: Vec<&str> = wanted.iter().filter(|c| !seen(c)).map(|c| label(SPECIALTIES, c)).collect();
    let found = match left.is_empty() {
        true => format!("{} 个专业均有检查", wanted.len()),
        false => format!("还缺：{}", left.join("、")),
    };
    Some(comparison("注册专业", needed, found, met(left.is_empty())))
}

fn recommendation(facts: &ApplicantFacts<'_>) -> Comparison {
    let chosen = !facts.answers.text("recommending_institution").is_empty();
    let (found, state) =
        if chosen { ("已选择推荐机构，提交后由其初核", Met) } else { ("尚未选择推荐机构", Unknown) };
    comparison("机构推荐", "需要执业机构推荐", found, state)
}

/// Applies only if the rules require a guarantor.
fn guarantor(facts: &ApplicantFacts<'_>) -> Option<Comparison> {
    facts.rules.yes(key::REG_GUARANTOR).then_some(())?;
    let given = ["guarantor_name", "guarantor_cert_no"].iter().all(|f| !facts.answers.text(f).is_empty());
    let (found, state) = if given { ("已填写担保人", Met) } else { ("尚未填写担保人", Unknown) };
    Some(comparison("注册担保人", "需要 1 名注册担保人", found, state))
}

fn declaration(facts: &ApplicantFacts<'_>) -> Comparison {
    let (found, state) = match facts.answers.text("declared") == declaration::TEXT.version {
        true => ("已确认", Met),
        false => ("尚未确认", Unknown),
    };
    comparison("声明与承诺", "需要确认个人声明和行为规范承诺", found, state)
}
