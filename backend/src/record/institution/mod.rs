//! Institutions on record.

use domain::record::institution::InstitutionContact;
use uuid::Uuid;

use crate::infra::db::DbError;
use crate::infra::db::institution::InstitutionRow;
use crate::infra::secret::{Keys, SealContext};

const CONTACT: &str = "institution.contact_sealed";

/// The contact data of an institution, sealed.
pub(crate) fn seal_contact(keys: &Keys, institution: Uuid, contact: &InstitutionContact) -> Vec<u8> {
    keys.seal_json(SealContext::new(CONTACT, institution), contact)
}

/// The contact data of an institution; none for one that was entered without.
///
/// # Errors
/// [`DbError::Unreadable`] if they were sealed with keys that the server does not have.
pub fn contact_of(keys: &Keys, row: &InstitutionRow) -> Result<Option<InstitutionContact>, DbError> {
    let Some(sealed) = &row.contact_sealed else { return Ok(None) };
    let contact = keys.unseal_json(SealContext::new(CONTACT, row.id), sealed);
    contact.map(Some).map_err(|_| DbError::Unreadable(CONTACT.into()))
}
