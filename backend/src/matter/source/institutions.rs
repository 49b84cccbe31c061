//! Certification bodies as options. There are more than a thousand: all are read only for a form that offers them.

use domain::matter::audit_experience::{BODY_NAMES, OTHER_BODY_CODE};
use domain::matter::{CERTIFICATION_BODIES, Need, RECOMMENDING_INSTITUTIONS};
use domain::record::institution::InstitutionState;
use uuid::Uuid;

use crate::infra::db::institution::{InstitutionKind, InstitutionRow};
use crate::infra::db::{self, DbError, Tx};
use crate::matter::source::contents::{Contents, Request};
use crate::matter::source::named::named_codes;

const KIND: InstitutionKind = InstitutionKind::CertificationBody;

/// Reads every active body, or those that the answers name.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    let mut rows = match request.shown.draws(Need::Institutions.lists()) {
        true => db::institution::list_active(tx, KIND).await?,
        false => list_named(tx, request).await?,
    };
    rows.extend(suspended_since(tx, request, &rows).await?);
    let bodies: Vec<(String, String)> = rows.iter().map(|row| (row.id.to_string(), row.name.clone())).collect();
    let names = rows.into_iter().map(|row| (row.name.clone(), row.name)).chain([other_body()]);
    contents.list(BODY_NAMES, names.collect());
    contents.list(RECOMMENDING_INSTITUTIONS, bodies.clone());
    contents.list(CERTIFICATION_BODIES, bodies);
    Ok(())
}

/// The institution of a submitted matter, if it was suspended since: what is under way goes on.
async fn suspended_since(tx: &mut Tx, request: &Request<'_>, offered: &[InstitutionRow]) -> Result<Option<InstitutionRow>, DbError> {
    let submitted = request.matter.filter(|matter| matter.submitted_at.is_some());
    let Some(named) = submitted.and_then(|matter| matter.institution) else { return Ok(None) };
    if offered.iter().any(|row| row.id == named) {
        return Ok(None);
    }
    let row = db::institution::by_id(tx, named).await?;
    Ok(row.filter(|row| row.state == InstitutionState::Suspended && row.kinds().includes(KIND)))
}

/// The option for a body that is not listed. The code of every other one is its name.
pub(crate) fn other_body() -> (String, String) {
    (OTHER_BODY_CODE.to_owned(), "其他".to_owned())
}

async fn list_named(tx: &mut Tx, request: &Request<'_>) -> Result<Vec<InstitutionRow>, DbError> {
    let mut codes = named_codes(request, Need::Institutions.lists());
    codes.remove(OTHER_BODY_CODE);
    let ids: Vec<Uuid> = codes.iter().filter_map(|code| Uuid::parse_str(code).ok()).collect();
    let names: Vec<&str> = codes.into_iter().filter(|code| Uuid::parse_str(code).is_err()).collect();
    db::institution::list_active_among(tx, KIND, &ids, &names).await
}
