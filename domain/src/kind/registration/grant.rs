//! The certificate that an approved registration grants.

use crate::base::catalogue::{self, Grade};
use crate::engine::form::Answers;
use crate::record::certificate::CertificateGrant;

/// The content of the certificate, from the submitted answers. None if they lack domain or grade, which validation excludes.
pub fn certificate_grant(answers: &Answers) -> Option<CertificateGrant> {
    let domain = catalogue::domain(answers.text("domain"))?;
    let specialties = answers.codes("specialties").to_vec();
    Some(CertificateGrant { category: domain.category, domain: domain.code, grade: Grade::from_code(answers.text("grade"))?, specialties })
}
