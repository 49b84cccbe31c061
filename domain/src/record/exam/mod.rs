//! 全国统一考试: subjects, scores, and the validity of scores (docs/domain.md §2.1, §9).

use chrono::{Months, NaiveDate};

use crate::base::calendar::parse_day;
use crate::base::catalogue::Category;
use crate::base::rule::{RuleKey, RulesOn, key};
use crate::engine::form::Choice;

/// An exam subject.
#[derive(Debug, PartialEq, Eq)]
pub struct ExamSubject {
    /// Code; that of the domain for a domain's subject.
    pub code: &'static str,
    /// Name.
    pub label: &'static str,
}

macro_rules! subjects {
    ($($code:literal $label:literal;)*) => {
        /// Every subject (syllabi of 2025).
        pub const SUBJECTS: &[ExamSubject] = &[$(ExamSubject { code: $code, label: $label }),*];
        /// The subjects as options of a form.
        pub const SUBJECT_CHOICES: &[Choice] = &[$(Choice::new($code, $label)),*];
    };
}

subjects! {
    "GEN" "认证通用基础";
    "MSB" "管理体系认证基础";
    "PCB" "产品认证基础";
    "SCB" "服务认证基础";
    "QMS" "质量管理体系基础";
    "EMS" "环境管理体系基础";
    "OHSMS" "职业健康安全管理体系基础";
    "FSMS" "食品安全管理体系基础";
    "ENMS" "能源管理体系基础";
    "ISMS" "信息安全管理体系基础";
    "ITSMS" "信息技术服务管理体系基础";
    "HACCP" "危害分析与关键控制点体系基础";
    "OP" "有机产品认证基础";
    "GAP" "良好农业规范认证基础";
    "IPMS" "知识产权管理体系基础";
    "FOREST" "森林管理体系基础";
    "MMS" "测量管理体系基础";
    "EC9000" "建筑施工领域专业";
}

/// The subject required of every trainee: 认证通用基础.
pub const GENERAL_SUBJECT: &str = "GEN";

/// The subject with this code.
pub fn subject_by_code(code: &str) -> Option<&'static ExamSubject> {
    SUBJECTS.iter().find(|s| s.code == code)
}

/// The general subject of the full grade of a category.
pub fn category_subject(category: Category) -> &'static str {
    match category {
        Category::Auditor => "MSB",
        Category::Inspector => "PCB",
        Category::Examiner => "SCB",
    }
}

/// A published score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// Code of the subject.
    pub subject: String,
    /// The session: its day, `2026-10-24`; its month for scores of earlier versions, which knew one session a month.
    pub session: String,
    /// Marks.
    pub marks: i64,
    /// Whether the exam was passed.
    pub passed: bool,
    /// Day of the exam.
    pub sat_on: NaiveDate,
    /// Day of publication.
    pub published_on: NaiveDate,
}

/// Why a score is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidScore {
    /// Unknown subject.
    #[error("there is no such subject")]
    Subject,
    /// Not a day in the past.
    #[error("this is not a day that is over")]
    Day,
    /// Not a whole number up to the full mark.
    #[error("this is not a whole number between nothing and the full mark")]
    Marks,
}

impl InvalidScore {
    /// Message for the user.
    pub fn text(self) -> &'static str {
        match self {
            InvalidScore::Subject => "没有这个考试科目",
            InvalidScore::Day => "请填写今天或以前的日期，如 2026-04-25",
            InvalidScore::Marks => "请填写 0 至满分之间的整数",
        }
    }

    /// Stable error code.
    pub fn code(self) -> &'static str {
        match self {
            InvalidScore::Subject => "exam_subject_unknown",
            InvalidScore::Day => "exam_day_wrong",
            InvalidScore::Marks => "exam_marks_wrong",
        }
    }
}

impl Score {
    /// Parses a score, published today. The session is named after the day of the exam.
    ///
    /// # Errors
    /// [`InvalidScore`] for an unknown subject, a day in the future, or marks above the full mark.
    pub fn parse(subject_code: &str, day: &str, marks: &str, today: NaiveDate, rules: &RulesOn<'_>) -> Result<Self, InvalidScore> {
        let subject = subject_by_code(subject_code).ok_or(InvalidScore::Subject)?;
        let sat_on = parse_day(day).ok().filter(|day| *day <= today).ok_or(InvalidScore::Day)?;
        let full = rules.int(key::EXAM_FULL_MARK);
        let marks = marks.parse::<i64>().ok().filter(|m| (0..=full).contains(m)).ok_or(InvalidScore::Marks)?;
        Ok(Self {
            subject: subject.code.to_owned(),
            session: sat_on.to_string(),
            marks,
            passed: marks >= rules.int(key::EXAM_PASS_MARK),
            sat_on,
            published_on: today,
        })
    }

    /// The last day on which a passed score is valid: on the day of an application the exam is at most the years of its subject ago.
    pub fn valid_until(&self, rules: &RulesOn<'_>) -> NaiveDate {
        let years = u32::try_from(rules.int(validity(&self.subject))).unwrap_or(0);
        self.sat_on.checked_add_months(Months::new(years.saturating_mul(12))).unwrap_or(NaiveDate::MAX)
    }

    /// Whether it was passed and is valid on a day.
    pub fn is_valid_on(&self, day: NaiveDate, rules: &RulesOn<'_>) -> bool {
        self.passed && self.sat_on <= day && day <= self.valid_until(rules)
    }

    /// Name of the subject.
    pub fn label(&self) -> &'static str {
        subject_by_code(&self.subject).map_or("", |s| s.label)
    }
}

fn validity(subject: &str) -> RuleKey {
    match subject {
        GENERAL_SUBJECT => key::EXAM_VALIDITY_GEN,
        "MSB" => key::EXAM_VALIDITY_MSB,
        "PCB" => key::EXAM_VALIDITY_PCB,
        "SCB" => key::EXAM_VALIDITY_SCB,
        _ => key::EXAM_VALIDITY_DOMAIN,
    }
}

/// The passed score of a subject with the latest validity.
pub fn best_passed<'a>(scores: &'a [Score], subject: &str, rules: &RulesOn<'_>) -> Option<&'a Score> {
    scores.iter().filter(|s| s.passed && s.subject == subject).max_by_key(|s| (s.valid_until(rules), s.marks))
}

/// The valid scores on a day for display: subject and figures. Of each subject the one with the latest validity.
pub fn valid_score_lines(scores: &[Score], day: NaiveDate, rules: &RulesOn<'_>) -> Vec<(String, String)> {
    let line = |s: &Score| (s.label().to_owned(), format!("{} 分，{} 考试，有效期至 {}", s.marks, s.sat_on, s.valid_until(rules)));
    SUBJECTS.iter().filter_map(|s| best_passed(scores, s.code, rules)).filter(|s| s.is_valid_on(day, rules)).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::catalogue::DOMAINS;
    use crate::base::rule::Rules;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn score(subject: &str, sat_on: &str, marks: &str) -> Score {
        let rules = Rules::default();
        Score::parse(subject, sat_on, marks, day("2026-11-23"), &rules.on(day("2026-11-23"))).unwrap()
    }

    #[test]
    fn each_subject_is_unique_and_belongs_to_a_domain_or_to_all() {
        for s in SUBJECTS {
            assert_eq!(SUBJECTS.iter().filter(|o| o.code == s.code).count(), 1, "{}", s.code);
            let general = ["GEN", "MSB", "PCB", "SCB"].contains(&s.code);
            assert_ne!(general, DOMAINS.iter().any(|d| d.code == s.code), "{}", s.code);
        }
    }

    #[test]
    fn a_score_is_valid_to_the_anniversary_after_its_years() {
        let rules = Rules::default();
        for (subject, sat, last) in [
            ("GEN", "2021-11-23", "2026-11-23"),
            ("QMS", "2023-11-23", "2026-11-23"),
            ("MSB", "2024-02-29", "2027-02-28"),
            ("PCB", "2023-11-23", "2026-11-23"),
            ("SCB", "2023-11-23", "2026-11-23"),
        ] {
            let (score, last) = (score(subject, sat, "70"), day(last));
            let on = rules.on(last);
            assert_eq!(score.valid_until(&on), last, "{subject}");
            assert!(score.is_valid_on(last, &on) && !score.is_valid_on(last.succ_opt().unwrap(), &on), "{subject}");
        }
    }

    #[test]
    fn the_pass_mark_decides() {
        let rules = Rules::default();
        let today = day("2026-11-23");
        assert!(score("QMS", "2026-04-25", "70").is_valid_on(today, &rules.on(today)));
        assert!(!score("QMS", "2026-04-25", "69").is_valid_on(today, &rules.on(today)));
    }

    #[test]
    fn an_invalid_score_is_refused_with_its_reason() {
        let rules = Rules::default();
        let today = day("2026-11-23");
        let read = |subject, day, marks| Score::parse(subject, day, marks, today, &rules.on(today)).unwrap_err();
        assert_eq!(read("XYZ", "2026-04-25", "80"), InvalidScore::Subject);
        for day in ["2026-11-24", "2026-02-30", ""] {
            assert_eq!(read("QMS", day, "80"), InvalidScore::Day, "{day}");
        }
        for marks in ["101", "-1", "8.5", ""] {
            assert_eq!(read("QMS", "2026-04-25", marks), InvalidScore::Marks, "{marks}");
        }
    }

    #[test]
    fn of_two_passed_scores_the_one_valid_longer_is_used() {
        let rules = Rules::default();
        let all = [score("QMS", "2025-04-26", "95"), score("QMS", "2026-04-25", "71"), score("QMS", "2026-10-24", "60")];
        assert_eq!(best_passed(&all, "QMS", &rules.on(day("2026-11-23"))).map(|s| s.marks), Some(71));
        assert!(best_passed(&all, "EMS", &rules.on(day("2026-11-23"))).is_none());
    }
}
