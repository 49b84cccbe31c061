//! Education, title and work: two ways to the full grade, of which a person takes the one that serves.

use chrono::NaiveDate;

use super::facts::Facts;
use crate::base::calendar::{Length, Span, without};
use crate::base::catalogue::{EDUCATION, TITLE_LEVELS, label, rank};
use crate::base::rule::{Key, key};

/// What one level of education asks for beside it (§2.1).
pub(super) struct Way {
    level: &'static str,
    work: Key,
    professional: Key,
    /// The least title, if one is asked for.
    pub title: Option<Key>,
}

const WAYS: &[Way] = &[
    Way { level: "bachelor", work: key::REG_WORK_YEARS_BACHELOR, professional: key::REG_PROF_YEARS_BACHELOR, title: None },
    Way {
        level: "junior_college",
        work: key::REG_WORK_YEARS_COLLEGE,
        professional: key::REG_PROF_YEARS_COLLEGE,
        title: Some(key::REG_TITLE_COLLEGE),
    },
];

/// A way, and the day from which work counts on it.
pub(super) struct Taken {
    /// The way.
    pub way: &'static Way,
    since: NaiveDate,
}

/// What there is of something, and what is needed.
pub(super) struct Had {
    /// Needed.
    pub needed: Length,
    /// There.
    pub had: Length,
    /// Part of it that is study.
    pub study: Length,
}

impl Had {
    /// Whether it is enough.
    pub fn enough(&self) -> bool {
        self.had >= self.needed
    }
}

/// The way the person takes: the first that is met as a whole, or else the one of the highest education. None without an education
/// that the domain takes.
pub(super) fn taken(facts: &Facts<'_>) -> Option<Taken> {
    let least = rank(EDUCATION, facts.domain.degree)?;
    let mut open = WAYS
        .iter()
        .filter(|way| rank(EDUCATION, way.level).is_some_and(|r| r >= least))
        .filter_map(|way| facts.qualified_since(way.level).map(|since| Taken { way, since }))
        .collect::<Vec<_>>();
    let met = open.iter().position(|t| t.met(facts)).unwrap_or(0);
    (met < open.len()).then(|| open.swap_remove(met))
}

impl Taken {
    fn met(&self, facts: &Facts<'_>) -> bool {
        self.work(facts).enough() && self.professional(facts).enough() && self.way.title.is_none_or(|key| title_enough(facts, key))
    }

    /// Name of the education it begins with.
    pub fn level(&self) -> &'static str {
        label(EDUCATION, self.way.level)
    }

    /// Full-time work; postgraduate study beside it counts by its share.
    pub fn work(&self, facts: &Facts<'_>) -> Had {
        let work = facts.work(self.since);
        let study: Vec<Span> = without(facts.postgraduate(self.since), work.iter().copied());
        let study = Length::of(study).percent(facts.int(key::REG_POSTGRAD_CREDIT));
        Had { needed: Length::years(facts.int(self.way.work)), had: Length::of(work).plus(study), study }
    }

    /// Full-time work in the domain.
    pub fn professional(&self, facts: &Facts<'_>) -> Had {
        let had = Length::of(facts.professional(self.since));
        Had { needed: Length::years(facts.int(self.way.professional)), had, study: Length::default() }
    }
}

/// Whether the title is at least the one a key names.
pub(super) fn title_enough(facts: &Facts<'_>, key: Key) -> bool {
    let held = rank(TITLE_LEVELS, facts.answers.text("title_level"));
    held >= rank(TITLE_LEVELS, &facts.rules.text(key)) && held.is_some()
}
