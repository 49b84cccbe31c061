//! The requirements of a registration (docs/domain.md §2): a table of criteria, and their evaluation against the applicant's facts.

mod criterion;
mod evaluate;
mod facts;
mod qualification;
mod table;

use crate::engine::form::Answers;
use crate::matter::{MatterContext, RequirementFinding, Requirements};
use facts::ApplicantFacts;
use table::TABLE;

/// The requirements of the kind.
pub static REQUIREMENTS: Requirements =
    Requirements { goal_fields: &["application_kind", "domain", "grade"], optional_fields: &["title_level"], evaluate: findings };

/// Evaluates every requirement that applies, in the order of the table. Empty while application kind, domain or grade is open.
fn findings(answers: &Answers, context: &MatterContext<'_>) -> Vec<RequirementFinding> {
    let Some(facts) = ApplicantFacts::read(answers, context) else {
        return Vec::new();
    };
    let applies = |r: &&criterion::Requirement| {
        r.grades.contains(&facts.grade) && r.categories.contains(&facts.domain.category) && r.kinds.contains(&facts.kind)
    };
    TABLE.iter().filter(applies).filter_map(|row| evaluate::evaluate(row, &facts)).collect()
}

#[cfg(test)]
mod tests;
