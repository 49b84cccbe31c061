//! Institutions where the applicant practises.

use domain::engine::flow::InstitutionRelation;
use domain::matter::{CERTIFICATION_BODIES, PRACTICES, RECOMMENDING_INSTITUTIONS};
use uuid::Uuid;

use crate::infra::db::institution::MembershipRow;
use crate::infra::db::{self, DbError, Tx};
use crate::matter::source::contents::{Contents, Request};

/// Reads the institutions. Whoever holds a certificate is recommended by one of them only.
pub(super) async fn read(tx: &mut Tx, request: &Request<'_>, contents: &mut Contents) -> Result<(), DbError> {
    if let Some(institution) = request.renewing {
        contents.list(PRACTICES, option_of(tx, institution).await?.into_iter().collect());
        contents.record.practices = vec![institution];
        return Ok(());
    }
    let memberships = db::institution::list_memberships(tx, request.account).await?;
    let practices = memberships.into_iter().filter(MembershipRow::is_active_practice);
    let named: Vec<MembershipRow> = practices.collect();
    contents.record.practices = named.iter().map(|m| m.institution_id).collect();
    if !named.is_empty() && contents.record.is_bound_to_practice_on(request.today) {
        // One that is suspended or closed recommends nobody.
        let recommending = named.iter().filter(|m| m.institution_state.permits_new());
        let recommending = recommending.map(|m| (m.institution_id.to_string(), m.institution_name.clone())).collect();
        bind(request, contents, recommending);
    }
    let mut options: Vec<(String, String)> = named.into_iter().map(|m| (m.institution_id.to_string(), m.institution_name)).collect();
    // After a transfer its matter still needs the name of the old institution.
    let left = request.matter.and_then(|matter| matter.related(InstitutionRelation::Leaving));
    if let Some(left) = left.filter(|left| !contents.record.practices.contains(left)) {
        options.extend(option_of(tx, left).await?);
    }
    contents.list(PRACTICES, options);
    Ok(())
}

async fn option_of(tx: &mut Tx, institution: Uuid) -> Result<Option<(String, String)>, DbError> {
    Ok(db::institution::by_id(tx, institution).await?.map(|row| (row.id.to_string(), row.name)))
}

/// Offers nothing but the practices as recommending institutions. One that the matter named before its applicant practised in another stays,
/// so that its name can still be shown.
fn bind(request: &Request<'_>, contents: &mut Contents, mut practices: Vec<(String, String)>) {
    let named = request.matter.and_then(|matter| (matter.kind.institution)(&matter.answers)).map(|id| id.to_string());
    let mut bodies = contents.lists.get(CERTIFICATION_BODIES).into_iter().flatten();
    let kept = bodies.find(|(code, _)| Some(code) == named.as_ref()).cloned();
    practices.extend(kept.filter(|kept| !practices.contains(kept)));
    contents.list(RECOMMENDING_INSTITUTIONS, practices);
}
