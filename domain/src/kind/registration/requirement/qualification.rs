//! Education, title and work experience: two qualification paths to the full grade, of which the better one for the applicant is used.

use chrono::NaiveDate;

use super::facts::ApplicantFacts;
use crate::base::calendar::{Period, PeriodLength, subtract};
use crate::base::catalogue::Category::{self, Auditor, Examiner, Inspector};
use crate::base::catalogue::{EDUCATION, TITLE_LEVELS, label, rank};
use crate::base::rule::{RuleKey, key};

/// What one level of education requires in addition of a category (docs/domain.md §2.1).
pub(super) struct QualificationPath {
    category: Category,
    level: &'static str,
    work: RuleKey,
    professional: RuleKey,
    /// Rule with the lowest title, if one is required.
    pub title: Option<RuleKey>,
}

const fn path(category: Category, level: &'static str, work: RuleKey, professional: RuleKey, title: Option<RuleKey>) -> QualificationPath {
    QualificationPath { category, level, work, professional, title }
}

/// The paths, of each category the one of the higher education first.
const PATHS: &[QualificationPath] = &[
    path(Auditor, "bachelor", key::REG_WORK_YEARS_BACHELOR, key::REG_PROF_YEARS_BACHELOR, None),
    path(Auditor, "junior_college", key::REG_WORK_YEARS_COLLEGE, key::REG_PROF_YEARS_COLLEGE, Some(key::REG_TITLE_COLLEGE)),
    path(Inspector, "bachelor", key::INSPECTOR_WORK_YEARS_BACHELOR, key::INSPECTOR_PROF_YEARS_BACHELOR, None),
    path(
        Inspector,
        "junior_college",
        key::INSPECTOR_WORK_YEARS_COLLEGE,
        key::INSPECTOR_PROF_YEARS_COLLEGE,
        Some(key::INSPECTOR_TITLE_COLLEGE),
    ),
    path(Examiner, "bachelor", key::EXAMINER_WORK_YEARS_BACHELOR, key::EXAMINER_PROF_YEARS_BACHELOR, None),
    path(Examiner, "junior_college", key::EXAMINER_WORK_YEARS_COLLEGE, key::EXAMINER_PROF_YEARS_COLLEGE, Some(key::EXAMINER_TITLE_COLLEGE)),
];

/// A path, and the day after the degree, from which work counts.
pub(super) struct ChosenPath {
    /// The path.
    pub path: &'static QualificationPath,
    since: NaiveDate,
}

/// A length of experience compared with the required one.
pub(super) struct LengthProgress {
    /// Required length.
    pub needed: PeriodLength,
    /// Proven length.
    pub actual: PeriodLength,
    /// Postgraduate study within the proven length.
    pub study: PeriodLength,
}

impl LengthProgress {
    /// Whether the proven length is long enough.
    pub fn enough(&self) -> bool {
        self.actual >= self.needed
    }
}

/// The first path that is met as a whole, or else the one of the highest education. None without an education that the domain accepts.
pub(super) fn chosen_path(facts: &ApplicantFacts<'_>) -> Option<ChosenPath> {
    let least = rank(EDUCATION, facts.domain.degree)?;
    let mut open = PATHS
        .iter()
        .filter(|path| path.category == facts.domain.category)
        .filter(|path| rank(EDUCATION, path.level).is_some_and(|r| r >= least))
        .filter_map(|path| facts.qualified_since(path.level).map(|since| ChosenPath { path, since }))
        .collect::<Vec<_>>();
    let met = open.iter().position(|t| t.is_met(facts)).unwrap_or(0);
    (met < open.len()).then(|| open.swap_remove(met))
}

impl ChosenPath {
    fn is_met(&self, facts: &ApplicantFacts<'_>) -> bool {
        self.work(facts).enough() && self.professional(facts).enough() && self.path.title.is_none_or(|key| title_enough(facts, key))
    }

    /// Name of the education.
    pub fn level(&self) -> &'static str {
        label(EDUCATION, self.path.level)
    }

    /// Full-time work; postgraduate study outside of it counts by a share.
    pub fn work(&self, facts: &ApplicantFacts<'_>) -> LengthProgress {
        let work = facts.work(self.since);
        let study: Vec<Period> = subtract(facts.postgraduate(self.since), work.iter().copied());
        let study = PeriodLength::of(study).percent(facts.int(key::REG_POSTGRAD_CREDIT));
        LengthProgress { needed: PeriodLength::years(facts.int(self.path.work)), actual: PeriodLength::of(work).plus(study), study }
    }

    /// Full-time work in the domain.
    pub fn professional(&self, facts: &ApplicantFacts<'_>) -> LengthProgress {
        let actual = PeriodLength::of(facts.professional(self.since));
        LengthProgress { needed: PeriodLength::years(facts.int(self.path.professional)), actual, study: PeriodLength::default() }
    }
}

/// Whether the applicant's title is at least the one set by a rule.
pub(super) fn title_enough(facts: &ApplicantFacts<'_>, key: RuleKey) -> bool {
    let title = rank(TITLE_LEVELS, facts.answers.text("title_level"));
    title >= rank(TITLE_LEVELS, &facts.rules.text(key)) && title.is_some()
}
