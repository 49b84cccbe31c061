//! Complete applications for a change of identity.

use std::collections::BTreeMap;

use domain::engine::form::{Path, Value};
use domain::kind::KINDS;
use domain::matter::Kind;
use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::demo::actions::{declaration, fill_step, picture};
use crate::matter::{MatterError, load};
use crate::state::AppState;
use crate::workflow::draft::{DraftEdit, begin_draft, edit_draft};
use crate::workflow::files::attach;

/// What is applied for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewIdentity {
    /// The new name.
    pub name: Option<&'static str>,
    /// Code of the new document's type, and its number.
    pub document: Option<(&'static str, &'static str)>,
}

/// The kind 信息变更申请; none if it was taken out.
pub(crate) fn identity_change() -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.identity.is_some())
}

/// Completes a draft without submitting it. `reason`: code of 变更原因.
pub(crate) async fn complete_identity_change(
    app: &AppState,
    who: &Allowed,
    kind: &'static Kind,
    reason: &str,
    new: NewIdentity,
) -> Result<Uuid, MatterError> {
    let id = begin_draft(app, who, kind, Uuid::now_v7()).await?;
    let chosen = [new.name.map(|_| "name"), new.document.map(|_| "document")];
    let changes = chosen.into_iter().flatten().map(str::to_owned).collect();
    let fields = BTreeMap::from([("changes".to_owned(), Value::Many(changes)), ("reason".to_owned(), reason.into())]);
    let base = load(app, who, id).await?.revision;
    edit_draft(app, who, id, DraftEdit::Fields { step: "matter".into(), base, fields }).await?;
    let (document_type, number) = new.document.unwrap_or_default();
    let typed = [("new_name", new.name.unwrap_or_default()), ("document_type", document_type), ("document_number", number)];
    let typed: Vec<(&str, &str)> = typed.into_iter().filter(|(_, text)| !text.is_empty()).collect();
    fill_step(app, who, id, "identity", &typed).await?;
    let mut files = vec![("document_front", "证件人像面.jpg"), ("document_back", "证件国徽面.jpg")];
    if new.name.is_some() {
        files.push(("name_proof", "户口簿变更页.jpg"));
    }
    for (field, file) in files {
        attach(app, who, id, Path::field(field), file, picture()).await?;
    }
    let name = who.caller().person.name.clone();
    fill_step(app, who, id, "papers", &[("declared", declaration(kind)), ("signed_name", &name)]).await?;
    Ok(id)
}
