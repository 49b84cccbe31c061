//! What approval of a registration grants.

use crate::base::catalogue::{self, Grade};
use crate::engine::form::Answers;
use crate::record::certificate::Grant;

/// What the certificate attests, read from the submitted answers. None when they name no domain or grade, which a checked form does
/// not let happen.
pub fn certificate_of(answers: &Answers) -> Option<Grant> {
    let domain = catalogue::domain(answers.text("domain"))?;
    let specialties = answers.codes("specialties").to_vec();
    Some(Grant { category: domain.category, domain: domain.code, grade: Grade::from_code(answers.text("grade"))?, specialties })
}
