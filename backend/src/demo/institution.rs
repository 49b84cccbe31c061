//! Complete applications for the registration of an institution.

use std::collections::BTreeMap;

use domain::engine::form::{Path, Value};
use domain::kind::KINDS;
use domain::matter::Kind;
use domain::record::institution::InstitutionKind;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions::{declaration, fields, fill_step, picture};
use crate::matter::{MatterError, load};
use crate::state::AppState;
use crate::workflow::draft::{DraftEdit, begin_draft, edit_draft};
use crate::workflow::files::attach;

/// What is to be registered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewInstitution {
    /// 机构名称.
    pub name: &'static str,
    /// 统一社会信用代码.
    pub credit_code: &'static str,
    /// 机构类型.
    pub kinds: &'static [InstitutionKind],
}

/// The kind 机构注册; none if it was taken out.
pub(crate) fn institution_registration() -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.registers.is_some())
}

/// Completes a draft without submitting it.
pub(crate) async fn complete_registration(
    app: &AppState,
    who: &Allowed,
    kind: &'static Kind,
    new: NewInstitution,
) -> Result<Uuid, MatterError> {
    let id = begin_draft(app, who, kind, Uuid::now_v7()).await?;
    let name = who.caller().person.name.clone();
    let mut institution: BTreeMap<String, Value> = fields(&[
        ("name", new.name),
        ("credit_code", new.credit_code),
        ("legal_representative", &name),
        ("address", "北京市通州区示例路 6 号"),
    ]);
    institution.insert("kinds".into(), Value::Many(new.kinds.iter().map(|kind| kind.code().to_owned()).collect()));
    let certifies = new.kinds.contains(&InstitutionKind::CertificationBody);
    if certifies {
        institution.insert("approval_no".into(), "CNCA-R-2026-909".into());
    }
    let base = load(app, who, id).await?.revision;
    edit_draft(app, who, id, DraftEdit::Fields { step: "institution".into(), base, fields: institution }).await?;
    let contact = [("contact_name", name.as_str()), ("contact_phone", "010-12345678"), ("contact_email", "office@example.com")];
    fill_step(app, who, id, "contact", &contact).await?;
    attach(app, who, id, Path::field("license"), "营业执照.jpg", picture()).await?;
    if certifies {
        attach(app, who, id, Path::field("approval"), "批准证书.jpg", picture()).await?;
    }
    fill_step(app, who, id, "papers", &[("note", "首次注册"), ("declared", declaration(kind))]).await?;
    Ok(id)
}
