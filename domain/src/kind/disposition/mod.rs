//! 证书处置: the association warns the holder of a certificate, or suspends, resumes, revokes or cancels the certificate (docs/domain.md §8).
//! An officer proposes it on the page of the certificate, a second person approves it, and the holder can appeal.

mod flow;
mod form;

use crate::base::permission::Role;
use crate::engine::flow::Party;
use crate::engine::form::Answers;
use crate::matter::{BASE_KIND, Guide, Kind, Need, OpenKey};

pub use flow::FLOW;
pub use form::{CERTIFICATE, EFFECTIVE_ON, FORM, MEASURE, REASON, measure};

/// The kind 证书处置.
pub static KIND: Kind = Kind {
    code: "disposition",
    label: "证书处置",
    apply_label: "证书处置",
    number_prefix: "CZ",
    group: "认证人员",
    begun_by: &[Party::Association(Role::Officer)],
    applicant_label: "持证人",
    form: &FORM,
    flow: &FLOW,
    guide: Guide {
        brief: "协会对注册证书的处置",
        summary: "协会对违反注册准则、行为规范的持证人作出警告，或者暂停、恢复、撤销、注销其注册证书。",
        applicants: "由协会经办人提出，协会批准人决定。",
        prepare: &[],
        steps: &["协会经办人提出处置", "协会由另一人批准", "处置自生效日期起执行，持证人和执业机构收到通知", "持证人不服的，可以申诉"],
    },
    title,
    needs: &[Need::Certificates],
    validate: form::validate,
    open_keys,
    decision_reason: Some(REASON),
    ..BASE_KIND
};

/// The title: 暂停 · 2026-N1QMS-4000001.
fn title(answers: &Answers) -> Option<String> {
    measure(answers).map(|measure| format!("{} · {}", measure.label(), answers.text(CERTIFICATE)))
}

/// A certificate is the subject of one disposition at a time.
fn open_keys(answers: &Answers) -> Vec<OpenKey> {
    let taken = "该证书已有一件处置等待批准";
    vec![OpenKey { subject: "disposition", per_applicant: false, value: answers.text(CERTIFICATE).to_owned(), taken }]
}

#[cfg(test)]
mod tests;
