//! Each requirement held against the facts, in words that name the figures.

use chrono::Months;

use super::experience::{Had, taken, title_enough};
use super::facts::Facts;
use super::record::{Audit, DAY};
use super::{Ask, Audits, COMPLETE, DaysOf, Requirement, Subject};
use crate::base::calendar::Length;
use crate::base::catalogue::{CLAUSES, EDUCATION, Grade, ORGANIC, TITLE_LEVELS, label, rank};
use crate::base::rule::{Key, key};
use crate::engine::form::Value;
use crate::matter::{Found, State};
use crate::record::certificate::Held;
use crate::record::exam;

use State::{Met, Missing, Unknown};

/// Label, what is needed, what there is, and how it stands.
type Said = (String, String, String, State);

/// Holds one row against the facts. None where it turns out not to be asked of this person.
pub(super) fn hold(row: &Requirement, facts: &Facts<'_>) -> Option<Found> {
    let (label, needed, found, state) = match row.ask {
        Ask::Education => education(facts),
        Ask::Title => title(facts)?,
        Ask::Work => work(facts),
        Ask::Professional => professional(facts),
        Ask::Lower => lower(facts),
        Ask::Another => another(facts),
        Ask::YearsFull(years) => years_full(facts, years),
        Ask::Exam(subject) => exam(facts, subject)?,
        Ask::Audits(asked) => number(facts, asked),
        Ask::Days(of, asked) => days(facts, of, asked)?,
        Ask::Clauses => clauses(facts),
        Ask::Specialties => specialties(facts)?,
        Ask::Recommendation => recommendation(facts),
        Ask::Guarantor => guarantor(facts)?,
        Ask::Declaration => declaration(facts),
    };
    let hint = if state == Met { "" } else { row.hint };
    Some(Found { requirement: row.code, label, needed, found, state, hint, step: row.place.0, field: row.place.1 })
}

fn said(label: impl Into<String>, needed: impl Into<String>, found: impl Into<String>, state: State) -> Said {
    (label.into(), needed.into(), found.into(), state)
}

fn met(yes: bool) -> State {
    if yes { Met } else { Missing }
}

fn education(facts: &Facts<'_>) -> Said {
    let degree = facts.domain.degree;
    let (found, state) = match facts.education() {
        None if facts.any("education") => ("教育经历中没有已毕业的学历".to_owned(), Missing),
        None => ("还没有填写教育经历".to_owned(), Unknown),
        Some(place) => {
            let name = EDUCATION.get(place).map_or("", |c| c.label);
            (format!("已有{name}"), met(Some(place) >= rank(EDUCATION, degree)))
        }
    };
    said("学历", format!("需要{}及以上", label(EDUCATION, degree)), found, state)
}

/// Asked only on the way of who has no bachelor's degree.
fn title(facts: &Facts<'_>) -> Option<Said> {
    let key = taken(facts)?.way.title?;
    let least = facts.rules.text(key);
    let held = facts.answers.text("title_level");
    let (found, state) = match held {
        "" => ("还没有填写职称级别".to_owned(), Unknown),
        "none" => ("没有职称".to_owned(), met(title_enough(facts, key))),
        held => (format!("已有{}职称", label(TITLE_LEVELS, held)), met(title_enough(facts, key))),
    };
    Some(said("职称", format!("大学专科学历需要{}及以上职称", label(TITLE_LEVELS, &least)), found, state))
}

fn work(facts: &Facts<'_>) -> Said {
    let Some(taken) = taken(facts) else {
        return said("全职工作经历", "需要取得学历后的全职工作", "学历符合要求后方可计算", Unknown);
    };
    let had = taken.work(facts);
    length(facts, "work", "全职工作经历", taken.level(), &had)
}

fn professional(facts: &Facts<'_>) -> Said {
    let name = format!("{}专业工作经历", facts.domain.label);
    let Some(taken) = taken(facts) else {
        return said(name, "需要取得学历后的专业工作", "学历符合要求后方可计算", Unknown);
    };
    let had = taken.professional(facts);
    length(facts, "professional", &name, taken.level(), &had)
}

fn length(facts: &Facts<'_>, list: &str, name: &str, level: &str, had: &Had) -> Said {
    let needed = format!("{level}毕业后需要 {}", had.needed.text());
    if !facts.any(list) && !had.enough() && had.study == Length::default() {
        return said(name, needed, "还没有填写", Unknown);
    }
    let study = if had.study == Length::default() { String::new() } else { format!("（含研究生学习折算 {}）", had.study.text()) };
    let short = if had.enough() { String::new() } else { format!("，还差 {}", had.had.missing_to(had.needed).text()) };
    said(name, needed, format!("已有 {}{study}{short}", had.had.text()), met(had.enough()))
}

fn lower(facts: &Facts<'_>) -> Said {
    let category = facts.domain.category;
    let Some(below) = facts.grade.below() else {
        return said("现有证书", "晋级后的级别须高于实习级", "所选级别为实习级", Missing);
    };
    let needed = format!("需要有效的{}{}证书", facts.domain.label, below.title(category));
    let of_domain = |c: &&Held| c.domain == facts.domain.code && c.grade == below;
    certificate(facts, needed, of_domain)
}

fn another(facts: &Facts<'_>) -> Said {
    let title = facts.grade.title(facts.domain.category);
    let needed = format!("需要其他领域有效的{title}证书");
    let elsewhere = |c: &&Held| c.domain != facts.domain.code && c.category == facts.domain.category && c.grade >= facts.grade;
    certificate(facts, needed, elsewhere)
}

// Numbers of certificates are left out: some who read this must not learn who asks.
fn certificate(facts: &Facts<'_>, needed: String, asked: impl Fn(&&Held) -> bool) -> Said {
    let held = || facts.known.certificates.iter().filter(&asked);
    let (found, state) = match (held().find(|c| c.counts_on(facts.day)), held().max_by_key(|c| c.valid_until)) {
        (Some(c), _) => (format!("已有证书，有效期至 {}", c.valid_until), Met),
        (None, Some(c)) => {
            let status = c.status.on(facts.day, c.valid_until).label();
            (format!("证书{status}，有效期至 {}", c.valid_until), Missing)
        }
        (None, None) => ("没有这样的证书".to_owned(), Missing),
    };
    said("现有证书", needed, found, state)
}

fn years_full(facts: &Facts<'_>, years: Key) -> Said {
    let category = facts.domain.category;
    let years = facts.int(years);
    let needed = format!("需要担任{}满 {years} 年", Grade::Full.title(category));
    let held = &facts.known.certificates;
    let senior = |c: &Held| c.grade == Grade::Senior && c.domain != facts.domain.code && c.counts_on(facts.day);
    if held.iter().any(senior) {
        return said("任职年限", needed, "其他领域已为高级，免除此项", Met);
    }
    let Some(since) = held.iter().filter(|c| c.category == category && c.grade == Grade::Full).map(|c| c.issued_on).min() else {
        return said("任职年限", needed, "没有正式级证书", Missing);
    };
    let months = u32::try_from(years.saturating_mul(12)).unwrap_or(u32::MAX);
    let from = since.checked_add_months(Months::new(months)).unwrap_or(chrono::NaiveDate::MAX);
    let found = format!("自 {since} 起为正式级，{}", if from <= facts.day { "已满".to_owned() } else { format!("到 {from} 才满") });
    said("任职年限", needed, found, met(from <= facts.day))
}

/// Asked only where the domain has the subject.
fn exam(facts: &Facts<'_>, asked: Subject) -> Option<Said> {
    let subject = asked.of(facts.domain)?;
    let needed = format!("申请时需要“{}”有效的合格成绩", subject.label);
    let (found, state) = match exam::best(&facts.known.scores, subject.code, &facts.rules) {
        Some(score) => {
            let until = score.valid_until(&facts.rules);
            let counts = score.counts_on(facts.day, &facts.rules);
            let now = if counts { "有效期至" } else { "成绩已失效，有效期至" };
            (format!("已有 {} 分（{} 考试），{now} {until}", score.marks, score.sat_on), met(counts))
        }
        None => match facts.known.scores.iter().filter(|s| s.subject == subject.code).map(|s| s.marks).max() {
            Some(marks) => (format!("最高 {marks} 分，未达到合格分数 {} 分", facts.int(key::EXAM_PASS_MARK)), Missing),
            None => ("没有该科目成绩".to_owned(), Missing),
        },
    };
    Some(said(format!("考试：{}", subject.label), needed, found, state))
}

/// 完整审核, 担任组长的完整审核, 检查, 审查.
fn number(facts: &Facts<'_>, asked: Audits) -> Said {
    let work = facts.domain.category.work();
    let led = if asked.led { "担任组长的" } else { "" };
    let name = format!("{led}{}{work}次数", if asked.complete { "完整" } else { "" });
    let needed = facts.needed(asked);
    let had = i64::try_from(facts.audits(asked).len()).unwrap_or(i64::MAX);
    let wanted = format!("需要 {needed} 次");
    if !facts.any("audit") && needed > 0 {
        return said(name, wanted, format!("还没有填写{work}经历"), Unknown);
    }
    let found = match needed - had {
        short if short > 0 => format!("已有 {had} 次，还差 {short} 次"),
        _ => format!("已有 {had} 次"),
    };
    said(name, wanted, found, met(had >= needed))
}

/// 现场审核天数, or with off-site days where the rules ask for a sum.
fn days(facts: &Facts<'_>, of: DaysOf, asked: Audits) -> Option<Said> {
    let needed = facts.needed(asked).saturating_mul(DAY);
    if of == DaysOf::All && needed == 0 {
        return None;
    }
    let led = if asked.led { "担任组长的" } else { "" };
    let name = match of {
        DaysOf::OnSite => format!("{led}现场审核天数"),
        DaysOf::All => "审核总天数".to_owned(),
    };
    let wanted = format!("需要 {} 天", in_days(needed));
    if !facts.any("audit") && needed > 0 {
        return Some(said(name, wanted, "还没有填写审核经历", Unknown));
    }
    let count = |a: &Audit<'_>| match of {
        DaysOf::OnSite => a.credited(&facts.rules),
        DaysOf::All => a.credited(&facts.rules) + a.credited_offsite(&facts.rules),
    };
    let all = facts.audits(asked);
    let had: i64 = all.iter().map(count).sum();
    let written: i64 = all.iter().map(|a| a.days("onsite_days")).sum();
    let reduced = match of == DaysOf::OnSite && written != had {
        true => format!("（填写 {} 天，结合审核折算）", in_days(written)),
        false => String::new(),
    };
    let short = if had >= needed { String::new() } else { format!("，还差 {} 天", in_days(needed - had)) };
    Some(said(name, wanted, format!("已有 {} 天{reduced}{short}", in_days(had)), met(had >= needed)))
}

/// Thousandths of a day as people write days: 14, 2.5, 1.875.
fn in_days(thousandths: i64) -> String {
    let text = format!("{}.{:03}", thousandths / DAY, thousandths % DAY);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn clauses(facts: &Facts<'_>) -> Said {
    let needed = "需要各次审核合计覆盖标准全部条款";
    if !facts.any("audit") {
        return said("条款覆盖", needed, "还没有填写审核经历", Unknown);
    }
    let all = facts.audits(Audits { complete: false, ..COMPLETE });
    let covers = |clause: &str| all.iter().any(|a| a.codes("clauses_covered").iter().any(|c| c == clause));
    if covers("all") {
        return said("条款覆盖", needed, "已有全条款审核", Met);
    }
    if facts.domain.clauses.is_empty() {
        return said("条款覆盖", needed, "没有全条款审核", Missing);
    }
    let left: Vec<&str> = facts.domain.clauses.iter().filter(|c| !covers(c)).map(|c| label(CLAUSES, c)).collect();
    if left.is_empty() {
        return said("条款覆盖", needed, "各次审核合计已覆盖", Met);
    }
    let found = match left.len() == facts.domain.clauses.len() {
        true => "还没有覆盖任何条款".to_owned(),
        false => format!("还缺：{}", left.join("、")),
    };
    said("条款覆盖", needed, found, Missing)
}

/// Asked only where specialties are applied for.
fn specialties(facts: &Facts<'_>) -> Option<Said> {
    let wanted = match facts.answers.fields.get("specialties") {
        Some(Value::Many(codes)) if facts.domain.code == "OP" && !codes.is_empty() => codes,
        _ => return None,
    };
    let needed = "每个注册专业需要 1 次检查";
    if !facts.any("audit") {
        return Some(said("注册专业", needed, "还没有填写检查经历", Unknown));
    }
    let all = facts.audits(Audits { complete: false, ..COMPLETE });
    let seen = |code: &String| all.iter().any(|a| a.codes("specialties_covered").contains(code));
    let left: Vec<&str> = wanted.iter().filter(|c| !seen(c)).map(|c| label(ORGANIC, c)).collect();
    let found = match left.is_empty() {
        true => format!("{} 个专业均有检查", wanted.len()),
        false => format!("还缺：{}", left.join("、")),
    };
    Some(said("注册专业", needed, found, met(left.is_empty())))
}

fn recommendation(facts: &Facts<'_>) -> Said {
    let chosen = !facts.answers.text("recommending_institution").is_empty();
    let (found, state) =
        if chosen { ("已选择推荐机构，提交后由其初核", Met) } else { ("还没有选择推荐机构", Unknown) };
    said("机构推荐", "需要执业机构推荐", found, state)
}

/// Asked only where the rules want one.
fn guarantor(facts: &Facts<'_>) -> Option<Said> {
    facts.rules.yes(key::REG_GUARANTOR).then_some(())?;
    let given = ["guarantor_name", "guarantor_cert_no"].iter().all(|f| !facts.answers.text(f).is_empty());
    let (found, state) = if given { ("已填写担保人", Met) } else { ("还没有填写担保人", Unknown) };
    Some(said("注册担保人", "需要 1 名注册担保人", found, state))
}

fn declaration(facts: &Facts<'_>) -> Said {
    let (found, state) = match facts.answers.text("declared") == super::super::declaration::TEXT.version {
        true => ("已确认", Met),
        false => ("还没有确认", Unknown),
    };
    said("声明与承诺", "需要确认个人声明和行为规范承诺", found, state)
}
