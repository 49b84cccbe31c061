//! Institutions related to a matter.

use domain::engine::flow::{InstitutionRelation, Party};
use domain::matter::{Kind, RelatedInstitution};
use uuid::Uuid;

use crate::infra::db::{self, DbError, Tx};

/// Institutions related to a matter: the one named in its index row, and those stored beside it.
pub(crate) async fn related_institutions(
    tx: &mut Tx,
    kind: &Kind,
    matter: Uuid,
    institution: Option<Uuid>,
) -> Result<Vec<RelatedInstitution>, DbError> {
    let mut all: Vec<RelatedInstitution> = institution.map(|id| (InstitutionRelation::Recommending, id)).into_iter().collect();
    if kind.related_institutions.is_some() || kind.can_be_filed_by_institution() {
        let stored = db::relation::list_relations(tx, matter).await?;
        all.extend(stored.into_iter().filter_map(|(relation, id)| Some((InstitutionRelation::from_code(&relation)?, id))));
    }
    Ok(all)
}

/// The accounts that act as the applicant: the owner or, where the owner no longer acts for the institution that filed the matter, the users
/// of that institution.
pub(crate) async fn acting_applicants(tx: &mut Tx, institutions: &[RelatedInstitution], owner: Uuid) -> Result<Vec<Uuid>, DbError> {
    match institutions.iter().find(|(relation, _)| *relation == InstitutionRelation::Filing) {
        Some((_, institution)) if !db::access::acts_for(tx, owner, *institution).await? => {
            db::institution::list_users(tx, *institution).await
        }
        _ => Ok(vec![owner]),
    }
}

/// Users of the institution that a party stands for; empty for other parties.
pub(crate) async fn institution_users(tx: &mut Tx, institutions: &[RelatedInstitution], party: Party) -> Result<Vec<Uuid>, DbError> {
    let Some((_, institution)) = institutions.iter().find(|(relation, _)| Party::Institution(*relation) == party) else {
        return Ok(Vec::new());
    };
    db::institution::list_users(tx, *institution).await
}
