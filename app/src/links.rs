//! Addresses that several pages link to.

use domain::matter::Kind;
use uuid::Uuid;

/// The workbench of finance.
pub const FINANCE: &str = "/association/payments";

/// Certificates, as officers handle them.
pub const CERTIFICATES: &str = "/association/certificates";

/// 课程管理: the bindings of a teacher.
pub const BINDINGS: &str = "/teaching/categories";

/// 课程备案管理: the filings that name a teacher.
pub const FILINGS: &str = "/teaching/filings";

/// 培训计划管理: the plans that name a teacher.
pub const PLANS: &str = "/teaching/plans";

/// 课程类别, as the association keeps them.
pub const COURSE_CATEGORIES: &str = "/association/training/categories";

/// 机构管理.
pub const INSTITUTIONS: &str = "/association/institutions";

/// An institution, as administrators see it.
pub fn institution(id: Uuid) -> String {
    format!("{INSTITUTIONS}/{id}")
}

/// The page of a matter.
pub fn matter(id: Uuid) -> String {
    format!("/matters/{id}")
}

/// 承办人 of a matter.
pub fn assignee(id: Uuid) -> String {
    format!("/matters/{id}/assignee")
}

/// A file of a matter, shown in place.
pub fn file_view(id: Uuid, file: Uuid) -> String {
    format!("/matters/{id}/files/{file}/view")
}

/// 显示完整证件号 of the applicant of a matter.
pub fn identity(id: Uuid) -> String {
    format!("/matters/{id}/identity")
}

/// A step of the wizard.
pub fn step(id: Uuid, step: &str) -> String {
    format!("/matters/{id}/edit/{step}")
}

/// The first step of the wizard.
pub fn first_step(id: Uuid, kind: &Kind) -> String {
    step(id, kind.form.steps.first().map_or("", |s| s.code))
}

/// The evaluation of a matter by an expert; none for kinds that experts do not evaluate.
pub fn evaluation(id: Uuid, kind: &Kind) -> Option<String> {
    kind.expert_list.map(|list| format!("/expert/{}/{id}", list.slug))
}

/// Title and address of the list in 培训课程管理 that shows a kind to its participants.
pub fn participant_list(kind: &Kind) -> Option<(&'static str, &'static str)> {
    let address = match kind.participant_list?.slug {
        "filings" => FILINGS,
        "plans" => PLANS,
        _ => return None,
    };
    kind.participant_list.map(|list| (list.title, address))
}

/// Label and guide of the kind by which a person changes name or document; none if there is no such kind.
pub fn identity_change() -> Option<(&'static str, String)> {
    domain::kind::KINDS.iter().find(|kind| kind.identity.is_some()).map(|kind| (kind.label, format!("/apply/{}", kind.code)))
}
