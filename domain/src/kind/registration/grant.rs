//! The certificate that an approved registration grants.

use crate::base::catalogue::{self, Grade};
use crate::engine::form::Answers;
use crate::matter::OpenKey;
use crate::record::certificate::CertificateGrant;

/// The content of the certificate, from the submitted answers. None if they lack domain or grade, which validation excludes.
pub fn certificate_grant(answers: &Answers) -> Option<CertificateGrant> {
    let domain = catalogue::domain(answers.text("domain"))?;
    let is_own = |code: &&String| catalogue::specialties(domain).any(|choice| choice.code == code.as_str());
    let specialties = answers.codes("specialties").iter().filter(is_own).cloned().collect();
    Some(CertificateGrant {
        category: domain.category,
        domain: domain.code,
        grade: Grade::from_code(answers.text("grade"))?,
        specialties,
        is_upgrade: answers.text("application_kind") == "upgrade",
    })
}

/// A person applies once at a time for a domain and grade.
pub fn open_keys(answers: &Answers) -> Vec<OpenKey> {
    let key = |grant: CertificateGrant| OpenKey {
        subject: "registration",
        per_applicant: true,
        value: format!("{}:{}", grant.domain, grant.grade.code()),
        taken: "您已有一件相同领域和级别的注册申请正在办理",
    };
    certificate_grant(answers).map(key).into_iter().collect()
}
