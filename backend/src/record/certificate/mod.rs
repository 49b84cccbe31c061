//! 证书: issued, looked up, made public, and proved by a signed code.

pub mod code;
pub mod issue;
pub mod renewal;

use uuid::Uuid;

use crate::access::guard::Allowed;
use crate::infra::db;
use crate::infra::db::{DbError, Tx};
use crate::infra::secret::Place;
use crate::state::AppState;

/// Where the name on a certificate is sealed.
const HOLDER: &str = "certificate.holder_sealed";

/// A certificate, opened.
#[derive(Clone)]
pub struct Certificate {
    /// Its row.
    pub row: db::certificate::Row,
    /// Name of the holder.
    pub holder: String,
    /// Name of the practice institution.
    pub institution: Option<String>,
    /// Number of the certificate that took its place.
    pub superseded_by: Option<String>,
}

/// The caller's certificates, newest first.
pub async fn own_certificates(app: &AppState, who: &Allowed) -> Result<Vec<Certificate>, DbError> {
    let mut tx = app.db.read().await?;
    let rows = db::certificate::of_account(&mut tx, who.account()).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        all.push(certificate(app, &mut tx, row).await?);
    }
    Ok(all)
}

/// The certificate issued for a matter.
pub async fn certificate_of(app: &AppState, matter: Uuid) -> Result<Option<Certificate>, DbError> {
    let mut tx = app.db.read().await?;
    match db::certificate::by_matter(&mut tx, matter).await? {
        Some(row) => Ok(Some(certificate(app, &mut tx, row).await?)),
        None => Ok(None),
    }
}

/// The certificate of a number: public.
pub async fn verify(app: &AppState, number: &str) -> Result<Option<Certificate>, DbError> {
    let mut tx = app.db.read().await?;
    match db::certificate::by_number(&mut tx, number).await? {
        Some(row) => Ok(Some(certificate(app, &mut tx, row).await?)),
        None => Ok(None),
    }
}

/// The code that proves a certificate, for its QR code; none for codes the trade does not know.
pub fn code_of(app: &AppState, certificate: &Certificate) -> Option<String> {
    let held = certificate.row.held()?;
    Some(code::write(&app.keys, &held, certificate.institution.as_deref().unwrap_or(""), &certificate.holder))
}

/// The name on a certificate.
fn holder_of(app: &AppState, row: &db::certificate::Row) -> Option<String> {
    let name = app.keys.open(Place::new(HOLDER, row.id), &row.holder_sealed).ok()?;
    String::from_utf8(name).ok()
}

pub(crate) async fn certificate(app: &AppState, tx: &mut Tx, row: db::certificate::Row) -> Result<Certificate, DbError> {
    let holder = holder_of(app, &row).ok_or_else(|| DbError::Unreadable(HOLDER.into()))?;
    let institution = match row.institution_id {
        Some(id) => db::institution::by_id(tx, id).await?.map(|i| i.name),
        None => None,
    };
    let superseded_by = match row.superseded_by {
        Some(id) => db::certificate::number_of(tx, id).await?,
        None => None,
    };
    Ok(Certificate { row, holder, institution, superseded_by })
}

#[cfg(test)]
mod tests;
