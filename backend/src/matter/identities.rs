//! What identifies the applicant of a matter and the institutions, for readers from whom both are hidden.

use domain::engine::form::Identities;
use domain::matter::RelatedInstitution;
use uuid::Uuid;

use crate::access::account::former_identity::list_past_changes;
use crate::access::account::lookup::find_person;
use crate::infra::db::{self, DbError, Tx};
use crate::state::AppState;

/// Names and numbers of the applicant, the institutions of the matter and of the applicant, and the numbers of the applicant's certificates.
pub(crate) async fn identities_of(
    tx: &mut Tx,
    app: &AppState,
    applicant: Uuid,
    institutions: &[RelatedInstitution],
) -> Result<Identities, DbError> {
    let mut identities = Identities::default();
    if let Some(account) = db::account::by_id(tx, applicant).await? {
        identities.add(&account.name);
    }
    if let Some(person) = find_person(app, tx, applicant).await? {
        identities.add_person(&person.name);
        identities.add_all([person.document_number.as_str(), person.mobile.as_str(), person.email.as_str()]);
    }
    for past in list_past_changes(tx, &app.keys, applicant).await? {
        identities.add_person(&past.before.name);
        identities.add(&past.before.document_number);
    }
    for (_, id) in institutions {
        if let Some(institution) = db::institution::by_id(tx, *id).await? {
            identities.add_institution(&institution.name);
            identities.add_all([institution.credit_code.as_str(), institution.approval_no.as_str()]);
        }
    }
    for membership in db::institution::list_memberships(tx, applicant).await? {
        identities.add_institution(&membership.institution_name);
    }
    for certificate in db::certificate::list_of_account(tx, applicant).await? {
        identities.add(&certificate.number);
    }
    Ok(identities)
}
