//! The registered identity of the applicant.

use domain::matter::{DOCUMENT_TYPE_FACT, IDENTITY};

use crate::access::account::former_identity::{FormerIdentity, list_past_changes};
use crate::infra::db::{DbError, Tx};
use crate::matter::source::contents::{Contents, Request};

/// Reads the names borne since the first submission, and the registered identity; where it has been changed by this matter or after its
/// submission, the identity before.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let registered = request.person.map(FormerIdentity::from);
    let Some((matter, submitted)) = request.matter.and_then(|matter| Some((matter, matter.submitted_at?))) else {
        set(contents, registered);
        return Ok(());
    };
    let changes = list_past_changes(tx, &request.app.keys, request.account).await?;
    let own = changes.iter().find(|change| change.matter == matter.id);
    let before = own.or_else(|| changes.iter().find(|change| change.changed_at > submitted));
    set(contents, before.map(|change| change.before.clone()).or(registered));
    let since = changes.into_iter().filter(|change| change.changed_at >= submitted);
    contents.former_names = since.map(|change| change.before.name).collect();
    Ok(())
}

fn set(contents: &mut Contents, identity: Option<FormerIdentity>) {
    let Some(identity) = identity else { return };
    contents.facts.insert(DOCUMENT_TYPE_FACT.to_owned(), identity.document_type.as_str().into());
    contents.list(IDENTITY, identity.lines());
    contents.record.identity = identity.registered();
}
